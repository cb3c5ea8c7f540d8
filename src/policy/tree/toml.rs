//! TOML to a tree; never what the values mean.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Entry, Node, Value, message::Message};
use crate::policy::syntax::ast::{Name, Region};

/// The tree of a text. The parser bounds how deep values nest.
pub(super) fn tree(text: &str) -> Result<Node, Message> {
    let table = DeTable::parse(text).map_err(|error| {
        let region = error.span().map_or(Region { start: text.len(), end: text.len() }, |span| region(&span));
        let reason = error.message().lines().next().unwrap_or("").to_owned();
        Message::new("data-syntax", region, format!("the file is no TOML: {reason}"), "cannot be read from here on")
    })?;
    let place = region(&table.span());
    Ok(Node { value: entries(table.get_ref(), text), region: place })
}

fn entries(table: &DeTable<'_>, text: &str) -> Value {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: Name { text: key.get_ref().to_string(), region: region(&key.span()) },
            value: node(value, text),
        })
        .collect();
    entries.sort_by_key(|entry| entry.key.region);
    Value::Map(entries)
}

fn node(value: &Spanned<DeValue<'_>>, text: &str) -> Node {
    let place = region(&value.span());
    let written = || Value::Plain(text.get(place.start..place.end).unwrap_or("").to_owned());
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Quoted(text.to_string()),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => written(),
        DeValue::Array(items) => Value::List(items.iter().map(|item| node(item, text)).collect()),
        DeValue::Table(table) => entries(table, text),
    };
    Node { value, region: place }
}

fn region(span: &std::ops::Range<usize>) -> Region {
    Region { start: span.start, end: span.end }
}
