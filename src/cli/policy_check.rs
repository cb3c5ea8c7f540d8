//! `douane policy check`: every mistake in policies, or how many rules are right.

use super::{arguments::PolicyCheckArguments, compiled::Policies, exit::Failure, output::print, terminal::Terminal};
use crate::limits::Limits;

pub(super) fn run(arguments: &PolicyCheckArguments, terminal: &Terminal) -> Result<u8, Failure> {
    let policies = Policies::read(&arguments.paths, &arguments.parameters, &Limits::default(), terminal)?;
    let files = policies.identities.len();
    let noun = if files == 1 { "file" } else { "files" };
    print(terminal, |out| writeln!(out, "{files} policy {noun}: no mistakes"))?;
    Ok(0)
}
