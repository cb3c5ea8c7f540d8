//! `data`: values from files beside the policy, checked against their type; never the reading of files.

use std::sync::Arc;

use super::{
    Packages, literal,
    resolved::Constant,
    scope::{Names, Param},
};
use crate::{
    diagnostic::{Diagnostic, Severity, SourceText},
    facts::schema::{FieldType, Scalar, Type},
    policy::{
        DataFiles,
        syntax::ast::{Data, File, Name, Region},
        tree::{Entry, Format, Node, Value, message::Message, scalar},
    },
};

impl Names {
    /// Defines what `data` items name, as parameters that the command line does not change.
    pub(super) fn data(&mut self, files: &[File], packages: &Packages, reader: &dyn DataFiles) {
        for (file, package) in files.iter().zip(&packages.of_file) {
            for data in &file.data {
                let (name, span) = (data.name.text.clone(), file.span(data.name.region));
                let id = self.params.len();
                let first = self.packages.get_mut(*package).and_then(|owner| owner.params.insert(name.clone(), id));
                if let Some(first) = first.and_then(|first| self.params.get(first)) {
                    let first = first.span.clone();
                    self.duplicate("parameter", &name, span.clone(), first);
                }
                let ty = self.type_named(file, &data.type_name);
                let ty = ty.and_then(|ty| self.fit_for_data(file, data, ty));
                let value = ty.and_then(|ty| self.loaded(file, data, ty, reader));
                let ty = ty.filter(|_| value.is_some());
                // INVARIANT: no `--param` names it: what a file says is changed in the file.
                self.params.push(Param { name, package: String::new(), span, ty, value, used: false, from_file: true });
            }
        }
    }

    fn fit_for_data(&mut self, file: &File, data: &Data, ty: FieldType) -> Option<FieldType> {
        let record =
            matches!(ty.ty, Type::One(Scalar::Record(_)) | Type::List(Scalar::Record(_)) | Type::Set(Scalar::Record(_)));
        if !record && !ty.optional {
            return Some(ty);
        }
        let message = if record { "records come from the target, not from a file" } else { "a file says what there is" };
        let diagnostic = Diagnostic::new("invalid-data-type", Severity::Error, message)
            .label(file.span(data.type_name.region), format!("of type `{ty}`"))
            .help("write a type such as `Set<String>`, `List<Requirement>` or `Map`");
        self.diagnostics.push(diagnostic);
        None
    }

    /// The value of a data item; what is wrong with the file is reported.
    fn loaded(&mut self, file: &File, data: &Data, ty: FieldType, reader: &dyn DataFiles) -> Option<Constant> {
        let path = &data.path;
        let Some(format) = Format::of(&path.text) else {
            let diagnostic =
                Diagnostic::new("unknown-data-format", Severity::Error, format!("`{}` is no data file", path.text))
                    .label(file.span(path.region), "its name tells no format")
                    .help("data files end in `.json`, `.yaml`, `.toml` or `.csv`");
            self.diagnostics.push(diagnostic);
            return None;
        };
        let text = match reader.read(&file.source.name, &path.text) {
            Ok(text) => text,
            Err(reason) => {
                let diagnostic =
                    Diagnostic::new("unread-data", Severity::Error, format!("the data file `{}` cannot be read", path.text))
                        .label(file.span(path.region), reason)
                        .help("the path is taken from the directory of the policy file");
                self.diagnostics.push(diagnostic);
                return None;
            }
        };
        let source = Arc::new(SourceText { name: path.text.clone(), text });
        let mut reading = Reading { names: self, messages: Vec::new() };
        let value = match format.tree(&source.text) {
            Err(message) => {
                reading.messages.push(message);
                None
            }
            Ok(None) => {
                let message = Message::new("data-syntax", Region::default(), "the file holds nothing", "empty");
                reading.messages.push(message);
                None
            }
            Ok(Some(node)) => reading.item(data, node, ty),
        };
        let messages = std::mem::take(&mut reading.messages);
        let value = value.filter(|_| messages.is_empty());
        let more = messages.len().saturating_sub(MOST_MISTAKES);
        for message in messages.into_iter().take(MOST_MISTAKES) {
            let mut diagnostic = message.diagnostic(&source).context(file.span(data.name.region), "read for this");
            if more > 0 {
                diagnostic.notes.push(format!("{more} more values of this file are wrong"));
            }
            self.diagnostics.push(diagnostic);
        }
        value
    }
}

