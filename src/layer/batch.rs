//! Handing kept files to the worker pool in batches, under a byte budget, and taking their facts back; never which files.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rayon::{Scope, ThreadPool, ThreadPoolBuilder};

use super::{
    content::{Bytes, Content, Unreadable},
    error::LayerProblem,
    gap_code,
    index::{Entry, LayerGap},
    select::{Extract, FileKind},
};
use crate::{extract::FileFacts, limits::Limits};

/// Bytes of files that go to a worker at once: enough to make handing over cheap, few enough to share work evenly.
const BATCH: usize = 1 << 20;

/// Stack of a worker: a parser may recurse as deeply as a hostile file nests.
const STACK: usize = 64 << 20;

/// The threads that read files, and the budget of bytes that wait for them. One for a scan, shared by all its layers.
///
/// The pool is built here, and not rayon's global one, for its large stacks.
#[derive(Debug)]
pub struct Workers {
    pool: ThreadPool,
    budget: Budget,
    threads: usize,
    deadline: Deadline,
}

/// When the reading of a target has to end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    /// Never, where the clock does not reach that far.
    end: Option<Instant>,
    time: Duration,
}

impl Deadline {
    /// So much time from now on.
    pub(super) fn after(time: Duration) -> Self {
        Self { end: Instant::now().checked_add(time), time }
    }

    /// Whether the time is up.
    pub(super) fn is_over(self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }

    /// What is said of it then.
    pub(super) fn problem(self) -> LayerProblem {
        LayerProblem::OutOfTime { limit: self.time.as_secs() }
    }
}

impl Workers {
    /// One worker for each core.
    pub fn new(limits: &Limits) -> Result<Self, LayerProblem> {
        Self::with_threads(std::thread::available_parallelism().map_or(1, usize::from), limits)
    }

    /// A given number of workers.
    pub fn with_threads(threads: usize, limits: &Limits) -> Result<Self, LayerProblem> {
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .stack_size(STACK)
            .thread_name(|index| format!("extract-{index}"))
            .build()
            .map_err(|error| LayerProblem::Internal(error.to_string()))?;
        let budget = Budget { used: Mutex::new(0), freed: Condvar::new(), limit: limits.in_flight };
        Ok(Self { pool, budget, threads, deadline: Deadline::after(limits.time) })
    }

    /// When the reading has to end: the time began when the workers were made.
    pub(super) fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// How many workers there are.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// The pool itself, for other work on many cores that may need deep stacks.
    pub fn pool(&self) -> &ThreadPool {
        &self.pool
    }

    /// Runs `read`, which hands files to its batches, and gives what became of them to the entries that it returns.
    ///
    /// `read` runs in the calling thread, which may wait for the budget: it must be no worker of the pool.
    pub(super) fn run<T>(
        &self,
        extract: &dyn Extract,
        read: impl FnOnce(&mut Batches<'_, '_>) -> Result<T, LayerProblem>,
        entries: impl FnOnce(&mut T) -> (&mut Vec<Entry>, &mut Vec<LayerGap>),
    ) -> Result<T, LayerProblem> {
        let shared = Shared { budget: &self.budget, deadline: self.deadline, extract, outcomes: Mutex::new(Vec::new()) };
        let read = self.pool.in_place_scope(|scope| {
            let mut batches = Batches { scope, shared: &shared, pending: Vec::new(), cost: 0 };
            let read = read(&mut batches);
            batches.flush();
            read
        });
        let mut outcomes = shared.outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
        outcomes.sort_by_key(|outcome| outcome.entry);
        let mut read = read?;
        let (entries, gaps) = entries(&mut read);
        for outcome in outcomes {
            outcome.settle(entries, gaps);
        }
        Ok(read)
    }
}

/// Bytes that are waiting for workers, or being read for them.
#[derive(Debug)]
struct Budget {
    used: Mutex<usize>,
    freed: Condvar,
    limit: usize,
}

impl Budget {
    fn lock(&self) -> MutexGuard<'_, usize> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is room for so many bytes; more than the whole budget fit when nothing else is in flight.
    fn room(&self, used: usize, cost: usize) -> bool {
        used == 0 || used.saturating_add(cost) <= self.limit
    }

    fn try_take(&self, cost: usize) -> bool {
        let mut used = self.lock();
        let room = self.room(*used, cost);
        if room {
            *used = used.saturating_add(cost);
        }
        room
    }

    fn take(&self, cost: usize) {
        let mut used = self.lock();
        while !self.room(*used, cost) {
            used = self.freed.wait(used).unwrap_or_else(PoisonError::into_inner);
        }
        *used = used.saturating_add(cost);
    }

    fn give_back(&self, cost: usize) {
        let mut used = self.lock();
        *used = used.saturating_sub(cost);
        self.freed.notify_all();
    }
}

struct Shared<'run> {
    budget: &'run Budget,
    deadline: Deadline,
    extract: &'run dyn Extract,
    outcomes: Mutex<Vec<Outcome>>,
}

