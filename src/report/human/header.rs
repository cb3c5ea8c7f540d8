//! What was looked at, before anything that was found; shown by a pass too.

use std::io::{self, Write};

use crate::{
    facts::{EnvironmentKind, Fact, Target},
    finding::{CheckReport, EnvironmentSummary, ScanSummary},
    report::{
        layout::{columns, padded},
        look::{Look, paint},
        quantity::{counted, grouped},
        sanitise::sanitise,
    },
};

/// Environments that are shown one by one.
const MOST_ENVIRONMENTS: usize = 12;

/// Columns that a path may take before the rest of its line is pushed out of line.
const WIDEST_PATH: usize = 44;

pub(super) fn write(look: &Look, report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    let Some(scanned) = &report.scanned else { return write_target(look, &report.target, out) };
    if report.target.source == "module" {
        // A module by itself has no system around it.
        return write_target(look, &report.target, out);
    }
    if report.target.source == "code" && scanned.environments.iter().all(|environment| environment.interpreter.is_empty()) {
        write_target(look, &report.target, out)?;
        let modules = counted(scanned.environments.iter().map(|environment| environment.modules).sum(), "module");
        return writeln!(out, "  {}", paint(look.palette.dim, format!("{modules}, no Python to run it with")));
    }
    write_heading(look, &report.target, scanned, out)?;
    if scanned.environments.is_empty() {
        let none = match scanned.interpreters {
            0 => "no Python interpreter".to_owned(),
            number => format!("{}, no environment", counted(number, "Python interpreter")),
        };
        return writeln!(out, "  {}", paint(look.palette.dim, none));
    }
    write_environments(look, &scanned.environments, out)
}

/// Which settings file was used, where one was: it may decide what passes.
pub(in crate::report) fn write_settings(look: &Look, settings: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let Some(file) = settings else { return Ok(()) };
    writeln!(out, "{}", paint(look.palette.dim, format!("settings from {}", sanitise(file))))
}

/// The target and its system, in two lines.
pub(in crate::report) fn write_heading(
    look: &Look,
    target: &Target,
    scanned: &ScanSummary,
    out: &mut dyn Write,
) -> io::Result<()> {
    write_target(look, target, out)?;
    writeln!(out, "{}", system(scanned))
}

/// `acme/shop:1.0 · linux/amd64 · sha256:4f1c9be2 · from an OCI layout`.
fn write_target(look: &Look, target: &Target, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{}", paint(look.palette.strong, sanitise(&target.reference)))?;
    let digest = target.digest.as_deref().map(short_digest);
    let source = (!target.source.is_empty()).then(|| source_in_words(&target.source));
    for part in [target.platform.clone(), digest, source].into_iter().flatten() {
        write!(out, " · {}", sanitise(&part))?;
    }
    writeln!(out)
}

/// `sha256:4f1c9be2`: enough to tell images apart by eye.
pub(in crate::report) fn short_digest(digest: &str) -> String {
    match digest.split_once(':') {
        Some((algorithm, hex)) => format!("{algorithm}:{}", hex.chars().take(8).collect::<String>()),
        None => digest.chars().take(8).collect(),
    }
}

fn source_in_words(source: &str) -> String {
    match source {
        "docker-archive" => "from a docker archive".to_owned(),
        "oci" => "from an OCI layout".to_owned(),
        "oci-archive" => "from an OCI archive".to_owned(),
        "registry" => "from a registry".to_owned(),
        "dir" => "a root file system".to_owned(),
        "machine" => "this machine".to_owned(),
        "module" => "a module by itself".to_owned(),
        "code" => "Python sources".to_owned(),
        "environment" => "an environment of this machine".to_owned(),
        other => format!("from {other}"),
    }
}

/// `Debian 12 · glibc 2.36 · 6 layers · 88 packages · USER 1000`.
fn system(scanned: &ScanSummary) -> String {
    let mut parts = Vec::new();
    match &scanned.os {
        Some(os) => {
            parts.push(os.name.clone());
            parts.extend(os.libc.clone());
        }
        None => parts.push("no os-release".to_owned()),
    }
    if scanned.layers > 0 {
        parts.push(counted(scanned.layers, "layer"));
    }
    if scanned.os_packages > 0 {
        parts.push(counted(scanned.os_packages, "package"));
    }
    if scanned.conda_packages > 0 {
        parts.push(counted(scanned.conda_packages, "conda package"));
    }
    parts.extend(scanned.user.as_ref().map(|user| format!("USER {user}")));
    sanitise(&parts.join(" · ")).into_owned()
}

fn write_environments(look: &Look, environments: &[EnvironmentSummary], out: &mut dyn Write) -> io::Result<()> {
    // The one that the entry point runs in is never among those that are not shown.
    let (running, others): (Vec<_>, Vec<_>) = environments.iter().partition(|environment| environment.entry_point);
    let hidden = environments.len().saturating_sub(MOST_ENVIRONMENTS);
    let kept = others.len().saturating_sub(hidden);
    let shown: Vec<_> = if hidden == 0 {
        environments.iter().collect()
    } else {
        running.into_iter().chain(others.into_iter().take(kept)).collect()
    };
    let rows: Vec<[String; 5]> = shown.iter().map(|environment| row(environment)).collect();
    let widths = widths(&rows);
    for [path, interpreter, distributions, modules, runs] in &rows {
        let [path_width, interpreter_width, distributions_width, modules_width, _] = widths;
        write!(out, "  {}   {}   ", padded(path, path_width), padded(interpreter, interpreter_width))?;
        let short = distributions_width.saturating_sub(columns(distributions));
        write!(out, "{}{distributions}   ", " ".repeat(short))?;
        write!(out, "{}{modules}", " ".repeat(modules_width.saturating_sub(columns(modules))))?;
        if !runs.is_empty() {
            write!(out, "   {}", paint(look.palette.strong, runs))?;
        }
        writeln!(out)?;
    }
    if hidden > 0 {
        let more = format!("and {}", counted(hidden, "more environment"));
        writeln!(out, "  {}", paint(look.palette.dim, more))?;
    }
    Ok(())
}

fn row(environment: &EnvironmentSummary) -> [String; 5] {
    let path = match environment.kind {
        EnvironmentKind::System => &environment.interpreter,
        EnvironmentKind::Venv | EnvironmentKind::Conda => &environment.prefix,
    };
    let version = match &environment.version {
        Fact::Known(version) => version.as_str(),
        Fact::Absent | Fact::Unknown(_) => "of unknown version",
    };
    let implementation = environment.implementation.as_deref().unwrap_or("Python");
    let modules = match environment.own_modules {
        0 => counted(environment.modules, "module"),
        own => format!("{}, {} own", counted(environment.modules, "module"), grouped(own)),
    };
    [
        sanitise(path).into_owned(),
        sanitise(&format!("{implementation} {version}")).into_owned(),
        counted(environment.distributions, "distribution"),
        modules,
        if environment.entry_point { "runs the entry point".to_owned() } else { String::new() },
    ]
}

fn widths(rows: &[[String; 5]]) -> [usize; 5] {
    let mut widths = [0; 5];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = columns(cell).max(*width);
        }
    }
    let [path, ..] = &mut widths;
    *path = (*path).min(WIDEST_PATH);
    widths
}
