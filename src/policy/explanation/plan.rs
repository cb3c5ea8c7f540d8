//! How a rule is decided: what is ranged over, by which patterns, and what that costs; never a measurement.

use std::collections::BTreeSet;

use crate::policy::{
    check::resolved::{Assertion, AssertionKind, Resolved, Rule, Segment},
    syntax::ast::{self, ClauseKind, Expression, ExpressionKind, OnUnknown},
};

/// A line for each thing.
pub(super) fn plan(rule: &Rule, written: &ast::Rule, resolved: &Resolved) -> Vec<String> {
    let mut lines = Vec::new();
    let relations: Vec<String> = written.clauses.iter().filter_map(ranged_over).collect();
    let is_over_modules = |kind: &AssertionKind| kind.is_over_imports() || matches!(kind, AssertionKind::Structure(_));
    let by_itself = rule.assertions.iter().any(|assertion| is_over_modules(&assertion.kind));
    if !relations.is_empty() {
        let product = relations.join(" × ");
        lines.push(format!("ranges over {product}: each element is looked at once"));
    } else if !by_itself {
        lines.push("judges the target as a whole, once".to_owned());
    }
    if !rule.premises.is_empty() {
        lines.push(format!("{} decided once, before anything is ranged over", counted(rule.premises.len(), "condition")));
    }
    let costs: BTreeSet<&str> = rule.assertions.iter().filter_map(|assertion| cost(&assertion.kind)).collect();
    lines.extend(costs.into_iter().map(str::to_owned));
    let patterns: BTreeSet<String> = rule.assertions.iter().flat_map(|assertion| sides(&assertion.kind, resolved)).collect();
    if !patterns.is_empty() {
        let patterns: Vec<String> = patterns.into_iter().map(|pattern| format!("`{pattern}`")).collect();
        let all = resolved.patterns.len();
        lines.push(format!("{} in one automaton with all {all} of the run", patterns.join(", ")));
    }
    let needs_image = rule.needs_image || rule.assertions.iter().any(|assertion| assertion.needs_image);
    if needs_image {
        lines.push("clauses that speak of `image` judge nothing where the target has no image configuration".to_owned());
    }
    if relations.iter().any(|relation| relation == "files") {
        lines.push("makes the scan list every file".to_owned());
    }
    lines.push(undecided(rule));
    lines
}

fn ranged_over(clause: &ast::Clause) -> Option<String> {
    match &clause.kind {
        ClauseKind::For(binding) => Some(relation(&binding.relation)),
        ClauseKind::ForGroups(grouping) => Some(format!("the groups of {}", relation(&grouping.relation))),
        _ => None,
    }
}

fn relation(relation: &Expression) -> String {
    match &relation.kind {
        ExpressionKind::Name(name) => name.clone(),
        ExpressionKind::Field(of, field) => format!("{}.{}", self::relation(of), field.text),
        _ => "a list".to_owned(),
    }
}

fn cost(kind: &AssertionKind) -> Option<&'static str> {
    Some(match kind {
        AssertionKind::Ban(_) => "direct imports: all bans of the run in one walk over the imports; O(imports + candidates)",
        AssertionKind::Chain(_) | AssertionKind::Layers(_) | AssertionKind::Independent(_) => {
            "chains of imports: the graph is condensed once, and a bit for each rule propagated; O((modules + imports) × rules / 64)"
        }
        AssertionKind::Acyclic(_) => "cycles of imports: strongly connected components of what matches; O(modules + imports)",
        AssertionKind::Structure(_) => {
            "structure: each module that matches, its names looked up; O(matching modules × members)"
        }
        AssertionKind::Require(_) | AssertionKind::Forbid(_) => return None,
    })
}

/// The module patterns of an assertion as they are written.
fn sides(kind: &AssertionKind, resolved: &Resolved) -> Vec<String> {
    let to = match kind {
        AssertionKind::Ban(ban) => Some(&ban.to),
        AssertionKind::Chain(chain) => Some(&chain.to),
        _ => None,
    };
    let exceptions = kind.exceptions().iter().flat_map(|(from, to, _)| [from, to]);
    let sides = kind.judged().into_iter().chain(to).chain(exceptions);
    let patterns = sides.flat_map(|side| &side.patterns).filter_map(|number| resolved.patterns.get(*number));
    patterns.map(|pattern| pattern.segments.iter().map(segment).collect::<Vec<_>>().join(".")).collect()
}

fn segment(segment: &Segment) -> String {
    match segment {
        Segment::Name(name) => name.clone(),
        Segment::Like(parts) => parts.join("*"),
        Segment::Rest => "**".to_owned(),
    }
}

fn undecided(rule: &Rule) -> String {
    match rule.on_unknown {
        Some(OnUnknown::Fail) => "what is not to be settled fails (`on unknown fail`)",
        Some(OnUnknown::Warn) => "what is not to be settled is shown, and does not fail (`on unknown warn`)",
        Some(OnUnknown::Pass) => "what is not to be settled passes (`on unknown pass`)",
        None => {
            let asks =
                |assertion: &Assertion| matches!(assertion.kind, AssertionKind::Require(_) | AssertionKind::Structure(_));
            match (rule.assertions.iter().any(asks), rule.assertions.iter().all(asks)) {
                (_, true) => "what is not to be settled fails",
                (false, _) => "what is not to be settled is shown, and does not fail",
                (true, false) => {
                    "what is not to be settled fails what must hold; where something is forbidden it is only shown"
                }
            }
        }
    }
    .to_owned()
}

fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun} is") } else { format!("{number} {noun}s are") }
}
