//! Prefixes of conda in small trees as introspection tells them; never a conda that is run.

use crate::{
    facts::{EnvironmentKind, Fact, Image, Owner},
    introspect::{Context, Integrity, Introspection, introspect, test_tree::TestTree},
};

const FORGE: &str = "https://conda.anaconda.org/conda-forge";

fn look(tree: &TestTree, command: &[&str]) -> Introspection {
    let image = Image { cmd: command.iter().map(|word| (*word).to_owned()).collect(), ..Image::default() };
    let context = Context { image: Some(&image), integrity: Integrity::Check, ..Context::default() };
    introspect(tree.tree(), &context)
}

/// The record of a package, with the files that it lists.
fn record(tree: &mut TestTree, prefix: &str, package: &str, spec: &str, files: &[&str]) {
    let (name, version) = package.split_once(' ').expect("a name and a version");
    let json = format!(
        "{{\"name\": \"{name}\", \"version\": \"{version}\", \"build\": \"0\", \"subdir\": \"linux-64\", \"license\": \"MIT\", \
          \"requested_spec\": \"{spec}\", \"url\": \"{FORGE}/linux-64/{name}-{version}-0.conda\", \"files\": {files:?}}}"
    );
    tree.conda(&format!("{prefix}/conda-meta/{name}-{version}-0.json"), &json);
}

/// A prefix with a Python of its own, and what it has of conda.
fn prefix(tree: &mut TestTree, prefix: &str, version: &str) {
    let minor = version.rsplit_once('.').expect("three numbers").0;
    tree.cpython(&format!("{prefix}/bin/python{minor}"), version, &format!("{prefix}/lib/python{minor}"));
    tree.symlink(&format!("{prefix}/bin/python"), &format!("python{minor}"));
    let site = format!("{prefix}/lib/python{minor}/site-packages");
    tree.directory(&site);
    let [launcher, library] = [format!("bin/python{minor}"), format!("lib/python{minor}/os.py")];
    record(tree, prefix, &format!("python {version}"), "python", &[&launcher, "bin/python", &library]);
}

