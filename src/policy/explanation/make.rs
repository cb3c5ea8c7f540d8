//! Trees that nobody wrote, for what a rule means; never text.

use crate::policy::syntax::ast::{Binding, Expression, ExpressionKind, Name, Operator, Patterns, Region};

pub(super) fn word(text: impl Into<String>) -> Name {
    Name { text: text.into(), region: Region::default() }
}

pub(super) fn patterns(texts: impl IntoIterator<Item = String>) -> Patterns {
    Patterns { patterns: texts.into_iter().map(word).collect(), region: Region::default() }
}

pub(super) fn expression(kind: ExpressionKind) -> Expression {
    Expression { kind, region: Region::default() }
}

pub(super) fn text(text: &str) -> Expression {
    expression(ExpressionKind::Text(text.to_owned()))
}

/// `of.field`.
pub(super) fn field(of: &str, field: &str) -> Expression {
    let of = Box::new(expression(ExpressionKind::Name(of.to_owned())));
    expression(ExpressionKind::Field(of, word(field)))
}

pub(super) fn compare(left: Expression, operator: Operator, right: Expression) -> Expression {
    expression(ExpressionKind::Compare(Box::new(left), operator, Box::new(right)))
}

/// One condition, or several of which all must hold.
pub(super) fn all_of(mut conditions: Vec<Expression>) -> Expression {
    match (conditions.len(), conditions.pop()) {
        (1, Some(only)) => only,
        (_, Some(last)) => expression(ExpressionKind::And(conditions.into_iter().chain([last]).collect())),
        (_, None) => expression(ExpressionKind::Boolean(true)),
    }
}

pub(super) fn any(variable: &str, relation: Expression, condition: Expression) -> Expression {
    let binding = Binding { variable: word(variable), relation: Box::new(relation), condition: None };
    expression(ExpressionKind::Any(binding, Box::new(condition)))
}
