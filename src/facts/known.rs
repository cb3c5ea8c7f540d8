//! Known, absent or unknown: the three things that a fact can be, and completeness of lists; never a guess.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer, ser::SerializeMap};
use smol_str::SmolStr;

/// A value that may be known, known to be absent, or not knowable from the bytes.
///
/// In JSON a known value stands as itself, an absent one as `null`, an unknown one as `{"unknown": "the reason"}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Fact<T> {
    /// The value.
    Known(T),
    /// There is none, and that is a fact.
    #[default]
    Absent,
    /// There may be one: why it cannot be told.
    Unknown(SmolStr),
}

impl<T> Fact<T> {
    /// The value, where it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Unknown(_) => None,
        }
    }
}

impl<T> From<Option<T>> for Fact<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Known)
    }
}

impl<T: Serialize> Serialize for Fact<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(serializer),
            Self::Absent => serializer.serialize_none(),
            Self::Unknown(reason) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("unknown", reason)?;
                map.end()
            }
        }
    }
}

impl<T: JsonSchema> JsonSchema for Fact<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Fact_of_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        json_schema!({
            "anyOf": [
                value,
                { "type": "null" },
                {
                    "type": "object",
                    "properties": { "unknown": { "type": "string", "description": "why the value cannot be told" } },
                    "required": ["unknown"],
                    "additionalProperties": false
                }
            ]
        })
    }
}

/// Whether a list holds all there is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Completeness {
    /// Everything is in the list.
    #[default]
    Complete,
    /// There may be more: why.
    Incomplete(Vec<SmolStr>),
}

impl Completeness {
    /// Notes one more reason why the list may not be whole.
    pub fn lacks(&mut self, reason: impl Into<SmolStr>) {
        match self {
            Self::Complete => *self = Self::Incomplete(vec![reason.into()]),
            Self::Incomplete(reasons) => {
                let reason = reason.into();
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
            }
        }
    }

    /// Notes what another list lacks, of which this one is made.
    pub fn lacks_all(&mut self, other: &Self) {
        if let Self::Incomplete(reasons) = other {
            reasons.iter().for_each(|reason| self.lacks(reason.clone()));
        }
    }

    /// Whether everything is in the list.
    pub fn is_complete(&self) -> bool {
        *self == Self::Complete
    }
}