/// Most mistakes of one data file that are shown.
const MOST_MISTAKES: usize = 8;

/// One file while it is read.
struct Reading<'n> {
    names: &'n mut Names,
    messages: Vec<Message>,
}

impl Reading<'_> {
    fn wrong(&mut self, code: &'static str, region: Region, message: String, label: String, help: Option<String>) {
        let message = Message::new(code, region, message, label);
        self.messages.push(match help {
            Some(help) => message.help(help),
            None => message,
        });
    }

    /// What the item asks for of the whole file.
    fn item(&mut self, data: &Data, node: Node, ty: FieldType) -> Option<Constant> {
        let is_table = matches!(&node.value, Value::List(rows) if !rows.is_empty() && rows.iter().all(is_map));
        let node = match (&data.key, ty.ty) {
            (Some(column), _) if is_table => self.column(node, &column.text)?,
            (Some(key), _) => self.keyed(node, &key.text)?,
            (None, Type::Map) if is_table => pairs(node),
            (None, Type::List(_) | Type::Set(_)) if is_table => match only_column(&node) {
                Some(column) => self.column(node, &column)?,
                None => node,
            },
            (None, Type::List(_) | Type::Set(_)) => match own_key(&node, &data.name.text) {
                Some(inner) => inner,
                None => node,
            },
            (None, _) => node,
        };
        match ty.ty {
            Type::One(scalar) => self.scalar(&node, scalar),
            Type::List(scalar) | Type::Set(scalar) => {
                let Value::List(items) = &node.value else {
                    let help = "name the key under which it stands: `from \"file.json\" key \"name\"`".to_owned();
                    self.mismatch(&node, "a list", Some(help));
                    return None;
                };
                let constants: Vec<Option<Constant>> = items.iter().map(|item| self.scalar(item, scalar)).collect();
                constants.into_iter().collect::<Option<Vec<_>>>().map(Constant::Collection)
            }
            Type::Map => {
                let Value::Map(entries) = &node.value else {
                    self.mismatch(&node, "a mapping of text", None);
                    return None;
                };
                let mut map = std::collections::BTreeMap::new();
                for entry in entries {
                    if let Some(Constant::Text(text)) = self.scalar(&entry.value, Scalar::String) {
                        map.insert(entry.key.text.clone(), text);
                    }
                }
                Some(Constant::Map(map))
            }
        }
    }

    /// The column of a table.
    fn column(&mut self, node: Node, column: &str) -> Option<Node> {
        let Value::List(rows) = node.value else { return Some(node) };
        let mut cells = Vec::new();
        for row in rows {
            let Value::Map(entries) = row.value else { continue };
            cells.push(self.entry("column", column, entries, row.region)?);
        }
        Some(Node { value: Value::List(cells), region: node.region })
    }

    /// What stands under a key, its parts joined with dots.
    fn keyed(&mut self, node: Node, key: &str) -> Option<Node> {
        let mut node = node;
        for part in key.split('.') {
            let region = node.region;
            let Value::Map(entries) = node.value else {
                self.wrong("unknown-data-key", region, format!("there is no key `{part}`"), "no mapping".into(), None);
                return None;
            };
            node = self.entry("key", part, entries, region)?;
        }
        Some(node)
    }

    /// The value of one of a mapping's entries, which are its keys or a row's columns.
    fn entry(&mut self, what: &str, name: &str, mut entries: Vec<Entry>, region: Region) -> Option<Node> {
        if let Some(place) = entries.iter().position(|entry| entry.key.text == name) {
            return Some(entries.swap_remove(place).value);
        }
        let names: Vec<&str> = entries.iter().map(|entry| entry.key.text.as_str()).collect();
        let near = crate::policy::syntax::words::nearest(name, names.iter().copied());
        let help = near.map_or_else(|| listed(&names), |near| format!("did you mean `{near}`?"));
        let message = format!("there is no {what} `{name}`");
        self.wrong("unknown-data-key", region, message, format!("has no such {what}"), Some(help));
        None
    }

    fn mismatch(&mut self, node: &Node, wanted: &str, help: Option<String>) {
        let found = described(node);
        self.wrong("data-mismatch", node.region, format!("expected {wanted}, found {found}"), found.to_owned(), help);
    }

    /// A single value.
    fn scalar(&mut self, node: &Node, scalar: Scalar) -> Option<Constant> {
        let wanted = super::expression::described(FieldType::one(scalar));
        let (text, quoted) = match &node.value {
            Value::Quoted(text) => (text.as_str(), true),
            Value::Plain(text) => (text.as_str(), false),
            Value::List(_) | Value::Map(_) => {
                self.mismatch(node, &wanted, None);
                return None;
            }
        };
        let plain = if quoted { scalar::Scalar::Text } else { scalar::Scalar::of(text) };
        let value = match (scalar, plain) {
            (Scalar::Bool, scalar::Scalar::Bool(value)) => Some(Constant::Bool(value)),
            (Scalar::Int, scalar::Scalar::Integer(number)) => number.parse().ok().map(Constant::Int),
            (Scalar::Int, scalar::Scalar::Text) if quoted => text.parse().ok().map(Constant::Int),
            (Scalar::Date, scalar::Scalar::Timestamp | scalar::Scalar::Text) => text.parse().ok().map(Constant::Date),
            (Scalar::Bool | Scalar::Int | Scalar::Date, _) => None,
            // As a number 3.10 would be 3.1; as it is written it is a version.
            (Scalar::Version, scalar::Scalar::Float(_) | scalar::Scalar::Integer(_)) | (_, scalar::Scalar::Text) => {
                match literal::constant(text, scalar, &mut self.names.patterns) {
                    Ok(constant) => Some(constant),
                    Err(error) => {
                        self.wrong(error.code, node.region, error.reason, "in this value".into(), error.help);
                        return None;
                    }
                }
            }
            _ => None,
        };
        if value.is_none() {
            let help = (scalar == Scalar::Date).then(|| "a date is a day of the calendar, such as 2027-03-31".to_owned());
            self.mismatch(node, &wanted, help);
        }
        value
    }
}

