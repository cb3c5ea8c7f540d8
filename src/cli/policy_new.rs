//! `douane policy new`: a contract to begin with, from what a module is today.

use super::{
    arguments::PolicyNewArguments,
    exit::Failure,
    output::{print, write_new},
    terminal::Terminal,
};
use crate::{
    limits::Limits,
    policy::starter,
    scan::{Home, ModuleFile, ScanOptions, scan_module},
};

pub(super) fn run(arguments: &PolicyNewArguments, terminal: &Terminal) -> Result<u8, Failure> {
    let options = ScanOptions::new(None, Limits::default()).map_err(Failure::platform)?;
    let module = ModuleFile::read(&arguments.from, &options).map_err(Failure::Module)?;
    if let Some(error) = &module.source().error {
        let (message, line) = (error.message.clone(), error.line);
        return Err(Failure::UnreadableModule { path: arguments.from.clone(), line, message });
    }
    let inventory = scan_module(&module, &Home::Nowhere, &options).map_err(Failure::Module)?;
    let text = starter(&module.name, module.source(), &inventory)
        .ok_or_else(|| Failure::NothingToKeep { module: arguments.from.clone() })?;
    match &arguments.output {
        Some(path) => write_new(path, &text)?,
        None => print(terminal, |out| out.write_all(text.as_bytes()))?,
    }
    Ok(0)
}
