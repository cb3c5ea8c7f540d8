//! Environments of small trees as introspection tells them; never an interpreter that is run.

use crate::{
    facts::{
        EnvironmentKind, EnvironmentValue, EnvironmentVariable, Image, Owner,
        edge_fixtures::{import, source},
    },
    introspect::{Context, Introspection, introspect, test_tree::TestTree},
};

const CONFIGURATION: &str = "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n";

/// A Debian-like interpreter with its directories.
fn debian() -> TestTree {
    let mut tree = TestTree::new();
    tree.cpython("/usr/bin/python3.11", "3.11.2", "/usr/lib/python3.11");
    tree.symlink("/usr/bin/python3", "python3.11");
    tree.directory("/usr/lib/python3/dist-packages");
    tree.directory("/usr/local/lib/python3.11/dist-packages");
    tree
}

fn look(tree: &TestTree, variables: &[(&str, &str)]) -> Introspection {
    let env = variables
        .iter()
        .map(|(name, value)| EnvironmentVariable { name: (*name).to_owned(), value: EnvironmentValue::new(name, *value) })
        .collect();
    let image = Image { env, workdir: Some("/srv".to_owned()), ..Image::default() };
    introspect(tree.tree(), &Context { image: Some(&image), platform: Some("linux/amd64"), ..Context::default() })
}

#[test]
fn debian_has_its_own_directories() {
    let found = look(&debian(), &[]);
    assert_eq!(
        found.environments[0].path,
        [
            "/usr/lib/python311.zip",
            "/usr/lib/python3.11",
            "/usr/lib/python3.11/lib-dynload",
            "/usr/local/lib/python3.11/dist-packages",
            "/usr/lib/python3/dist-packages",
        ]
    );
    assert!(found.environments[0].path_complete.is_complete());
}

#[test]
fn a_build_under_usr_local_has_site_packages_and_pythonpath_comes_first() {
    let mut tree = debian();
    tree.cpython("/usr/local/bin/python3.12", "3.12.1", "/usr/local/lib/python3.12");
    tree.directory("/usr/local/lib/python3.12/site-packages");
    tree.directory("/usr/local/lib/python3.12/lib-dynload");
    let found = look(&tree, &[("PYTHONPATH", "app:/opt/x")]);
    assert_eq!(found.environments[1].prefix, "/usr/local");
    assert_eq!(
        found.environments[1].path,
        [
            "/srv/app",
            "/opt/x",
            "/usr/local/lib/python312.zip",
            "/usr/local/lib/python3.12",
            "/usr/local/lib/python3.12/lib-dynload",
            "/usr/local/lib/python3.12/site-packages",
        ]
    );
}

