//! The engine against a search that knows no shortcuts, on graphs of chance.

use std::collections::HashSet;

use super::{
    super::super::tests::{computed, environment, inventory},
    Policy, own,
};
use crate::{
    facts::{Inventory, Module},
    policy::{
        architecture::Exempt,
        outcome::{RuleOutcome, Violation, ViolationCertainty},
    },
};

/// Numbers that look like chance and are the same in every run.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// How many imports the shortest chain from one module of a graph to a target has that passes no stop.
fn leads(edges: &[(usize, usize)], from: usize, target: impl Fn(usize) -> bool, stop: impl Fn(usize) -> bool) -> Option<usize> {
    let (mut seen, mut level) = (HashSet::new(), vec![from]);
    for length in 1.. {
        let after: Vec<usize> = edges.iter().filter(|edge| level.contains(&edge.0)).map(|edge| edge.1).collect();
        if after.iter().any(|to| *to != from && target(*to)) {
            return Some(length);
        }
        level = after.into_iter().filter(|to| *to != from && !stop(*to) && seen.insert(*to)).collect();
        if level.is_empty() {
            break;
        }
    }
    None
}

/// Modules of a graph.
pub(super) const MODULES: usize = 14;

pub(super) fn name(module: usize) -> String {
    format!("m{module}")
}

/// Modules with these imports.
pub(super) fn modules(edges: &[(usize, usize)]) -> Vec<Module> {
    let one = |at: usize| {
        let mut targets: Vec<String> = edges.iter().filter(|edge| edge.0 == at).map(|edge| name(edge.1)).collect();
        targets.sort();
        targets.dedup();
        own(&name(at), &targets.iter().map(String::as_str).collect::<Vec<_>>())
    };
    (0..MODULES).map(one).collect()
}

/// The sources of what a rule has found so surely, with the imports of each chain.
fn chains(rule: &RuleOutcome, certainty: ViolationCertainty) -> Vec<(String, usize)> {
    let source = |identity: &str| identity.split(' ').next().unwrap_or_default().to_owned();
    let chain = |violation: &Violation| (source(&violation.subject.identity), violation.evidence.len());
    let mut found: Vec<(String, usize)> =
        rule.violations.iter().filter(|violation| violation.certainty == certainty).map(chain).collect();
    found.sort();
    found
}

#[test]
fn agrees_with_a_search_for_every_rule_on_its_own() {
    for seed in 0..60 {
        let mut chance = Chance(seed);
        let edges: Vec<(usize, usize)> =
            (0..chance.below(40) + 5).map(|_| (chance.below(MODULES), chance.below(MODULES))).collect();
        let inventory = Inventory { environments: vec![environment("/usr", modules(&edges))], ..inventory() };
        let mut policy = Policy::default();
        let mut expected: Vec<Vec<(String, usize)>> = Vec::new();
        for _ in 0..700 {
            let mut some = |limit: usize| (0..chance.below(limit) + 1).map(|_| chance.below(MODULES)).collect::<Vec<_>>();
            let (from, to, via, gone) = (some(12), some(3), some(3), some(2));
            let text = |side: &[usize]| side.iter().map(|module| name(*module)).collect::<Vec<_>>().join(" ");
            let except = policy.except(&text(&gone), &text(&to));
            policy.chain(&text(&from), &text(&to), &text(&via), except);
            let left: Vec<_> =
                edges.iter().copied().filter(|(at, target)| !(gone.contains(at) && to.contains(target))).collect();
            let stop = |at| from.contains(&at) || to.contains(&at) || via.contains(&at);
            let length = |at: usize| leads(&left, at, |at| to.contains(&at), stop);
            let broken = (0..MODULES).filter(|at| from.contains(at)).filter_map(|at| Some((name(at), length(at)?)));
            let mut chains: Vec<(String, usize)> = broken.collect();
            chains.sort();
            expected.push(chains);
        }
        let outcome = policy.evaluate(&inventory);
        for (rule, expected) in outcome.evaluation.rules.iter().zip(expected) {
            let found = chains(rule, ViolationCertainty::Broken);
            assert_eq!(found.len(), rule.violations.len());
            assert_eq!(found, expected, "seed {seed}, {}: {edges:?}", rule.rule);
        }
    }
}

#[test]
fn agrees_with_a_search_on_what_may_be() {
    for seed in 0..60 {
        let mut chance = Chance(seed + 1_000);
        let edges: Vec<(usize, usize)> =
            (0..chance.below(25) + 5).map(|_| (chance.below(MODULES), chance.below(MODULES))).collect();
        // `m1` begins the names of five modules, `m2` that of one; a module of which nothing is known begins with nothing.
        let mut prefixes: [Option<&str>; MODULES] = [None; MODULES];
        for _ in 0..chance.below(3) + 1 {
            prefixes[chance.below(MODULES)] = Some(["m1", "m1", "m2", "m13", "gone", ""][chance.below(6)]);
        }
        let mut all = modules(&edges);
        let mut perhaps = edges.clone();
        for (at, prefix) in prefixes.iter().enumerate().filter_map(|(at, prefix)| Some((at, (*prefix)?))) {
            let mut source = (*computed(&name(at), prefix).source).clone();
            source.imports = all[at].source.imports.clone();
            all[at].source = source.into();
            let begins = |to: &usize| !prefix.is_empty() && name(*to).starts_with(prefix);
            perhaps.extend((0..MODULES).filter(begins).map(|to| (at, to)));
        }
        let inventory = Inventory { environments: vec![environment("/usr", all)], ..inventory() };
        let mut policy = Policy::default();
        let mut expected: Vec<[Vec<String>; 2]> = Vec::new();
        for _ in 0..600 {
            let mut some = |limit: usize| (0..chance.below(limit) + 1).map(|_| chance.below(MODULES)).collect::<Vec<_>>();
            let (from, to, via) = (some(10), some(3), some(3));
            let text = |side: &[usize]| side.iter().map(|module| name(*module)).collect::<Vec<_>>().join(" ");
            policy.chain(&text(&from), &text(&to), &text(&via), Exempt::default());
            let stop = |at| from.contains(&at) || to.contains(&at) || via.contains(&at);
            let unread = |at: usize| prefixes[at].is_some_and(|prefix| to.iter().any(|to| name(*to).starts_with(prefix)));
            let broken = |at: &usize| leads(&edges, *at, |at| to.contains(&at), stop).is_some();
            let ends = |at: usize| to.contains(&at) || !stop(at) && unread(at);
            let unsure = |at: &usize| !broken(at) && (unread(*at) || leads(&perhaps, *at, ends, stop).is_some());
            let names = |is_meant: &dyn Fn(&usize) -> bool| {
                let mut names: Vec<String> = (0..MODULES).filter(|at| from.contains(at) && is_meant(at)).map(name).collect();
                names.sort();
                names
            };
            expected.push([names(&broken), names(&unsure)]);
        }
        let outcome = policy.evaluate(&inventory);
        for (rule, expected) in outcome.evaluation.rules.iter().zip(expected) {
            let sources = |certainty| chains(rule, certainty).into_iter().map(|(source, _)| source).collect::<Vec<_>>();
            let found = [sources(ViolationCertainty::Broken), sources(ViolationCertainty::Undecided)];
            assert_eq!(found, expected, "seed {seed}, {}: {edges:?} {prefixes:?}", rule.rule);
        }
    }
}
