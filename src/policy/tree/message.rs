//! A mistake in a contract or data file with its place; never the finding of it.

use std::sync::Arc;

use crate::{
    diagnostic::{Diagnostic, Severity, SourceText, Span},
    policy::syntax::ast::Region,
};

/// A mistake and its place.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::policy) struct Message(Box<Parts>);

/// What a mistake is made of; boxed, so that a tree that was read well does not carry room for it.
#[derive(Debug, Clone, PartialEq)]
struct Parts {
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
        let (message, label) = (message.into(), label.into());
        Self(Box::new(Parts { code, region, message, label, context: None, note: None, help: None }))
    }

    pub(in crate::policy) fn context(mut self, region: Region, text: impl Into<String>) -> Self {
        self.0.context = Some((region, text.into()));
        self
    }

    pub(in crate::policy) fn note(mut self, note: impl Into<String>) -> Self {
        self.0.note = Some(note.into());
        self
    }

    pub(in crate::policy) fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// As a diagnostic of the text.
    pub(in crate::policy) fn diagnostic(self, source: &Arc<SourceText>) -> Diagnostic {
        let span = |region: Region| Span { source: Arc::clone(source), start: region.start, end: region.end };
        let Parts { code, region, message, label, context, note, help } = *self.0;
        let mut diagnostic = Diagnostic::new(code, Severity::Error, message).label(span(region), label);
        if let Some((region, text)) = context {
            diagnostic = diagnostic.context(span(region), text);
        }
        Diagnostic { notes: note.into_iter().collect(), help, ..diagnostic }
    }
}
