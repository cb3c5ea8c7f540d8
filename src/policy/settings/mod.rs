//! What a settings file says: which policies apply, how strictly, and with which parameters; never finding or reading the file.

#[cfg(test)]
mod tests;

use std::{ops::Range, sync::Arc};

use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::{
    library,
    parameter::{GivenParam, GivenValue, Piece, Undeclared},
    syntax::{ast::Region, words::nearest},
    tree::message::Message,
};
use crate::{
    diagnostic::{Diagnostic, SourceText, Span},
    limits::{LimitError, Limits, NAMED},
};

/// The keys of a settings file.
const KEYS: [&str; 4] = ["policies", "strict", "params", "limits"];

/// What a settings file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// What would stand behind `-p`; nothing where the file does not say.
    pub policies: Option<Vec<String>>,
    /// Whether what is left open fails.
    pub strict: Option<bool>,
    /// Values for parameters, what is named more closely last.
    pub params: Vec<GivenParam>,
    /// Names and values of limits; each can be set.
    pub limits: Vec<(String, String)>,
}

/// Reads the text of a settings file, or tells every mistake in it. `is_there` tells whether a path leads anywhere.
pub fn settings(source: &Arc<SourceText>, is_there: &dyn Fn(&str) -> bool) -> Result<Settings, Vec<Diagnostic>> {
    let (table, mut errors) = DeTable::parse_recoverable(&source.text);
    errors.sort_by_key(|error| error.span().map_or(usize::MAX, |span| span.start));
    let mut reading = Reading { source, is_there, mistakes: Vec::new() };
    let line = |start: usize| source.text.bytes().take(start).filter(|byte| *byte == b'\n').count();
    let mut broken_lines: Vec<usize> = Vec::new();
    for error in errors {
        let end = source.text.len();
        let place = error.span().map_or(Region { start: end, end }, |span| region(&span));
        let here = line(place.start);
        let follows = broken_lines.last().is_some_and(|last| here <= last + 1);
        broken_lines.push(here);
        if follows {
            // A bracket that is not closed makes a mistake of every line below it: one is told of.
            continue;
        }
        let reason = error.message().lines().next().unwrap_or("").to_owned();
        let message = format!("the settings are no TOML: {reason}");
        reading.mistakes.push((place, Message::new("settings-syntax", place, message, "cannot be read")));
    }
    let syntax = reading.mistakes.len();
    let settings = reading.all(table.get_ref());
    let (source, mut mistakes) = (reading.source, reading.mistakes);
    if mistakes.is_empty() {
        return Ok(settings);
    }
    // What could not be read was made into something that nobody wrote: it is told of once.
    let mut at = 0;
    mistakes.retain(|(place, _)| {
        at += 1;
        at <= syntax || !broken_lines.contains(&line(place.start))
    });
    mistakes.sort_by_key(|(place, _)| *place);
    Err(mistakes.into_iter().map(|(_, message)| message.diagnostic(source)).collect())
}

/// A settings file while it is read.
struct Reading<'s> {
    source: &'s Arc<SourceText>,
    is_there: &'s dyn Fn(&str) -> bool,
    mistakes: Vec<(Region, Message)>,
}

