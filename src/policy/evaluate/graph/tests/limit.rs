//! What is counted where there is too much to tell, against all of it, on graphs of chance.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::super::{
        evaluate_within,
        tests::{TODAY, computed, environment, inventory},
    },
    Policy,
    chance::{Chance, MODULES, modules, name},
    own,
};
use crate::{
    facts::Inventory,
    policy::{
        architecture::Exempt,
        check::resolved::{AssertionKind, Ban, Side},
        outcome::{RuleOutcome, Violation, ViolationCertainty},
    },
};

/// The violations of each module that are equally certain, and how many modules are only counted.
fn by_module(rule: &RuleOutcome, certainty: ViolationCertainty) -> (BTreeMap<&str, Vec<&Violation>>, u64) {
    let (mut told, mut counted) = (BTreeMap::new(), 0);
    for violation in rule.violations.iter().filter(|violation| violation.certainty == certainty) {
        match violation.subject.identity.split(' ').next() {
            Some("others") => counted += violation.stands_for,
            source => told.entry(source.expect("a module")).or_insert_with(Vec::new).push(violation),
        }
    }
    (told, counted)
}

fn inventory_by(chance: &mut Chance) -> Inventory {
    let mut environments = Vec::new();
    for prefix in ["/usr", "/venv"].into_iter().take(chance.below(2) + 1) {
        let edges: Vec<(usize, usize)> =
            (0..chance.below(40) + 5).map(|_| (chance.below(MODULES), chance.below(MODULES))).collect();
        let mut all = modules(&edges);
        for _ in 0..chance.below(4) {
            let at = chance.below(MODULES);
            all[at] = computed(&name(at), ["", "m1", "m2"][chance.below(3)]);
        }
        environments.push(environment(prefix, all));
    }
    Inventory { environments, ..inventory() }
}

fn policy_by(chance: &mut Chance) -> Policy {
    let mut policy = Policy::default();
    for number in 0..600 {
        let mut some = |limit: usize| {
            let names: BTreeSet<String> = (0..chance.below(limit) + 1).map(|_| name(chance.below(MODULES))).collect();
            names.into_iter().collect::<Vec<_>>().join(" ")
        };
        let (from, to, via) = (some(12), some(4), some(2));
        match number % 4 {
            0 => policy.independent(&from),
            1 => {
                let (from, to) = (policy.side(&from), policy.side(&to));
                policy.rule(AssertionKind::Ban(Ban {
                    from,
                    to,
                    spared: Side::default(),
                    exceptions: Vec::new(),
                    ignoring: Vec::new(),
                    slots: (0, 1),
                }));
            }
            2 => policy.chain(&from, &to, &via, Exempt::default()),
            _ => {
                let except = policy.except(&via, &to);
                policy.chain(&from, &to, &via, except);
            }
        }
    }
    policy
}

#[test]
fn each_module_is_told_whole_or_counted() {
    let mut all_counted = 0;
    for seed in 0..40 {
        let mut chance = Chance(seed);
        let (inventory, plan) = (inventory_by(&mut chance), policy_by(&mut chance).plan());
        let all = evaluate_within(&plan, &inventory, TODAY, usize::MAX).evaluation;
        let some = evaluate_within(&plan, &inventory, TODAY, 900).evaluation;
        for (all, some) in all.rules.iter().zip(&some.rules) {
            assert_eq!(all.subjects, some.subjects);
            for certainty in [ViolationCertainty::Broken, ViolationCertainty::Undecided] {
                let ((whole, none), (told, counted)) = (by_module(all, certainty), by_module(some, certainty));
                assert_eq!(
                    (none, whole.len() as u64),
                    (0, told.len() as u64 + counted),
                    "seed {seed}, {}: {whole:?} {told:?}",
                    all.rule
                );
                assert!(told.iter().all(|(name, violations)| whole.get(name) == Some(violations)), "seed {seed}, {}", all.rule);
                all_counted += counted;
            }
        }
        let told: usize = some.rules.iter().map(|rule| rule.violations.len()).sum();
        assert!(told < 900 + 2 * 600 + 600, "seed {seed}: {told}");
    }
    assert!(all_counted > 1_000, "{all_counted}");
}

#[test]
fn what_is_counted_is_told_as_one() {
    let modules: Vec<_> = (0..MODULES).map(|at| own(&name(at), &["x"])).collect();
    let inventory = Inventory { environments: vec![environment("/usr", modules)], ..inventory() };
    let mut policy = Policy::default();
    policy.chain("own", "x", "", Exempt::default());
    policy.chain("m3", "x", "", Exempt::default());
    let rules = evaluate_within(&policy.plan(), &inventory, TODAY, 4).evaluation.rules;
    let shown =
        |rule: &RuleOutcome| rule.violations.iter().map(|one| (one.message.clone(), one.stands_for)).collect::<Vec<_>>();
    let imports = |at: usize| (format!("`m{at}` imports `x`"), 1);
    let others = ("11 more modules break this rule".to_owned(), 11);
    let mut expected = vec![imports(0), imports(1), imports(10)];
    expected.push(others);
    let mut found = shown(&rules[0]);
    found.sort_by_key(|(_, count)| *count);
    assert_eq!(found, expected);
    assert!(rules[0].violations.iter().all(|violation| violation.fails));
    assert_eq!(shown(&rules[1]), [imports(3)]);
}
