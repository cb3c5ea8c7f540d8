//! Strings and messages: escapes, and expressions in braces; never resolving a name.

use pest::{Parser, iterators::Pair};

use super::Lowering;
use crate::policy::syntax::{
    ast::{Expression, Region, Template, TemplatePart},
    errors,
    parse::{PolicyParser, Rule},
    scan,
};

impl Lowering {
    /// The text of a string, and whether it stands in the source just as it is (no escapes).
    pub(super) fn text(&mut self, pair: &Pair<'_, Rule>, base: usize) -> (String, Verbatim) {
        let region = self.region(pair, base);
        let raw = pair.as_str();
        let raw = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(raw);
        if !raw.contains('\\') {
            return (raw.to_owned(), Verbatim::Yes);
        }
        let mut text = String::with_capacity(raw.len());
        let mut characters = raw.char_indices();
        while let Some((at, character)) = characters.next() {
            if character != '\\' {
                text.push(character);
                continue;
            }
            match characters.next() {
                Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                Some((_, other)) => {
                    let start = region.start + 1 + at;
                    self.report(errors::escape(other), Region { start, end: start + 1 + other.len_utf8() });
                }
                None => {}
            }
        }
        (text, Verbatim::No)
    }

    /// A message: text with expressions in braces; `{{` and `}}` are braces themselves.
    pub(super) fn template(&mut self, pair: &Pair<'_, Rule>, base: usize) -> Template {
        let start = base + pair.as_span().start() + 1;
        let (text, verbatim) = self.text(pair, base);
        let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), text.as_str());
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            plain.push_str(before);
            let offset = start + (text.len() - from.len());
            if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                plain.push_str(if from.starts_with('{') { "{" } else { "}" });
                rest = after;
                continue;
            }
            let inside = from.strip_prefix('{').and_then(|inner| inner.split_once('}'));
            let Some((expression, after)) = inside else {
                let region =
                    if verbatim == Verbatim::Yes { Region { start: offset, end: offset + 1 } } else { self.region(pair, base) };
                self.report(errors::lone_brace(), region);
                return Template { parts };
            };
            if verbatim == Verbatim::No {
                let region = self.region(pair, base);
                self.report(errors::escape_in_template(), region);
                return Template { parts };
            }
            if !plain.is_empty() {
                parts.push(TemplatePart::Text(std::mem::take(&mut plain)));
            }
            if let Some(value) = self.embedded(expression, offset + 1) {
                parts.push(TemplatePart::Value(value));
            }
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(TemplatePart::Text(plain));
        }
        Template { parts }
    }

    /// An expression inside a message.
    fn embedded(&mut self, text: &str, base: usize) -> Option<Expression> {
        let region = Region { start: base, end: base + text.len() };
        if let Some(problem) = scan::scan(text).problems.first() {
            let at = problem.region();
            self.report(errors::embedded(), Region { start: base + at.start, end: base + at.end });
            return None;
        }
        match PolicyParser::parse(Rule::whole_expression, text) {
            Ok(mut pairs) => {
                let expression = pairs.next()?.into_inner().find(|pair| pair.as_rule() == Rule::expression)?;
                Some(self.expression(expression, base))
            }
            Err(error) => {
                let diagnostic = errors::expected(&self.file, &error, region);
                self.add([diagnostic]);
                None
            }
        }
    }
}

/// Whether a string's text stands in the source just as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verbatim {
    Yes,
    No,
}
