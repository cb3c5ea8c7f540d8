//! An inventory of Python texts, and what a contract says of it.

use std::{fmt::Write as _, sync::Arc};

use douane::{
    diagnostic::{Style, render},
    extract::python::source,
    facts::{
        Completeness, Environment, EnvironmentKind, Fact, Inventory, Module, ModuleKind, Owner, PythonSource, SCHEMA_VERSION,
        Target,
    },
    policy::{Evaluation, PolicyText, ViolationCertainty, compile},
};
use jiff::civil::date;

/// A module of a text; one whose name ends in `/` is a package.
pub fn module(name: &str, text: &str) -> Module {
    let path = name.trim_end_matches('/').replace('.', "/");
    let (kind, file) = match name.strip_suffix('/') {
        Some(_) => (ModuleKind::Package, format!("/app/{path}/__init__.py")),
        None => (ModuleKind::Source, format!("/app/{path}.py")),
    };
    Module {
        name: name.trim_end_matches('/').into(),
        kind,
        file: Some(file),
        owner: Owner::Own,
        distribution: None,
        layer: Some(1),
        source: Arc::new(source(text.as_bytes())),
        shadows: Vec::new(),
        reachable: Fact::Absent,
        vendored: None,
        edges: Vec::new(),
    }
}

/// A module without source.
pub fn extension(name: &str) -> Module {
    let compiled = Module { kind: ModuleKind::Extension, ..module(name, "") };
    Module { file: Some(format!("/app/{}.so", name.replace('.', "/"))), source: Arc::new(PythonSource::default()), ..compiled }
}

pub fn inventory(modules: Vec<Module>) -> Inventory {
    let environment = Environment {
        interpreter: "/usr/bin/python3".into(),
        prefix: "/usr".into(),
        kind: EnvironmentKind::System,
        entry_point: true,
        path: Vec::new(),
        path_complete: Completeness::Complete,
        distributions: Vec::new(),
        modules,
        ..Environment::default()
    };
    Inventory {
        schema_version: SCHEMA_VERSION,
        target: Target { reference: "app:1".into(), ..Target::default() },
        environments: vec![environment],
        ..Inventory::default()
    }
}

pub fn evaluate(clauses: &str, inventory: &Inventory) -> Evaluation {
    let text = format!("edition 1\npackage a\nrule r error \"t\" {{\n{clauses}\n}}\n");
    match compile(&[PolicyText { name: "a.douane".into(), text }], &[]) {
        Ok(compiled) => compiled.evaluate(inventory, date(2026, 11, 1)),
        Err(errors) => panic!("{}", errors.iter().map(|error| render(error, Style::Plain)).collect::<Vec<_>>().join("\n")),
    }
}

/// After the number of subjects each violation as `verdict kind place: message [evidence] <- the contract's line`.
pub fn verdicts(clauses: &str, modules: Vec<Module>) -> String {
    shown(&evaluate(clauses, &inventory(modules)))
}

/// The same of what has been evaluated.
pub fn shown(evaluation: &Evaluation) -> String {
    let mut all = String::new();
    for rule in &evaluation.rules {
        let _ = writeln!(all, "{} judged", rule.subjects);
        for violation in &rule.violations {
            let verdict = match (violation.certainty, violation.fails) {
                (ViolationCertainty::Broken, _) => "broken",
                (ViolationCertainty::Undecided, true) => "unknown, fails",
                (ViolationCertainty::Undecided, false) => "unknown",
            };
            let subject = &violation.subject;
            let line = subject.line.map(|line| format!(":{line}")).unwrap_or_default();
            let path = subject.path.as_deref().unwrap_or_default().trim_start_matches("/app/");
            let _ = write!(all, "{verdict} {} {path}{line}: {}", subject.kind, violation.message);
            for evidence in violation.evidence.iter().filter(|evidence| evidence.text != violation.message) {
                let line = evidence.line.map(|line| format!(":{line}")).unwrap_or_default();
                let path = evidence.path.as_deref().unwrap_or_default().trim_start_matches("/app/");
                let _ = write!(all, " [{path}{line} {}]", evidence.text);
            }
            let _ = writeln!(all, " <- {}", violation.clause.text.trim());
        }
    }
    all
}

/// What a contract of these members says of one module `m`, without what is broken where nothing is.
pub fn of(members: &str, text: &str) -> String {
    let all = verdicts(&format!("every module m has {{\n{members}\n}}"), vec![module("m", text)]);
    let told: Vec<&str> = all.lines().skip(1).map(|line| line.split(" <- ").next().unwrap_or_default()).collect();
    if told.is_empty() { "fits".into() } else { told.join("\n") }
}
