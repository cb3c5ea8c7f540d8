//! `douane policy check`: every mistake in policies and their tests, or how many rules and tests are right.

use super::{arguments::PolicyCheckArguments, compiled::suite, exit::Failure, output::print, terminal::Terminal};
use crate::limits::Limits;

pub(super) fn run(arguments: &PolicyCheckArguments, terminal: &Terminal) -> Result<u8, Failure> {
    let suite = suite(&arguments.paths, &arguments.parameters, &Limits::default(), terminal)?;
    if suite.rules() == 0 {
        return Err(Failure::NoRules);
    }
    let counted = |number: usize, noun: &str| if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") };
    let (files, rules) = (counted(suite.identities().len(), "policy file"), counted(suite.rules(), "rule"));
    let tests = if suite.tests() > 0 { format!(", {}", counted(suite.tests(), "test")) } else { String::new() };
    print(terminal, |out| writeln!(out, "{files}, {rules}{tests}: no mistakes"))?;
    Ok(0)
}
