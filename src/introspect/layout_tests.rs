//! Where distributions and tools put Pythons and environments, in small trees; never an interpreter that is run.

use crate::{
    facts::{EnvironmentKind, EnvironmentValue, EnvironmentVariable, Image},
    introspect::{Context, Introspection, introspect, test_tree::TestTree},
};

fn look(tree: &TestTree, variables: &[(&str, &str)], command: &[&str]) -> Introspection {
    let env = variables
        .iter()
        .map(|(name, value)| EnvironmentVariable { name: (*name).to_owned(), value: EnvironmentValue::new(name, *value) })
        .collect();
    let cmd = command.iter().map(|word| (*word).to_owned()).collect();
    let image = Image { env, cmd, workdir: Some("/srv/app".to_owned()), ..Image::default() };
    introspect(tree.tree(), &Context { image: Some(&image), platform: Some("linux/amd64"), ..Context::default() })
}

/// The path of the environment at a prefix, behind the standard library.
fn installed(tree: &TestTree, variables: &[(&str, &str)], prefix: &str) -> Vec<String> {
    let found = look(tree, variables, &[]);
    let environment = found.environments.into_iter().find(|each| each.prefix == prefix).expect("an environment");
    environment.path.into_iter().filter(|entry| entry.ends_with("-packages")).collect()
}

/// A Python of an rpm system, with all directories that its `site` may take.
fn rpm_system(release: &str) -> TestTree {
    let mut tree = TestTree::new();
    tree.text("/etc/os-release", release);
    tree.cpython("/usr/bin/python3.9", "3.9.18", "/usr/lib64/python3.9");
    tree.empty("/usr/lib64/python3.9/site.py");
    tree.rpm(
        "/var/lib/rpm/rpmdb.sqlite",
        &[("python3", "/usr/bin/python3.9"), ("python3-libs", "/usr/lib64/python3.9/site.py")],
    );
    for directory in ["/usr/lib64", "/usr/lib", "/usr/local/lib64", "/usr/local/lib", "/opt/venv/lib64", "/opt/venv/lib"] {
        tree.directory(&format!("{directory}/python3.9/site-packages"));
    }
    tree.symlink("/opt/venv/bin/python", "/usr/bin/python3.9");
    tree
}

const RHEL: &str = "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n";
const SUSE: &str = "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n";
const CLOSED: &str = "home = /usr/bin\ninclude-system-site-packages = false\n";
const OPEN: &str = "home = /usr/bin\ninclude-system-site-packages = true\n";

fn below(roots: &[&str]) -> Vec<String> {
    roots.iter().map(|root| format!("{root}/python3.9/site-packages")).collect()
}

#[test]
fn fedora_and_its_kin_put_usr_local_first_where_the_users_directory_counts() {
    let mut tree = rpm_system(RHEL);
    let usr = ["/usr/lib64", "/usr/lib"];
    let all = ["/usr/local/lib64", "/usr/local/lib", "/usr/lib64", "/usr/lib"];
    assert_eq!(installed(&tree, &[], "/usr"), below(&all));
    assert_eq!(installed(&tree, &[("PYTHONNOUSERSITE", "1")], "/usr"), below(&usr));
    tree.text("/opt/venv/pyvenv.cfg", CLOSED);
    assert_eq!(installed(&tree, &[], "/opt/venv"), below(&["/opt/venv/lib64", "/opt/venv/lib"]));
    tree.text("/opt/venv/pyvenv.cfg", OPEN);
    assert_eq!(installed(&tree, &[], "/opt/venv"), below(&[&["/opt/venv/lib64", "/opt/venv/lib"], &all[..]].concat()));
    let found = look(&tree, &[], &[]);
    assert_eq!(found.interpreters[0].os_package.as_deref(), Some("python3"));
}

#[test]
fn suse_puts_usr_local_last() {
    let mut tree = rpm_system(SUSE);
    let all = ["/usr/lib64", "/usr/lib", "/usr/local/lib64", "/usr/local/lib"];
    assert_eq!(installed(&tree, &[], "/usr"), below(&all));
    assert_eq!(installed(&tree, &[("PYTHONNOUSERSITE", "1")], "/usr"), below(&all));
    tree.text("/opt/venv/pyvenv.cfg", CLOSED);
    assert_eq!(installed(&tree, &[], "/opt/venv"), below(&["/opt/venv/lib64", "/opt/venv/lib"]));
}

#[test]
fn only_a_python_that_rpm_installed_is_patched() {
    let usr = ["/usr/lib64", "/usr/lib"];
    assert_eq!(installed(&rpm_system("ID=azurelinux\n"), &[], "/usr"), below(&usr));
    let mut tree = rpm_system(RHEL);
    tree.rpm("/var/lib/rpm/rpmdb.sqlite", &[("bash", "/usr/bin/bash")]);
    assert_eq!(installed(&tree, &[], "/usr"), below(&usr), "somebody else installed it");
    let mut tree = rpm_system(RHEL);
    tree.directory("/var/lib/dpkg");
    assert_eq!(installed(&tree, &[], "/usr").len(), 4, "dpkg is there as a tool: its directories are not");
}

