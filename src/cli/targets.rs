//! What the targets of a command are: images, environments, code and where it is to run; never by what they are judged.

use std::path::{Path, PathBuf};

use super::exit::Failure;
use crate::{
    facts::{EnvironmentValue, EnvironmentVariable, Inventory},
    finding::ScanFailure,
    scan::{
        Home, MachinePython, ModuleFile, ScanOptions, SourceTree, TargetKind, python_of_machine, recognise, scan, scan_code,
        scan_environment, scan_module,
    },
};

/// Most directories of the `PATH` that are looked into.
const MOST_PREFIXES: usize = 16;

/// Where projects keep their virtual environment.
const PROJECT_ENVIRONMENTS: [&str; 2] = [".venv", "venv"];

/// A target, ready to be looked into.
pub(super) enum Target {
    /// An image or a root file system.
    Image(String),
    /// An environment of this machine.
    Environment(MachinePython),
    /// A directory of sources.
    Code(SourceTree, Home),
    /// One source file.
    Module(ModuleFile, Home),
}

impl Target {
    /// Finds out what a target is. Code runs where `home` says, else in its project's own environment, else with this machine's Python.
    pub(super) fn of(target: &str, home: Option<&str>, options: &ScanOptions) -> Result<Self, Failure> {
        match recognise(target) {
            TargetKind::Image => Ok(Self::Image(target.to_owned())),
            TargetKind::Environment(python) => Ok(Self::Environment(python)),
            TargetKind::Missing(path, expected) => Err(Failure::NoTarget { path, expected }),
            TargetKind::Module(path) => {
                let file = ModuleFile::read(&path, options).map_err(Failure::Module)?;
                let home = home_of_code(home, file.project());
                Ok(Self::Module(file, home))
            }
            TargetKind::Code(path) => {
                let code = SourceTree::open(&path).map_err(Failure::Module)?;
                let home = home_of_code(home, code.project().or(Some(&path)));
                Ok(Self::Code(code, home))
            }
        }
    }

    /// Looks into it.
    pub(super) fn inventory(&self, options: &ScanOptions) -> Result<Inventory, ScanFailure> {
        let code = match self {
            Self::Image(reference) => {
                let scanned = scan(reference, options).map_err(|error| ScanFailure::of(error.code(), &error))?;
                return Ok(scanned.inventory);
            }
            Self::Environment(python) => scan_environment(python, variables(), options),
            Self::Code(code, home) => scan_code(code, home, options),
            Self::Module(file, home) => scan_module(file, home, options),
        };
        code.map_err(|error| ScanFailure::of(error.code(), &error))
    }
}

fn home_of_code(named: Option<&str>, project: Option<&Path>) -> Home {
    if let Some(place) = named {
        return named_home(place);
    }
    let own = PROJECT_ENVIRONMENTS.iter().filter_map(|name| project?.join(name).canonicalize().ok());
    let own =
        own.filter(|directory| directory.join("pyvenv.cfg").is_file()).find_map(|directory| python_of_machine(&directory));
    let home = own.map(|python| Home::Machine(python, variables()));
    home.or_else(|| this_machine().ok()).unwrap_or(Home::Nowhere)
}

/// `--in`: a virtual environment of this machine, an image or a root file system.
pub(super) fn named_home(place: &str) -> Home {
    match recognise(place) {
        TargetKind::Environment(python) => Home::Machine(python, variables()),
        _ => Home::Target(place.to_owned()),
    }
}

/// The environment that a shell here would start: the active virtual one, else that of the first `python3` on the `PATH`.
pub(super) fn this_machine() -> Result<Home, Failure> {
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
