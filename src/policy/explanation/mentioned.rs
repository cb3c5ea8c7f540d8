//! The parameters, data and functions that a rule speaks of, also through functions; never their values.

use std::collections::BTreeSet;

use super::nothing;
use crate::policy::syntax::ast::{Binding, Clause, ClauseKind, Expression, ExpressionKind, File, Rule, TemplatePart};

/// The name of a parameter of the rule alone.
pub(super) fn own_param(clause: &Clause) -> Option<&str> {
    match &clause.kind {
        ClauseKind::Param(param) => Some(&param.name.text),
        _ => None,
    }
}

/// A tree of all that is mentioned and defined outside of the rule: in its package, or in one that its file uses.
pub(super) fn of(files: &[File], file: &File, rule: &Rule) -> File {
    let package = |file: &File| file.package.as_ref().map(|package| package.text.clone());
    let own = package(file);
    let is_used = |other: &File| file.uses.iter().any(|used| Some(&used.text) == package(other).as_ref());
    let visible = || files.iter().filter(|other| package(other) == own || is_used(other));
    let mut found = nothing();
    let mut pending: Vec<String> = Vec::new();
    rule.clauses.iter().for_each(|clause| in_clause(clause, &mut pending));
    let mut seen: BTreeSet<String> = rule.clauses.iter().filter_map(own_param).map(str::to_owned).collect();
    while let Some(name) = pending.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        for file in visible() {
            found.params.extend(file.params.iter().filter(|param| param.name.text == name).cloned());
            found.data.extend(file.data.iter().filter(|data| data.name.text == name).cloned());
            for function in file.functions.iter().filter(|function| function.name.text == name) {
                in_expression(&function.body, &mut pending);
                found.functions.push(function.clone());
            }
        }
    }
    found.params.sort_by(|one, two| one.name.text.cmp(&two.name.text));
    found.data.sort_by(|one, two| one.name.text.cmp(&two.name.text));
    found.functions.sort_by(|one, two| one.name.text.cmp(&two.name.text));
    found
}

fn in_clause(clause: &Clause, names: &mut Vec<String>) {
    match &clause.kind {
        ClauseKind::For(binding) => in_binding(binding, names),
        ClauseKind::ForGroups(grouping) => {
            let conditions = grouping.condition.iter().map(AsRef::as_ref);
            [&*grouping.relation, &*grouping.by].into_iter().chain(conditions).for_each(|one| in_expression(one, names));
        }
        ClauseKind::Where(condition) => in_expression(condition, names),
        ClauseKind::Require(condition, unless) | ClauseKind::Forbid(condition, unless) => {
            [condition].into_iter().chain(unless).for_each(|one| in_expression(one, names));
        }
        ClauseKind::Message(template) | ClauseKind::Help(template) => {
            for part in &template.parts {
                if let TemplatePart::Value(value) = part {
                    in_expression(value, names);
                }
            }
        }
        _ => {}
    }
}

fn in_binding(binding: &Binding, names: &mut Vec<String>) {
    in_expression(&binding.relation, names);
    binding.condition.iter().for_each(|condition| in_expression(condition, names));
}

/// Expressions nest no deeper than the parser lets them.
fn in_expression(expression: &Expression, names: &mut Vec<String>) {
    match &expression.kind {
        ExpressionKind::Name(name) => names.push(name.clone()),
        ExpressionKind::Call(name, arguments) => {
            names.push(name.text.clone());
            arguments.iter().for_each(|argument| in_expression(argument, names));
        }
        ExpressionKind::Or(all)
        | ExpressionKind::And(all)
        | ExpressionKind::Fallback(all)
        | ExpressionKind::Set(all)
        | ExpressionKind::List(all) => all.iter().for_each(|one| in_expression(one, names)),
        ExpressionKind::Not(one)
        | ExpressionKind::IsAbsent(one, _)
        | ExpressionKind::Field(one, _)
        | ExpressionKind::Count(one) => in_expression(one, names),
        ExpressionKind::Compare(left, _, right) | ExpressionKind::Index(left, right) => {
            in_expression(left, names);
            in_expression(right, names);
        }
        ExpressionKind::Any(binding, body) | ExpressionKind::All(binding, body) => {
            in_binding(binding, names);
            in_expression(body, names);
        }
        ExpressionKind::CountWhere(binding) => in_binding(binding, names),
        ExpressionKind::CountDistinct(value, binding) => {
            in_binding(binding, names);
            in_expression(value, names);
        }
        ExpressionKind::Text(_)
        | ExpressionKind::Integer(_)
        | ExpressionKind::Boolean(_)
        | ExpressionKind::Date(_)
        | ExpressionKind::Broken => {}
    }
}
