//! `douane policy check`: every mistake in policies, or how many rules are right.

use super::{arguments::PolicyCheckArguments, compiled::Policies, exit::Failure, output::print, terminal::Terminal};
use crate::limits::Limits;

pub(super) fn run(arguments: &PolicyCheckArguments, terminal: &Terminal) -> Result<u8, Failure> {
    let policies = Policies::read(&arguments.paths, &arguments.parameters, &Limits::default(), terminal)?;
    let counted = |number: usize, noun: &str| if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") };
    let (files, rules) = (counted(policies.identities().len(), "policy file"), counted(policies.rules(), "rule"));
    print(terminal, |out| writeln!(out, "{files}, {rules}: no mistakes"))?;
    Ok(0)
}