/// A file to read.
#[derive(Debug)]
pub(super) struct Job {
    /// Index of its entry.
    pub(super) entry: usize,
    /// How to read it; `None` where only its hash is wanted.
    pub(super) kind: Option<FileKind>,
    /// Its bytes, or where to read them.
    pub(super) content: Content,
    /// What was reserved for it.
    pub(super) cost: usize,
}

/// What became of a file.
#[derive(Debug)]
struct Outcome {
    entry: usize,
    facts: Option<FileFacts>,
    sha256: Option<[u8; 32]>,
    gap: Option<(&'static str, String)>,
}

/// Collects files into batches.
pub(super) struct Batches<'scope, 'run> {
    scope: &'run Scope<'scope>,
    shared: &'scope Shared<'scope>,
    pending: Vec<Job>,
    cost: usize,
}

impl Batches<'_, '_> {
    /// Whether the time for reading is up.
    pub(super) fn is_late(&self) -> bool {
        self.shared.deadline.is_over()
    }

    /// Waits until so many bytes may be in flight. Call before reading them.
    pub(super) fn reserve(&mut self, cost: usize) {
        if !self.shared.budget.try_take(cost) {
            // Whoever waits must hold nothing that only it could let go.
            self.flush();
            self.shared.budget.take(cost);
        }
    }

    /// Takes a file whose cost was reserved.
    pub(super) fn push(&mut self, job: Job) {
        self.cost = self.cost.saturating_add(job.cost);
        self.pending.push(job);
        if self.cost >= BATCH {
            self.flush();
        }
    }

    /// Gives back what was reserved for a file that is not pushed after all.
    pub(super) fn release(&mut self, cost: usize) {
        self.shared.budget.give_back(cost);
    }

    fn flush(&mut self) {
        self.cost = 0;
        if self.pending.is_empty() {
            return;
        }
        let batch = std::mem::take(&mut self.pending);
        let shared = self.shared;
        self.scope.spawn(move |_| {
            let mut outcomes = Vec::with_capacity(batch.len());
            for job in batch {
                let cost = job.cost;
                outcomes.push(if shared.deadline.is_over() { job.skipped() } else { job.run(shared.extract) });
                shared.budget.give_back(cost);
            }
            shared.outcomes.lock().unwrap_or_else(PoisonError::into_inner).append(&mut outcomes);
        });
    }
}

impl Job {
    /// The outcome of a job for which there is no time.
    fn skipped(self) -> Outcome {
        Outcome::failed(
            self.entry,
            gap_code::TIME_LIMIT,
            "the time for reading the target was up before it was read".to_owned(),
        )
    }

    fn run(self, extract: &dyn Extract) -> Outcome {
        let Self { entry, kind, content, .. } = self;
        if let (Some(kind), Some(file)) = (kind, content.large_file()) {
            // Where this fails, all of the file is read, and that tells why.
            let facts = catch_unwind(AssertUnwindSafe(|| extract.extract_in_part(kind, file)));
            if let Ok(Some(facts)) = facts {
                return Outcome { entry, facts: Some(facts), sha256: None, gap: None };
            }
        }
        let Bytes { kept, sha256 } = match content.read() {
            Ok(read) => read,
            Err(Unreadable { code, reason }) => return Outcome::failed(entry, code, reason),
        };
        let Some(kind) = kind else {
            return Outcome { entry, facts: None, sha256, gap: None };
        };
        // A panic in one file's parser must not take the scan with it, nor pass for a file without facts.
        let facts = catch_unwind(AssertUnwindSafe(|| extract.extract(kind, kept)));
        let outcome = match facts {
            Ok(FileFacts::Unread(reason)) => Outcome::failed(entry, gap_code::FILE_UNREADABLE, reason.to_string()),
            Ok(facts) => {
                let suspect = if let FileFacts::Zip(facts) = &facts { facts.suspect.as_deref() } else { None };
                let gap = suspect.map(|reason| (gap_code::ZIP_OUT_OF_BOUNDS, reason.to_owned()));
                Outcome { entry, facts: Some(facts), sha256: None, gap }
            }
            Err(panic) => {
                let said = panic
                    .downcast_ref::<String>()
                    .map(String::as_str)
                    .or_else(|| panic.downcast_ref::<&str>().copied())
                    .unwrap_or("without a message");
                let reason = format!("reading it failed with a bug of the scanner: {said}");
                Outcome::failed(entry, gap_code::EXTRACTOR_PANIC, reason)
            }
        };
        Outcome { sha256, ..outcome }
    }
}

impl Outcome {
    fn failed(entry: usize, code: &'static str, reason: String) -> Self {
        let facts = Some(FileFacts::Unread(Arc::from(reason.as_str())));
        Self { entry, facts, sha256: None, gap: Some((code, reason)) }
    }

    fn settle(self, entries: &mut [Entry], gaps: &mut Vec<LayerGap>) {
        let Some(entry) = entries.get_mut(self.entry) else { return };
        entry.facts = self.facts.or_else(|| entry.facts.take());
        entry.sha256 = self.sha256.or(entry.sha256);
        if let Some((code, reason)) = self.gap {
            gaps.push(LayerGap { path: Some(entry.path.clone()), code, reason });
        }
    }
}
