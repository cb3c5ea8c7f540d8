//! Structured texts (YAML, JSON, TOML, CSV) as one tree in which every value has its place; never what the values mean.

mod csv;
mod json;
pub(in crate::policy) mod message;
pub(in crate::policy) mod scalar;
mod toml;
mod yaml;

use self::message::Message;
pub(in crate::policy) use self::yaml::tree;
use super::syntax::ast::{Name, Region};

/// Deepest nesting: a contract of superclasses of superclasses has a dozen levels.
const DEEPEST: usize = 48;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::policy) struct Node {
    pub(in crate::policy) value: Value,
    pub(in crate::policy) region: Region,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::policy) enum Value {
    /// Text between quotes, or what else is text whatever it holds.
    Quoted(String),
    /// Text that may stand for a number, a truth value or nothing.
    Plain(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in its own order.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::policy) struct Entry {
    pub(in crate::policy) key: Name,
    pub(in crate::policy) value: Node,
}

/// A format of data files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy) enum Format {
    Json,
    Yaml,
    Toml,
    Csv,
}

impl Format {
    /// The format that a file's name tells.
    pub(in crate::policy) fn of(path: &str) -> Option<Self> {
        let (_, ending) = path.rsplit_once('.')?;
        Some(match ending.to_ascii_lowercase().as_str() {
            "json" => Self::Json,
            "yaml" | "yml" => Self::Yaml,
            "toml" => Self::Toml,
            "csv" => Self::Csv,
            _ => return None,
        })
    }

    /// The tree of a text; of a CSV file a list of mappings by the names in its first line. `None` where the text holds nothing.
    pub(in crate::policy) fn tree(self, text: &str) -> Result<Option<Node>, Message> {
        match self {
            Self::Json => json::tree(text).map(Some),
            Self::Yaml => tree(text),
            Self::Toml => toml::tree(text).map(Some),
            Self::Csv => csv::tree(text).map(Some),
        }
    }
}

impl Node {
    /// How many values it holds, with itself.
    fn size(&self) -> usize {
        match &self.value {
            Value::Quoted(_) | Value::Plain(_) => 1,
            Value::List(items) => items.iter().map(Self::size).sum::<usize>() + 1,
            Value::Map(entries) => entries.iter().map(|entry| entry.value.size() + 1).sum::<usize>() + 1,
        }
    }

    /// How deep it nests.
    fn depth(&self) -> usize {
        match &self.value {
            Value::Quoted(_) | Value::Plain(_) => 0,
            Value::List(items) => items.iter().map(Self::depth).max().map_or(0, |deepest| deepest + 1),
            Value::Map(entries) => entries.iter().map(|entry| entry.value.depth()).max().map_or(0, |deepest| deepest + 1),
        }
    }
}