#[test]
fn an_environment_in_a_project_is_that_of_what_is_started_there() {
    let mut tree = TestTree::new();
    tree.cpython("/usr/local/bin/python3.12", "3.12.4", "/usr/local/lib/python3.12");
    // Poetry (`virtualenvs.in-project`) and PDM both make `.venv`; PDM's says how its prompt looks.
    tree.text("/srv/app/.venv/pyvenv.cfg", "home = /usr/local/bin\ninclude-system-site-packages = false\nprompt = app-3.12\n");
    tree.symlink("/srv/app/.venv/bin/python", "/usr/local/bin/python3.12");
    tree.text(
        "/srv/app/.venv/lib/python3.12/site-packages/a-1.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: a\nVersion: 1\n\n",
    );
    tree.python("/srv/app/main.py", crate::facts::edge_fixtures::source(Vec::new()));
    let found = look(&tree, &[], &[".venv/bin/python", "main.py"]);
    let [base, venv] = found.environments.as_slice() else { panic!("two, not {}", found.environments.len()) };
    assert_eq!((venv.prefix.as_str(), venv.kind, venv.entry_point), ("/srv/app/.venv", EnvironmentKind::Venv, true));
    assert_eq!((venv.distributions.len(), base.distributions.len(), base.entry_point), (1, 0, false));
}

/// A Python that uv manages, in the directory of its name, with the links that uv makes beside it.
fn uv_python(tree: &mut TestTree) -> String {
    let store = "/root/.local/share/uv/python";
    let home = format!("{store}/cpython-3.12.4-linux-x86_64-gnu");
    tree.cpython(&format!("{home}/bin/python3.12"), "3.12.4", &format!("{home}/lib/python3.12"));
    tree.symlink(&format!("{home}/bin/python3"), "python3.12");
    tree.directory(&format!("{home}/lib/python3.12/site-packages"));
    tree.symlink(&format!("{store}/cpython-3.12-linux-x86_64-gnu"), "cpython-3.12.4-linux-x86_64-gnu");
    tree.symlink("/root/.local/bin/python3.12", &format!("{home}/bin/python3.12"));
    home
}

#[test]
fn a_python_of_uv_has_one_installation_and_its_environments_lead_there() {
    let mut tree = TestTree::new();
    let home = uv_python(&mut tree);
    // uv names the link of the minor version as the home, and itself.
    let linked = "/root/.local/share/uv/python/cpython-3.12-linux-x86_64-gnu/bin";
    let configuration = format!(
        "home = {linked}\nimplementation = CPython\nuv = 0.7.3\nversion_info = 3.12.4\ninclude-system-site-packages = false\n"
    );
    tree.text("/srv/app/.venv/pyvenv.cfg", &configuration);
    tree.symlink("/srv/app/.venv/bin/python", &format!("{linked}/python3.12"));
    tree.directory("/srv/app/.venv/lib/python3.12/site-packages");
    let found = look(&tree, &[], &[]);
    let interpreters: Vec<_> = found.interpreters.iter().map(|each| each.path.as_str()).collect();
    assert_eq!(interpreters, [format!("{home}/bin/python3.12")]);
    assert!(found.interpreters[0].aliases.contains(&"/root/.local/bin/python3.12".to_owned()));
    let [own, venv] = found.environments.as_slice() else { panic!("two, not {}", found.environments.len()) };
    assert_eq!((own.prefix.as_str(), own.kind), (home.as_str(), EnvironmentKind::System));
    assert_eq!((venv.prefix.as_str(), venv.kind), ("/srv/app/.venv", EnvironmentKind::Venv));
    assert_eq!(venv.path.last().map(String::as_str), Some("/srv/app/.venv/lib/python3.12/site-packages"));
    assert!(venv.path_complete.is_complete() && found.gaps.is_empty(), "{:?}", found.gaps);
}

#[test]
fn versions_of_pyenv_are_interpreters_and_its_shims_are_none() {
    let mut tree = TestTree::new();
    for (minor, version) in [("3.10", "3.10.14"), ("3.12", "3.12.4")] {
        let prefix = format!("/root/.pyenv/versions/{version}");
        tree.cpython(&format!("{prefix}/bin/python{minor}"), version, &format!("{prefix}/lib/python{minor}"));
        tree.symlink(&format!("{prefix}/bin/python"), &format!("python{minor}"));
        tree.directory(&format!("{prefix}/lib/python{minor}/site-packages"));
    }
    for shim in ["python", "python3", "python3.12"] {
        tree.script(&format!("/root/.pyenv/shims/{shim}"), "/usr/bin/env bash");
    }
    let found = look(&tree, &[], &[]);
    let interpreters: Vec<_> = found.interpreters.iter().map(|each| each.path.as_str()).collect();
    assert_eq!(interpreters, ["/root/.pyenv/versions/3.10.14/bin/python3.10", "/root/.pyenv/versions/3.12.4/bin/python3.12"]);
    let prefixes: Vec<_> = found.environments.iter().map(|each| each.prefix.as_str()).collect();
    assert_eq!(prefixes, ["/root/.pyenv/versions/3.10.14", "/root/.pyenv/versions/3.12.4"]);
    assert!(found.gaps.is_empty(), "{:?}", found.gaps);
}
