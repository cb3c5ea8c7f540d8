//! Code, severity, labelled spans and their rendering; never knowledge of any stage.

mod lines;
mod render;

pub use lines::{LineColumn, LineIndex};
pub use render::{Style, render};

/// How bad a diagnostic, or the breaking of a rule, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Should be mended; does not fail a run.
    Warning,
    /// Fails a run.
    Error,
}

/// A text that spans point into, shared by all diagnostics of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// The name to show, such as `policies/imports.douane`.
    pub name: String,
    /// The text.
    pub text: String,
}

/// A place in a source text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The text.
    pub source: std::sync::Arc<SourceText>,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A labelled place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What to say there; may be empty.
    pub text: String,
    /// Whether this is the place that the diagnostic is about, rather than one that explains it.
    pub primary: bool,
}

/// Something to tell a person about a text that they wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable, documented kebab-case code, such as `unknown-field`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What was found: lower case, no final stop.
    pub message: String,
    /// Where, the primary label first.
    pub labels: Vec<Label>,
    /// What was expected, and why.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A diagnostic without labels, notes and help.
    pub fn new(code: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        Self { code, severity, message: message.into(), labels: Vec::new(), notes: Vec::new(), help: None }
    }

    /// Labels the place that the diagnostic is about.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into(), primary: true });
        self
    }

    /// Labels a place that explains.
    #[must_use]
    pub fn context(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into(), primary: false });
        self
    }

    /// Says what was expected, and why.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
