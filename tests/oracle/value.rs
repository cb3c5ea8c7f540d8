//! What an expression yields: a value, nothing, or something that is not known.

use std::collections::BTreeMap;

use douane::facts::schema::{self, FieldType, Record, Scalar, Type};
use jiff::civil::Date;
use pep440_rs::Version;

use crate::{
    identity,
    truth::{Truth, every, not, some},
};

#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// There is none, and that is a fact.
    Absent,
    /// There may be one.
    Unknown,
    Bool(bool),
    /// From the first to the second; without the second there is no upper bound.
    Int(i64, Option<i64>),
    Text(String),
    Version(Version),
    Date(Date),
    Record(Record<'a>),
    /// Elements, and whether these are all.
    Many(Vec<Value<'a>>, bool),
    Map(&'a BTreeMap<String, String>),
    Glob(String),
    Requirement(String),
    Range(String),
    Pattern(String),
}

/// A fact of the inventory as a value of its declared type.
pub fn fact<'a>(value: schema::Value<'a>, ty: FieldType) -> Value<'a> {
    match value {
        schema::Value::Absent => Value::Absent,
        schema::Value::Unknown(_) => Value::Unknown,
        schema::Value::Bool(value) => Value::Bool(value),
        schema::Value::Int(number) => Value::Int(number, Some(number)),
        schema::Value::Text(text) if ty.ty == Type::One(Scalar::Version) => version(&text),
        schema::Value::Text(text) => Value::Text(text.into_owned()),
        schema::Value::Secret(secret) => Value::Text(secret.expose().to_owned()),
        schema::Value::Date(date) => Value::Date(date),
        schema::Value::Record(record) => Value::Record(record),
        schema::Value::List(items, lacks) => {
            let element = FieldType::one(ty.ty.element().expect("a list is of a list's type"));
            Value::Many(items.into_iter().map(|item| fact(item, element)).collect(), lacks.is_empty())
        }
        schema::Value::Map(map) => Value::Map(map),
    }
}

/// What is no version by PEP 440 has no place among versions: nobody can tell where it stands.
fn version<'a>(text: &str) -> Value<'a> {
    text.parse().map_or(Value::Unknown, Value::Version)
}

/// A text literal where a value of this type stands.
pub fn literal<'a>(text: &str, wanted: Option<Scalar>) -> Value<'a> {
    match wanted {
        Some(Scalar::Version) => version(text),
        Some(Scalar::Glob) => Value::Glob(text.to_owned()),
        Some(Scalar::Requirement) => Value::Requirement(text.to_owned()),
        Some(Scalar::VersionRange) => Value::Range(text.to_owned()),
        Some(Scalar::ModulePattern) => Value::Pattern(text.to_owned()),
        _ => Value::Text(text.to_owned()),
    }
}

/// `==`: an absent value equals only another absent one.
pub fn equal(left: &Value<'_>, right: &Value<'_>) -> Truth {
    match (left, right) {
        (Value::Unknown, _) | (_, Value::Unknown) => None,
        (Value::Absent, Value::Absent) => Some(true),
        (Value::Absent, _) | (_, Value::Absent) => Some(false),
        (Value::Bool(left), Value::Bool(right)) => Some(left == right),
        (Value::Text(left), Value::Text(right)) => Some(left == right),
        (Value::Version(left), Value::Version(right)) => Some(left == right),
        (Value::Date(left), Value::Date(right)) => Some(left == right),
        (Value::Record(left), Value::Record(right)) => {
            Some(left.kind() == right.kind() && identity::of(*left) == identity::of(*right))
        }
        (Value::Int(..), Value::Int(..)) => {
            // Neither below the other nor above it: equal where both are exact.
            match (less(left, right), less(right, left)) {
                (Some(true), _) | (_, Some(true)) => Some(false),
                (Some(false), Some(false)) => exact(left).zip(exact(right)).map(|(left, right)| left == right),
                _ => None,
            }
        }
        (Value::Many(left, left_whole), Value::Many(right, right_whole)) => {
            if !left_whole || !right_whole {
                return None;
            }
            let pairs = left.iter().zip(right).map(|(left, right)| equal(left, right));
            if left.len() == right.len() { every(pairs) } else { Some(false) }
        }
        _ => panic!("{left:?} and {right:?} are never compared"),
    }
}

