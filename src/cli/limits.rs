//! `douane limits`: what bounds a scan; and the end of one that goes on beyond its time. Never what reaching a limit means.

use std::{
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread::Builder,
    time::Duration,
};

use super::{exit::Failure, output::print, terminal::Terminal};
use crate::limits::{FIXED, Limits, NAMED};

/// What judging may take beside reading, at least.
const JUDGING: Duration = Duration::from_secs(60);

pub(super) fn run(terminal: &Terminal) -> Result<u8, Failure> {
    let limits = Limits::default();
    print(terminal, |out| {
        for limit in &NAMED {
            writeln!(out, "{:16}  {:>8}  {}", limit.name, limit.show(&limits), limit.about)?;
        }
        writeln!(out, "\nSet with `--limit NAME=VALUE`, or in `douane.toml` below `[limits]`. Fixed:")?;
        for limit in &FIXED {
            writeln!(out, "{:16}  {:>8}  {}", "", limit.value, limit.about)?;
        }
        Ok(())
    })?;
    Ok(0)
}

/// Ends the process where a target takes far longer than its time: what reads layers keeps to it by itself, and whatever else an
/// image from a stranger may slow down is not to hold a build for ever.
pub(super) struct Watch {
    _done: Option<Sender<()>>,
}

impl Watch {
    /// Watches the work on one target until dropped.
    pub(super) fn start(limits: &Limits, target: &str) -> Self {
        let (done, waiting) = channel();
        let time = limits.time.saturating_mul(2).saturating_add(JUDGING);
        let target = target.to_owned();
        let watch = Builder::new().name("watch".to_owned()).spawn(move || {
            if waiting.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
                let failure = Failure::OutOfTime { target, seconds: time.as_secs() };
                Terminal::say_last(&failure);
                std::process::exit(i32::from(failure.exit_code()));
            }
        });
        // Without the thread the work goes on unwatched, as it would on a machine that cannot start any.
        Self { _done: watch.is_ok().then_some(done) }
    }
}
