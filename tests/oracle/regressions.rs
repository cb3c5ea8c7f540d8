//! Cases that once made a difference, each with what must come out: subjects, verdicts that are certain, and undecided ones.

use std::sync::Arc;

use douane::{
    facts::{
        Certainty, Completeness, ComputedImport, Distribution, Environment, EnvironmentKind, Fact, Import, ImportEdge,
        ImportKind, Inventory, Module, ModuleKind, OsPackage, Owner, PythonSource,
    },
    policy::{PolicyText, ViolationCertainty, compile},
};

use crate::{TODAY, agrees, chance::Chance, inventories};

fn lacking() -> Completeness {
    Completeness::Incomplete(vec!["a limit".into()])
}

fn inventory(environments: Vec<Environment>) -> Inventory {
    Inventory { environments, ..inventories::inventory(&mut Chance::new(&[])) }
}

fn environment(prefix: &str, modules: Vec<Module>) -> Environment {
    Environment {
        interpreter: "/usr/bin/python3".into(),
        prefix: prefix.into(),
        kind: EnvironmentKind::System,
        entry_point: true,
        path: Vec::new(),
        path_complete: Completeness::Complete,
        distributions: Vec::new(),
        modules,
        ..Environment::default()
    }
}

/// A module with imports: the target and the names taken from it, each of them surely a module or perhaps one.
fn module(name: &str, owner: Owner, imports: &[(&str, &[(&str, Certainty)])]) -> Module {
    let (mut source, mut edges) = (PythonSource::default(), Vec::new());
    for (number, (target, names)) in (0..).zip(imports) {
        source.imports.push(Import {
            target: (*target).into(),
            names: names.iter().map(|(name, _)| (*name).into()).collect(),
            bound: Vec::new(),
            level: 0,
            line: number + 1,
            column: 8,
            width: 1,
            kind: ImportKind::TopLevel,
            text: "".into(),
        });
        let ends = target.match_indices('.').map(|(at, _)| at).chain([target.len()]);
        let mut add = |target: &str, certainty| edges.push(ImportEdge { target: target.into(), import: number, certainty });
        ends.for_each(|end| add(&target[..end], Certainty::Must));
        names.iter().for_each(|(name, certainty)| add(&format!("{target}.{name}"), *certainty));
    }
    edges.sort();
    Module {
        name: name.into(),
        kind: ModuleKind::Source,
        file: Some(format!("/app/{name}.py")),
        owner,
        distribution: None,
        layer: None,
        shadows: Vec::new(),
        reachable: Fact::Absent,
        vendored: None,
        source: Arc::new(source),
        edges,
    }
}

/// Both evaluators agree on a rule of these clauses, and it has so many subjects, certain and undecided verdicts.
fn comes_to(clauses: &str, inventory: &Inventory, expected: (u64, usize, usize)) {
    let text = format!("edition 1\npackage a\nrule r error \"t\" {{\n{clauses}\n}}\n");
    let texts = [PolicyText { name: "a.douane".into(), text }];
    agrees(&texts, inventory).unwrap_or_else(|told| panic!("{told}"));
    let evaluation = compile(&texts, &[]).expect("a policy that both evaluated").evaluate(inventory, TODAY);
    let rule = &evaluation.rules[0];
    let broken = rule.violations.iter().filter(|violation| violation.certainty == ViolationCertainty::Broken).count();
    assert_eq!((rule.subjects, broken, rule.violations.len() - broken), expected, "{clauses}\n{:#?}", rule.violations);
}

#[test]
fn a_condition_that_binds_its_own_variables_is_a_premise() {
    let packages = vec![OsPackage { name: "bash".into(), ..OsPackage::default() }];
    let inventory = Inventory { os_packages: packages, os_packages_complete: lacking(), ..inventory(Vec::new()) };
    comes_to("for p in os_packages\nwhere any i in interpreters: i.path == \"/a\"\nrequire false", &inventory, (0, 0, 0));
    comes_to("for p in os_packages\nwhere all i in interpreters: i.path == \"/a\"\nrequire true", &inventory, (1, 0, 1));
    let group = "for n, ps in os_packages group p by p.name where any i in interpreters: true\nrequire false";
    comes_to(group, &inventory, (0, 0, 0));
}

#[test]
fn sets_have_no_order_and_nothing_is_in_an_empty_one() {
    let mut environment = environment("/usr", Vec::new());
    environment.path = vec!["/a".into(), "/b".into()];
    let whole = inventory(vec![environment.clone()]);
    comes_to("for e in environments require e.path == {\"/b\", \"/a\"} and e.path != [\"/b\", \"/a\"]", &whole, (1, 0, 0));
    environment.path_complete = lacking();
    environment.modules_complete = lacking();
    let partial = inventory(vec![environment]);
    comes_to("for e in environments forbid e.path == {\"/a\"}", &partial, (1, 0, 0));
    comes_to("for e in environments forbid (e.modules[0].file ?? \"\") matches {}", &partial, (1, 0, 0));
}

#[test]
fn patterns_in_a_group_are_matched_one_by_one() {
    let rule =
        "  param globs: Set<Glob> = {\"x*\", \"app*\"}\nfor k, of in globs group g by 1\nforbid target.reference matches of";
    comes_to(rule, &inventory(Vec::new()), (1, 1, 0));
}

