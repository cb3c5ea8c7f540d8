//! Reading the fields of a mapping by their types, with every mistake reported; never which fields a contract has.

use crate::policy::{
    syntax::{
        ast::{Name, Region},
        words::nearest,
    },
    tree::{Entry, Node, Value, message::Message, scalar::Scalar},
};

/// Collects mistakes while a contract is read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) mistakes: Vec<Message>,
}

/// The fields of one mapping.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    /// What the mapping describes, with its article.
    what: &'static str,
    entries: &'a [Entry],
    /// Where the mapping stands.
    pub(super) region: Region,
}

impl<'a> Fields<'a> {
    /// A field, where the mapping has it and it is not `null`.
    pub(super) fn get(&self, name: &str) -> Option<&'a Entry> {
        self.entry(name).filter(|entry| !is_null(&entry.value))
    }

    /// A field, where the mapping has it, `null` or not.
    pub(super) fn entry(&self, name: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.key.text == name)
    }
}

impl Entry {
    /// The key and its value.
    pub(super) fn region(&self) -> Region {
        Region { start: self.key.region.start, end: self.value.region.end.max(self.key.region.end) }
    }
}

impl Reader {
    /// A mapping with some of these fields and no others.
    pub(super) fn fields<'a>(&mut self, node: &'a Node, what: &'static str, known: &[&'static str]) -> Option<Fields<'a>> {
        let entries = self.mapping(node, what)?;
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.text.as_str())) {
            self.unknown_key(&entry.key, what, known);
        }
        Some(Fields { what, entries, region: node.region })
    }

    /// A mapping with any keys.
    pub(super) fn mapping<'a>(&mut self, node: &'a Node, what: &str) -> Option<&'a [Entry]> {
        if let Value::Map(entries) = &node.value {
            return Some(entries);
        }
        self.mismatch(node, &format!("{what} is a mapping of keys to values"));
        None
    }

    /// A sequence, each item of which `read` makes something of.
    pub(super) fn list<'a, T>(
        &mut self,
        fields: &Fields<'a>,
        name: &str,
        mut read: impl FnMut(&mut Self, &'a Node) -> Option<T>,
    ) -> Vec<T> {
        let Some(entry) = fields.get(name) else { return Vec::new() };
        match &entry.value.value {
            Value::List(items) => items.iter().filter_map(|item| read(self, item)).collect(),
            _ => {
                self.mismatch(&entry.value, &format!("`{name}` is a list"));
                Vec::new()
            }
        }
    }

    /// Text that must be there.
    pub(super) fn required_text(&mut self, fields: &Fields<'_>, name: &str) -> Option<Name> {
        match fields.get(name) {
            Some(entry) => self.text(&entry.value, name),
            None => {
                self.missing(fields, name);
                None
            }
        }
    }

    /// Text that may be missing.
    pub(super) fn optional_text(&mut self, fields: &Fields<'_>, name: &str) -> Option<Name> {
        let entry = fields.get(name)?;
        self.text(&entry.value, name)
    }

    /// Text: what stands without quotes must not be readable as something else.
    pub(super) fn text(&mut self, node: &Node, name: &str) -> Option<Name> {
        match &node.value {
            Value::Quoted(text) => Some(Name { text: text.clone(), region: node.region }),
            Value::Plain(text) if Scalar::of(text) == Scalar::Text => Some(Name { text: text.clone(), region: node.region }),
            Value::Plain(text) if Scalar::of(text) != Scalar::Null => {
                let is = Scalar::of(text).described();
                let message = format!("`{name}` is text, and `{text}` without quotes is {is}");
                let message = Message::new("type-mismatch", node.region, message, format!("{is}, no text"));
                self.mistakes.push(message.help(format!("write \"{text}\"")));
                None
            }
            _ => {
                self.mismatch(node, &format!("`{name}` is text"));
                None
            }
        }
    }

    /// A truth value, in the words that ImportSpy takes.
    pub(super) fn truth(&mut self, fields: &Fields<'_>, name: &str) -> Option<(bool, Region)> {
        let entry = fields.get(name)?;
        let text = match &entry.value.value {
            Value::Plain(text) | Value::Quoted(text) => text.to_ascii_lowercase(),
            Value::List(_) | Value::Map(_) => String::new(),
        };
        match text.as_str() {
            "true" | "yes" | "on" | "y" | "t" | "1" => Some((true, entry.region())),
            "false" | "no" | "off" | "n" | "f" | "0" => Some((false, entry.region())),
            _ => {
                self.mismatch(&entry.value, &format!("`{name}` is `true` or `false`"));
                None
            }
        }
    }

    /// One of these words.
    pub(super) fn choice(&mut self, node: &Node, name: &str, choices: &[&'static str]) -> Option<(&'static str, Region)> {
        let found = self.text(node, name)?;
        if let Some(choice) = choices.iter().find(|choice| **choice == found.text) {
            return Some((choice, found.region));
        }
        let listed: Vec<_> = choices.iter().map(|choice| format!("`{choice}`")).collect();
        let message = Message::new(
            "unknown-choice",
            found.region,
            format!("`{}` cannot stand for `{name}`", found.text),
            "not one of its words",
        );
        let by_case = choices.iter().find(|choice| choice.eq_ignore_ascii_case(&found.text)).copied();
        self.mistakes.push(match by_case.or_else(|| nearest(&found.text, choices.iter().copied())) {
            Some(near) => message.note(format!("its words are {}", listed.join(", "))).help(format!("did you mean `{near}`?")),
            None => message.help(format!("write one of {}", listed.join(", "))),
        });
        None
    }

    /// Reports that a field is missing.
    pub(super) fn missing(&mut self, fields: &Fields<'_>, name: &str) {
        let region = first_line(fields.entries, fields.region);
        let message = format!("{} has no `{name}`", fields.what);
        self.mistakes.push(Message::new("missing-key", region, message, format!("needs `{name}`")));
    }

    /// Reports a value of the wrong kind.
    pub(super) fn mismatch(&mut self, node: &Node, expected: &str) {
        let found = match &node.value {
            Value::Quoted(_) => "text",
            Value::Plain(text) => Scalar::of(text).described(),
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        };
        self.mistakes.push(Message::new("type-mismatch", node.region, format!("{expected}, and this is {found}"), found));
    }

    fn unknown_key(&mut self, key: &Name, what: &str, known: &[&'static str]) {
        let message = format!("{what} has no key `{}`", key.text);
        let message = Message::new("unknown-key", key.region, message, "not known here");
        let listed: Vec<_> = known.iter().map(|key| format!("`{key}`")).collect();
        self.mistakes.push(match nearest(&key.text, known.iter().copied()) {
            Some(near) => message.help(format!("did you mean `{near}`?")),
            None => message.help(format!("its keys are {}", listed.join(", "))),
        });
    }
}

/// Whether a value is YAML's `null`.
pub(super) fn is_null(node: &Node) -> bool {
    matches!(&node.value, Value::Plain(text) if Scalar::of(text) == Scalar::Null)
}

/// The first entry of a mapping, or where the mapping is.
fn first_line(entries: &[Entry], region: Region) -> Region {
    entries.first().map_or(region, |entry| entry.key.region)
}
