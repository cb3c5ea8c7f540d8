//! What was looked at, in a few lines; never the inventory itself.

use schemars::JsonSchema;
use serde::Serialize;

use crate::facts::{Environment, EnvironmentKind, Fact, Inventory, OperatingSystem, Owner};

/// What was looked at: enough to see that the right thing was.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ScanSummary {
    /// The operating system.
    pub os: Option<OperatingSystemSummary>,
    /// `User` of the image's configuration, `root` where it names none; `null` for a root file system.
    pub user: Option<String>,
    /// How many layers were merged; 0 for a root file system.
    pub layers: usize,
    /// How many packages of the operating system there are.
    pub os_packages: usize,
    /// How many packages of conda there are, in all prefixes.
    pub conda_packages: usize,
    /// How many ELF files there are.
    pub binaries: usize,
    /// How many interpreters there are.
    pub interpreters: usize,
    /// Every environment.
    pub environments: Vec<EnvironmentSummary>,
}

/// The operating system in two strings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OperatingSystemSummary {
    /// Its name as it gives it.
    pub name: String,
    /// Its C library and version, such as `glibc 2.36`.
    pub libc: Option<String>,
}

/// One environment in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EnvironmentSummary {
    /// `sys.prefix`.
    pub prefix: String,
    /// The interpreter's path.
    pub interpreter: String,
    /// What made it.
    pub kind: EnvironmentKind,
    /// `CPython` or `PyPy`.
    pub implementation: Option<String>,
    /// The language version.
    pub version: Fact<String>,
    /// Whether the image's entry point runs in it.
    pub entry_point: bool,
    /// How many distributions it has.
    pub distributions: usize,
    /// How many importable modules it has.
    pub modules: usize,
    /// How many of them are the team's own.
    pub own_modules: usize,
}

impl ScanSummary {
    /// The summary of an inventory.
    pub fn new(inventory: &Inventory) -> Self {
        Self {
            os: inventory.os.as_ref().map(operating_system),
            user: inventory.image.as_ref().map(|image| match image.user.as_deref() {
                None | Some("") => "root".to_owned(),
                Some(user) => user.to_owned(),
            }),
            layers: inventory.layers.len(),
            os_packages: inventory.os_packages.len(),
            conda_packages: inventory.conda_packages.len(),
            binaries: inventory.binaries.len(),
            interpreters: inventory.interpreters.len(),
            environments: inventory.environments.iter().map(|environment| summary(environment, inventory)).collect(),
        }
    }
}

fn operating_system(os: &OperatingSystem) -> OperatingSystemSummary {
    let libc = os.libc.known().map(|libc| match libc.version.known() {
        Some(version) => format!("{} {version}", libc.name),
        None => libc.name.clone(),
    });
    let name = if os.name.is_empty() { os.id.clone() } else { os.name.clone() };
    OperatingSystemSummary { name, libc }
}

fn summary(environment: &Environment, inventory: &Inventory) -> EnvironmentSummary {
    let interpreter = inventory.interpreters.iter().find(|interpreter| interpreter.path == environment.interpreter);
    EnvironmentSummary {
        prefix: environment.prefix.clone(),
        interpreter: environment.interpreter.clone(),
        kind: environment.kind,
        implementation: interpreter.map(|interpreter| interpreter.implementation.clone()),
        version: interpreter.map(|interpreter| interpreter.version.clone()).unwrap_or_default(),
        entry_point: environment.entry_point,
        distributions: environment.distributions.len(),
        modules: environment.modules.len(),
        own_modules: environment.modules.iter().filter(|module| module.owner == Owner::Own).count(),
    }
}
