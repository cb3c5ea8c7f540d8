//! Plans over an inventory to verdicts; never text or names, and never an error.

mod ban;
mod comparison;
mod explain;
mod expression;
mod groups;
mod rule;
#[cfg(test)]
mod soundness;
mod structure;
mod subject;
#[cfg(test)]
mod tests;
mod truth;
mod value;

use std::cell::{OnceCell, RefCell};

use jiff::civil::Date;

use self::expression::World;
use super::{
    check::resolved::{Assertion, Part, Rule},
    compile::{Plan, automaton::Matcher},
    outcome::{Evaluation, Evidence, RuleOutcome, Subject, Violation, ViolationCertainty},
    syntax::ast::OnUnknown,
};
use crate::facts::Inventory;

/// What a run yields: verdicts, and which exceptions of import bans matched nothing (rule, assertion, exception).
pub(crate) struct Outcome {
    pub(crate) evaluation: Evaluation,
    pub(crate) unmatched: Vec<(usize, usize, usize)>,
    /// Patterns of importers that are no module, while others of the same ban are (rule, assertion, pattern).
    pub(crate) uninhabited: Vec<(usize, usize, usize)>,
}

/// Evaluates every rule.
pub(crate) fn evaluate(plan: &Plan, inventory: &Inventory, today: Date) -> Outcome {
    let world =
        World { inventory, plan, today, matcher: RefCell::new(Matcher::new(&plan.automaton)), namespaces: OnceCell::new() };
    let mut found = world.bans();
    let mut rules = Vec::new();
    for (index, rule) in plan.rules.iter().enumerate() {
        let (subjects, violations) = world.rule(index, rule, &mut found);
        rules.push(RuleOutcome {
            rule: rule.identity.clone(),
            name: rule.name.clone(),
            severity: rule.severity,
            title: rule.title.clone(),
            documentation: rule.documentation.clone(),
            metadata: rule.metadata.clone(),
            subjects,
            violations: sorted(violations),
        });
    }
    Outcome { evaluation: Evaluation { rules }, unmatched: found.unmatched(plan), uninhabited: found.uninhabited(plan) }
}

/// In a stable order; of several verdicts on one subject by one clause (a module in two environments) the worst.
fn sorted(mut violations: Vec<Violation>) -> Vec<Violation> {
    let key = |violation: &Violation| (violation.subject.clone(), violation.clause.clone());
    violations.sort_by_cached_key(|violation| (key(violation), violation.certainty, violation.message.clone()));
    violations.dedup_by(|later, earlier| later.subject == earlier.subject && later.clause == earlier.clause);
    violations
}

/// An unknown verdict, unless the rule says that it passes.
fn undecided(rule: &Rule, by_default: bool, violation: Violation) -> Option<Violation> {
    let fails = match rule.on_unknown {
        Some(OnUnknown::Pass) => return None,
        Some(OnUnknown::Warn) => false,
        Some(OnUnknown::Fail) => true,
        None => by_default,
    };
    Some(Violation { certainty: ViolationCertainty::Undecided, fails, ..violation })
}

/// A violation of an assertion, as yet certain.
fn violation(
    assertion: &Assertion,
    subject: Subject,
    message: String,
    help: Option<String>,
    evidence: Vec<Evidence>,
) -> Violation {
    Violation {
        certainty: ViolationCertainty::Broken,
        fails: true,
        subject,
        message,
        help,
        evidence,
        clause: assertion.place.clone(),
        code: assertion.code.clone(),
    }
}

impl<'a> World<'a> {
    /// A message with its values.
    fn render(&self, parts: &'a [Part], frame: &mut expression::Frame<'a>) -> String {
        parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Value(node) => self.value(node, frame).shown(),
            })
            .collect()
    }
}
