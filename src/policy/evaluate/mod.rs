//! Plans over an inventory to verdicts; never text or names, and never an error.

mod alternatives;
mod ban;
mod beyond;
mod comparison;
mod explain;
mod expression;
mod found;
mod graph;
mod groups;
mod imports;
mod modules;
mod nodes;
mod rule;
#[cfg(test)]
mod soundness;
mod structure;
pub(crate) mod subject;
#[cfg(test)]
pub(super) mod tests;
mod trace;
mod truth;
mod value;
mod waiver;

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

pub(crate) use trace::Trace;

/// What a run yields: verdicts, and which exceptions of assertions over imports matched nothing (rule, assertion, exception).
pub(crate) struct Outcome {
    pub(crate) evaluation: Evaluation,
    pub(crate) unmatched: Vec<(usize, usize, usize)>,
    /// Patterns of judged modules that are no module, while others of the same assertion are (rule, assertion, pattern).
    pub(crate) uninhabited: Vec<(usize, usize, usize)>,
    /// Exceptions that matched something (rule, assertion, exception).
    pub(crate) excepted: Vec<(usize, usize, usize)>,
}

/// Evaluates every rule.
pub(crate) fn evaluate(plan: &Plan, inventory: &Inventory, today: Date) -> Outcome {
    outcome(&World {
        inventory,
        plan,
        today,
        matcher: RefCell::new(Matcher::new(&plan.automaton)),
        trace: None,
        namespaces: OnceCell::new(),
        most_told: found::MOST,
    })
}

/// The same, with at most so many findings over imports told one by one.
#[cfg(test)]
fn evaluate_within(plan: &Plan, inventory: &Inventory, today: Date, most_told: usize) -> Outcome {
    let matcher = RefCell::new(Matcher::new(&plan.automaton));
    outcome(&World { inventory, plan, today, matcher, trace: None, namespaces: OnceCell::new(), most_told })
}

/// The same, with what every condition came to on the way.
pub(crate) fn evaluate_traced(plan: &Plan, inventory: &Inventory, today: Date) -> (Outcome, Trace) {
    let matcher = RefCell::new(Matcher::new(&plan.automaton));
    let (trace, namespaces) = (Some(RefCell::default()), OnceCell::new());
    let world = World { inventory, plan, today, matcher, trace, namespaces, most_told: found::MOST };
    let outcome = outcome(&world);
    (outcome, world.trace.map(RefCell::into_inner).unwrap_or_default())
}

fn outcome(world: &World<'_>) -> Outcome {
    let plan = world.plan;
    let mut found = world.imports();
    let mut rules = Vec::new();
    for (index, rule) in plan.rules.iter().enumerate() {
        let (subjects, mut violations) = world.rule(index, rule, &mut found);
        name_undecided(rule, &mut violations);
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
    alternatives::choose(&plan.rules, &mut rules);
    let waivers = world.waivers(&mut rules);
    Outcome {
        evaluation: Evaluation { rules, waivers },
        unmatched: found.unmatched(plan),
        uninhabited: found.uninhabited(plan),
        excepted: found.excepted(plan),
    }
}

/// What a rule's author calls a mistake that is not certain, where that has a name of its own.
fn name_undecided(rule: &Rule, violations: &mut [Violation]) {
    for violation in violations.iter_mut().filter(|violation| violation.certainty == ViolationCertainty::Undecided) {
        let named = rule.assertions.iter().filter_map(|assertion| assertion.code.as_ref());
        let mut unknown = named.filter(|codes| {
            let code = violation.code.as_ref();
            code == Some(&codes.missing) || code == codes.different.as_ref()
        });
        if let Some(code) = unknown.find_map(|codes| codes.unknown.as_ref()) {
            violation.code = Some(code.clone());
        }
    }
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
        code: assertion.code.as_ref().map(|codes| codes.missing.clone()),
        waived: None,
        stands_for: 1,
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