impl Reading<'_> {
    fn all(&mut self, table: &DeTable<'_>) -> Settings {
        let mut settings = Settings::default();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "policies" => settings.policies = self.policies(value),
                "strict" => match value.get_ref() {
                    DeValue::Boolean(strict) => settings.strict = Some(*strict),
                    _ => self.mismatch(value, "`strict` is `true` or `false`", None),
                },
                "params" => match value.get_ref() {
                    DeValue::Table(table) => self.params(table, None, &mut settings.params),
                    _ => self.mismatch(value, "`params` is a table of names and values", Some("write `[params]`".into())),
                },
                "limits" => match value.get_ref() {
                    DeValue::Table(table) => settings.limits = self.limits(table),
                    _ => self.mismatch(value, "`limits` is a table of names and values", Some("write `[limits]`".into())),
                },
                unknown => self.unknown_key(unknown, key, value),
            }
        }
        // A table has no order: what is named more closely goes before what is not, wherever it stands.
        settings.params.sort_by(|left, right| {
            let key = |param: &GivenParam| (param.name.text.len(), param.name.span.start);
            key(left).cmp(&key(right))
        });
        settings
    }

    fn limits(&mut self, table: &DeTable<'_>) -> Vec<(String, String)> {
        let mut given = Vec::new();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let Some(text) = self.single(value) else { continue };
            match Limits::default().set(name, &text.text) {
                Ok(()) => given.push((name.to_owned(), text.text)),
                Err(LimitError::Value { expected, .. }) => {
                    self.mismatch(value, &format!("the limit `{name}` is {expected}"), None);
                }
                Err(LimitError::Unknown { .. }) => {
                    let place = region(&key.span());
                    let message = Message::new("unknown-key", place, format!("there is no limit `{name}`"), "not known here");
                    self.mistake(
                        place,
                        match nearest(name, NAMED.iter().map(|limit| limit.name)) {
                            Some(near) => message.help(format!("did you mean `{near}`?")),
                            None => message.help("`douane limits` lists them"),
                        },
                    );
                }
            }
        }
        given
    }

    fn policies(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Vec<String>> {
        let DeValue::Array(items) = value.get_ref() else {
            let help = value.get_ref().as_str().map(|text| format!("write `[{}]`", quoted(text)));
            self.mismatch(value, "`policies` is a list", help);
            return None;
        };
        if items.is_empty() {
            let place = region(&value.span());
            let message = Message::new("no-policies", place, "`policies` names none, and nothing would be checked", "empty");
            self.mistake(place, message.help("name some, or leave the key out: then the whole library applies"));
        }
        let mut policies = Vec::new();
        for item in items.iter() {
            match item.get_ref().as_str() {
                Some(policy) => {
                    self.leads_somewhere(policy, item);
                    policies.push(policy.to_owned());
                }
                None => self.mismatch(item, "a policy is named by a text", None),
            }
        }
        Some(policies)
    }

    fn leads_somewhere(&mut self, policy: &str, item: &Spanned<DeValue<'_>>) {
        if library::find(policy).is_some() || (!policy.is_empty() && (self.is_there)(policy)) {
            return;
        }
        let place = region(&item.span());
        let message =
            format!("`{policy}` is no policy: neither a path from this file's directory nor a package of the library");
        let help = match nearest(policy, library::packages()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let known: Vec<String> = library::packages().map(|package| format!("`{package}`")).collect();
                format!("name a file, a directory, or one of {}", known.join(", "))
            }
        };
        self.mistake(place, Message::new("unknown-policy", place, message, "leads nowhere").help(help));
    }

    /// The parameters of a table; those of a table in it have its name before theirs.
    fn params(&mut self, table: &DeTable<'_>, owner: Option<&Piece>, found: &mut Vec<GivenParam>) {
        for (key, value) in table {
            let name = self.name(owner, key);
            let given = match value.get_ref() {
                DeValue::Table(inner) => {
                    self.params(inner, Some(&name), found);
                    continue;
                }
                DeValue::Array(items) => {
                    let pieces: Vec<_> = items.iter().map(|item| self.single(item)).collect();
                    pieces.into_iter().collect::<Option<_>>().map(|all| GivenValue::Several(self.span(&value.span()), all))
                }
                _ => self.single(value).map(GivenValue::One),
            };
            found.extend(given.map(|value| GivenParam { name, value, undeclared: Undeclared::Warning }));
        }
    }

    /// A name with that of its table; both are marked where they stand side by side.
    fn name(&self, owner: Option<&Piece>, key: &Spanned<DeString<'_>>) -> Piece {
        let (own, span) = (key.get_ref().as_ref(), self.span(&key.span()));
        let Some(owner) = owner else { return Piece { text: own.to_owned(), span } };
        let between = self.source.text.get(owner.span.end..span.start);
        let beside = between.is_some_and(|between| between.trim() == ".");
        let start = if beside { owner.span.start } else { span.start };
        Piece { text: format!("{}.{own}", owner.text), span: Span { start, ..span } }
    }

    /// A single value, as `--param` takes it.
    fn single(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Piece> {
        let span = self.span(&value.span());
        let written = || self.source.text.get(span.start..span.end).unwrap_or("").to_owned();
        let text = match value.get_ref() {
            DeValue::String(text) => {
                let inside = Span { start: span.start + 1, end: span.end.saturating_sub(1), ..span.clone() };
                let is_plain = self.source.text.get(inside.start..inside.end) == Some(text.as_ref());
                let span = if is_plain { inside } else { span };
                return Some(Piece { text: text.to_string(), span });
            }
            DeValue::Integer(number) => {
                let read = i64::from_str_radix(number.as_str(), number.radix());
                read.map_or_else(|_| written(), |number| number.to_string())
            }
            DeValue::Boolean(truth) => truth.to_string(),
            DeValue::Datetime(_) => written(),
            DeValue::Float(_) => {
                let (place, text) = (region(&value.span()), written());
                let message = format!("`{text}` is a number with a point, and there are none");
                let message = Message::new("no-fractions", place, message, "not a whole number");
                let message = message.note("as a number 3.10 would be 3.1: versions are written as text");
                self.mistake(place, message.help(format!("write \"{text}\"")));
                return None;
            }
            DeValue::Array(_) | DeValue::Table(_) => {
                self.mismatch(value, "a list holds single values", None);
                return None;
            }
        };
        Some(Piece { text, span })
    }

    fn unknown_key(&mut self, name: &str, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) {
        let place = region(&key.span());
        let message = Message::new("unknown-key", place, format!("settings have no key `{name}`"), "not known here");
        let is_value = !matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_));
        let help = match nearest(name, KEYS) {
            Some(near) => format!("did you mean `{near}`?"),
            None if is_value => "the keys are `policies` and `strict`; parameters stand below `[params]`".to_owned(),
            None => "the keys are `policies`, `strict`, `params` and `limits`".to_owned(),
        };
        self.mistake(place, message.help(help));
    }

    fn mismatch(&mut self, value: &Spanned<DeValue<'_>>, expected: &str, help: Option<String>) {
        let found = match value.get_ref() {
            DeValue::String(_) => "text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "a truth value",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let place = region(&value.span());
        let message = Message::new("type-mismatch", place, format!("{expected}, and this is {found}"), found);
        self.mistake(
            place,
            match help {
                Some(help) => message.help(help),
                None => message,
            },
        );
    }

    fn mistake(&mut self, place: Region, message: Message) {
        self.mistakes.push((place, message));
    }

    fn span(&self, span: &Range<usize>) -> Span {
        Span { source: Arc::clone(self.source), start: span.start, end: span.end }
    }
}

fn region(span: &Range<usize>) -> Region {
    Region { start: span.start, end: span.end }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
