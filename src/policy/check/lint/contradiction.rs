//! Clauses of one rule that cannot hold together, or say the same twice; never rules that disagree with each other.

use std::{cmp::Ordering, collections::HashMap};

use pep440_rs::Version;

use super::{Linting, bare, explaining};
use crate::policy::syntax::ast::{ClauseKind, Expression, ExpressionKind, Operator, Presence, Region, Rule};

/// Most demands on one value that another is compared with.
const MOST_COMPARED: usize = 64;

/// One thing that a rule demands.
struct Demand<'r> {
    /// The condition as written; of `is present` the opposite.
    text: String,
    /// Whether it must hold, or must not.
    wanted: Wanted,
    bound: Option<Bound<'r>>,
    region: Region,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Holds,
    Fails,
}

impl Wanted {
    fn opposite(self) -> Self {
        match self {
            Self::Holds => Self::Fails,
            Self::Fails => Self::Holds,
        }
    }
}

impl Linting<'_> {
    /// Clauses that are said twice.
    pub(super) fn duplicates(&mut self, rule: &Rule) {
        let mut seen: HashMap<String, Region> = HashMap::new();
        for clause in &rule.clauses {
            // A message speaks for the clauses above it, and two of them may need the same one.
            if matches!(clause.kind, ClauseKind::Message(_) | ClauseKind::Help(_) | ClauseKind::Code(_)) {
                continue;
            }
            let text = bare(self.file.text(clause.region));
            if let Some(first) = seen.get(&text) {
                let first = self.file.span(*first);
                let message = format!("a clause of `{}` is said twice", rule.name.text);
                let diagnostic = self.warn("duplicate-clause", clause.region, message, "the second time");
                diagnostic.labels.push(explaining(first, "the first time"));
                diagnostic.help = Some("remove one of them".into());
            } else {
                seen.insert(text, clause.region);
            }
        }
    }

    /// What a rule demands and cannot be: of its conditions, and of its `require` and `forbid`.
    pub(super) fn contradictions(&mut self, rule: &Rule) {
        let (mut premises, mut demands) = (Vec::new(), Vec::new());
        for clause in &rule.clauses {
            match &clause.kind {
                ClauseKind::For(binding) => {
                    binding.condition.iter().for_each(|condition| self.gather(condition, Wanted::Holds, &mut premises));
                }
                ClauseKind::Where(condition) => self.gather(condition, Wanted::Holds, &mut premises),
                // What has an exception may give way to the other.
                ClauseKind::Require(condition, None) => self.gather(condition, Wanted::Holds, &mut demands),
                ClauseKind::Forbid(condition, None) => self.gather(condition, Wanted::Fails, &mut demands),
                _ => {}
            }
        }
        let name = &rule.name.text;
        self.opposed(&premises, &format!("the conditions of `{name}` contradict each other"), "the rule judges nothing");
        self.opposed(
            &demands,
            &format!("the clauses of `{name}` contradict each other"),
            "whatever the rule judges breaks one of them",
        );
    }

    fn opposed(&mut self, demands: &[Demand<'_>], message: &str, note: &str) {
        let mut texts: HashMap<&str, &Demand<'_>> = HashMap::new();
        let mut values: HashMap<&str, Vec<&Demand<'_>>> = HashMap::new();
        for second in demands {
            let opposite = texts.get(second.text.as_str()).filter(|first| first.wanted != second.wanted).copied();
            let bound = second.bound.as_ref();
            let others = bound.and_then(|bound| values.get(bound.value.as_str())).into_iter().flatten().copied();
            let excluding = others.take(MOST_COMPARED).find(|first| first.excludes(second));
            if let Some(first) = opposite.or(excluding) {
                let first = self.file.span(first.region);
                let diagnostic =
                    self.warn("contradictory-clauses", second.region, message.to_owned(), "and this, which excludes it");
                diagnostic.labels.push(explaining(first, "asks for this"));
                diagnostic.notes.push(note.to_owned());
                diagnostic.help = Some("correct one of them, or make them two rules".into());
            }
            texts.entry(&second.text).or_insert(second);
            if let Some(bound) = bound {
                values.entry(&bound.value).or_default().push(second);
            }
        }
    }

    /// The parts of a condition that must all be so.
    fn gather<'r>(&self, condition: &'r Expression, wanted: Wanted, demands: &mut Vec<Demand<'r>>) {
        let region = condition.region;
        match (&condition.kind, wanted) {
            (ExpressionKind::And(operands), Wanted::Holds) | (ExpressionKind::Or(operands), Wanted::Fails) => {
                operands.iter().for_each(|operand| self.gather(operand, wanted, demands));
            }
            (ExpressionKind::Not(operand), wanted) => self.gather(operand, wanted.opposite(), demands),
            (ExpressionKind::IsAbsent(value, presence), wanted) => {
                let wanted = if *presence == Presence::Absent { wanted } else { wanted.opposite() };
                demands.push(Demand { text: format!("{} is absent", self.text(value)), wanted, bound: None, region });
            }
            _ => {
                let bound = self.bound(condition, wanted);
                demands.push(Demand { text: self.text(condition), wanted, bound, region });
            }
        }
    }

    fn bound<'r>(&self, condition: &'r Expression, wanted: Wanted) -> Option<Bound<'r>> {
        let ExpressionKind::Compare(left, operator, right) = &condition.kind else { return None };
        let (value, operator, literal) =
            if is_literal(left) { (right, mirrored(*operator)?, left) } else { (left, *operator, right) };
        let operator = if wanted == Wanted::Holds { operator } else { negated(operator)? };
        let literals = match (&literal.kind, operator) {
            (ExpressionKind::Set(items) | ExpressionKind::List(items), Operator::In | Operator::NotIn) => {
                items.iter().collect()
            }
            _ => vec![&**literal],
        };
        let known = !is_literal(value) && literals.iter().all(|literal| is_literal(literal));
        known.then(|| Bound { value: self.text(value), operator, literals })
    }
}

