//! What assertions over imports have found, by their numbers; never how it is found.

use std::collections::{HashMap, HashSet};

use crate::{
    facts::{Environment, Module},
    policy::{
        compile::Plan,
        outcome::{Evidence, Subject, ViolationCertainty},
    },
};

/// Something that an assertion over imports forbids, or may forbid.
pub(super) struct Hit<'a> {
    pub(super) certainty: ViolationCertainty,
    pub(super) subject: Subject,
    pub(super) module: Option<(&'a Environment, &'a Module)>,
    pub(super) target: Option<String>,
    pub(super) message: String,
    pub(super) evidence: Vec<Evidence>,
}

/// What all assertions over imports have found.
#[derive(Default)]
pub(super) struct Found<'a> {
    hits: HashMap<usize, Vec<Hit<'a>>>,
    subjects: HashMap<usize, u64>,
    /// Exceptions that matched: assertion and place.
    excepted: HashSet<(usize, usize)>,
    /// Patterns that some module matches.
    inhabited: HashSet<usize>,
    /// Patterns of contracts that no module matches: rule, assertion, and the pattern's place in it.
    strays: Vec<(usize, usize, usize)>,
}

impl<'a> Found<'a> {
    /// Notes a hit of an assertion.
    pub(super) fn add(&mut self, number: usize, hit: Hit<'a>) {
        self.hits.entry(number).or_default().push(hit);
    }

    /// Notes that an assertion judges so many more.
    pub(super) fn judge(&mut self, number: usize, count: u64) {
        if count > 0 {
            *self.subjects.entry(number).or_default() += count;
        }
    }

    /// Notes that an exception of an assertion matched an import.
    pub(super) fn except(&mut self, number: usize, exception: usize) {
        self.excepted.insert((number, exception));
    }

    /// Notes a pattern that a module matches.
    pub(super) fn inhabit(&mut self, pattern: usize) {
        self.inhabited.insert(pattern);
    }

    /// Notes a pattern of a contract that no module matches, while others of it do.
    pub(super) fn stray(&mut self, rule: usize, assertion: usize, place: usize) {
        self.strays.push((rule, assertion, place));
    }

    /// How many subjects an assertion judged.
    pub(super) fn subjects(&self, number: usize) -> u64 {
        self.subjects.get(&number).copied().unwrap_or(0)
    }

    /// What an assertion has found.
    pub(super) fn take(&mut self, number: usize) -> Vec<Hit<'a>> {
        self.hits.remove(&number).unwrap_or_default()
    }

    /// Patterns that an assertion judges beside others, and that are no module: its rule and place, and the pattern's in it.
    pub(super) fn uninhabited(&self, plan: &Plan) -> Vec<(usize, usize, usize)> {
        let mut uninhabited = self.strays.clone();
        for (number, (rule, assertion)) in plan.imports.iter().enumerate() {
            // An assertion that judges nothing at all is vacuous, and that is told already.
            let judged = plan.over_imports(number).filter(|_| self.subjects(number) > 0).and_then(|kind| kind.judged());
            let Some(judged) = judged else { continue };
            let missing = judged.patterns.iter().enumerate().filter(|(_, pattern)| !self.inhabited.contains(pattern));
            uninhabited.extend(missing.map(|(place, _)| (*rule, *assertion, place)));
        }
        uninhabited
    }

    /// Exceptions that matched an import: their rule and assertion, and their place in it.
    pub(super) fn excepted(&self, plan: &Plan) -> Vec<(usize, usize, usize)> {
        let place = |number: usize| plan.imports.get(number).copied();
        let excepted = self.excepted.iter();
        let excepted = excepted.filter_map(|(number, at)| place(*number).map(|(rule, assertion)| (rule, assertion, *at)));
        let mut excepted: Vec<_> = excepted.collect();
        excepted.sort_unstable();
        excepted
    }

    /// Exceptions that matched nothing, and may be mistyped: those that name classes alone cannot.
    pub(super) fn unmatched(&self, plan: &Plan) -> Vec<(usize, usize, usize)> {
        let mut unmatched = Vec::new();
        for (number, (rule, assertion)) in plan.imports.iter().enumerate() {
            let exceptions = plan.over_imports(number).map_or(&[][..], |kind| kind.exceptions());
            let named = exceptions.iter().enumerate().filter(|(_, (from, to, _))| !(from.is_classes() && to.is_classes()));
            let missing = named.filter(|(exception, _)| !self.excepted.contains(&(number, *exception)));
            unmatched.extend(missing.map(|(exception, _)| (*rule, *assertion, exception)));
        }
        unmatched
    }
}
