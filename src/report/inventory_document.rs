//! The inventory as the JSON document that others build on, with the modules and files that were asked for; never changed facts.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::{file_pattern::FilePattern, module_pattern::ModulePattern};
use crate::facts::{
    Binary, Completeness, CondaPackage, Distribution, Environment, EnvironmentKind, File, Gap, Image, InstalledFile,
    Interpreter, Inventory, Layer, Module, OperatingSystem, OsPackage, Target,
};

/// The inventory of one image, root file system or machine.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Inventory")]
pub struct InventoryDocument<'inventory> {
    /// The version of this document's form.
    schema_version: u32,
    /// What was scanned.
    target: &'inventory Target,
    /// What the image's configuration says; `null` for a root file system.
    image: &'inventory Option<Image>,
    /// Layers from the bottom; a root file system has none.
    layers: &'inventory [Layer],
    /// The operating system; `null` where the image has no `os-release`.
    os: &'inventory Option<OperatingSystem>,
    /// Packages of the operating system's package manager.
    os_packages: &'inventory [OsPackage],
    /// Whether `os_packages` holds all.
    os_packages_complete: &'inventory Completeness,
    /// Packages of conda in every prefix, whether it holds a Python or not; those that wait in a cache are not installed.
    conda_packages: &'inventory [CondaPackage],
    /// Whether `conda_packages` holds all.
    conda_packages_complete: &'inventory Completeness,
    /// Every ELF file.
    binaries: &'inventory [Binary],
    /// Whether `binaries` holds all.
    binaries_complete: &'inventory Completeness,
    /// Every language interpreter.
    interpreters: &'inventory [Interpreter],
    /// Whether `interpreters` holds all.
    interpreters_complete: &'inventory Completeness,
    /// Every Python environment, as its interpreter would see it.
    environments: Vec<EnvironmentDocument<'inventory>>,
    /// Whether `environments` holds all.
    environments_complete: &'inventory Completeness,
    /// The files, directories, links and devices that `--files` asked for, parents first; without it none.
    files: Vec<&'inventory File>,
    /// Whether all files are known; without `--files` they are not looked for.
    files_complete: &'inventory Completeness,
    /// What could not be read, or was skipped: nothing is silently left out.
    gaps: &'inventory [Gap],
}

/// A Python environment: what one interpreter sees when started in one way.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Environment")]
pub struct EnvironmentDocument<'inventory> {
    /// The interpreter's path as in `interpreters`.
    interpreter: &'inventory str,
    /// `sys.prefix`.
    prefix: &'inventory str,
    /// What made it.
    kind: EnvironmentKind,
    /// Whether the image's entry point runs in it.
    entry_point: bool,
    /// `sys.path` in order, without the script's own directory.
    path: &'inventory [String],
    /// Whether `path` is sure (a `sitecustomize`, or code in a `.pth`, may change it).
    path_complete: &'inventory Completeness,
    /// Installed distributions; of two with one name the first on the path.
    distributions: &'inventory [Distribution],
    /// How many importable modules there are.
    module_count: usize,
    /// The importable modules that `--modules` asked for, sorted by name; without it none.
    modules: Vec<&'inventory Module>,
    /// Whether all importable modules are known.
    modules_complete: &'inventory Completeness,
    /// Distributions that are not counted, for one before them on the path has their name.
    shadowed: &'inventory [Distribution],
    /// Files below the directories for distributions that no distribution and no package of the system lists, sorted.
    unowned: &'inventory [InstalledFile],
    /// Whether `unowned` holds all.
    unowned_complete: &'inventory Completeness,
}

/// What was asked for of that which is too much to be in every document.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'patterns> {
    /// Modules that any of these names.
    pub modules: &'patterns [ModulePattern],
    /// Files that any of these names.
    pub files: &'patterns [FilePattern],
}

impl<'inventory> InventoryDocument<'inventory> {
    /// The document of an inventory, with what was asked for.
    pub fn new(inventory: &'inventory Inventory, asked: Asked<'_>) -> Self {
        // Taken apart whole, so that a new field cannot be left out.
        let Inventory {
            schema_version,
            target,
            image,
            layers,
            os,
            os_packages,
            os_packages_complete,
            conda_packages,
            conda_packages_complete,
            binaries,
            binaries_complete,
            interpreters,
            interpreters_complete,
            environments,
            environments_complete,
            files,
            files_complete,
            gaps,
        } = inventory;
        let named = |file: &&File| {
            let path = file.path.to_string();
            asked.files.iter().any(|pattern| pattern.matches(&path))
        };
        Self {
            schema_version: *schema_version,
            target,
            image,
            layers,
            os,
            os_packages,
            os_packages_complete,
            conda_packages,
            conda_packages_complete,
            binaries,
            binaries_complete,
            interpreters,
            interpreters_complete,
            environments: environments.iter().map(|known| EnvironmentDocument::new(known, asked.modules)).collect(),
            environments_complete,
            files: files.iter().filter(named).collect(),
            files_complete,
            gaps,
        }
    }

    /// Writes the document.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }
}

impl<'inventory> EnvironmentDocument<'inventory> {
    fn new(environment: &'inventory Environment, patterns: &[ModulePattern]) -> Self {
        let Environment {
            interpreter,
            prefix,
            kind,
            entry_point,
            path,
            path_complete,
            distributions,
            modules,
            modules_complete,
            shadowed,
            unowned,
            unowned_complete,
        } = environment;
        Self {
            interpreter,
            prefix,
            kind: *kind,
            entry_point: *entry_point,
            path,
            path_complete,
            distributions,
            module_count: modules.len(),
            modules: modules.iter().filter(|module| patterns.iter().any(|pattern| pattern.matches(&module.name))).collect(),
            modules_complete,
            shadowed,
            unowned,
            unowned_complete,
        }
    }
}
