//! `douane policy convert`: a contract of ImportSpy as a policy.

use super::{
    arguments::PolicyConvertArguments,
    compiled::refused,
    exit::Failure,
    output::{print, write_new},
    policies::read,
    terminal::Terminal,
};
use crate::{limits::Limits, policy::convert};

pub(super) fn run(arguments: &PolicyConvertArguments, terminal: &Terminal) -> Result<u8, Failure> {
    let contract = read(&arguments.contract, Limits::default().document)?;
    let text = convert(&contract).map_err(|mistakes| refused(&mistakes, terminal))?;
    match &arguments.output {
        Some(path) => write_new(path, &text)?,
        None => print(terminal, |out| out.write_all(text.as_bytes()))?,
    }
    Ok(0)
}
