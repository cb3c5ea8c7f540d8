//! Where code that is in no image yet is to run: one environment of a target or of this machine; never the code itself.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use smol_str::format_smolstr;

use super::{MachinePython, ScanError, ScanOptions, scan, scan_opened};
use crate::{
    extract::pyproject::declared_dependencies,
    facts::{Completeness, Environment, EnvironmentKind, EnvironmentVariable, Fact, Gap, Inventory, SCHEMA_VERSION, Target},
    introspect::PlacedModule,
    source::part_of_machine,
};

/// Where code is to run.
#[derive(Debug, Clone)]
pub enum Home {
    /// Nothing is asked of it.
    Nowhere,
    /// An image or a root file system, by its reference.
    Target(String),
    /// An environment of this machine, and the variables that programs are started with.
    Machine(MachinePython, Vec<EnvironmentVariable>),
}

/// Why code cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum ModuleError {
    /// The file cannot be read.
    #[error("cannot read `{}`: {error}", path.display())]
    Unread {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file is beyond the limit.
    #[error("`{}` has more than {limit} bytes, which no module should", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// Where it is to run cannot be looked into.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// There is no Python there.
    #[error("`{place}` holds no Python environment that the code could run in")]
    NoEnvironment {
        /// Where.
        place: String,
    },
}

/// The one environment that code is to run in.
pub fn scan_home(home: &Home, options: &ScanOptions) -> Result<Inventory, ModuleError> {
    let mut inventory = match home {
        Home::Nowhere => return Ok(empty("module", "nothing but the module was read")),
        Home::Target(reference) => the_one(scan(reference, options)?.inventory, in_target)?,
        Home::Machine(python, variables) => scan_environment(python, variables.clone(), options)?,
    };
    // What of the environment could not be read shows where it matters: in what is not known.
    inventory.gaps.clear();
    Ok(inventory)
}

/// One environment of this machine, with the interpreter that it has and what is installed.
pub fn scan_environment(
    python: &MachinePython,
    variables: Vec<EnvironmentVariable>,
    options: &ScanOptions,
) -> Result<Inventory, ModuleError> {
    let mut inventory = scan_opened(part_of_machine(python.within.clone()), options)?.inventory;
    inventory.target = Target {
        reference: python.venv.as_ref().unwrap_or(&python.interpreter).display().to_string(),
        source: "environment".to_owned(),
        env: Some(variables),
        ..inventory.target
    };
    for list in [&mut inventory.os_packages_complete, &mut inventory.binaries_complete, &mut inventory.files_complete] {
        *list = Completeness::Complete;
        list.lacks("nothing of this machine but the environment was looked into");
    }
    the_one(inventory, |environments| on_machine(environments, python))
}

/// The inventory with no other environment than the one that is chosen.
fn the_one(mut inventory: Inventory, choose: impl Fn(&[Environment]) -> Option<usize>) -> Result<Inventory, ModuleError> {
    let place = || ModuleError::NoEnvironment { place: inventory.target.reference.clone() };
    let chosen = choose(&inventory.environments).ok_or_else(place)?;
    inventory.environments = vec![inventory.environments.swap_remove(chosen)];
    Ok(inventory)
}

/// Holds sources against the version of Python that they are to run with: what it cannot parse ends there, and is a gap. Where no Python
/// was found, any that is not older than 3 will do.
pub(super) fn parsed_there(inventory: &Inventory, modules: &mut [PlacedModule]) -> Vec<Gap> {
    let interpreter = inventory.environments.first().map(|environment| &environment.interpreter);
    let found = inventory.interpreters.iter().find(|other| Some(&other.path) == interpreter);
    let version = found.and_then(|interpreter| {
        let mut numbers = interpreter.version.known()?.split('.');
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    });
    let mut gaps = Vec::new();
    for module in modules {
        let syntax = &module.source.syntax;
        let refusal = match version {
            Some((major, minor)) => syntax.refusal(major, minor),
            None => syntax.not_python_3.clone(),
        };
        if let Some(error) = refusal.filter(|_| module.source.error.is_none()) {
            let place = module.file.clone().unwrap_or_default();
            gaps.push(Gap { place, code: "python-syntax".to_owned(), reason: error.to_string(), layer: None });
            Arc::make_mut(&mut module.source).ends_with(error);
        }
    }
    gaps
}

/// Notes which distributions a project declares, by its `pyproject.toml`.
pub(super) fn declare(environment: &mut Environment, project: Option<&Path>, options: &ScanOptions) {
    let Some(file) = project.map(|project| project.join("pyproject.toml")) else { return };
    let declared =
        bytes(&file, options.limits.document).ok().and_then(|bytes| declared_dependencies(&String::from_utf8(bytes).ok()?));
    for distribution in &mut environment.distributions {
        distribution.declared = match &declared {
            Some(names) => Fact::Known(names.contains(distribution.normalized_name.as_str())),
            None => Fact::Unknown(format_smolstr!("`{}` does not say what the project declares", file.display())),
        };
    }
}

/// The environment of a Python of this machine.
fn on_machine(environments: &[Environment], python: &MachinePython) -> Option<usize> {
    environments.iter().position(|environment| match &python.venv {
        Some(venv) => Path::new(&environment.prefix) == venv,
        None => environment.kind != EnvironmentKind::Venv && Path::new(&environment.interpreter) == python.interpreter,
    })
}

/// The environment of a target that the code is to run in: the entry point's, else a virtual one, else the first.
fn in_target(environments: &[Environment]) -> Option<usize> {
    let entry_point = environments.iter().position(|environment| environment.entry_point);
    let virtual_one = || environments.iter().position(|environment| environment.kind == EnvironmentKind::Venv);
    entry_point.or_else(virtual_one).or(if environments.is_empty() { None } else { Some(0) })
}

/// An inventory of which nothing is known but that modules can be put into it.
pub(super) fn empty(source: &str, reason: &'static str) -> Inventory {
    let unseen = || {
        let mut unseen = Completeness::Complete;
        unseen.lacks(reason);
        unseen
    };
    let environment = Environment {
        interpreter: String::new(),
        prefix: String::new(),
        kind: EnvironmentKind::System,
        entry_point: false,
        path: Vec::new(),
        path_complete: unseen(),
        distributions: Vec::new(),
        modules: Vec::new(),
        // Only the module itself is asked for: where its imports lead is not known, and nobody asks.
        modules_complete: Completeness::Complete,
        ..Environment::default()
    };
    Inventory {
        schema_version: SCHEMA_VERSION,
        target: Target { source: source.to_owned(), ..Target::default() },
        environments: vec![environment],
        os_packages_complete: unseen(),
        conda_packages_complete: unseen(),
        binaries_complete: unseen(),
        interpreters_complete: unseen(),
        files_complete: unseen(),
        ..Inventory::default()
    }
}

pub(super) fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, ModuleError> {
    let unread = |error| ModuleError::Unread { path: path.to_owned(), error };
    let mut bytes = Vec::new();
    File::open(path).map_err(unread)?.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() as u64 > limit {
        return Err(ModuleError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}
