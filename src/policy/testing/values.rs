//! The settings of a given fact, typed against the schema; never what they make.

use std::collections::BTreeMap;

use jiff::civil::Date;
use smol_str::SmolStr;

use super::forms::{Form, Slot};
use crate::{
    diagnostic::{Diagnostic, Severity},
    facts::{
        Fact,
        schema::{FieldType, Scalar, Type},
    },
    policy::syntax::{
        ast::{self, FactValue, FactValueKind, File, Name, RecordFact, Region},
        words::nearest,
    },
};

/// Collects what is wrong with the facts of a test.
pub(super) struct Reader<'f> {
    pub(super) file: &'f File,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    /// Reports a mistake.
    pub(super) fn error(
        &mut self,
        region: Region,
        code: &'static str,
        message: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        let diagnostic = Diagnostic::new(code, Severity::Error, message).label(self.file.span(region), label).help(help);
        self.diagnostics.push(diagnostic);
    }
}

/// A value of the right type.
#[derive(Debug, Clone)]
enum Given {
    Absent,
    Unknown(SmolStr),
    Bool(bool),
    Int(i64),
    Text(String),
    Date(Date),
    Texts(Vec<String>),
    Map(BTreeMap<String, String>),
}

/// The settings of a fact that have the right type.
#[derive(Debug, Default)]
pub(super) struct Values(BTreeMap<&'static str, Given>);

impl Values {
    /// The text of a field, where it is set.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Given::Text(text) => Some(text.clone()),
            Given::Date(date) => Some(date.to_string()),
            _ => None,
        }
    }

    /// Whether a field is set.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The text of a field that may be absent, and what it is where nothing is said.
    pub(super) fn optional(&self, name: &str, default: Option<String>) -> Option<String> {
        if self.has(name) { self.text(name) } else { default }
    }

    /// A number that is never negative.
    pub(super) fn number<T: TryFrom<i64>>(&self, name: &str) -> Option<T> {
        match self.0.get(name)? {
            Given::Int(number) => T::try_from(*number).ok(),
            _ => None,
        }
    }

    /// A truth value, where it is set.
    pub(super) fn truth(&self, name: &str) -> Option<bool> {
        match self.0.get(name)? {
            Given::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Texts in order, where they are set.
    pub(super) fn texts(&self, name: &str) -> Option<Vec<String>> {
        match self.0.get(name)? {
            Given::Texts(texts) => Some(texts.clone()),
            _ => None,
        }
    }

    /// Texts by text.
    pub(super) fn map(&self, name: &str) -> BTreeMap<String, String> {
        match self.0.get(name) {
            Some(Given::Map(map)) => map.clone(),
            _ => BTreeMap::new(),
        }
    }

    /// A fact that may be unknown, where it is set.
    pub(super) fn fact<T>(&self, name: &str, read: impl Fn(&Self, &str) -> Option<T>) -> Option<Fact<T>> {
        Some(match self.0.get(name)? {
            Given::Absent => Fact::Absent,
            Given::Unknown(reason) => Fact::Unknown(reason.clone()),
            _ => Fact::Known(read(self, name)?),
        })
    }

    /// A text that may be unknown, where it is set.
    pub(super) fn text_fact(&self, name: &str) -> Option<Fact<String>> {
        self.fact(name, Self::text)
    }

    /// A truth value that may be unknown, where it is set.
    pub(super) fn truth_fact(&self, name: &str) -> Option<Fact<bool>> {
        self.fact(name, Self::truth)
    }
}

impl Reader<'_> {
    /// The settings of a record; what is wrong with them is reported.
    pub(super) fn values(&mut self, fact: &RecordFact, form: &Form) -> Values {
        let mut written: Vec<(Region, &str, FactValue)> = Vec::new();
        let as_text = |name: &Name| FactValue { kind: FactValueKind::Text(name.text.clone()), region: name.region };
        if let Some(identity) = &fact.identity {
            match form.identity {
                Some(field) => written.push((identity.region, field, as_text(identity))),
                None => self.not_taken(identity, form, "word"),
            }
        }
        if let Some(text) = &fact.text {
            let stands_for_name = fact.identity.is_none() && form.named == form.identity;
            let field = if stands_for_name { form.identity.or(form.text) } else { form.text };
            match field {
                Some(field) => written.push((text.region, field, as_text(text))),
                None => self.not_taken(text, form, "text"),
            }
        }
        written.extend(fact.settings.iter().map(|(name, value)| (name.region, name.text.as_str(), value.clone())));
        let values = self.typed(form, &written);
        if let Some(name) = form.named.filter(|name| !values.0.contains_key(name))
            && !written.iter().any(|(_, field, ..)| *field == name)
        {
            let message = format!("the fact `{}` has no {name}", form.word);
            self.error(fact.kind.region, "incomplete-fact", message, format!("no `{name}`"), example(form));
        }
        values
    }

    /// The settings of an import.
    pub(super) fn settings(&mut self, settings: &[(Name, FactValue)], form: &Form) -> Values {
        let written: Vec<_> = settings.iter().map(|(name, value)| (name.region, name.text.as_str(), value.clone())).collect();
        self.typed(form, &written)
    }

    fn not_taken(&mut self, name: &Name, form: &Form, what: &str) {
        let message = format!("the fact `{}` takes no {what} behind it", form.word);
        self.error(name.region, "unknown-field", message, "not known here", example(form));
    }

    fn typed(&mut self, form: &Form, written: &[(Region, &str, FactValue)]) -> Values {
        let mut values = Values::default();
        let mut seen: BTreeMap<&str, Region> = BTreeMap::new();
        for (region, name, value) in written {
            if let Some(first) = seen.insert(name, *region) {
                let message = format!("the field `{name}` is given twice");
                let diagnostic = Diagnostic::new("duplicate-name", Severity::Error, message)
                    .label(self.file.span(*region), "the second time")
                    .context(self.file.span(first), "the first time")
                    .help("give it once");
                self.diagnostics.push(diagnostic);
                continue;
            }
            match form.slot(name) {
                None => {
                    let known: Vec<&str> = form.settable().collect();
                    let help = match nearest(name, known.iter().copied()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("known are {}", listed(&known)),
                    };
                    let message = format!("the fact `{}` has no field `{name}`", form.word);
                    self.error(*region, "unknown-field", message, "not known", help);
                }
                Some((_, Slot::Elsewhere)) => {
                    let message = format!("the field `{name}` cannot be set");
                    let help = format!("leave it out: it follows from what else is said of the `{}`", form.word);
                    self.error(*region, "unknown-field", message, "follows from the rest", help);
                }
                Some((field, Slot::Value(ty) | Slot::Record(ty))) => {
                    let given = self.value(form, field, ty, value);
                    values.0.extend(given.map(|given| (field, given)));
                }
            }
        }
        values
    }

    fn value(&mut self, form: &Form, field: &str, ty: FieldType, value: &FactValue) -> Option<Given> {
        let given = match (&value.kind, ty.ty) {
            (FactValueKind::Unknown(reason), _) if form.unknowable.contains(&field) => {
                let reason = reason.as_deref().filter(|reason| !reason.is_empty()).unwrap_or("the test says so");
                Given::Unknown(reason.into())
            }
            (FactValueKind::Unknown(_), _) => {
                let message = format!("`{field}` is never unknown: a scan always settles it");
                let help = match form.unknowable {
                    [] => "say what it is".to_owned(),
                    known => format!("say what it is; what may be unknown of a `{}` is {}", form.word, listed(known)),
                };
                self.error(value.region, "never-unknown", message, "cannot be unknown", help);
                return None;
            }
            (FactValueKind::Absent, _) if ty.optional => Given::Absent,
            (FactValueKind::Absent, _) => {
                let message = format!("`{field}` is never absent");
                self.error(value.region, "never-absent", message, format!("should be of type `{ty}`"), "say what it is");
                return None;
            }
            (FactValueKind::Boolean(value), Type::One(Scalar::Bool)) => Given::Bool(*value),
            (FactValueKind::Integer(number), Type::One(Scalar::Int)) if *number >= 0 => Given::Int(*number),
            (FactValueKind::Text(text), Type::One(Scalar::Choice(words))) if !words.contains(&text.as_str()) => {
                let listed: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
                let help = match nearest(text, words.iter().copied()) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None => format!("use one of {}", listed.join(", ")),
                };
                let message = format!("`{field}` is never \"{text}\": it is one of {}", listed.join(", "));
                self.error(value.region, "unknown-value", message, "not one of these", help);
                return None;
            }
            (FactValueKind::Text(text), Type::One(scalar)) if is_text(scalar) => Given::Text(text.clone()),
            (FactValueKind::Date(date), Type::One(Scalar::Date)) => Given::Date(*date),
            (FactValueKind::List(items), Type::List(scalar) | Type::Set(scalar)) if is_text(scalar) => {
                Given::Texts(items.iter().map(|item| self.text_of(field, item)).collect::<Option<_>>()?)
            }
            (FactValueKind::Map(entries), Type::Map) => Given::Map(entries.iter().cloned().collect()),
            (kind, _) => {
                let message = format!("expected {}, found {}", wanted(ty), found(kind));
                self.error(value.region, "type-mismatch", message, format!("`{field}` is of type `{ty}`"), way(ty));
                return None;
            }
        };
        Some(given)
    }

    fn text_of(&mut self, field: &str, item: &FactValue) -> Option<String> {
        if let FactValueKind::Text(text) = &item.kind {
            return Some(text.clone());
        }
        let message = format!("expected text, found {}", found(&item.kind));
        self.error(item.region, "type-mismatch", message, format!("`{field}` is a list of texts"), "put it in quotes");
        None
    }
}

