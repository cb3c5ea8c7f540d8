//! Every lie that an image can tell, as an image that is made in code: what must come of it, in which time and memory, and that
//! nothing is written.
//!
//! The process of each scan is held by limits of the operating system: address space, CPU time, open files, and no byte written to
//! any file.

#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "hostile/archive.rs"]
mod archive;
#[path = "hostile/cases.rs"]
mod cases;
#[path = "command/fixture.rs"]
#[allow(dead_code)] // Only its interpreter is used here.
mod fixture;
#[path = "hostile/image.rs"]
mod image;
#[path = "hostile/output.rs"]
mod output;
#[path = "hostile/table.rs"]
mod table;

use std::{
    collections::BTreeSet,
    fs,
    io::Read,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use cases::{Case, Outcome};
use serde_json::Value;
use table::Row;
use wait4::Wait4;

/// What a scan may take at most: of memory that is used, and of CPU time. Builds without optimisation are many times slower.
const MOST_MEMORY: u64 = if cfg!(debug_assertions) { 400 << 20 } else { 300 << 20 };
const MOST_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 100 } else { 10 });

/// Cases that an optimised build promises more of: a second of CPU time, and 200 MB.
const PROMISED: [&str; 4] = ["gzip-bomb", "gzip-members", "zstd-bomb", "deep-path"];

/// Keeps every image that can be read whole.
const POLICY: &str = "edition 1\npackage t\nrule layers error \"Layers\" {\n  require count(layers) < 100000\n}\n";

/// A process that has ended.
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
    wall: Duration,
    cpu: Duration,
    memory: u64,
}

/// Runs the command under limits of the operating system, in an empty directory that must stay empty.
fn run(arguments: &[&str]) -> Ended {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let limited = "ulimit -v 4000000 && ulimit -t 120 && ulimit -n 128 && ulimit -f 0 && ulimit -c 0 && exec \"$@\"";
    let start = Instant::now();
    let mut child = Command::new("sh")
        .args(["-c", limited, "sh", env!("CARGO_BIN_EXE_douane")])
        .args(arguments)
        .current_dir(scratch.path())
        .env("TMPDIR", scratch.path())
        .env("HOME", scratch.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell");
    let mut errors = child.stderr.take().expect("a pipe");
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        errors.read_to_string(&mut text).map(|_| text)
    });
    let mut stdout = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut stdout).expect("UTF-8");
    let stderr = reader.join().expect("no panic").expect("UTF-8");
    let ended = child.wait4().expect("the process ends");
    assert_eq!(fs::read_dir(scratch.path()).expect("there").count(), 0, "something was written");
    let usage = ended.rusage;
    let (code, memory) = (ended.status.code(), usage.maxrss);
    Ended { code, stdout, stderr, wall: start.elapsed(), cpu: usage.utime + usage.stime, memory }
}

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ended.stdout, ended.stderr))
}

/// The files of an inventory, as `path kind target`.
fn files(inventory: &Value) -> BTreeSet<String> {
    let files = inventory["files"].as_array().expect("files");
    let shown = files.iter().map(|file| {
        let field = |name: &str| file[name].as_str().unwrap_or_default().to_owned();
        format!("{} {} {}", field("path"), field("kind"), field("target")).trim_end().to_owned()
    });
    shown.filter(|file| file != "/ directory").collect()
}

/// What is wrong with what came of a case; nothing where all is as it must be.
fn wrong(case: &Case, target: &str, checked: &Ended) -> Option<String> {
    let said =
        format!("exit code {:?}\n{}\n{}", checked.code, checked.stdout.chars().take(3000).collect::<String>(), checked.stderr);
    let is_promised = !cfg!(debug_assertions) && PROMISED.contains(&case.name);
    let (memory, time) = if is_promised { (200 << 20, Duration::from_secs(1)) } else { (MOST_MEMORY, MOST_TIME) };
    if checked.stderr.contains("panicked") || checked.memory > memory || checked.cpu > time {
        return Some(format!("{:?} of CPU, {} MB\n{said}", checked.cpu, checked.memory >> 20));
    }
    let report: Value = match serde_json::from_str(&checked.stdout) {
        Ok(report) => report,
        Err(error) => return Some(format!("{error}\n{said}")),
    };
    let gaps = report["gaps"].as_array().cloned().unwrap_or_default();
    // A place that ends in `…` is too long to be written here.
    let is_place = |gap: &Value, place: &str| match place.strip_suffix('…') {
        Some(start) => gap["place"].as_str().is_some_and(|found| found.starts_with(start)),
        None => gap["place"] == place,
    };
    let has_gap = |code: &str, place: &str| gaps.iter().any(|gap| gap["code"] == code && is_place(gap, place));
    let right = match case.outcome {
        Outcome::Error(code) => checked.code == Some(3) && report["error"]["code"] == code && report["verdict"] == "error",
        Outcome::Gap(code, place) => checked.code == Some(1) && report["verdict"] == "unknown" && has_gap(code, place),
        Outcome::Shown(code, place) => checked.code == Some(0) && has_gap(code, place),
        Outcome::Files(expected) => {
            let inspected = inspected(case, target, &[]);
            let expected: BTreeSet<String> = expected.iter().map(|file| (*file).to_owned()).collect();
            let found = files(&inspected);
            if found != expected {
                return Some(format!("found {found:?}"));
            }
            checked.code == Some(0) && gaps.is_empty()
        }
        Outcome::Said(text) => inspected(case, target, &["--modules", "**"]).to_string().contains(text),
    };
    (!right).then_some(said)
}

fn inspected(case: &Case, target: &str, more: &[&str]) -> Value {
    let ended = run(&[&["inspect", target, "-f", "json", "--files", "**"], case.arguments, more].concat());
    json(&ended)
}

/// Makes an image, scans it, and says what came of it.
fn tried(case: &Case, policy: &Path) -> Result<Row, String> {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let target = (case.make)(scratch.path());
    let policy = policy.display().to_string();
    let checked = run(&[&["check", &target, "-f", "json", "--no-config", "-p", &policy], case.arguments].concat());
    match wrong(case, &target, &checked) {
        None => Ok(Row::new(case, &checked)),
        Some(what) => Err(format!("{} ({})\nexpected {}, found {what}", case.name, case.about, case.outcome.shown())),
    }
}

#[test]
fn every_lie_has_a_name() {
    let policies = tempfile::tempdir().expect("a scratch directory");
    let policy = policies.path().join("t.douane");
    fs::write(&policy, POLICY).expect("written");
    let only = std::env::var("DOUANE_TEST_CASE").ok();
    let (mut groups, mut failed) = (Vec::new(), Vec::new());
    for (title, cases) in cases::all() {
        let mut rows = Vec::new();
        for case in cases.iter().filter(|case| only.as_deref().is_none_or(|only| case.name == only)) {
            match tried(case, &policy) {
                Ok(row) => rows.push(row),
                Err(what) => failed.push(what),
            }
        }
        groups.push((title, rows));
    }
    assert!(failed.is_empty(), "{} cases:\n\n{}", failed.len(), failed.join("\n\n"));
    if only.is_none() {
        table::hold(&groups);
    }
}
