//! Modules that are checked by themselves: their contracts, and where they are to run; never how they are judged.

use std::path::{Path, PathBuf};

use super::{arguments::CheckArguments, compiled::Policies, exit::Failure, policies::read, terminal::Terminal};
use crate::{
    facts::{EnvironmentValue, EnvironmentVariable, Inventory},
    finding::ScanFailure,
    policy::Needs,
    scan::{Home, ModuleFile, ScanOptions, python_of_machine, scan_module},
};

/// Endings of the contract beside a module, instead of its own.
const SIDECARS: [&str; 2] = ["importspy.yml", "importspy.yaml"];

/// Most directories of the `PATH` that are looked into.
const MOST_PREFIXES: usize = 16;

/// A module with its contract.
pub(super) struct ModuleCheck<'terminal> {
    file: ModuleFile,
    home: Home,
    /// What it is judged by.
    pub(super) contract: Policies<'terminal>,
}

/// Whether a target is a module rather than an image.
pub(super) fn is_module(target: &str, arguments: &CheckArguments) -> bool {
    arguments.contract.is_some() || (target.ends_with(".py") && Path::new(target).is_file())
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
        Ok(Self { file, home, contract })
    }

    /// The module where it is to run.
    pub(super) fn inventory(&self, options: &ScanOptions) -> Result<Inventory, ScanFailure> {
        scan_module(&self.file, &self.home, options).map_err(|error| ScanFailure::of(&error))
    }
}

/// The contract beside a module.
fn sidecar(module: &Path) -> Result<PathBuf, Failure> {
    let beside = SIDECARS.iter().map(|ending| module.with_extension(ending)).find(|contract| contract.is_file());
    beside.ok_or_else(|| Failure::NoContract { module: module.to_owned(), beside: module.with_extension(SIDECARS[0]) })
}

/// `--in`: a virtual environment of this machine, an image or a root file system.
fn named_home(place: &str) -> Home {
    let path = Path::new(place);
    if path.join("pyvenv.cfg").is_file()
        && let Some(python) = path.canonicalize().ok().and_then(|path| python_of_machine(&path))
    {
        return Home::Machine(python, variables());
    }
    Home::Target(place.to_owned())
}

/// The environment that a shell here would start: the active virtual one, else that of the first `python3` on the `PATH`.
fn this_machine() -> Result<Home, Failure> {
    let active = std::env::var_os("VIRTUAL_ENV").map(PathBuf::from).filter(|path| path.join("pyvenv.cfg").is_file());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).filter(|directory| directory.join("python3").is_file());
    let on_path = on_path.filter_map(|directory| match directory.ends_with("shims") {
        true => chosen_by_pyenv(directory.parent()?),
        false => directory.parent().map(Path::to_path_buf),
    });
    let prefixes = active.into_iter().chain(on_path).filter_map(|prefix| prefix.canonicalize().ok());
    let python = prefixes.take(MOST_PREFIXES).find_map(|prefix| python_of_machine(&prefix)).ok_or(Failure::NoPython)?;
    Ok(Home::Machine(python, variables()))
}

/// The prefix that a shim of pyenv starts: the version that the environment names, else the global one.
fn chosen_by_pyenv(root: &Path) -> Option<PathBuf> {
    let version = std::env::var("PYENV_VERSION").or_else(|_| std::fs::read_to_string(root.join("version"))).ok()?;
    Some(root.join("versions").join(version.split([':', '\n']).next()?.trim()))
}

/// The variables that programs are started with here; what is no text has no value to be compared.
fn variables() -> Vec<EnvironmentVariable> {
    let variables = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        let value = EnvironmentValue::new(&name, value.to_string_lossy());
        Some(EnvironmentVariable { name, value })
    });
    variables.collect()
}
