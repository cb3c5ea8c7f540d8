//! A mistake in a contract or data file with its place; never the finding of it.

use std::sync::Arc;

use crate::{
    diagnostic::{Diagnostic, Severity, SourceText, Span},
    policy::syntax::ast::Region,
};

/// A mistake and its place.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::policy) struct Message {
    code: &'static str,
    region: Region,
    message: String,
    label: String,
    context: Option<(Region, String)>,
    note: Option<String>,
    help: Option<String>,
}

impl Message {
    pub(in crate::policy) fn new(
        code: &'static str,
        region: Region,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        Self { code, region, message: message.into(), label: label.into(), context: None, note: None, help: None }
    }

    pub(in crate::policy) fn context(self, region: Region, text: impl Into<String>) -> Self {
        Self { context: Some((region, text.into())), ..self }
    }

    pub(in crate::policy) fn note(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    pub(in crate::policy) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// As a diagnostic of the text.
    pub(in crate::policy) fn diagnostic(self, source: &Arc<SourceText>) -> Diagnostic {
        let span = |region: Region| Span { source: Arc::clone(source), start: region.start, end: region.end };
        let mut diagnostic = Diagnostic::new(self.code, Severity::Error, self.message).label(span(self.region), self.label);
        if let Some((region, text)) = self.context {
            diagnostic = diagnostic.context(span(region), text);
        }
        Diagnostic { notes: self.note.into_iter().collect(), help: self.help, ..diagnostic }
    }
}
