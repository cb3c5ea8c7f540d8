//! What a rule came to in a test, and what it judged; never what was expected of it.

use std::collections::BTreeSet;

use super::pattern::{concerns, names};
use crate::{
    diagnostic::Diagnostic,
    facts::{
        Inventory,
        schema::{GLOBALS, Record, Scalar, Type, Value, fields},
    },
    policy::{
        check::resolved::Rule,
        evaluate::subject::subject,
        outcome::{RuleOutcome, Subject, Violation, ViolationCertainty},
    },
};

/// What a rule came to: the worst of its verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    Fails,
    Unknown,
    Waived,
    Passes,
    Vacuous,
}

impl Came {
    /// Of these violations of a rule that judged so many subjects.
    pub(super) fn of(violations: &[&Violation], subjects: u64) -> Self {
        let counts = |violation: &&&Violation| violation.waived.is_none();
        let some = |certainty| violations.iter().filter(counts).any(|violation| violation.certainty == certainty);
        if some(ViolationCertainty::Broken) {
            Self::Fails
        } else if some(ViolationCertainty::Undecided) {
            Self::Unknown
        } else if !violations.is_empty() {
            Self::Waived
        } else if subjects == 0 {
            Self::Vacuous
        } else {
            Self::Passes
        }
    }

    /// Whether a violation is one that makes it so.
    pub(super) fn is_of(self, violation: &Violation) -> bool {
        match self {
            Self::Fails => violation.waived.is_none() && violation.certainty == ViolationCertainty::Broken,
            Self::Unknown => violation.waived.is_none() && violation.certainty == ViolationCertainty::Undecided,
            Self::Waived => violation.waived.is_some(),
            Self::Passes | Self::Vacuous => false,
        }
    }

    /// What the rule does.
    pub(super) fn verb(self) -> &'static str {
        match self {
            Self::Fails => "fails",
            Self::Unknown => "is left open",
            Self::Waived => "is waived",
            Self::Passes => "passes",
            Self::Vacuous => "finds nothing to judge",
        }
    }
}

/// A rule after it was evaluated.
pub(super) struct Judged<'a> {
    pub(super) outcome: &'a RuleOutcome,
    pub(super) rule: &'a Rule,
    pub(super) inventory: &'a Inventory,
}

impl Judged<'_> {
    /// Whether anything goes by a name: a subject of the rule, or something that is given.
    pub(super) fn knows(&self, place: &str) -> bool {
        // A group goes by what its elements have in common, which is no fact.
        let groups = self.rule.loops.iter().any(|binding| binding.grouping.is_some());
        groups || subjects(self.inventory).iter().any(|subject| concerns(place, subject))
    }

    /// All that something given goes by.
    pub(super) fn names(&self) -> BTreeSet<String> {
        subjects(self.inventory).iter().flat_map(names).map(str::to_owned).collect()
    }

    /// Points to the clauses that are broken or left open; where there are none, to those that were kept.
    pub(super) fn clauses(&self, mut diagnostic: Diagnostic, violations: &[&Violation], place: &str) -> Diagnostic {
        let judged = match self.outcome.subjects {
            0 => "judges nothing".to_owned(),
            1 => "holds for 1 subject".to_owned(),
            more => format!("holds for {more} subjects"),
        };
        for assertion in &self.rule.assertions {
            let of_it: Vec<_> = violations.iter().filter(|violation| violation.clause == assertion.place).collect();
            let label = match of_it.as_slice() {
                [] if violations.is_empty() => judged.clone(),
                [] => continue,
                [first, ..] if first.waived.is_some() => format!("waived{place}"),
                [first, ..] if first.certainty == ViolationCertainty::Undecided => format!("left open{place}"),
                _ => format!("broken{place}"),
            };
            let mut span = assertion.span.clone();
            // The first line stands for the whole clause.
            let text = span.source.text.get(span.start..span.end).unwrap_or_default();
            span.end = span.start + text.lines().next().map_or(0, |line| line.trim_end().len());
            diagnostic = diagnostic.context(span, label);
        }
        diagnostic
    }
}

/// Every record of an inventory as a subject.
fn subjects(inventory: &Inventory) -> Vec<Subject> {
    let mut found = Vec::new();
    for global in GLOBALS {
        // What is in an environment is met there.
        if !matches!(global.name, "distributions" | "modules" | "imports") {
            add((global.get)(inventory), &mut found);
        }
    }
    found
}

fn add(value: Value<'_>, found: &mut Vec<Subject>) {
    match value {
        Value::Record(record) => record_and_parts(record, found),
        Value::List(items, _) => items.into_iter().for_each(|item| add(item, found)),
        _ => {}
    }
}

/// A record and what belongs to it; recursion ends, for what belongs to something is never what it belongs to.
fn record_and_parts(record: Record<'_>, found: &mut Vec<Subject>) {
    found.push(subject(record));
    for field in fields(record.kind()) {
        let is_record = matches!(field.ty.ty, Type::One(Scalar::Record(_)) | Type::List(Scalar::Record(_)));
        if is_record && !matches!((field.name, record), ("environment" | "module", _) | ("distributions", Record::Import(..))) {
            add((field.get)(record), found);
        }
    }
}
