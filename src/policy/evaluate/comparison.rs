//! Comparisons in three values; an absent value differs from every other and matches nothing.

use std::cmp::Ordering;

use super::{
    expression::World,
    truth::{Truth, add},
    value::Value,
};
use crate::{
    facts::{Fact, schema::Record},
    policy::{
        check::resolved::{Constant, ElementOrder, Requirement},
        outcome::Evidence,
        syntax::ast::Operator,
    },
};

/// Compares two values.
pub(crate) fn compare(
    world: &World<'_>,
    left: &Value<'_>,
    (operator, order): (Operator, ElementOrder),
    right: &Value<'_>,
) -> Truth {
    match operator {
        Operator::Equal if order == ElementOrder::IsIgnored => equal_sets(left, right),
        Operator::NotEqual if order == ElementOrder::IsIgnored => equal_sets(left, right).not(),
        Operator::Equal => equal(left, right),
        Operator::NotEqual => equal(left, right).not(),
        Operator::Less => less(left, right),
        Operator::GreaterOrEqual => less(left, right).not(),
        Operator::Greater => less(right, left),
        Operator::LessOrEqual => less(right, left).not(),
        Operator::In => member(left, right),
        Operator::NotIn => member(left, right).not(),
        Operator::Has => has(left, right),
        Operator::Matches => matches(world, left, right),
    }
}

fn unknown(left: &Value<'_>, right: &Value<'_>) -> Option<Truth> {
    let mut reasons: Option<Vec<Evidence>> = None;
    for value in [left, right] {
        if let Value::Unknown(more) = value {
            add(reasons.get_or_insert_default(), more.clone());
        }
    }
    reasons.map(Truth::Unknown)
}

fn equal(left: &Value<'_>, right: &Value<'_>) -> Truth {
    if let Some(unknown) = unknown(left, right) {
        return unknown;
    }
    match (left, right) {
        (Value::Absent, Value::Absent) => Truth::True,
        (Value::Absent, _) | (_, Value::Absent) => Truth::False,
        (Value::Bool(left), Value::Bool(right)) => Truth::from(left == right),
        (Value::Date(left), Value::Date(right)) => Truth::from(left == right),
        (Value::Version(left), Value::Version(right)) => Truth::from(left == right),
        (Value::Int(low, high, reasons), Value::Int(other_low, other_high, more)) => {
            let apart = high.is_some_and(|high| high < *other_low) || other_high.is_some_and(|high| high < *low);
            match (apart, *high == Some(*low) && *other_high == Some(*other_low)) {
                (true, _) => Truth::False,
                (false, true) => Truth::from(low == other_low),
                (false, false) => both(reasons, more),
            }
        }
        (Value::Record(left), Value::Record(right)) => {
            Truth::from(left.kind() == right.kind() && super::subject::identity(*left) == super::subject::identity(*right))
        }
        (left, right) => match (left.as_text(), right.as_text()) {
            (Some(left), Some(right)) => Truth::from(left == right),
            _ => equal_lists(left, right),
        },
    }
}

fn equal_lists(left: &Value<'_>, right: &Value<'_>) -> Truth {
    let ((left, lacks), (right, more)) = (elements(left), elements(right));
    let mut all = if left.len() == right.len() { Truth::True } else { Truth::False };
    for (left, right) in left.iter().zip(&right) {
        all = all.and(|| equal(left, right));
    }
    if lacks.is_empty() && more.is_empty() { all } else { both(&lacks, &more) }
}

/// Each has all that the other has; what is absent is no set, not even an empty one.
fn equal_sets(left: &Value<'_>, right: &Value<'_>) -> Truth {
    match (left, right) {
        (Value::Absent | Value::Unknown(_), _) | (_, Value::Absent | Value::Unknown(_)) => equal(left, right),
        _ => has(left, right).and(|| has(right, left)),
    }
}

fn less(left: &Value<'_>, right: &Value<'_>) -> Truth {
    if let Some(unknown) = unknown(left, right) {
        return unknown;
    }
    let ordering = match (left, right) {
        (Value::Int(low, high, reasons), Value::Int(other_low, other_high, more)) => {
            return if high.is_some_and(|high| high < *other_low) {
                Truth::True
            } else if other_high.is_some_and(|high| *low >= high) {
                Truth::False
            } else {
                both(reasons, more)
            };
        }
        (Value::Date(left), Value::Date(right)) => left.cmp(right),
        (Value::Version(left), Value::Version(right)) => left.cmp(right),
        // The checker lets nothing else be ordered.
        _ => Ordering::Equal,
    };
    Truth::from(ordering == Ordering::Less)
}

