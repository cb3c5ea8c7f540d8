//! How a report for people looks: width and colours; never what it says.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

use crate::diagnostic::Severity;

/// How a report for people looks.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Columns to use.
    pub width: usize,
    /// Its colours.
    pub palette: Palette,
}

impl Look {
    /// A look without colours.
    pub fn plain(width: usize) -> Self {
        Self { width, palette: Palette::default() }
    }

    /// A look with colours.
    pub fn coloured(width: usize) -> Self {
        Self { width, palette: Palette::coloured() }
    }
}

/// The colours of a report; by default none.
#[derive(Debug, Clone, Copy, Default)]
pub struct Palette {
    /// Errors and a failed run.
    pub error: Style,
    /// Warnings, and what is not whole.
    pub warning: Style,
    /// Notes.
    pub note: Style,
    /// What cannot be settled.
    pub unknown: Style,
    /// A passed run.
    pub good: Style,
    /// The bars and numbers beside source lines.
    pub gutter: Style,
    /// What the eye should find.
    pub strong: Style,
    /// What may be passed over.
    pub dim: Style,
}

impl Palette {
    /// The colours of rustc's own diagnostics, which most readers know.
    pub fn coloured() -> Self {
        Self {
            error: AnsiColor::BrightRed.on_default().bold(),
            warning: AnsiColor::Yellow.on_default().bold(),
            note: AnsiColor::Cyan.on_default().bold(),
            unknown: AnsiColor::Magenta.on_default().bold(),
            good: AnsiColor::Green.on_default().bold(),
            gutter: AnsiColor::BrightBlue.on_default().bold(),
            strong: Style::new().bold(),
            dim: Style::new().dimmed(),
        }
    }

    /// The colour of a severity.
    pub fn severity(&self, severity: Severity) -> Style {
        match severity {
            Severity::Error => self.error,
            Severity::Warning => self.warning,
            Severity::Note => self.note,
        }
    }
}

/// The text in a style.
pub(super) fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}
