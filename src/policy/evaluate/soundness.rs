//! That nothing unknown and nothing mistyped reads as a pass.

use super::tests::{TODAY, environment, inventory, module, verdicts};
use crate::{
    diagnostic::{Style, render},
    facts::{Completeness, Distribution, Fact, File, FilePath, FileType, Inventory, Mode, OsPackage, Owner},
    policy::{PolicyText, compile, library},
};

fn lacking(reason: &str) -> Completeness {
    Completeness::Incomplete(vec![reason.into()])
}

/// An environment in which nothing is known to be whole, with one distribution of unknown version and one module.
fn doubtful() -> Inventory {
    let mut known = environment("/usr", vec![module("shop", Owner::Own, &["os"])]);
    (known.path_complete, known.modules_complete) = (lacking("a hook"), lacking("a hook"));
    known.distributions = vec![Distribution {
        name: "x".into(),
        normalized_name: "x".into(),
        version: Fact::Unknown("computed".into()),
        ..Distribution::default()
    }];
    Inventory {
        environments: vec![known],
        os_packages: vec![OsPackage { name: "bash".into(), ..OsPackage::default() }],
        os_packages_complete: lacking("the status file is cut off"),
        binaries_complete: lacking("a file over the limit"),
        interpreters_complete: lacking("a file over the limit"),
        environments_complete: lacking("a file over the limit"),
        files_complete: lacking("a directory may not be read"),
        ..inventory()
    }
}

#[test]
fn what_is_not_known_is_never_a_pass() {
    for clause in [
        "require all d in distributions: d.name == \"x\"",
        "require all m in modules: m.owner == \"own\"",
        "require all p in os_packages: p.name == \"bash\"",
        "require all e in environments: all m in e.modules: m.owner == \"own\"",
        "require all e in environments: count(e.path) == 0",
        "require all e in environments: e.path == [\"/app\"]",
        "require count(distributions) == 1",
        "require count(p in os_packages where p.name == \"gcc\") == 0",
        "require count(modules) < 2",
        "require not (any m in modules: m.name == \"pickle\")",
        "require environments[0].distributions[1].name is absent",
        "require (environments[0].distributions[0].version ?? \"1\") >= \"0\"",
        "require not (any d in distributions: d matches \"x <1\")",
        "require false unless any m in modules: m.name == \"x\"",
        "for d in distributions where (d.version ?? \"9\") < \"5\"\n require d.name == \"y\"",
        "for e in environments where any d in e.distributions: d.name == \"gone\"\n require e.kind == \"venv\"",
        "forbid any d in distributions: d.version == \"1\"",
        "forbid any p in os_packages: p.name == \"gcc\"",
        "forbid count(os_packages) > 1",
        "forbid true unless (any m in modules: m.name == \"x\")",
        "for p in os_packages\n forbid p.name == \"gcc\"",
        "forbid import own -> pickle",
        "forbid import third_party -> pickle",
        "for f in files\n forbid f.setuid",
        "require all f in files: not f.setuid",
        "require count(f in files where f.world_writable) == 0",
        "require all b in binaries: not b.executable",
        "require all i in interpreters: i.path == \"/none\"",
        "require count(environments) == 1",
        "require all i in imports: i.kind == \"top_level\"",
        "where any m in modules: m.name == \"x\"\n forbid import own -> os",
    ] {
        let found = verdicts(clause, &doubtful());
        assert!(found.contains("undecided") && !found.contains("broken"), "{clause}\n{found}");
    }
}

#[test]
fn only_policies_that_ask_for_files_need_them() {
    let needs = |items: &str| {
        let text = format!("edition 1\npackage a\n{items}");
        compile(&[PolicyText { name: "a".into(), text }], &[]).expect("it compiles").needs_files()
    };
    assert!(needs("rule r error \"t\" {\n  forbid any f in files: f.setuid\n}\n"));
    assert!(needs("fn no() -> Bool = count(files) == 0\nrule r error \"t\" {\n  require no()\n}\n"));
    assert!(!needs("rule r error \"t\" {\n  for b in binaries\n  forbid b.path matches \"/files/**\"\n}\n"));
}

#[test]
fn only_policies_that_ask_for_integrity_need_it() {
    let needs = |items: &str| {
        let text = format!("edition 1\npackage a\n{items}");
        compile(&[PolicyText { name: "a".into(), text }], &[]).expect("it compiles").needs_integrity()
    };
    for body in [
        "for d in distributions\n  require count(d.modified) == 0",
        "require all d in distributions: count(d.missing) == 0",
        "for e in environments\n  require count(e.unowned) == 0",
    ] {
        assert!(needs(&format!("rule r error \"t\" {{\n  {body}\n}}\n")), "{body}");
    }
    assert!(!needs("rule r error \"t\" {\n  for d in distributions\n  require d.license is present\n}\n"));
}