fn is_text(scalar: Scalar) -> bool {
    !matches!(scalar, Scalar::Bool | Scalar::Int | Scalar::Date | Scalar::Record(_))
}

fn wanted(ty: FieldType) -> &'static str {
    match ty.ty {
        Type::One(Scalar::Bool) => "`true` or `false`",
        Type::One(Scalar::Int) => "a number that is not negative",
        Type::One(Scalar::Date) => "a day",
        Type::One(Scalar::Record(_)) => "`unknown` or `absent`",
        Type::One(_) => "text",
        Type::List(_) | Type::Set(_) => "a list",
        Type::Map => "a map",
    }
}

fn found(kind: &FactValueKind) -> &'static str {
    match kind {
        FactValueKind::Unknown(_) => "`unknown`",
        FactValueKind::Absent => "`absent`",
        FactValueKind::List(_) => "a list",
        FactValueKind::Map(_) => "a map",
        FactValueKind::Date(_) => "a day",
        FactValueKind::Integer(number) if *number < 0 => "a negative number",
        FactValueKind::Integer(_) => "a number",
        FactValueKind::Boolean(_) => "a truth value",
        FactValueKind::Text(_) => "text",
    }
}

fn way(ty: FieldType) -> &'static str {
    match ty.ty {
        Type::One(Scalar::Bool) => "write `true` or `false`",
        Type::One(Scalar::Int) => "write a number",
        Type::One(Scalar::Date) => "write a day such as 2027-03-31",
        Type::One(Scalar::Record(_)) => "say what it is in the braces",
        Type::One(_) => "put it in quotes",
        Type::List(_) | Type::Set(_) => "write a list: [\"a\", \"b\"]",
        Type::Map => "write a map: {\"name\": \"value\"}",
    }
}

/// How a fact of a form begins.
fn example(form: &Form) -> String {
    let mut example = form.word.to_owned();
    if let Some(identity) = form.identity {
        example.push(' ');
        example.push_str(identity);
    }
    if let Some(text) = form.text {
        example.push_str(&format!(" \"{text}\""));
    }
    format!("write `{example} (field = value)`")
}

pub(super) fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A variable without annotation and value is how a fact of one word reads: `image` on a line of its own.
pub(super) fn bare(member: &ast::Member) -> Option<RecordFact> {
    let ast::MemberKind::Attribute(attribute) = &member.kind else { return None };
    let plain = !attribute.instance && attribute.annotation.is_none() && attribute.value.is_none();
    (plain && !member.optional && member.decorators.is_empty()).then(|| RecordFact {
        kind: attribute.name.clone(),
        identity: None,
        text: None,
        settings: Vec::new(),
        facts: Vec::new(),
        region: member.region,
    })
}
