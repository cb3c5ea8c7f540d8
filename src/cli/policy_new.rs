//! `douane policy new`: a policy to begin with, or a contract from what a module is today.

use std::path::Path;

use super::{
    arguments::PolicyNewArguments,
    exit::Failure,
    output::{print, write_new},
    terminal::Terminal,
};
use crate::{
    limits::Limits,
    policy::{beginning, starter},
    scan::{Home, ModuleFile, ScanOptions, scan_module},
};

pub(super) fn run(arguments: &PolicyNewArguments, terminal: &Terminal) -> Result<u8, Failure> {
    let text = match (&arguments.from, &arguments.name) {
        (Some(module), _) => contract(module)?,
        (None, name) => {
            let name = name.as_deref().unwrap_or_default();
            beginning(name).ok_or_else(|| Failure::NoPackageName { name: name.to_owned() })?
        }
    };
    match &arguments.output {
        Some(path) => write_new(path, &text)?,
        None => print(terminal, |out| out.write_all(text.as_bytes()))?,
    }
    Ok(0)
}

/// A contract from what a module is today.
fn contract(from: &Path) -> Result<String, Failure> {
    let options = ScanOptions::new(None, Limits::default()).map_err(Failure::platform)?;
    let module = ModuleFile::read(from, &options).map_err(Failure::Module)?;
    let source = module.source();
    if let Some(error) = source.error.as_ref().or(source.syntax.not_python_3.as_ref()) {
        let (message, line) = (error.message.clone(), error.line);
        return Err(Failure::UnreadableModule { path: from.to_owned(), line, message });
    }
    let inventory = scan_module(&module, &Home::Nowhere, &options).map_err(Failure::Module)?;
    starter(&module.name, module.source(), &inventory).ok_or_else(|| Failure::NothingToKeep { module: from.to_owned() })
}