#[test]
fn a_file_without_a_package_may_have_one_where_not_all_packages_are_known() {
    let file = |kind| File {
        path: FilePath::new("/usr/bin".into(), "su"),
        kind,
        size: 1,
        mode: Mode(0o4755),
        uid: 0,
        gid: 0,
        target: None,
        os_package: None,
        layer: Some(1),
    };
    let ask = "for f in files\n forbid f.os_package is absent";
    let known = Inventory { files: vec![file(FileType::File)], files_complete: Completeness::Complete, ..doubtful() };
    assert!(verdicts(ask, &known).contains("undecided"));
    let directory = Inventory { files: vec![file(FileType::Directory)], ..known.clone() };
    assert!(verdicts(ask, &directory).contains("broken"));
    assert!(verdicts(ask, &Inventory { os_packages_complete: Completeness::Complete, ..known }).contains("broken"));
}

#[test]
fn what_is_known_decides_beside_what_is_not() {
    for clause in [
        "require all p in os_packages: p.name == \"gcc\"",
        "require count(os_packages) == 0",
        "forbid any p in os_packages: p.name == \"bash\"",
        "forbid import own -> os",
    ] {
        assert!(verdicts(clause, &doubtful()).contains("broken"), "{clause}");
    }
}

#[test]
fn lists_of_the_policy_have_elements() {
    let text = "edition 1\npackage a\nparam users: List<Int> = [0, 1000]\nrule r error \"t\" {\n  forbid image.user.uid == (users[1] ?? 7)\n  require users[2] is absent\n}\n";
    let compiled = compile(&[PolicyText { name: "a".into(), text: text.into() }], &[]).expect("it compiles");
    assert_eq!(compiled.evaluate(&inventory(), TODAY).rules[0].violations.len(), 1);
}

#[test]
fn an_importer_that_is_no_module_is_told_where_others_are() {
    let mut inventory = inventory();
    inventory.environments = vec![environment("/usr", vec![module("shop", Owner::Own, &["os"])])];
    let warned = |from: &str| {
        let text = format!("edition 1\npackage a\nrule r error \"t\" {{\n  forbid import {from} -> pickle\n}}\n");
        let compiled = compile(&[PolicyText { name: "a".into(), text }], &[]).expect("it compiles");
        let (_, warnings) = compiled.evaluate_with_warnings(&inventory, TODAY);
        warnings.iter().map(|warning| warning.code).collect::<Vec<_>>()
    };
    assert_eq!(warned("{shop, shpo.**}"), ["unmatched-pattern"]);
    assert!(warned("{shop, own}").is_empty() && warned("shpo").is_empty());
}

fn known() -> Inventory {
    let modules = ["shop", "sqlalchemy", "yaml"].map(|name| module(name, Owner::Own, &["os", "vendored"])).into();
    Inventory { environments: vec![environment("/usr", modules)], ..inventory() }
}

fn warned(ban: &str) -> Vec<String> {
    let text = format!("edition 1\npackage a\nrule r error \"t\" {{\n  forbid import {ban}\n}}\n");
    let compiled = compile(&[PolicyText { name: "a.douane".into(), text }], &[]).expect("it compiles");
    let (_, warnings) = compiled.evaluate_with_warnings(&known(), TODAY);
    warnings.iter().map(|warning| render(warning, Style::Plain)).collect()
}

#[test]
fn a_slip_in_what_is_forbidden_is_told() {
    insta::assert_snapshot!(warned("own -> {marshal, pikcle.**}").join("\n"), @"
    warning[unmatched-target]: `r` forbids `pikcle`, which is no module that is known
     --> a.douane:4:34
      |
    4 |   forbid import own -> {marshal, pikcle.**}
      |                                  ^^^^^^^^^ neither in the target nor in the standard library
      |
      = help: did you mean `pickle`?
    ");
    for (ban, meant) in [("own -> sqlalchmey", "sqlalchemy"), ("own -> sqlalchemmy.orm", "sqlalchemy"), ("own -> ymal", "yaml")]
    {
        let told = warned(ban);
        assert!(told.len() == 1 && told[0].contains(&format!("did you mean `{meant}`?")), "{ban}: {told:?}");
    }
}

#[test]
fn what_is_simply_not_there_is_not_told() {
    for target in [
        "yarl",
        "pudb",
        "ipdb",
        "debugpy",
        "dill",
        "cloudpickle",
        "imp",
        "nis",
        "urllib2",
        "aiofile",
        "vendored",
        "third_party",
        "pick*",
        "**.pikcle",
    ] {
        assert_eq!(warned(&format!("own -> {target}")), Vec::<String>::new(), "{target}");
    }
}

#[test]
fn the_library_is_not_told_what_to_forbid() {
    let compiled = compile(&library::all(), &[]).expect("it compiles");
    let (_, warnings) = compiled.evaluate_with_warnings(&known(), TODAY);
    assert!(warnings.iter().all(|warning| warning.code != "unmatched-target"));
}
