//! Values while a rule is evaluated; never where they come from.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::civil::Date;
use pep440_rs::Version;

use super::subject::{evidence, identity};
use crate::{
    facts::{
        EnvironmentValue, REDACTED,
        schema::{self, Record},
    },
    policy::{check::resolved::Constant, outcome::Evidence},
};

/// Most elements of a list that a message shows.
const SHOWN_ELEMENTS: usize = 8;

/// A value.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    /// There is none, and that is a fact.
    Absent,
    /// There may be one: why it cannot be told.
    Unknown(Vec<Evidence>),
    /// True or false.
    Bool(bool),
    /// A number between bounds (without the second: no upper one), and why it is not exact.
    Int(i64, Option<i64>, Vec<Evidence>),
    /// Text.
    Text(Cow<'a, str>),
    /// Text of a secret: compared, never shown.
    Secret(Cow<'a, str>),
    /// A version.
    Version(Cow<'a, Version>),
    /// A day.
    Date(Date),
    /// A record.
    Record(Record<'a>),
    /// Values, and why there may be more.
    List(Vec<Value<'a>>, Vec<Evidence>),
    /// Text by text.
    Map(&'a BTreeMap<String, String>),
    /// A pattern, or a set or list of the policy.
    Constant(&'a Constant),
}

impl<'a> Value<'a> {
    /// An exact number.
    pub(crate) fn int(number: i64) -> Self {
        Self::Int(number, Some(number), Vec::new())
    }

    /// A fact, with its record as the place of what is not known.
    pub(crate) fn fact(value: schema::Value<'a>, record: Option<Record<'a>>) -> Self {
        let reason = |text: &str| match record {
            Some(record) => evidence(record, text),
            None => Evidence { text: text.to_owned(), path: None, line: None, layer: None },
        };
        match value {
            schema::Value::Absent => Self::Absent,
            schema::Value::Unknown(text) => Self::Unknown(vec![reason(&text)]),
            schema::Value::Bool(value) => Self::Bool(value),
            schema::Value::Int(number) => Self::int(number),
            schema::Value::Text(text) => Self::Text(text),
            schema::Value::Secret(value) => Self::environment(value),
            schema::Value::Date(date) => Self::Date(date),
            schema::Value::Record(record) => Self::Record(record),
            schema::Value::List(items, lacks) => Self::List(
                items.into_iter().map(|item| Self::fact(item, record)).collect(),
                lacks.iter().map(|lack| reason(lack)).collect(),
            ),
            schema::Value::Map(map) => Self::Map(map),
        }
    }

    fn environment(value: &'a EnvironmentValue) -> Self {
        if value.shown() == value.expose() { Self::Text(value.expose().into()) } else { Self::Secret(value.expose().into()) }
    }

    /// A constant of the policy.
    pub(crate) fn constant(constant: &'a Constant) -> Self {
        match constant {
            Constant::Bool(value) => Self::Bool(*value),
            Constant::Int(number) => Self::int(*number),
            Constant::Text(text) => Self::Text(text.into()),
            Constant::Version(version) => Self::Version(Cow::Borrowed(version)),
            Constant::Date(date) => Self::Date(*date),
            Constant::Map(map) => Self::Map(map),
            Constant::Glob(_)
            | Constant::Requirement(_)
            | Constant::Range(..)
            | Constant::Pattern(..)
            | Constant::Collection(_) => Self::Constant(constant),
        }
    }

    /// The text of text, secret or not.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Secret(text) => Some(text),
            _ => None,
        }
    }

    /// The value for a person.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Absent => "absent".into(),
            Self::Unknown(_) => "unknown".into(),
            Self::Bool(value) => value.to_string(),
            Self::Int(low, Some(high), _) if low == high => low.to_string(),
            Self::Int(low, Some(high), _) => format!("between {low} and {high}"),
            Self::Int(low, None, _) => format!("at least {low}"),
            Self::Text(text) => text.to_string(),
            Self::Secret(_) => REDACTED.into(),
            Self::Version(version) => version.to_string(),
            Self::Date(date) => date.to_string(),
            Self::Record(record) => identity(*record),
            Self::List(items, _) => joined(items.iter().map(Self::shown)),
            Self::Map(map) => joined(map.keys().cloned()),
            Self::Constant(Constant::Glob(glob)) => glob.glob().glob().to_owned(),
            Self::Constant(Constant::Requirement(requirement)) => requirement.text.clone(),
            Self::Constant(Constant::Pattern(_, text) | Constant::Range(_, text)) => text.clone(),
            Self::Constant(Constant::Collection(items)) => joined(items.iter().map(|item| Self::constant(item).shown())),
            Self::Constant(constant) => Self::constant(constant).shown(),
        }
    }
}

fn joined(items: impl Iterator<Item = String>) -> String {
    let mut items: Vec<String> = items.take(SHOWN_ELEMENTS + 1).collect();
    if items.len() > SHOWN_ELEMENTS {
        items.truncate(SHOWN_ELEMENTS);
        items.push("...".into());
    }
    if items.is_empty() { "empty".into() } else { items.join(", ") }
}