#[test]
fn distinct_values_may_stand_in_brackets() {
    let of = |prefix: &str| environment(prefix, vec![module("a", Owner::Own, &[])]);
    let two = inventory(vec![of("/usr"), of("/venv")]);
    comes_to("require count(distinct (m.distribution ?? m.name) for m in modules) == 1", &two, (1, 0, 0));
}

#[test]
fn what_may_be_meant_may_be_one_more_distinct_value() {
    let named = |name: &str, version| Distribution {
        name: name.into(),
        normalized_name: name.into(),
        version,
        ..Distribution::default()
    };
    let distributions = vec![named("x", Fact::Known("9".into())), named("y", Fact::Unknown("computed".into()))];
    let inventory = inventory(vec![Environment { distributions, ..environment("/usr", Vec::new()) }]);
    let count = "count(distinct d.name for d in distributions where (d.version ?? \"1\") < \"5\")";
    comes_to(&format!("require {count} == 0"), &inventory, (1, 0, 1));
    comes_to(&format!("require {count} < 2"), &inventory, (1, 0, 0));
}

#[test]
fn a_module_of_two_owners_is_judged_as_both() {
    let of = |prefix: &str, owner| environment(prefix, vec![module("a", owner, &[])]);
    let inventory = inventory(vec![of("/usr", Owner::Stdlib), of("/venv", Owner::Own)]);
    for clause in ["forbid import own -> pickle", "forbid import own ->* pickle", "independent own", "acyclic own"] {
        comes_to(clause, &inventory, (1, 0, 0));
    }
    comes_to("forbid import {own, stdlib} -> pickle", &inventory, (1, 0, 0));
    comes_to("protected b only from stdlib", &inventory, (1, 0, 0));
}

#[test]
fn a_shared_module_is_judged_where_it_first_lies_in_a_part() {
    let of = |prefix: &str, imports: &[(&str, &[(&str, Certainty)])]| {
        environment(prefix, vec![module("a.x", Owner::Own, &[]), module("c", Owner::Own, imports)])
    };
    let inventory = inventory(vec![of("/usr", &[]), of("/venv", &[("a", &[])])]);
    comes_to("independent a", &inventory, (1, 0, 0));
}

#[test]
fn of_a_statement_the_innermost_is_told() {
    let modules = vec![module("a.b", Owner::Stdlib, &[]), module("c", Owner::Own, &[("a.b.d", &[])])];
    comes_to("forbid import own -> stdlib", &inventory(vec![environment("/usr", modules)]), (1, 1, 0));
}

#[test]
fn a_constant_beginning_rules_out_patterns_within_a_segment() {
    let mut module = module("a", Owner::Own, &[]);
    let import = ComputedImport { prefix: "plugins.".into(), line: 3, column: 1, width: 1, text: "".into() };
    let mut source = PythonSource { computed_imports: vec![import], ..PythonSource::default() };
    source.imports_complete.lacks("computes names");
    module.source = Arc::new(source);
    let inventory = inventory(vec![environment("/usr", vec![module])]);
    comes_to("forbid import own -> test_*", &inventory, (1, 0, 0));
    comes_to("forbid import own -> p*", &inventory, (1, 0, 1));
}

#[test]
fn a_chain_ends_at_no_excepted_import_and_not_where_it_begins() {
    let surely = module("b", Owner::Own, &[("x.y", &[("b", Certainty::Must)])]);
    let rule = "independent {b, x.**} except ** -> **.b";
    comes_to(rule, &inventory(vec![environment("/usr", vec![surely])]), (1, 1, 0));
    let perhaps = module("a.t", Owner::Own, &[("a", &[("t", Certainty::May)])]);
    comes_to("forbid import own ->* own", &inventory(vec![environment("/usr", vec![perhaps])]), (1, 0, 1));
}

#[test]
fn of_layers_that_fill_each_other_the_inner_one_holds() {
    let modules = vec![module("a", Owner::Own, &[]), module("a.b", Owner::Own, &[("c", &[])]), module("c", Owner::Own, &[])];
    let inventory = inventory(vec![environment("/usr", modules)]);
    comes_to("layers { a.b > c > a }", &inventory, (3, 0, 0));
    comes_to("layers { a > c > a.b }", &inventory, (3, 1, 0));
}

#[test]
fn absent_layers_may_lie_in_environments_that_are_not_known() {
    let known = inventory(vec![environment("/usr", Vec::new())]);
    comes_to("layers { a > b }", &known, (1, 1, 0));
    let partial = Inventory { environments_complete: lacking(), ..known };
    comes_to("layers { a > b }", &partial, (1, 0, 1));
}

#[test]
fn a_known_import_that_does_not_count_hides_no_computed_one() {
    let mut importer = module("a.x", Owner::Own, &[("a.b", &[])]);
    let mut source = PythonSource::clone(&importer.source);
    source.imports.iter_mut().for_each(|import| import.kind = ImportKind::Function);
    source.computed_imports = vec![ComputedImport { prefix: ".".into(), line: 3, column: 1, width: 1, text: "".into() }];
    source.imports_complete.lacks("computes names");
    importer.source = Arc::new(source);
    let inventory = inventory(vec![environment("/usr", vec![module("a.b", Owner::Own, &[]), importer])]);
    comes_to("independent own ignoring {function}", &inventory, (2, 0, 1));
    comes_to("forbid import a.x ->* a.b ignoring {function}", &inventory, (1, 0, 1));
}
