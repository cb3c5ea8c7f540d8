//! Archives on the path: what is found in them, whose it is, and how an image starts one; never how they are read.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    extract::{ZipContent, ZipFacts, ZipMember, python::source},
    facts::{Completeness, Environment, Fact, Image},
    introspect::{Context, introspect, test_tree::TestTree},
};

/// An archive of sources; a name that ends in `/` is a directory's, and one in `.pyc` bytecode.
fn archive(members: &[(&str, &str)]) -> ZipFacts {
    let content = |name: &str, text: &str| match name {
        name if name.ends_with('/') => ZipContent::Directory,
        name if name.ends_with(".pyc") => ZipContent::Bytecode { unchecked: text == "unchecked" },
        _ => ZipContent::Source(Arc::new(source(text.as_bytes()))),
    };
    let members: BTreeMap<&str, &str> = members.iter().copied().collect();
    let members = members.into_iter().map(|(name, text)| ZipMember { path: name.into(), content: content(name, text) });
    ZipFacts { members: members.collect(), ..ZipFacts::default() }
}

/// The environment of a Python whose image starts so.
fn environment(tree: &mut TestTree, version: &str, entrypoint: &[&str]) -> Environment {
    let minor = version.split('.').nth(1).expect("a minor version");
    tree.cpython(&format!("/usr/bin/python3.{minor}"), version, &format!("/usr/lib/python3.{minor}"));
    tree.symlink("/usr/bin/python3", &format!("python3.{minor}"));
    let image = Image {
        entrypoint: entrypoint.iter().map(|word| (*word).to_owned()).collect(),
        workdir: Some("/srv".to_owned()),
        ..Image::default()
    };
    let context = Context { image: Some(&image), ..Context::default() };
    introspect(tree.tree(), &context).environments.pop().expect("an environment")
}

/// The modules of the archives, with files and owners.
fn modules(environment: &Environment) -> Vec<String> {
    let in_archive = environment.modules.iter().filter(|module| {
        module.file.as_ref().is_none_or(|file| file.contains(".zip/") || file.contains(".pyz/"))
            && !matches!(module.kind, crate::facts::ModuleKind::Builtin)
    });
    in_archive
        .map(|module| format!("{} {:?} {} {:?}", module.name, module.kind, module.file.as_deref().unwrap_or("-"), module.owner))
        .collect()
}

#[test]
fn a_program_in_an_archive_is_main_and_its_imports_are_followed() {
    let mut tree = TestTree::new();
    let members = [("__main__.py", "import shop\n"), ("shop/__init__.py", "import json\n"), ("unused.py", "")];
    tree.zip("/srv/app.pyz", archive(&members));
    let found = environment(&mut tree, "3.11.2", &["python3", "app.pyz"]);
    assert_eq!(
        modules(&found),
        [
            "__main__ Source /srv/app.pyz/__main__.py Own",
            "shop Package /srv/app.pyz/shop/__init__.py Own",
            "unused Source /srv/app.pyz/unused.py Own"
        ]
    );
    let reached = |name: &str| found.modules.iter().find(|module| module.name == name).map(|module| module.reachable.clone());
    assert_eq!(reached("shop"), Some(Fact::Known(true)));
    assert_eq!(reached("unused"), Some(Fact::Known(false)));
    let shop = found.modules.iter().find(|module| module.name == "shop").expect("a module");
    assert_eq!((shop.edges[0].target.as_str(), shop.layer), ("json", Some(1)));
    assert_eq!(found.modules_complete, Completeness::Complete);
}

#[test]
fn an_interpreter_line_before_an_archive_starts_it() {
    let mut tree = TestTree::new();
    let facts = ZipFacts { interpreter: Some("/usr/bin/python3".into()), ..archive(&[("__main__.py", "")]) };
    tree.zip("/srv/app.pyz", facts);
    assert_eq!(modules(&environment(&mut tree, "3.11.2", &["./app.pyz"])), ["__main__ Source /srv/app.pyz/__main__.py Own"]);
}

#[test]
fn packages_come_first_then_modules_and_bytecode_only_without_its_source() {
    let mut tree = TestTree::new();
    let members =
        [("a/__init__.py", ""), ("a.py", ""), ("b.py", ""), ("b.pyc", ""), ("c.pyc", ""), ("d.py", ""), ("d.pyc", "unchecked")];
    tree.zip("/usr/lib/python311.zip", archive(&members));
    let found = environment(&mut tree, "3.11.2", &["python3", "-I"]);
    assert_eq!(
        modules(&found),
        [
            "a Package /usr/lib/python311.zip/a/__init__.py Stdlib",
            "b Source /usr/lib/python311.zip/b.py Stdlib",
            "c Bytecode /usr/lib/python311.zip/c.pyc Stdlib",
            "d Bytecode /usr/lib/python311.zip/d.pyc Stdlib"
        ]
    );
}

#[test]
fn a_directory_without_an_entry_is_a_namespace_from_3_14_on() {
    let members = [("explicit/", ""), ("explicit/x.py", ""), ("implied/x.py", "")];
    let names = |version: &str| {
        let mut tree = TestTree::new();
        tree.zip("/srv/app.pyz", archive(&members));
        let found = environment(&mut tree, version, &["python3", "app.pyz"]);
        modules(&found).iter().map(|module| module.split(' ').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("3.13.0"), ["explicit", "explicit.x"]);
    assert_eq!(names("3.14.0"), ["explicit", "explicit.x", "implied", "implied.x"]);
}

#[test]
fn what_an_archive_lacks_the_modules_lack() {
    let mut tree = TestTree::new();
    let mut facts = archive(&[("__main__.py", "import (\n")]);
    facts.complete.lacks("members share bytes: none is read");
    tree.zip("/srv/app.pyz", facts);
    tree.empty("/usr/lib/python311.zip");
    let Completeness::Incomplete(reasons) = environment(&mut tree, "3.11.2", &["python3", "app.pyz"]).modules_complete else {
        panic!("the list of modules is complete")
    };
    assert_eq!(
        reasons,
        [
            "the archive `/srv/app.pyz` on the path: members share bytes: none is read",
            "the archive `/usr/lib/python311.zip` on the path is not opened"
        ]
    );
}

#[test]
fn a_customisation_in_an_archive_may_change_the_path() {
    let mut tree = TestTree::new();
    tree.zip("/usr/lib/python311.zip", archive(&[("sitecustomize.py", "import sys\n")]));
    assert!(!environment(&mut tree, "3.11.2", &["python3"]).path_complete.is_complete());
}
