//! What a rule came to in a test, and what it judged; never what was expected of it.

use std::collections::BTreeSet;

use super::pattern::{concerns, names};
use crate::{
    diagnostic::{Diagnostic, Span},
    facts::{
        Inventory,
        schema::{GLOBALS, Record, Scalar, Type, Value, fields},
    },
    policy::{
        check::resolved::{Assertion, Rule},
        evaluate::subject::subject,
        outcome::{ClausePlace, RuleOutcome, Subject, Violation, ViolationCertainty},
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

    /// Points to the clauses that are broken or left open; where there are none, to all, which were kept.
    pub(super) fn clauses(&self, mut diagnostic: Diagnostic, violations: &[&Violation], place: &str) -> Diagnostic {
        let judged = match self.outcome.subjects {
            0 => "judges nothing".to_owned(),
            1 => "holds for 1 subject".to_owned(),
            more => format!("holds for {more} subjects"),
        };
        if violations.is_empty() {
            for assertion in &self.rule.assertions {
                diagnostic = diagnostic.context(first_line(assertion.span.clone()), judged.as_str());
            }
        }
        let mut told: Vec<&ClausePlace> = Vec::new();
        for violation in violations {
            let clause = &violation.clause;
            let assertion = self.rule.assertions.iter().find(|assertion| holds(assertion, clause));
            let Some(assertion) = assertion.filter(|_| !told.contains(&clause)) else { continue };
            told.push(clause);
            let word = match (&violation.waived, violation.certainty) {
                (Some(_), _) => "waived",
                (None, ViolationCertainty::Undecided) => "left open",
                (None, ViolationCertainty::Broken) => "broken",
            };
            diagnostic = diagnostic.context(span(clause, &assertion.span), format!("{word}{place}"));
        }
        diagnostic
    }
}

/// Whether a place in a policy lies in an assertion: a contract's members have places of their own.
pub(super) fn holds(assertion: &Assertion, clause: &ClausePlace) -> bool {
    let (start, text) = (&assertion.place, &assertion.span.source.text);
    let lines = text.get(assertion.span.start..assertion.span.end).map_or(1, |text| text.lines().count().max(1));
    let last = start.line.saturating_add(u32::try_from(lines - 1).unwrap_or(u32::MAX));
    clause.file == start.file
        && (start.line, start.column) <= (clause.line, clause.column)
        && clause.line <= last
        && (clause.line > start.line || clause.column < start.column.saturating_add(start.width.max(1)))
}

/// The first line of a place, which stands for all of it.
fn first_line(mut span: Span) -> Span {
    let text = span.source.text.get(span.start..span.end).unwrap_or_default();
    span.end = span.start + text.lines().next().map_or(0, |line| line.trim_end().len());
    span
}

/// A place in a policy as bytes of its text, which `beside` has too.
fn span(clause: &ClausePlace, beside: &Span) -> Span {
    let text = &beside.source.text;
    let line = text.split_inclusive('\n').nth(clause.line.saturating_sub(1) as usize).unwrap_or_default();
    let before: usize = text.split_inclusive('\n').take(clause.line.saturating_sub(1) as usize).map(str::len).sum();
    let bytes = |characters: u32| line.chars().take(characters as usize).map(char::len_utf8).sum::<usize>();
    let (start, end) = (clause.column.saturating_sub(1), clause.column.saturating_sub(1).saturating_add(clause.width));
    Span { source: std::sync::Arc::clone(&beside.source), start: before + bytes(start), end: before + bytes(end) }
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
        if is_record
            && !matches!(
                (field.name, record),
                ("environment" | "module", _)
                    | ("distributions", Record::Import(..))
                    | ("distribution", Record::InstalledFile(..))
            )
        {
            add((field.get)(record), found);
        }
    }
}
