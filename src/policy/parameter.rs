//! Values that parameters are given from outside of the policies, each with its place; never what a parameter makes of them.

use std::sync::Arc;

use crate::diagnostic::{SourceText, Span};

/// A value for a parameter, from the command line or a settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenParam {
    /// `floor`, or with its owner: `acme.platform.floor`.
    pub name: Piece,
    /// The value.
    pub value: GivenValue,
    /// What it means that no policy of the run has such a parameter.
    pub undeclared: Undeclared,
}

/// A value as it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenValue {
    /// A text: of a set or list, the elements stand between commas.
    One(Piece),
    /// The elements of a set or list, one by one.
    Several(Span, Vec<Piece>),
}

/// A text, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Its place; what stands there may be written otherwise, as with escapes.
    pub span: Span,
}

/// What it means that no policy of the run has a parameter of this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undeclared {
    /// A mistake: who gave it means these policies.
    Mistake,
    /// Worth a warning: it is given to these policies, among others that may come.
    Warning,
    /// Worth a warning only where the name looks like a slip: it may be meant for the policies of another run.
    Slip,
}

impl GivenParam {
    /// `--param name=value`.
    pub fn on_command_line(name: &str, value: &str) -> Self {
        let source = Arc::new(SourceText { name: "--param".into(), text: format!("{name}={value}") });
        let piece = |text: &str, start: usize| {
            let span = Span { source: Arc::clone(&source), start, end: start + text.len() };
            Piece { text: text.to_owned(), span }
        };
        let value = GivenValue::One(piece(value, name.len() + 1));
        Self { name: piece(name, 0), value, undeclared: Undeclared::Mistake }
    }

    /// The values of a command line, in its order.
    pub fn pairs(pairs: &[(String, String)]) -> Vec<Self> {
        pairs.iter().map(|(name, value)| Self::on_command_line(name, value)).collect()
    }
}

impl GivenValue {
    /// Where it stands.
    pub fn span(&self) -> &Span {
        match self {
            Self::One(piece) => &piece.span,
            Self::Several(span, _) => span,
        }
    }

    /// As one would write it on the command line.
    pub fn text(&self) -> String {
        match self {
            Self::One(piece) => piece.text.clone(),
            Self::Several(_, pieces) => pieces.iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>().join(","),
        }
    }
}

impl Piece {
    /// The place of some bytes of the text; all of it where the text is written otherwise than it reads.
    pub(super) fn part(&self, start: usize, end: usize) -> Span {
        let written = self.span.source.text.get(self.span.start..self.span.end);
        if written != Some(self.text.as_str()) {
            return self.span.clone();
        }
        let start = self.span.start + start;
        Span { source: Arc::clone(&self.span.source), start, end: (self.span.start + end).max(start) }
    }
}
