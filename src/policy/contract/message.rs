//! A mistake in a contract with its place in the YAML; never the finding of it.

use crate::{
    diagnostic::{Diagnostic, Severity},
    policy::syntax::ast::{File, Region},
};

/// A mistake and its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Message {
    code: &'static str,
    region: Region,
    message: String,
    label: String,
    context: Option<(Region, String)>,
    note: Option<String>,
    help: Option<String>,
}

impl Message {
    pub(super) fn new(code: &'static str, region: Region, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { code, region, message: message.into(), label: label.into(), context: None, note: None, help: None }
    }

    pub(super) fn context(self, region: Region, text: impl Into<String>) -> Self {
        Self { context: Some((region, text.into())), ..self }
    }

    pub(super) fn note(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// As a diagnostic of the file.
    pub(super) fn diagnostic(self, file: &File) -> Diagnostic {
        let mut diagnostic =
            Diagnostic::new(self.code, Severity::Error, self.message).label(file.span(self.region), self.label);
        if let Some((region, text)) = self.context {
            diagnostic = diagnostic.context(file.span(region), text);
        }
        Diagnostic { notes: self.note.into_iter().collect(), help: self.help, ..diagnostic }
    }
}
