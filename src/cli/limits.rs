//! `douane limits`: what bounds a scan; and the end of one that goes on beyond its time. Never what reaching a limit means.

use std::{
    str::FromStr,
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread::Builder,
    time::Duration,
};

use clap::Args;

use super::{exit::Failure, output::print, terminal::Terminal};
use crate::limits::{FIXED, LimitError, Limits, NAMED};

/// What judging may take beside reading, at least.
const JUDGING: Duration = Duration::from_secs(60);

/// What bounds a scan.
#[derive(Debug, Args)]
pub(super) struct LimitArguments {
    /// A limit of the scan, such as `layer-size=8GiB`; `douane limits` lists them.
    #[arg(long = "limit", value_name = "NAME=VALUE")]
    limits: Vec<GivenLimit>,
}

impl LimitArguments {
    /// Sets what is given.
    pub(super) fn apply(&self, limits: &mut Limits) -> Result<(), LimitError> {
        self.limits.iter().try_for_each(|given| limits.set(&given.name, &given.value))
    }
}

/// `NAME=VALUE` of a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
struct GivenLimit {
    name: String,
    value: String,
}

impl FromStr for GivenLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text.split_once('=').ok_or("expected `NAME=VALUE`, such as `layer-size=8GiB`")?;
        Limits::default().set(name, value).map_err(|error| error.to_string())?;
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}

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