fn member(left: &Value<'_>, right: &Value<'_>) -> Truth {
    // An absent value is in nothing, whatever the collection holds.
    if matches!(left, Value::Absent) {
        return Truth::False;
    }
    if let Value::Unknown(reasons) = right {
        return Truth::Unknown(reasons.clone());
    }
    if let Value::Map(map) = right {
        return match left {
            Value::Unknown(reasons) if !map.is_empty() => Truth::Unknown(reasons.clone()),
            other => Truth::from(other.as_text().is_some_and(|text| map.contains_key(text))),
        };
    }
    let (items, lacks) = elements(right);
    let found = items.iter().fold(Truth::False, |so_far, item| so_far.or(|| equal(left, item)));
    if lacks.is_empty() { found } else { found.or(|| Truth::Unknown(lacks)) }
}

/// Every wanted element is there.
fn has(left: &Value<'_>, right: &Value<'_>) -> Truth {
    match right {
        Value::Unknown(reasons) => Truth::Unknown(reasons.clone()),
        Value::List(..) | Value::Constant(Constant::Collection(_)) => {
            let (wanted, lacks) = elements(right);
            let all = wanted.iter().fold(Truth::True, |so_far, item| so_far.and(|| member(item, left)));
            if lacks.is_empty() { all } else { all.and(|| Truth::Unknown(lacks)) }
        }
        single => member(single, left),
    }
}

fn matches(world: &World<'_>, left: &Value<'_>, right: &Value<'_>) -> Truth {
    match (left, right) {
        (Value::Absent, _) => Truth::False,
        (_, Value::Constant(Constant::Collection(patterns))) => {
            patterns.iter().fold(Truth::False, |so_far, pattern| so_far.or(|| matches_one(world, left, pattern)))
        }
        (_, Value::Constant(pattern)) => matches_one(world, left, pattern),
        // Patterns in a group are a list like any other.
        (_, Value::List(patterns, lacks)) => {
            let any = patterns.iter().fold(Truth::False, |so_far, pattern| so_far.or(|| matches(world, left, pattern)));
            if lacks.is_empty() { any } else { any.or(|| Truth::Unknown(lacks.clone())) }
        }
        _ => unknown(left, right).unwrap_or(Truth::False),
    }
}

fn matches_one(world: &World<'_>, left: &Value<'_>, pattern: &Constant) -> Truth {
    match (pattern, left) {
        (_, Value::Unknown(reasons)) => Truth::Unknown(reasons.clone()),
        (Constant::Glob(glob), value) => Truth::from(value.as_text().is_some_and(|text| glob.is_match(text))),
        (Constant::Pattern(number, _), value) => {
            let name = match value {
                Value::Record(Record::Module(_, module)) => module.name.as_str(),
                other => other.as_text().unwrap_or(""),
            };
            let mut matcher = world.matcher.borrow_mut();
            let state = matcher.run(name);
            Truth::from(matcher.patterns(state).binary_search(number).is_ok())
        }
        (Constant::Requirement(requirement), Value::Record(record)) => meets(*record, requirement),
        (Constant::Range(range, _), Value::Version(version)) => Truth::from(range.contains(version)),
        _ => Truth::False,
    }
}

/// Whether a distribution is one that the requirement names.
fn meets(record: Record<'_>, requirement: &Requirement) -> Truth {
    let Record::Distribution(_, distribution) = record else { return Truth::False };
    if distribution.normalized_name != requirement.name {
        return Truth::False;
    }
    if requirement.versions.is_empty() {
        return Truth::True;
    }
    let reason = |text: String| Truth::Unknown(vec![super::subject::evidence(record, text)]);
    match &distribution.version {
        Fact::Unknown(why) => reason(why.to_string()),
        Fact::Absent => reason(format!("`{}` has no version", distribution.name)),
        Fact::Known(text) => match text.parse::<pep440_rs::Version>() {
            Ok(version) => Truth::from(requirement.versions.contains(&version)),
            Err(_) => reason(format!("`{}` is not a version by PEP 440", text.escape_debug())),
        },
    }
}

/// The elements of a list or set, and why there may be more.
fn elements<'a>(value: &Value<'a>) -> (Vec<Value<'a>>, Vec<Evidence>) {
    match value {
        Value::List(items, lacks) => (items.clone(), lacks.clone()),
        Value::Constant(Constant::Collection(items)) => (items.iter().map(Value::constant).collect(), Vec::new()),
        _ => (Vec::new(), Vec::new()),
    }
}

fn both(left: &[Evidence], right: &[Evidence]) -> Truth {
    let mut reasons = left.to_vec();
    add(&mut reasons, right.to_vec());
    Truth::Unknown(reasons)
}
