//! That nothing unknown and nothing mistyped reads as a pass.

use super::tests::{TODAY, environment, inventory, module, verdicts};
use crate::{
    facts::{Completeness, Distribution, Fact, Inventory, OsPackage, Owner},
    policy::{PolicyText, compile},
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
        "where any m in modules: m.name == \"x\"\n forbid import own -> os",
    ] {
        let found = verdicts(clause, &doubtful());
        assert!(found.contains("undecided") && !found.contains("broken"), "{clause}\n{found}");
    }
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