/// The number, where there is only one that it can be.
pub fn exact(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Int(low, high) if *high == Some(*low) => Some(*low),
        _ => None,
    }
}

/// `<`: decided for ranges only where every number of the one is on the same side of every number of the other.
pub fn less(left: &Value<'_>, right: &Value<'_>) -> Truth {
    match (left, right) {
        (Value::Unknown, _) | (_, Value::Unknown) => None,
        (Value::Version(left), Value::Version(right)) => Some(left < right),
        (Value::Date(left), Value::Date(right)) => Some(left < right),
        (Value::Int(low, high), Value::Int(other_low, other_high)) => {
            if high.is_some_and(|high| high < *other_low) {
                Some(true)
            } else if other_high.is_some_and(|other_high| other_high <= *low) {
                Some(false)
            } else {
                None
            }
        }
        _ => panic!("{left:?} and {right:?} have no order"),
    }
}

/// `x in collection`: of a map, a key.
pub fn member(item: &Value<'_>, collection: &Value<'_>) -> Truth {
    match (item, collection) {
        // An absent value is in no set, whatever the set holds.
        (Value::Absent, _) | (_, Value::Absent) => Some(false),
        (_, Value::Unknown) => None,
        (_, Value::Many(items, whole)) => {
            let found = items.iter().map(|candidate| equal(item, candidate));
            some(found.chain(std::iter::once(if *whole { Some(false) } else { None })))
        }
        (_, Value::Map(map)) => some(map.keys().map(|key| equal(item, &Value::Text(key.clone())))),
        _ => panic!("{collection:?} holds nothing"),
    }
}

/// `collection has x`, `collection has {x, y}`.
pub fn has(collection: &Value<'_>, wanted: &Value<'_>) -> Truth {
    match wanted {
        Value::Unknown => None,
        Value::Many(wanted, whole) => {
            let all = wanted.iter().map(|item| member(item, collection));
            every(all.chain(std::iter::once(if *whole { Some(true) } else { None })))
        }
        single => member(single, collection),
    }
}

/// Two collections of which one is a set: the same elements, in whatever order and however often.
pub fn same_elements(left: &Value<'_>, right: &Value<'_>) -> Truth {
    match (left, right) {
        (Value::Unknown, _) | (_, Value::Unknown) => None,
        (Value::Absent, Value::Absent) => Some(true),
        (Value::Absent, _) | (_, Value::Absent) => Some(false),
        _ => every([has(left, right), has(right, left)]),
    }
}

/// `base[key]`.
pub fn index<'a>(base: &Value<'a>, key: &Value<'a>) -> Value<'a> {
    match (base, key) {
        (Value::Absent, _) => Value::Absent,
        (Value::Unknown, _) | (_, Value::Unknown) => Value::Unknown,
        (Value::Map(map), Value::Text(key)) => map.get(key).map_or(Value::Absent, |text| Value::Text(text.clone())),
        // What a list lacks may be anywhere in it.
        (Value::Many(_, false), Value::Int(..)) => Value::Unknown,
        (Value::Many(items, true), number) => match exact(number) {
            Some(at) => usize::try_from(at).ok().and_then(|at| items.get(at).cloned()).unwrap_or(Value::Absent),
            None => Value::Unknown,
        },
        _ => panic!("{base:?} has no element {key:?}"),
    }
}

/// `a != b` and the like.
pub fn differ(left: &Value<'_>, right: &Value<'_>) -> Truth {
    not(equal(left, right))
}
