//! Which rules tests have seen broken and kept, and which of their clauses ever decided anything; never a verdict.
//!
//! Only a test that expects something of a rule covers it: that others happened to evaluate it too shows nothing.

use std::collections::BTreeMap;

use super::verdict::holds;

use crate::{
    diagnostic::{LineIndex, Span},
    facts::Inventory,
    policy::{
        check::resolved::{Assertion, AssertionKind, DecidedBy, Node, Rule},
        compile::Plan,
        evaluate::{Outcome, Trace},
        outcome::{RuleOutcome, ViolationCertainty},
    },
};

/// What the tests of a run have seen of its rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Sorted by rule.
    pub rules: Vec<RuleCoverage>,
}

/// What tests have seen of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCoverage {
    /// Package and name.
    pub rule: String,
    /// Whether some test saw it broken.
    pub fails: bool,
    /// Whether some test saw it kept, with something to judge.
    pub passes: bool,
    /// Whether some test saw it left open.
    pub unknown: bool,
    /// Its clauses, in order.
    pub clauses: Vec<ClauseCoverage>,
}

/// What tests have seen of a clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClauseCoverage {
    /// What it is.
    pub kind: ClauseKind,
    /// As written, on one line.
    pub text: String,
    /// The file.
    pub file: String,
    /// 1-based line.
    pub line: u32,
    /// Whether it held, or (of an exception) let something be.
    pub held: bool,
    /// Whether it did not hold; of an exception always true, for that is nothing to test.
    pub refuted: bool,
}

/// What a clause is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClauseKind {
    /// `require`, `forbid` or another that must hold.
    Assertion,
    /// `where`.
    Condition,
    /// `unless`, `except`.
    Exception,
}

impl Coverage {
    /// Outcomes of clauses that were seen, and how many there are: two of each, of an exception one.
    pub fn outcomes(&self) -> (usize, usize) {
        let clauses = || self.rules.iter().flat_map(|rule| &rule.clauses);
        (clauses().map(ClauseCoverage::seen).sum(), clauses().map(ClauseCoverage::all).sum())
    }

    /// Seen outcomes of a hundred; all where there are none.
    pub fn percent(&self) -> usize {
        let (seen, all) = self.outcomes();
        (seen * 100).checked_div(all).unwrap_or(100)
    }
}

impl RuleCoverage {
    /// Whether the rule was seen both broken and kept.
    pub fn is_whole(&self) -> bool {
        self.fails && self.passes
    }
}

impl ClauseCoverage {
    fn seen(&self) -> usize {
        match self.kind {
            ClauseKind::Exception => usize::from(self.held),
            ClauseKind::Assertion | ClauseKind::Condition => usize::from(self.held) + usize::from(self.refuted),
        }
    }

    fn all(&self) -> usize {
        if self.kind == ClauseKind::Exception { 1 } else { 2 }
    }

    /// What no test has shown, as a person would say it; nothing where all was shown.
    pub fn missing(&self) -> Option<&'static str> {
        Some(match (self.kind, self.held, self.refuted) {
            (_, true, true) => return None,
            (ClauseKind::Exception, false, _) => "never excepts anything",
            (ClauseKind::Exception, true, _) => return None,
            (ClauseKind::Assertion, false, false) => "never decides anything",
            (ClauseKind::Assertion, true, false) => "is never broken",
            (ClauseKind::Assertion, false, true) => "is never kept",
            (ClauseKind::Condition, false, false) => "never decides anything",
            (ClauseKind::Condition, true, false) => "is never false",
            (ClauseKind::Condition, false, true) => "is never true",
        })
    }
}

/// Counts what tests see.
pub(super) struct Counter {
    rules: BTreeMap<String, RuleCoverage>,
}

