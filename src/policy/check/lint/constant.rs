//! Conditions that are always true or always false, whatever a run finds; never what parameters make so: they vary.

use super::Linting;
use crate::policy::syntax::ast::{Binding, ClauseKind, Expression, ExpressionKind, Operator, Rule};

impl Linting<'_> {
    /// The conditions of a rule.
    pub(super) fn constants(&mut self, rule: &Rule) {
        for clause in &rule.clauses {
            match &clause.kind {
                ClauseKind::For(binding) => self.in_binding(binding),
                ClauseKind::ForGroups(grouping) => grouping.condition.iter().for_each(|condition| self.constant(condition)),
                ClauseKind::Where(condition) => self.constant(condition),
                ClauseKind::Require(condition, unless) | ClauseKind::Forbid(condition, unless) => {
                    self.constant(condition);
                    unless.iter().for_each(|unless| self.constant(unless));
                }
                _ => {}
            }
        }
    }

    /// A condition and those in it: the outermost that is constant is reported.
    pub(super) fn constant(&mut self, condition: &Expression) {
        if let Some(truth) = self.truth(condition) {
            let message = format!("this condition is always {truth}");
            let label = format!("always {truth}");
            self.warn("constant-condition", condition.region, message, &label).help =
                Some("compare with what a run can find, or remove it".into());
            return;
        }
        match &condition.kind {
            ExpressionKind::Or(operands) | ExpressionKind::And(operands) => {
                operands.iter().for_each(|operand| self.constant(operand));
            }
            ExpressionKind::Not(operand) => self.constant(operand),
            ExpressionKind::Any(binding, body) | ExpressionKind::All(binding, body) => {
                self.in_binding(binding);
                self.constant(body);
            }
            ExpressionKind::Compare(left, _, right) => [left, right].into_iter().for_each(|side| self.in_value(side)),
            _ => {}
        }
    }

    fn in_value(&mut self, value: &Expression) {
        if let ExpressionKind::CountWhere(binding) | ExpressionKind::CountDistinct(_, binding) = &value.kind {
            self.in_binding(binding);
        }
    }

    fn in_binding(&mut self, binding: &Binding) {
        binding.condition.iter().for_each(|condition| self.constant(condition));
    }

    /// What a condition is in every run.
    fn truth(&self, condition: &Expression) -> Option<bool> {
        match &condition.kind {
            ExpressionKind::Boolean(truth) => Some(*truth),
            ExpressionKind::Not(operand) => self.truth(operand).map(|truth| !truth),
            ExpressionKind::And(operands) => self.several(operands, false),
            ExpressionKind::Or(operands) => self.several(operands, true),
            ExpressionKind::Any(_, body) => self.truth(body).filter(|truth| !truth),
            ExpressionKind::All(_, body) => self.truth(body).filter(|truth| *truth),
            ExpressionKind::Compare(left, operator, right) => self.comparison(left, *operator, right),
            _ => None,
        }
    }

    /// Operands of which one decides: that of `and` is false, that of `or` true.
    fn several(&self, operands: &[Expression], deciding: bool) -> Option<bool> {
        let truths: Vec<_> = operands.iter().map(|operand| self.truth(operand)).collect();
        match truths.contains(&Some(deciding)) {
            true => Some(deciding),
            false => truths.iter().all(Option::is_some).then_some(!deciding),
        }
    }

    fn comparison(&self, left: &Expression, operator: Operator, right: &Expression) -> Option<bool> {
        let ordered = |ordering: std::cmp::Ordering| match operator {
            Operator::Equal => Some(ordering.is_eq()),
            Operator::NotEqual => Some(ordering.is_ne()),
            Operator::Less => Some(ordering.is_lt()),
            Operator::LessOrEqual => Some(ordering.is_le()),
            Operator::Greater => Some(ordering.is_gt()),
            Operator::GreaterOrEqual => Some(ordering.is_ge()),
            Operator::In | Operator::NotIn | Operator::Matches | Operator::Has => None,
        };
        match (&left.kind, &right.kind) {
            (ExpressionKind::Integer(left), ExpressionKind::Integer(right)) => ordered(left.cmp(right)),
            (ExpressionKind::Date(left), ExpressionKind::Date(right)) => ordered(left.cmp(right)),
            (ExpressionKind::Text(left), ExpressionKind::Text(right)) => match operator {
                Operator::Equal => Some(left == right),
                Operator::NotEqual => Some(left != right),
                _ => None,
            },
            (
                ExpressionKind::Count(_) | ExpressionKind::CountWhere(_) | ExpressionKind::CountDistinct(..),
                ExpressionKind::Integer(number),
            ) => at_least_zero(operator, *number),
            _ if self.text(left) == self.text(right) => ordered(std::cmp::Ordering::Equal),
            _ => None,
        }
    }
}

/// What a comparison of a count, which is never below zero, with a number always is.
fn at_least_zero(operator: Operator, number: i64) -> Option<bool> {
    match operator {
        Operator::GreaterOrEqual if number <= 0 => Some(true),
        Operator::Greater | Operator::NotEqual if number < 0 => Some(true),
        Operator::Less if number <= 0 => Some(false),
        Operator::LessOrEqual | Operator::Equal if number < 0 => Some(false),
        _ => None,
    }
}
