//! Strings and messages as they are written: quotes, escapes, braces; never an expression's own form.

use super::{Printer, expression::Precedence};
use crate::policy::syntax::ast::{Name, Template, TemplatePart};

/// A string with its quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// One string, or a set of them.
pub(super) fn quoted_set<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let texts: Vec<String> = texts.map(quoted).collect();
    match texts.as_slice() {
        [only] => only.clone(),
        _ => format!("{{{}}}", texts.join(", ")),
    }
}

/// One word, or a set of them.
pub(super) fn word_set(words: &[Name]) -> String {
    match words {
        [only] => only.text.clone(),
        _ => format!("{{{}}}", words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(", ")),
    }
}

impl Printer<'_> {
    /// A message. Beside a value the language has no escapes: what would need one (only a tree that was not read from a policy
    /// can hold it) becomes what reads alike.
    pub(super) fn template(&self, template: &Template) -> String {
        let has_values = template.parts.iter().any(|part| matches!(part, TemplatePart::Value(_)));
        let mut text = String::new();
        for part in &template.parts {
            match part {
                TemplatePart::Text(plain) => {
                    let plain = plain.replace('{', "{{").replace('}', "}}");
                    text.push_str(&if has_values { without_escapes(&plain) } else { plain });
                }
                TemplatePart::Value(value) => {
                    text.push('{');
                    text.push_str(&self.expression(value, Precedence::Or).on_one_line());
                    text.push('}');
                }
            }
        }
        if has_values { format!("\"{text}\"") } else { quoted(&text) }
    }
}

fn without_escapes(text: &str) -> String {
    text.replace('"', "'").replace('\\', "/").replace(['\n', '\t'], " ")
}
