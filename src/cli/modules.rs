//! Modules that are checked by themselves against their contracts; never how they are judged.

use std::path::{Path, PathBuf};

use super::{
    arguments::CheckArguments,
    compiled::Policies,
    exit::Failure,
    policies::read,
    settings::Selection,
    targets::{Target, named_home, this_machine},
    terminal::Terminal,
};
use crate::{
    policy::Needs,
    scan::{Home, ModuleFile, ScanOptions},
};

/// Endings of the contract beside a module, instead of its own.
const SIDECARS: [&str; 2] = ["importspy.yml", "importspy.yaml"];

/// A module with its contract.
pub(super) struct ModuleCheck<'terminal> {
    /// Where it is to run, and its source.
    pub(super) target: Target,
    /// What it is judged by.
    pub(super) contract: Policies<'terminal>,
}

/// Whether a target is a module that its contract judges: where policies are named, they do; those of a settings file do where no
/// contract stands beside the module.
pub(super) fn has_contract(target: &str, arguments: &CheckArguments, selection: &Selection) -> bool {
    let path = Path::new(target);
    let is_judged = || selection.policies.is_empty() || sidecar(path).is_ok();
    let is_module = target.ends_with(".py") && path.is_file();
    arguments.contract.is_some() || (is_module && arguments.policies.is_empty() && is_judged())
}

impl<'terminal> ModuleCheck<'terminal> {
    /// Reads a module and its contract.
    pub(super) fn prepare(
        target: &str,
        arguments: &CheckArguments,
        options: &ScanOptions,
        terminal: &'terminal Terminal,
    ) -> Result<Self, Failure> {
        let path = Path::new(target);
        let contract = match &arguments.contract {
            Some(contract) => contract.clone(),
            None => sidecar(path)?,
        };
        let file = ModuleFile::read(path, options).map_err(Failure::Module)?;
        let text = read(&contract, options.limits.document)?;
        let (contract, needs) = Policies::contract(&text, &file.name, terminal)?;
        let needs = if needs == Needs::Imports && !file.imports() { Needs::Module } else { needs };
        let home = match (&arguments.home, needs) {
            (Some(place), _) => named_home(place),
            (None, Needs::Module) => Home::Nowhere,
            (None, Needs::Imports | Needs::Environment) => this_machine()?,
        };
        Ok(Self { target: Target::Module(file, home), contract })
    }
}

/// The contract beside a module.
fn sidecar(module: &Path) -> Result<PathBuf, Failure> {
    let beside = SIDECARS.iter().map(|ending| module.with_extension(ending)).find(|contract| contract.is_file());
    beside.ok_or_else(|| Failure::NoContract { module: module.to_owned(), beside: module.with_extension(SIDECARS[0]) })
}