fn is_map(node: &Node) -> bool {
    matches!(node.value, Value::Map(_))
}

/// The one column of a table that has but one.
fn only_column(node: &Node) -> Option<String> {
    let Value::List(rows) = &node.value else { return None };
    match &rows.first()?.value {
        Value::Map(entries) => match entries.as_slice() {
            [only] => Some(only.key.text.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// What stands in a mapping under the item's own name, or alone.
fn own_key(node: &Node, name: &str) -> Option<Node> {
    let Value::Map(entries) = &node.value else { return None };
    match entries.as_slice() {
        [only] => Some(only.value.clone()),
        several => several.iter().find(|entry| entry.key.text == name).map(|entry| entry.value.clone()),
    }
}

/// A table of two columns as a mapping from the first to the second.
fn pairs(node: Node) -> Node {
    let Value::List(rows) = node.value else { return node };
    let entries = rows.into_iter().filter_map(|row| match row.value {
        Value::Map(cells) => {
            let mut cells = cells.into_iter();
            let (key, value) = (cells.next()?.value, cells.next()?.value);
            match key.value {
                Value::Quoted(text) | Value::Plain(text) => Some(Entry { key: Name { text, region: key.region }, value }),
                Value::List(_) | Value::Map(_) => None,
            }
        }
        _ => None,
    });
    Node { value: Value::Map(entries.collect()), region: node.region }
}

fn described(node: &Node) -> &'static str {
    match &node.value {
        Value::Quoted(_) => "text",
        Value::Plain(text) => scalar::Scalar::of(text).described(),
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
    }
}

fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(8).map(|name| format!("`{name}`")).collect();
    if shown.is_empty() { "there are none".to_owned() } else { format!("there are {}", shown.join(", ")) }
}
