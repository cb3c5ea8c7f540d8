//! What is known of the terminal: colour, width, whether somebody watches; never what is said there.

use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice, stream::RawStream};
use rustix::termios::tcgetwinsize;

use super::{arguments::Color, exit::Failure};
use crate::report::{Look, Palette, sanitise};

/// Columns of a report that goes to a file or a pipe.
const UNWATCHED: usize = 100;
/// Prose in longer lines is hard to read.
const WIDEST: usize = 120;
/// Below this nothing can be laid out.
const NARROWEST: usize = 40;

/// What is known of the terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terminal {
    color: Color,
    quiet: bool,
}

impl Terminal {
    pub(super) fn new(color: Color, quiet: bool) -> Self {
        Self { color, quiet }
    }

    /// Whether progress is shown: only where somebody watches.
    pub(super) fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// How a report on standard output looks.
    pub(super) fn look(&self) -> Look {
        let stdout = io::stdout();
        let colour = self.colours();
        let width = if stdout.is_terminal() { tcgetwinsize(&stdout).ok().map(|size| usize::from(size.ws_col)) } else { None };
        let said = || std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let width = width.or_else(said).filter(|width| *width > 0).unwrap_or(UNWATCHED).clamp(NARROWEST, WIDEST);
        if colour { Look::coloured(width) } else { Look::plain(width) }
    }

    /// Whether what is said on standard output has colour.
    pub(super) fn colours(&self) -> bool {
        self.choice(&io::stdout()) != ColorChoice::Never
    }

    /// How a report in a file looks.
    pub(super) fn look_of_a_file() -> Look {
        Look::plain(UNWATCHED)
    }

    /// Whether what is said on standard error has colour.
    pub(super) fn colours_talk(&self) -> bool {
        self.choice(&io::stderr()) != ColorChoice::Never
    }

    /// Standard output, buffered; escapes of a `Look` pass through as they are.
    pub(super) fn stdout(&self) -> BufWriter<io::StdoutLock<'static>> {
        BufWriter::with_capacity(1 << 16, io::stdout().lock())
    }

    /// Says on standard error why the command ends.
    pub(super) fn say_error(&self, failure: &Failure) {
        let palette = if self.colours_talk() { Palette::coloured() } else { Palette::default() };
        let style = palette.error;
        let code = failure.code().map(|code| format!("[{}]", sanitise(code))).unwrap_or_default();
        let mut text = format!("{style}error{code}{style:#}: {}\n", sanitise(&failure.to_string()));
        for cause in failure.causes() {
            text.push_str(&format!("  because: {}\n", sanitise(cause)));
        }
        self.say(&text);
    }

    /// Says on standard error why the process ends, from wherever that is.
    pub(super) fn say_last(failure: &Failure) {
        let code = failure.code().map(|code| format!("[{}]", sanitise(code))).unwrap_or_default();
        let _ = writeln!(io::stderr(), "error{code}: {}", sanitise(&failure.to_string()));
    }

    /// Says something on standard error.
    pub(super) fn say(&self, text: &str) {
        // Nobody is left to be told that standard error is closed.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    fn choice(&self, stream: &impl RawStream) -> ColorChoice {
        match self.color {
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
            // What the stream itself, `NO_COLOR`, `CLICOLOR_FORCE` and `TERM` say.
            Color::Auto => AutoStream::choice(stream),
        }
    }
}
