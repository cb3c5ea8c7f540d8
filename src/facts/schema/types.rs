//! Types of the policy language and the values that accessors yield; never names of particular fields.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use jiff::civil::Date;
use smol_str::SmolStr;

use super::record::{Kind, Record};
use crate::facts::{Completeness, EnvironmentValue, Inventory};

/// The type of a single value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// Text.
    String,
    /// One of a few words, which are text.
    Choice(&'static [&'static str]),
    /// A version by PEP 440.
    Version,
    /// A day.
    Date,
    /// The dotted name of a Python module.
    ModuleName,
    /// A pattern for text and paths.
    Glob,
    /// A distribution's name with versions, by PEP 508.
    Requirement,
    /// A range of versions by PEP 440.
    VersionRange,
    /// A pattern for module names.
    ModulePattern,
    /// A record.
    Record(Kind),
}

/// A type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A single value.
    One(Scalar),
    /// Values in order.
    List(Scalar),
    /// Values without order.
    Set(Scalar),
    /// Text by text.
    Map,
}

impl Type {
    /// The type of the elements of a list or set.
    pub fn element(self) -> Option<Scalar> {
        match self {
            Self::List(element) | Self::Set(element) => Some(element),
            Self::One(_) | Self::Map => None,
        }
    }
}

/// A type, and whether the value may be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldType {
    /// The type.
    pub ty: Type,
    /// Whether the value may be absent.
    pub optional: bool,
}

impl FieldType {
    /// A single value.
    pub const fn one(scalar: Scalar) -> Self {
        Self { ty: Type::One(scalar), optional: false }
    }

    /// A list.
    pub const fn list(element: Scalar) -> Self {
        Self { ty: Type::List(element), optional: false }
    }

    /// The same, but it may be absent.
    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Bool => "Bool",
            Self::Int => "Int",
            Self::String | Self::Choice(_) => "String",
            Self::Version => "Version",
            Self::Date => "Date",
            Self::ModuleName => "ModuleName",
            Self::Glob => "Glob",
            Self::Requirement => "Requirement",
            Self::VersionRange => "VersionRange",
            Self::ModulePattern => "ModulePattern",
            Self::Record(kind) => kind.type_name(),
        })
    }
}

impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(scalar) => write!(formatter, "{scalar}"),
            Self::List(element) => write!(formatter, "List<{element}>"),
            Self::Set(element) => write!(formatter, "Set<{element}>"),
            Self::Map => formatter.write_str("Map<String, String>"),
        }
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.ty, if self.optional { "?" } else { "" })
    }
}

/// A field of a record.
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: FieldType,
    /// What it is, in a line.
    pub doc: &'static str,
    /// Reads it; absent for a record of another kind.
    pub get: for<'a> fn(Record<'a>) -> Value<'a>,
}

/// A global name.
pub struct Global {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: FieldType,
    /// What it is, in a line.
    pub doc: &'static str,
    /// Reads it.
    pub get: for<'a> fn(&'a Inventory) -> Value<'a>,
}

/// What an accessor yields.
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// There is none, and that is a fact.
    Absent,
    /// There may be one: why it cannot be told.
    Unknown(SmolStr),
    /// True or false.
    Bool(bool),
    /// A number.
    Int(i64),
    /// Text, a version or a module's name.
    Text(Cow<'a, str>),
    /// Text that may be a secret.
    Secret(&'a EnvironmentValue),
    /// A day.
    Date(Date),
    /// A record.
    Record(Record<'a>),
    /// Values, and why there may be more (nothing: these are all).
    List(Vec<Value<'a>>, Vec<SmolStr>),
    /// Text by text.
    Map(&'a BTreeMap<String, String>),
}

impl<'a> Value<'a> {
    /// A relation.
    pub fn records(records: impl Iterator<Item = Record<'a>>, completeness: &Completeness) -> Self {
        let lacks = match completeness {
            Completeness::Complete => Vec::new(),
            // INVARIANT: an empty list of reasons reads as complete, so an incomplete relation always gives one.
            Completeness::Incomplete(reasons) if reasons.is_empty() => vec!["the list may not be whole".into()],
            Completeness::Incomplete(reasons) => reasons.clone(),
        };
        Self::List(records.map(Value::Record).collect(), lacks)
    }
}
