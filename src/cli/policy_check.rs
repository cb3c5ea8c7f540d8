//! `douane policy check`: every mistake in policies and their tests, or how many rules and tests are right.

use super::{
    arguments::PolicyCheckArguments,
    compiled::{show, suite, today},
    exit::Failure,
    output::print,
    settings::Selection,
    terminal::Terminal,
};
use crate::{limits::Limits, report::sanitise};

pub(super) fn run(arguments: &PolicyCheckArguments, terminal: &Terminal) -> Result<u8, Failure> {
    let selection = Selection::of_named(&arguments.config, &arguments.paths, &arguments.parameters, terminal)?;
    let suite = suite(&selection, &Limits::default(), terminal)?;
    if suite.rules() == 0 {
        return Err(Failure::NoRules);
    }
    let counted = |number: usize, noun: &str| if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") };
    let (files, rules) = (counted(suite.identities().len(), "policy file"), counted(suite.rules(), "rule"));
    let tests = if suite.tests() > 0 { format!(", {}", counted(suite.tests(), "test")) } else { String::new() };
    let late = suite.late_waivers(today());
    show(&late, terminal);
    let warnings = suite.warnings().len() + late.len();
    if arguments.deny_warnings && warnings > 0 {
        return Err(Failure::Warnings { warnings });
    }
    let told = if warnings > 0 { format!(", {}", counted(warnings, "warning")) } else { String::new() };
    let settings = selection.settings.map(|file| format!(", with the settings from {}", sanitise(&file))).unwrap_or_default();
    print(terminal, |out| writeln!(out, "{files}, {rules}{tests}: no mistakes{told}{settings}"))?;
    Ok(0)
}
