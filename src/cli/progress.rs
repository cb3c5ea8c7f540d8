//! A line that shows that work goes on, on a terminal only; never in a log.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::terminal::Terminal;
use crate::report::sanitise;

/// How often the line moves.
const TICK: Duration = Duration::from_millis(100);

/// A line on standard error that goes away when it is dropped.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Shows what is worked on, where somebody watches.
    pub(super) fn start(terminal: &Terminal, doing: &str, target: &str) -> Self {
        if !terminal.shows_progress() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} · {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(format!("{doing} {}", sanitise(target)));
        bar.enable_steady_tick(TICK);
        Self(bar)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