impl Demand<'_> {
    /// Whether two demands on one value cannot both be met.
    fn excludes(&self, other: &Self) -> bool {
        self.bound.as_ref().zip(other.bound.as_ref()).is_some_and(|(one, two)| one.excludes(two) || two.excludes(one))
    }
}

/// A value compared with literals.
struct Bound<'r> {
    /// The value as written.
    value: String,
    operator: Operator,
    literals: Vec<&'r Expression>,
}

impl Bound<'_> {
    /// Whether no value meets both: one of these literals, or a limit, against the other.
    fn excludes(&self, other: &Self) -> bool {
        let admits = |literal: &Expression, bound: &Self| {
            let orderings: Vec<_> = bound.literals.iter().map(|limit| compare(literal, limit)).collect();
            match bound.operator {
                Operator::Equal | Operator::In => orderings.iter().any(|ordering| ordering.is_none_or(Ordering::is_eq)),
                Operator::NotEqual | Operator::NotIn => !orderings.contains(&Some(Ordering::Equal)),
                Operator::Less => orderings.iter().all(|ordering| ordering.is_none_or(Ordering::is_lt)),
                Operator::LessOrEqual => orderings.iter().all(|ordering| ordering.is_none_or(Ordering::is_le)),
                Operator::Greater => orderings.iter().all(|ordering| ordering.is_none_or(Ordering::is_gt)),
                Operator::GreaterOrEqual => orderings.iter().all(|ordering| ordering.is_none_or(Ordering::is_ge)),
                Operator::Matches | Operator::Has => true,
            }
        };
        match self.operator {
            Operator::Equal | Operator::In => !self.literals.iter().any(|literal| admits(literal, other)),
            Operator::Less | Operator::LessOrEqual => {
                let strict = self.operator == Operator::Less || other.operator == Operator::Greater;
                let (Some(most), Some(least)) = (self.literals.first(), other.literals.first()) else { return false };
                let lower = matches!(other.operator, Operator::Greater | Operator::GreaterOrEqual);
                let ordering = compare(most, least);
                lower && ordering.is_some_and(|ordering| ordering.is_lt() || strict && ordering.is_eq())
            }
            _ => false,
        }
    }
}

fn is_literal(expression: &Expression) -> bool {
    matches!(
        expression.kind,
        ExpressionKind::Text(_) | ExpressionKind::Integer(_) | ExpressionKind::Boolean(_) | ExpressionKind::Date(_)
    )
}

/// The order of two literals; nothing where they are of two kinds. Text that is a version on both sides is compared as one: only
/// versions have an order.
fn compare(left: &Expression, right: &Expression) -> Option<Ordering> {
    match (&left.kind, &right.kind) {
        (ExpressionKind::Integer(left), ExpressionKind::Integer(right)) => Some(left.cmp(right)),
        (ExpressionKind::Date(left), ExpressionKind::Date(right)) => Some(left.cmp(right)),
        (ExpressionKind::Boolean(left), ExpressionKind::Boolean(right)) => Some(left.cmp(right)),
        (ExpressionKind::Text(left), ExpressionKind::Text(right)) => {
            let versions = left.parse::<Version>().ok().zip(right.parse::<Version>().ok());
            Some(versions.map_or_else(|| left.cmp(right), |(left, right)| left.cmp(&right)))
        }
        _ => None,
    }
}

/// The operator with its sides exchanged; nothing where they cannot be.
fn mirrored(operator: Operator) -> Option<Operator> {
    Some(match operator {
        Operator::Less => Operator::Greater,
        Operator::LessOrEqual => Operator::GreaterOrEqual,
        Operator::Greater => Operator::Less,
        Operator::GreaterOrEqual => Operator::LessOrEqual,
        Operator::Equal | Operator::NotEqual => operator,
        Operator::In | Operator::NotIn | Operator::Matches | Operator::Has => return None,
    })
}

fn negated(operator: Operator) -> Option<Operator> {
    Some(match operator {
        Operator::Equal => Operator::NotEqual,
        Operator::NotEqual => Operator::Equal,
        Operator::Less => Operator::GreaterOrEqual,
        Operator::LessOrEqual => Operator::Greater,
        Operator::Greater => Operator::LessOrEqual,
        Operator::GreaterOrEqual => Operator::Less,
        Operator::In => Operator::NotIn,
        Operator::NotIn => Operator::In,
        Operator::Matches | Operator::Has => return None,
    })
}