#[test]
fn the_users_directory_counts_unless_it_is_switched_off() {
    let mut tree = debian();
    tree.text("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
    tree.directory("/root/.local/lib/python3.11/site-packages");
    let user = "/root/.local/lib/python3.11/site-packages".to_owned();
    assert!(look(&tree, &[]).environments[0].path.contains(&user));
    assert!(!look(&tree, &[("PYTHONNOUSERSITE", "1")]).environments[0].path.contains(&user));
}

#[test]
fn a_virtual_environment_sees_only_its_own_packages_unless_told() {
    let mut tree = debian();
    tree.text("/opt/venv/pyvenv.cfg", CONFIGURATION);
    tree.text("/opt/open/pyvenv.cfg", "home = /usr/bin\n");
    for prefix in ["/opt/venv", "/opt/open"] {
        tree.symlink(&format!("{prefix}/bin/python"), "python3");
        tree.symlink(&format!("{prefix}/bin/python3"), "/usr/bin/python3");
        tree.directory(&format!("{prefix}/lib/python3.11/site-packages"));
    }
    let found = look(&tree, &[]);
    let [_, open, venv] = found.environments.as_slice() else { panic!("three, not {}", found.environments.len()) };
    assert_eq!((venv.kind, venv.prefix.as_str()), (EnvironmentKind::Venv, "/opt/venv"));
    assert_eq!(venv.interpreter, "/usr/bin/python3.11");
    assert_eq!(venv.path[3..], ["/opt/venv/lib/python3.11/site-packages"]);
    assert_eq!(
        open.path[3..],
        ["/opt/open/lib/python3.11/site-packages", "/usr/local/lib/python3.11/dist-packages", "/usr/lib/python3/dist-packages"]
    );
}

#[test]
fn a_virtual_environment_without_its_interpreter_is_a_gap() {
    let mut tree = debian();
    tree.text("/opt/venv/pyvenv.cfg", CONFIGURATION);
    tree.symlink("/opt/venv/bin/python", "/usr/bin/python3.9");
    let found = look(&tree, &[]);
    assert_eq!(found.environments.len(), 1);
    assert_eq!(found.gaps.len(), 1);
    assert_eq!((found.gaps[0].code.as_str(), found.gaps[0].place.as_str()), ("broken-venv", "/opt/venv/pyvenv.cfg"));
}

#[test]
fn a_customisation_makes_the_path_unsure_unless_it_is_debians() {
    let mut tree = debian();
    tree.python("/usr/lib/python3.11/sitecustomize.py", source(vec![import(0, "apport_python_hook", &[])]));
    assert!(look(&tree, &[]).environments[0].path_complete.is_complete());
    tree.python("/usr/lib/python3.11/sitecustomize.py", source(vec![import(0, "sys", &[])]));
    assert!(!look(&tree, &[]).environments[0].path_complete.is_complete());
}

#[test]
fn a_path_file_beside_the_interpreter_is_the_whole_path() {
    let mut tree = debian();
    tree.text("/usr/bin/python3.11._pth", "../lib/python3.11\n# comment\n/app\n");
    let found = look(&tree, &[("PYTHONPATH", "/ignored"), ("PYTHONHOME", "/ignored"), ("PYTHONPLATLIBDIR", "ignored")]);
    assert_eq!(found.environments[0].path, ["/usr/lib/python3.11", "/app"]);
    assert_eq!(found.environments[0].prefix, "/usr/bin");
    let os = found.environments[0].modules.iter().find(|module| module.name == "os").expect("found");
    assert_eq!(os.owner, Owner::Stdlib);
}

#[test]
fn a_path_file_means_nothing_to_python_before_3_11() {
    let mut tree = TestTree::new();
    tree.cpython("/usr/bin/python3.10", "3.10.2", "/usr/lib/python3.10");
    tree.text("/usr/bin/python3.10._pth", "/app\n");
    let found = look(&tree, &[]);
    assert_eq!(found.environments[0].prefix, "/usr");
    assert!(!found.environments[0].path.contains(&"/app".to_owned()));
}

#[test]
fn a_relative_user_base_begins_at_the_working_directory() {
    let mut tree = debian();
    tree.directory("/srv/base/lib/python3.11/site-packages");
    let found = look(&tree, &[("PYTHONUSERBASE", "x/../base")]);
    assert!(found.environments[0].path.contains(&"/srv/base/lib/python3.11/site-packages".to_owned()));
}

#[test]
fn a_library_directory_that_is_not_there_leaves_no_environment_from_3_9_on() {
    let mut tree = debian();
    tree.cpython("/opt/old/bin/python3.8", "3.8.1", "/opt/old/lib/python3.8");
    tree.cpython("/opt/new/bin/python3.12", "3.12.1", "/opt/new/lib64/python3.12");
    tree.text("/opt/venv/pyvenv.cfg", CONFIGURATION);
    tree.symlink("/opt/venv/bin/python", "/usr/bin/python3.11");
    let found = look(&tree, &[("PYTHONPLATLIBDIR", "lib64")]);
    let prefixes: Vec<_> = found.environments.iter().map(|each| each.prefix.as_str()).collect();
    assert_eq!(prefixes, ["/opt/new", "/opt/old"]);
    let gaps: Vec<_> = found.gaps.iter().map(|gap| (gap.place.as_str(), gap.code.as_str())).collect();
    let code = "standard-library-missing";
    assert_eq!(gaps, [("/opt/venv/pyvenv.cfg", code), ("/usr/bin/python3.11", code)]);
}

/// What virtualenv made before its version 20: a copy of the interpreter with a library of its own.
fn old_virtualenv() -> TestTree {
    let mut tree = TestTree::new();
    tree.cpython("/opt/base/bin/python3.6", "3.6.15", "/opt/base/lib/python3.6");
    tree.directory("/opt/base/lib/python3.6/site-packages");
    tree.python("/opt/base/lib/python3.6/json.py", source(Vec::new()));
    tree.cpython("/srv/old/bin/python3.6", "3.6.15", "/srv/old/lib/python3.6");
    tree.directory("/srv/old/lib/python3.6/site-packages");
    tree.text("/srv/old/lib/python3.6/orig-prefix.txt", "/opt/base\n");
    tree
}

#[test]
fn an_old_virtualenv_searches_the_library_that_it_was_made_from() {
    let mut tree = old_virtualenv();
    let last = |tree: &TestTree| {
        let found = look(tree, &[]);
        let environment = found.environments.into_iter().find(|each| each.prefix == "/srv/old").expect("found");
        assert_eq!(environment.kind, EnvironmentKind::Venv);
        let json = environment.modules.iter().find(|module| module.name == "json").expect("found");
        assert_eq!(json.owner, Owner::Stdlib);
        environment.path[3..].to_vec()
    };
    let (library, own) = ("/opt/base/lib/python3.6", "/srv/old/lib/python3.6/site-packages");
    assert_eq!(last(&tree), [library, own, "/opt/base/lib/python3.6/site-packages"]);
    tree.empty("/srv/old/lib/python3.6/no-global-site-packages.txt");
    assert_eq!(last(&tree), [library, own]);
}

#[test]
fn an_old_virtualenv_whose_origin_was_not_read_has_an_unsure_path() {
    let mut tree = old_virtualenv();
    tree.unread("/srv/old/lib/python3.6/orig-prefix.txt", 0o644);
    let found = look(&tree, &[]);
    let environment = found.environments.into_iter().find(|each| each.prefix == "/srv/old").expect("found");
    assert!(!environment.path_complete.is_complete());
}

#[test]
fn pypy_has_one_directory_for_its_library() {
    let mut tree = TestTree::new();
    let mut facts = TestTree::cpython_facts("3.9.16");
    if let Some(python) = &mut facts.python {
        python.implementation = "PyPy";
    }
    tree.elf("/opt/pypy/bin/pypy3.9", facts);
    tree.empty("/opt/pypy/lib/pypy3.9/os.py");
    tree.directory("/opt/pypy/lib/pypy3.9/site-packages");
    let found = look(&tree, &[]);
    assert_eq!(found.environments[0].path, ["/opt/pypy/lib/pypy3.9", "/opt/pypy/lib/pypy3.9/site-packages"]);
}

#[test]
fn the_entry_points_directory_is_searched_but_is_not_on_the_path() {
    let mut tree = debian();
    tree.python("/srv/shop/__init__.py", source(Vec::new()));
    tree.python("/srv/shop/main.py", source(vec![import(1, "", &["store"]), import(0, "os", &[])]));
    tree.python("/srv/shop/store.py", source(Vec::new()));
    let image = Image {
        entrypoint: ["python3", "-m", "shop.main"].map(str::to_owned).into(),
        workdir: Some("/srv".to_owned()),
        ..Image::default()
    };
    let found = introspect(tree.tree(), &Context { image: Some(&image), platform: None, ..Context::default() });
    let environment = &found.environments[0];
    assert!(environment.entry_point);
    assert!(!environment.path.contains(&"/srv".to_owned()));
    let main = environment.modules.iter().find(|module| module.name == "shop.main").expect("found");
    let targets: Vec<_> = main.edges.iter().map(|edge| edge.target.as_str()).collect();
    assert_eq!(targets, ["os", "shop", "shop.store"]);
}

#[test]
fn a_script_that_no_statement_can_import_is_the_main_module() {
    let mut tree = debian();
    tree.python("/srv/my.tool.py", source(vec![import(0, "json", &[])]));
    tree.python("/srv/helper.py", source(Vec::new()));
    let image = Image { cmd: ["python3", "/srv/my.tool.py"].map(str::to_owned).into(), ..Image::default() };
    let found = introspect(tree.tree(), &Context { image: Some(&image), platform: None, ..Context::default() });
    let own: Vec<_> = found.environments[0]
        .modules
        .iter()
        .filter(|module| module.owner == Owner::Own)
        .map(|module| (module.name.as_str(), module.file.as_deref(), module.edges.len()))
        .collect();
    assert_eq!(own, [("__main__", Some("/srv/my.tool.py"), 1), ("helper", Some("/srv/helper.py"), 0)]);
}

#[test]
fn a_virtual_environment_is_started_through_a_link_to_it_too() {
    let mut tree = debian();
    tree.text("/opt/venv/pyvenv.cfg", CONFIGURATION);
    tree.symlink("/opt/venv/bin/python", "/usr/bin/python3.11");
    tree.symlink("/venv", "/opt/venv");
    let image = Image { cmd: ["/venv/bin/python", "-m", "shop"].map(str::to_owned).into(), ..Image::default() };
    let found = introspect(tree.tree(), &Context { image: Some(&image), platform: None, ..Context::default() });
    let started: Vec<_> = found.environments.iter().filter(|each| each.entry_point).map(|each| each.prefix.as_str()).collect();
    assert_eq!(started, ["/opt/venv"]);
}

#[test]
fn the_root_offers_its_own_modules_but_no_system_directory_as_a_namespace() {
    let mut tree = debian();
    tree.python("/main.py", source(Vec::new()));
    tree.python("/shop/store.py", source(Vec::new()));
    tree.python("/usr/share/gdb/auto.py", source(Vec::new()));
    let image = Image { cmd: ["python3", "/main.py"].map(str::to_owned).into(), ..Image::default() };
    let found = introspect(tree.tree(), &Context { image: Some(&image), platform: None, ..Context::default() });
    let modules = found.environments[0].modules.iter().filter(|module| module.owner == Owner::Own);
    assert_eq!(modules.map(|module| module.name.as_str()).collect::<Vec<_>>(), ["main", "shop", "shop.store"]);
}

#[test]
fn a_file_has_its_name_on_the_path_not_one_through_the_working_directory() {
    let mut tree = debian();
    tree.python("/srv/app/shop/__init__.py", source(Vec::new()));
    tree.python("/srv/other/tool.py", source(Vec::new()));
    let image = Image {
        cmd: ["python3", "-m", "shop"].map(str::to_owned).into(),
        workdir: Some("/srv".to_owned()),
        env: vec![EnvironmentVariable {
            name: "PYTHONPATH".to_owned(),
            value: EnvironmentValue::new("PYTHONPATH", "/srv/app"),
        }],
        ..Image::default()
    };
    let found = introspect(tree.tree(), &Context { image: Some(&image), platform: None, ..Context::default() });
    let own: Vec<_> = found.environments[0]
        .modules
        .iter()
        .filter(|module| module.owner == Owner::Own)
        .map(|module| module.name.as_str())
        .collect();
    assert_eq!(own, ["other", "other.tool", "shop"]);
}
