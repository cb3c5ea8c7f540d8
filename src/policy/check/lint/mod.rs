//! Warnings about rules that compile and cannot be meant: decided by the policies alone, of waivers on a day; never an error, and never by an image.

mod bans;
mod confusable;
mod constant;
mod contradiction;
mod late;
mod subsume;
#[cfg(test)]
mod tests;

pub(in crate::policy) use self::late::late;
use super::resolved::{ModulePattern, Rule};
use crate::{
    diagnostic::{Diagnostic, Label, Severity, Span},
    policy::{
        contract,
        syntax::ast::{Expression, File, Region},
    },
};

/// Letters that look like others: also in files with mistakes, for they may be the mistake.
pub(super) fn confusables(files: &[File]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for file in files {
        let mut linting = Linting { file, found };
        linting.confusables();
        found = linting.found;
    }
    found
}

/// What is worth a look in files without mistakes, and in their resolved rules.
pub(super) fn lint(files: &[File], rules: &[Rule], patterns: &[ModulePattern]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for file in files {
        let mut linting = Linting { file, found };
        // The clauses of a contract were made from YAML: several of them may stand at one place.
        if !contract::is_contract(&file.source.name) {
            for rule in &file.rules {
                linting.constants(rule);
                linting.duplicates(rule);
                linting.contradictions(rule);
            }
        }
        found = linting.found;
    }
    found.extend(bans::lint(rules, patterns));
    found
}

/// One file while it is looked at.
struct Linting<'f> {
    file: &'f File,
    found: Vec<Diagnostic>,
}

impl Linting<'_> {
    fn warn(&mut self, code: &'static str, region: Region, message: String, label: &str) -> &mut Diagnostic {
        let at = self.found.len();
        self.found.push(Diagnostic::new(code, Severity::Warning, message).label(self.file.span(region), label));
        #[expect(clippy::indexing_slicing, reason = "pushed right above")]
        &mut self.found[at]
    }

    /// An expression as written, but for white space and comments.
    fn text(&self, expression: &Expression) -> String {
        bare(self.file.text(expression.region))
    }
}

/// A place that explains the one that a warning is about.
fn explaining(span: Span, text: &str) -> Label {
    Label { span, text: text.to_owned(), primary: false }
}

/// A piece of a policy without comments, and with one space where there is white space, but for what stands in quotes.
fn bare(text: &str) -> String {
    let (mut bare, mut quoted, mut spaced) = (String::with_capacity(text.len()), false, false);
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        if !quoted && letter == '/' && rest.peek() == Some(&'/') {
            while rest.next_if(|next| *next != '\n').is_some() {}
            continue;
        }
        if !quoted && letter.is_whitespace() {
            spaced = true;
            continue;
        }
        if std::mem::take(&mut spaced) {
            bare.push(' ');
        }
        bare.push(letter);
        match letter {
            '"' => quoted = !quoted,
            '\\' if quoted => bare.extend(rest.next()),
            _ => {}
        }
    }
    bare
}
