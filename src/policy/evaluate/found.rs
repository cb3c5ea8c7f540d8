//! What assertions over imports have found, by their numbers; never how it is found.
//!
//! Where ten thousand rules each find what a hundred thousand modules do, nobody reads it and no memory holds it. So there is a limit for
//! all findings together. What is beyond it is counted, module by module, and told as one: every rule keeps its first ones by the
//! modules' numbers, those that find little keep all, and the others equally many. Neither verdicts nor numbers depend on that.

use std::collections::{HashMap, HashSet};

use super::modules::{Modules, share};
use crate::{
    facts::{Environment, Module},
    policy::{
        compile::Plan,
        outcome::{Evidence, Subject, ViolationCertainty},
    },
};

/// Most findings of all assertions over imports together that are told one by one.
pub(super) const MOST: usize = 100_000;

/// Something that an assertion over imports forbids, or may forbid.
pub(super) struct Hit<'a> {
    pub(super) certainty: ViolationCertainty,
    pub(super) subject: Subject,
    pub(super) module: Option<(&'a Environment, &'a Module)>,
    pub(super) target: Option<String>,
    pub(super) message: String,
    pub(super) evidence: Vec<Evidence>,
    /// How many findings it is.
    pub(super) stands_for: u64,
    /// The number of the module that it is about; none where it is about something else, and always told.
    pub(super) source: Option<u32>,
}

/// Findings of one assertion that are equally certain.
type List = (usize, ViolationCertainty);

/// What is told of a list, and what is not.
#[derive(Default)]
struct Tally {
    told: usize,
    /// The highest module that is told of.
    highest: u32,
    counted: Modules,
}

/// What all assertions over imports have found.
pub(super) struct Found<'a> {
    hits: HashMap<usize, Vec<Hit<'a>>>,
    tallies: HashMap<List, Tally>,
    /// How many are told, most that may be, and most of each list as yet: the more is found, the less.
    told: usize,
    most: usize,
    each: usize,
    /// Assertions of which all is told, because more depends on each.
    whole: HashSet<usize>,
    subjects: HashMap<usize, u64>,
    /// Exceptions that matched: assertion and place.
    excepted: HashSet<(usize, usize)>,
    /// Patterns that some module matches.
    inhabited: HashSet<usize>,
    /// Patterns of contracts that no module matches: rule, assertion, and the pattern's place in it.
    strays: Vec<(usize, usize, usize)>,
}

impl<'a> Found<'a> {
    /// Nothing yet; at most so many findings are to be told.
    pub(super) fn new(most: usize, whole: HashSet<usize>) -> Self {
        Self {
            hits: HashMap::new(),
            tallies: HashMap::new(),
            told: 0,
            most,
            each: usize::MAX,
            whole,
            subjects: HashMap::new(),
            excepted: HashSet::new(),
            inhabited: HashSet::new(),
            strays: Vec::new(),
        }
    }

    /// Notes a hit of an assertion.
    pub(super) fn add(&mut self, number: usize, hit: Hit<'a>) {
        if let Some(source) = hit.source.filter(|_| !self.whole.contains(&number)) {
            let tally = self.tallies.entry((number, hit.certainty)).or_default();
            if tally.counted.has(source) {
                return;
            }
            tally.told += 1;
            tally.highest = tally.highest.max(source);
            self.told += 1;
        }
        self.hits.entry(number).or_default().push(hit);
        if self.told > self.most.saturating_mul(2) {
            self.trim();
        }
    }

    /// Notes modules that an assertion finds fault with, and that are not told.
    pub(super) fn count(&mut self, (number, certainty): List, modules: Modules) {
        self.tallies.entry((number, certainty)).or_default().counted.add(modules);
    }

    /// Whether a module's findings are not told, because enough of others are; then they are counted.
    pub(super) fn is_beyond(&mut self, list: List, source: u32) -> bool {
        let each = self.each;
        let Some(tally) = self.tallies.get_mut(&list).filter(|tally| tally.told >= each && tally.highest < source) else {
            return false;
        };
        tally.counted.insert(source);
        true
    }

    /// Most findings of each assertion that can be told as yet, and most of all together.
    pub(super) fn limits(&self) -> (usize, usize) {
        (self.each, self.most)
    }

    /// Whether all findings of an assertion are told.
    pub(super) fn is_whole(&self, number: usize) -> bool {
        self.whole.contains(&number)
    }

    /// Counts rather than tells what is beyond the limit.
    fn trim(&mut self) {
        let found = self.tallies.values().map(|tally| tally.told.saturating_add(tally.counted.len() as usize));
        self.each = self.each.min(share(found.collect(), self.most));
        for ((number, certainty), tally) in self.tallies.iter_mut().filter(|(_, tally)| tally.told > self.each) {
            let Some(hits) = self.hits.get_mut(number) else { continue };
            let is_meant = |hit: &Hit<'_>| hit.certainty == *certainty && hit.source.is_some();
            let mut sources: Vec<u32> = hits.iter().filter(|hit| is_meant(hit)).filter_map(|hit| hit.source).collect();
            sources.sort_unstable();
            // All of a module or nothing: what is counted are modules.
            let Some(last) = sources.get(self.each - 1).copied() else { continue };
            hits.retain(|hit| {
                let is_beyond = is_meant(hit) && hit.source > Some(last);
                hit.source.filter(|_| is_beyond).into_iter().for_each(|source| tally.counted.insert(source));
                !is_beyond
            });
            let kept = sources.partition_point(|source| *source <= last);
            self.told -= tally.told - kept;
            (tally.told, tally.highest) = (kept, last);
        }
    }

    /// Keeps to the limit; nothing is found any more.
    pub(super) fn finish(&mut self) {
        if self.told > self.most {
            self.trim();
        }
        for ((number, certainty), tally) in &self.tallies {
            // A module of several environments may have been told of one, and counted in another.
            let is_counted =
                |hit: &Hit<'_>| hit.certainty == *certainty && hit.source.is_some_and(|source| tally.counted.has(source));
            self.hits.get_mut(number).into_iter().for_each(|hits| hits.retain(|hit| !is_counted(hit)));
        }
    }

    /// What stands for the modules that are not told one by one.
    fn others(&self, number: usize, certainty: ViolationCertainty) -> Option<Hit<'a>> {
        let count = self.tallies.get(&(number, certainty))?.counted.len();
        let (does, others) = match (certainty, count) {
            (_, 0) => return None,
            (ViolationCertainty::Broken, 1) => ("breaks", "others that break it"),
            (ViolationCertainty::Broken, _) => ("break", "others that break it"),
            (ViolationCertainty::Undecided, _) => ("may break", "others that may break it"),
        };
        let modules = if count == 1 { "module" } else { "modules" };
        let most = self.most;
        let text =
            format!("all rules over imports together found more than {most}: what is beyond that is counted, not listed");
        Some(Hit {
            certainty,
            subject: Subject::new("module", others),
            module: None,
            target: None,
            message: format!("{count} more {modules} {does} this rule"),
            evidence: vec![Evidence { text, path: None, line: None, layer: None }],
            stands_for: count,
            source: None,
        })
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
        let mut hits = self.hits.remove(&number).unwrap_or_default();
        let certainties = [ViolationCertainty::Broken, ViolationCertainty::Undecided];
        hits.extend(certainties.into_iter().filter_map(|certainty| self.others(number, certainty)));
        hits
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