impl Counter {
    /// Nothing seen yet of the rules that are asked about.
    pub(super) fn new<'a>(rules: impl Iterator<Item = &'a Rule>) -> Self {
        let empty = |rule: &Rule| RuleCoverage {
            rule: rule.identity.clone(),
            fails: false,
            passes: false,
            unknown: false,
            clauses: parts(rule).iter().map(Part::unseen).collect(),
        };
        Self { rules: rules.map(|rule| (rule.identity.clone(), empty(rule))).collect() }
    }

    /// Takes in what a test that expects something of a rule saw of it.
    pub(super) fn see(&mut self, (plan, number): (&Plan, usize), (outcome, trace): (&Outcome, &Trace), inventory: &Inventory) {
        let Some((rule, came)) = plan.rules.get(number).zip(outcome.evaluation.rules.get(number)) else { return };
        let Some(covered) = self.rules.get_mut(&rule.identity) else { return };
        let some = |certainty| came.violations.iter().any(|violation| violation.certainty == certainty);
        covered.fails |= some(ViolationCertainty::Broken);
        covered.unknown |= some(ViolationCertainty::Undecided);
        covered.passes |= came.subjects > 0 && came.violations.is_empty();
        for (part, clause) in parts(rule).iter().zip(&mut covered.clauses) {
            let (held, refuted) = match part.what {
                What::Assertion(at) => rule.assertions.get(at).map(|one| assertion(one, came, inventory)).unwrap_or_default(),
                What::Decision(by) => decision(rule, by, trace),
                What::Exception(at, exception) => (outcome.excepted.contains(&(number, at, exception)), true),
            };
            clause.held |= held;
            clause.refuted |= refuted;
        }
    }

    pub(super) fn finish(self) -> Coverage {
        Coverage { rules: self.rules.into_values().collect() }
    }
}

/// A clause, or a part of one, that decides.
struct Part<'a> {
    what: What,
    span: &'a Span,
}

#[derive(Clone, Copy)]
enum What {
    Assertion(usize),
    Decision(DecidedBy),
    Exception(usize, usize),
}

impl Part<'_> {
    fn unseen(&self) -> ClauseCoverage {
        let source = &self.span.source;
        let text = source.text.get(self.span.start..self.span.end).unwrap_or_default();
        let kind = match self.what {
            What::Assertion(_) => ClauseKind::Assertion,
            What::Decision(DecidedBy::Unless(_)) | What::Exception(..) => ClauseKind::Exception,
            What::Decision(_) => ClauseKind::Condition,
        };
        ClauseCoverage {
            kind,
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
            file: source.name.clone(),
            line: LineIndex::new(&source.text).line_column(&source.text, self.span.start).line,
            held: false,
            refuted: false,
        }
    }
}

/// The parts of a rule that decide, in order.
fn parts(rule: &Rule) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> =
        rule.decisions.iter().map(|decision| Part { what: What::Decision(decision.by), span: &decision.span }).collect();
    for (at, assertion) in rule.assertions.iter().enumerate() {
        parts.push(Part { what: What::Assertion(at), span: &assertion.span });
        let exceptions = assertion.kind.exceptions().iter().enumerate();
        parts.extend(exceptions.map(|(exception, (_, _, span))| Part { what: What::Exception(at, exception), span }));
    }
    parts.sort_by_key(|part| part.span.start);
    parts
}

/// Whether an assertion was kept by some subject, and broken by some.
fn assertion(assertion: &Assertion, came: &RuleOutcome, inventory: &Inventory) -> (bool, bool) {
    if assertion.needs_image && inventory.image.is_none() {
        return (false, false);
    }
    let of_it = || came.violations.iter().filter(|violation| holds(assertion, &violation.clause));
    let broken = of_it().any(|violation| violation.certainty == ViolationCertainty::Broken);
    (came.subjects > of_it().count() as u64, broken)
}

/// What a condition came to.
fn decision(rule: &Rule, by: DecidedBy, trace: &Trace) -> (bool, bool) {
    let seen = |node: Option<&Node>| node.map(|node| trace.of(node)).unwrap_or_default();
    match by {
        DecidedBy::Loop(at) => {
            let seen = seen(rule.loops.get(at).and_then(|binding| binding.condition.as_ref()));
            (seen.held, seen.refuted)
        }
        DecidedBy::Premise(at) => {
            let seen = seen(rule.premises.get(at));
            (seen.held, seen.refuted)
        }
        DecidedBy::Condition(at) => {
            let seen = seen(rule.conditions.get(at));
            (seen.held, seen.refuted)
        }
        // `require c unless u` is `c or u`, `forbid c unless u` is `c and not u`; the last is asked only where it matters.
        DecidedBy::Unless(at) => match rule.assertions.get(at).map(|assertion| &assertion.kind) {
            Some(AssertionKind::Require(Node::Or(operands))) => (seen(operands.last()).held, true),
            Some(AssertionKind::Forbid(Node::And(operands))) => (seen(operands.last()).refuted, true),
            _ => (false, true),
        },
    }
}