/// A distribution in `site-packages` of a Python 3.11, as conda and pip leave it.
fn distribution(tree: &mut TestTree, prefix: &str, name: &str, installer: &str) {
    let site = format!("{prefix}/lib/python3.11/site-packages");
    let metadata = format!("{site}/{name}-1.dist-info");
    tree.text(&format!("{metadata}/METADATA"), &format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1\n\n"));
    tree.text(&format!("{metadata}/INSTALLER"), installer);
    tree.text(
        &format!("{metadata}/direct_url.json"),
        "{\"url\": \"file:///home/conda/feedstock_root/work\", \"dir_info\": {}}",
    );
    tree.empty(&format!("{site}/{name}.py"));
}

#[test]
fn prefixes_of_conda_are_environments_and_caches_are_none() {
    let mut tree = TestTree::new();
    prefix(&mut tree, "/opt/conda", "3.12.4");
    prefix(&mut tree, "/opt/conda/envs/shop", "3.11.9");
    let cached = "/opt/conda/pkgs/python-3.9.1-0";
    tree.cpython(&format!("{cached}/bin/python3.9"), "3.9.1", &format!("{cached}/lib/python3.9"));
    tree.empty(&format!("{cached}/info/index.json"));
    let found = look(&tree, &[]);
    let environments: Vec<_> =
        found.environments.iter().map(|each| (each.kind, each.prefix.as_str(), each.interpreter.as_str())).collect();
    assert_eq!(
        environments,
        [
            (EnvironmentKind::Conda, "/opt/conda", "/opt/conda/bin/python3.12"),
            (EnvironmentKind::Conda, "/opt/conda/envs/shop", "/opt/conda/envs/shop/bin/python3.11"),
        ]
    );
    let owned: Vec<_> = found.interpreters.iter().map(|each| (each.path.as_str(), each.conda_package.as_deref())).collect();
    assert_eq!(owned, [("/opt/conda/bin/python3.12", Some("python")), ("/opt/conda/envs/shop/bin/python3.11", Some("python"))]);
    assert!(found.gaps.is_empty(), "{:?}", found.gaps);
}

#[test]
fn an_interpreter_that_is_linked_out_of_the_cache_is_found_in_each_prefix() {
    let mut tree = TestTree::new();
    let cached = "/a/pkgs/python-3.11.9-0";
    let python = tree.cpython(&format!("{cached}/bin/python3.11"), "3.11.9", &format!("{cached}/lib/python3.11"));
    tree.empty(&format!("{cached}/info/index.json"));
    for at in ["/opt/one", "/opt/two"] {
        tree.hard_link(&format!("{at}/bin/python3.11"), python);
        tree.symlink(&format!("{at}/bin/python"), "python3.11");
        tree.empty(&format!("{at}/lib/python3.11/os.py"));
        tree.directory(&format!("{at}/lib/python3.11/site-packages"));
        record(&mut tree, at, "python 3.11.9", "", &["bin/python3.11"]);
    }
    tree.python("/srv/app.py", crate::facts::edge_fixtures::source(Vec::new()));
    let found = look(&tree, &["/opt/two/bin/python", "/srv/app.py"]);
    let [python] = found.interpreters.as_slice() else { panic!("one, not {}", found.interpreters.len()) };
    assert_eq!(python.path, "/opt/one/bin/python3.11");
    assert_eq!(python.aliases, ["/opt/one/bin/python", "/opt/two/bin/python", "/opt/two/bin/python3.11"]);
    let environments: Vec<_> =
        found.environments.iter().map(|each| (each.prefix.as_str(), each.path[3].as_str(), each.entry_point)).collect();
    assert_eq!(
        environments,
        [
            ("/opt/one", "/opt/one/lib/python3.11/site-packages", false),
            ("/opt/two", "/opt/two/lib/python3.11/site-packages", true),
        ]
    );
}

#[test]
fn packages_without_python_and_prefixes_without_python_are_listed() {
    let mut tree = TestTree::new();
    tree.empty("/opt/tools/bin/openssl");
    record(&mut tree, "/opt/tools", "openssl 3.3.0", "", &["bin/openssl"]);
    record(&mut tree, "/opt/tools", "ca-certificates 2024.2.2", "", &["ssl/cacert.pem"]);
    let found = look(&tree, &[]);
    assert!(found.environments.is_empty() && found.conda_packages_complete.is_complete());
    let [certificates, openssl] = found.conda_packages.as_slice() else { panic!("{:?}", found.conda_packages) };
    assert_eq!((certificates.name.as_str(), openssl.name.as_str()), ("ca-certificates", "openssl"));
    assert_eq!((openssl.prefix.as_str(), openssl.channel.as_deref()), ("/opt/tools", Some(FORGE)));
    assert_eq!(openssl.location, "/opt/tools/conda-meta/openssl-3.3.0-0.json");
    assert!(matches!(openssl.requested, Fact::Unknown(_)), "nothing is marked there");
}

#[test]
fn records_of_which_no_file_is_there_are_no_prefix() {
    let mut tree = TestTree::new();
    record(&mut tree, "/opt/conda/lib/python3.11/site-packages/conda/tests/env", "zlib 1", "", &["lib/libz.so"]);
    tree.text("/opt/other/conda-meta/history", "==> 2024 <==\n");
    let found = look(&tree, &[]);
    assert!(found.conda_packages.is_empty());
}

#[test]
fn a_record_that_cannot_be_read_leaves_the_list_unsure() {
    let mut tree = TestTree::new();
    tree.unread("/opt/tools/conda-meta/openssl-3.3.0-0.json", 0o644);
    tree.unread("/opt/tools/other/openssl-3.3.0-0.json", 0o644);
    assert!(!look(&tree, &[]).conda_packages_complete.is_complete());
    assert!(look(&TestTree::new(), &[]).conda_packages_complete.is_complete());
}

#[test]
fn distributions_of_conda_come_from_their_package_and_those_of_pip_do_not() {
    let mut tree = TestTree::new();
    prefix(&mut tree, "/opt/conda", "3.11.9");
    distribution(&mut tree, "/opt/conda", "asked", "conda");
    distribution(&mut tree, "/opt/conda", "needed", "conda");
    distribution(&mut tree, "/opt/conda", "piped", "pip");
    let site = "lib/python3.11/site-packages";
    for (name, spec) in [("asked", "asked >=1"), ("needed", "")] {
        let files = [format!("{site}/{name}.py"), format!("{site}/{name}-1.dist-info/METADATA")];
        record(&mut tree, "/opt/conda", &format!("{name} 1"), spec, &[&files[0], &files[1]]);
    }
    // conda's package is still noted, but pip put another copy in its place.
    let files = [format!("{site}/piped.py"), format!("{site}/piped-1.dist-info/METADATA")];
    record(&mut tree, "/opt/conda", "piped 1", "", &[&files[0], &files[1]]);
    let found = look(&tree, &[]);
    let found: Vec<_> = found.environments[0]
        .distributions
        .iter()
        .map(|each| (each.name.as_str(), each.conda_package.as_deref(), each.requested.known().copied(), each.origin.known()))
        .map(|(name, package, requested, origin)| (name, package, requested, origin.is_some()))
        .collect();
    assert_eq!(
        found,
        [
            ("asked", Some("asked"), Some(true), false),
            ("needed", Some("needed"), Some(false), false),
            ("piped", Some("piped"), None, true),
        ]
    );
}

#[test]
fn modules_belong_to_their_distribution_or_their_package() {
    let mut tree = TestTree::new();
    prefix(&mut tree, "/opt/conda", "3.11.9");
    distribution(&mut tree, "/opt/conda", "acme", "conda");
    let site = "lib/python3.11/site-packages";
    for name in ["other_name", "libthing", "mine"] {
        tree.empty(&format!("/opt/conda/{site}/{name}.py"));
    }
    let acme = [
        "acme.py",
        "other_name.py",
        "acme-1.dist-info/METADATA",
        "acme-1.dist-info/INSTALLER",
        "acme-1.dist-info/direct_url.json",
    ]
    .map(|file| format!("{site}/{file}"));
    record(&mut tree, "/opt/conda", "acme 1", "", &acme.each_ref().map(String::as_str));
    record(&mut tree, "/opt/conda", "libthing 2", "", &[&format!("{site}/libthing.py")]);
    let found = look(&tree, &[]);
    let environment = &found.environments[0];
    let owner = |name: &str| {
        let module = environment.modules.iter().find(|module| module.name == name).expect("found");
        (module.owner, module.distribution.as_deref())
    };
    assert_eq!(owner("os"), (Owner::Stdlib, None));
    assert_eq!(owner("acme"), (Owner::Distribution, Some("acme")));
    assert_eq!(owner("other_name"), (Owner::Distribution, Some("acme")));
    assert_eq!(owner("libthing"), (Owner::CondaPackage, None));
    assert_eq!(owner("mine"), (Owner::Own, None));
    let unowned: Vec<_> = environment.unowned.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(unowned, ["/opt/conda/lib/python3.11/site-packages/mine.py"]);
    assert!(environment.unowned_complete.is_complete());
}

#[test]
fn a_python_of_conda_that_leads_nowhere_is_a_gap() {
    let mut tree = TestTree::new();
    tree.symlink("/opt/conda/bin/python", "python3.11");
    record(&mut tree, "/opt/conda", "python 3.11.9", "", &["bin/python"]);
    let found = look(&tree, &[]);
    let gaps: Vec<_> = found.gaps.iter().map(|gap| (gap.code.as_str(), gap.place.as_str())).collect();
    assert_eq!(gaps, [("broken-conda-environment", "/opt/conda/bin/python")]);
}
