//! The inventory: all that is known of one image; plain types, never reading or deciding.

use std::{collections::BTreeMap, sync::Arc};

use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

use super::{
    conda::CondaPackage,
    environment_value::EnvironmentValue,
    file::File,
    interpreter::Interpreter,
    known::{Completeness, Fact},
    origin::Origin,
    python::PythonSource,
};

/// The version of this document's form; raised when a field changes its meaning or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// All that is known of one image, root file system or machine.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Inventory {
    /// The version of this document's form.
    pub schema_version: u32,
    /// What was scanned.
    pub target: Target,
    /// What the image's configuration says; `null` for a root file system.
    pub image: Option<Image>,
    /// Layers from the bottom; a root file system has none.
    pub layers: Vec<Layer>,
    /// The operating system; `null` where the image has no `os-release`.
    pub os: Option<OperatingSystem>,
    /// Packages of the operating system's package manager.
    pub os_packages: Vec<OsPackage>,
    /// Whether `os_packages` holds all.
    pub os_packages_complete: Completeness,
    /// Packages of conda in every prefix, whether it holds a Python or not; those that wait in a cache are not installed.
    pub conda_packages: Vec<CondaPackage>,
    /// Whether `conda_packages` holds all.
    pub conda_packages_complete: Completeness,
    /// Every ELF file.
    pub binaries: Vec<Binary>,
    /// Whether `binaries` holds all.
    pub binaries_complete: Completeness,
    /// Every language interpreter.
    pub interpreters: Vec<Interpreter>,
    /// Whether `interpreters` holds all.
    pub interpreters_complete: Completeness,
    /// Every Python environment, as its interpreter would see it.
    pub environments: Vec<Environment>,
    /// Whether `environments` holds all.
    pub environments_complete: Completeness,
    /// Every entry of the merged tree, parents first; none where the scan was not asked for them.
    pub files: Vec<File>,
    /// Whether `files` holds all.
    pub files_complete: Completeness,
    /// What could not be read, or was skipped: nothing is silently left out.
    pub gaps: Vec<Gap>,
}

/// What was scanned.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Target {
    /// The reference as the user gave it, or the image's own name where the source knows one.
    pub reference: String,
    /// Where it was found: `docker-archive`, `oci`, `oci-archive`, `registry`, `dir`, `machine`, `environment`, `code`, `module`.
    pub source: String,
    /// Digest of the image's manifest (or config, for a docker archive): `sha256:...`.
    pub digest: Option<String>,
    /// `os/architecture[/variant]`.
    pub platform: Option<String>,
    /// What a process there starts with, where that is neither an image's business nor unknown: never written anywhere.
    #[serde(skip)]
    pub env: Option<Vec<EnvironmentVariable>>,
}

/// What the image's configuration says.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Image {
    /// `User` as written; absent means root.
    pub user: Option<String>,
    /// The numeric user: from `user` itself, or looked up in `/etc/passwd`.
    pub uid: Fact<u64>,
    /// Environment variables in order.
    pub env: Vec<EnvironmentVariable>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Entry point.
    pub entrypoint: Vec<String>,
    /// Default arguments.
    pub cmd: Vec<String>,
    /// Working directory.
    pub workdir: Option<String>,
    /// Exposed ports, such as `8080/tcp`.
    pub exposed_ports: Vec<String>,
    /// When it was made, RFC 3339.
    pub created: Option<String>,
    /// The instructions that made it, from the first.
    pub history: Vec<HistoryEntry>,
}

/// One environment variable of the image's configuration.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct EnvironmentVariable {
    /// Its name.
    pub name: String,
    /// Its value; one that looks like a secret is never printed.
    pub value: EnvironmentValue,
}

/// One instruction of the image's history.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct HistoryEntry {
    /// The instruction, as the builder wrote it.
    pub created_by: Option<String>,
    /// Whether it made no layer.
    pub empty_layer: bool,
    /// The index of the layer that it made.
    pub layer: Option<u32>,
}

/// One layer.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Layer {
    /// From 0 at the bottom.
    pub index: u32,
    /// Digest of the blob as stored.
    pub digest: String,
    /// Digest of the uncompressed archive.
    pub diff_id: String,
    /// Size of the uncompressed archive in bytes.
    pub size: u64,
    /// The instruction that made it, where the history says.
    pub created_by: Option<String>,
}

/// The operating system, from `os-release`.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct OperatingSystem {
    /// `ID`.
    pub id: String,
    /// `VERSION_ID`.
    pub version_id: Option<String>,
    /// `PRETTY_NAME`, else `NAME`.
    pub name: String,
    /// The C library.
    pub libc: Fact<Libc>,
}

/// The C library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Libc {
    /// `glibc` or `musl`.
    pub name: String,
    /// Its version.
    pub version: Fact<String>,
    /// The file that says so.
    pub path: String,
}

/// A package of the operating system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OsPackage {
    /// Its name.
    pub name: String,
    /// Its version, in the package manager's own words.
    pub version: String,
    /// Its architecture.
    pub architecture: Option<String>,
    /// `dpkg`, `apk` or `rpm`.
    pub manager: String,
    /// The package that it was built from, where its name differs.
    pub source: Option<String>,
    /// Its licence; unknown with dpkg, which notes none.
    pub license: Fact<String>,
    /// The layer whose version of the package database first holds it in this version is not known from the merged
    /// tree: this is the layer of its file list, where it has one.
    pub layer: Option<u32>,
}

/// An ELF file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Binary {
    /// Where it is.
    pub path: String,
    /// Its platform in OCI words (`linux/amd64`).
    pub platform: String,
    /// Whether it is a program (executable mode and an entry point), rather than a library.
    pub executable: bool,
    /// Its layer.
    pub layer: Option<u32>,
}

/// Codes of gaps that no honest image has: a limit that was reached, an entry that no container could start with, a file that
/// brought its reader down, a whole layer that is elsewhere (of Linux; Windows' own are, and nothing of those is known).
const HIDING: [&str; 15] = [
    "extractor-panic",
    "file-too-large",
    "foreign-layer",
    "hard-link-target-missing",
    "invalid-whiteout",
    "nul-in-name",
    "path-too-long",
    "root-replaced",
    "sparse-file",
    "symlink-loop",
    "time-limit",
    "too-many-entries",
    "tree-too-large",
    "unknown-entry-type",
    "zip-out-of-bounds",
];

impl Gap {
    /// Whether something may be hidden here on purpose: with such a gap no verdict is a pass.
    pub fn may_hide(&self) -> bool {
        HIDING.contains(&self.code.as_str())
    }
}

/// A Python environment: what one interpreter sees when started in one way.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Environment {
    /// The interpreter's path as in `interpreters`.
    pub interpreter: String,
    /// `sys.prefix`.
    pub prefix: String,
    /// What made it.
    pub kind: EnvironmentKind,
    /// Whether the image's entry point runs in it.
    pub entry_point: bool,
    /// `sys.path` in order, without the script's own directory.
    pub path: Vec<String>,
    /// Whether `path` is sure (a `sitecustomize`, or code in a `.pth`, may change it).
    pub path_complete: Completeness,
    /// Installed distributions; of two with one name the first on the path.
    pub distributions: Vec<Distribution>,
    /// Every importable module, sorted by name.
    pub modules: Vec<Module>,
    /// Whether `modules` holds all.
    pub modules_complete: Completeness,
    /// Distributions that are not counted, for one before them on the path has their name.
    pub shadowed: Vec<Distribution>,
    /// Files below the directories for distributions that no distribution and no package of the system lists, sorted.
    pub unowned: Vec<InstalledFile>,
    /// Whether `unowned` holds all.
    pub unowned_complete: Completeness,
}

impl Environment {
    /// A module by its name.
    pub(crate) fn module(&self, name: &str) -> Option<&Module> {
        let at = self.modules.binary_search_by(|module| module.name.as_str().cmp(name)).ok()?;
        self.modules.get(at)
    }
}

/// What made an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnvironmentKind {
    /// The interpreter's own.
    #[default]
    System,
    /// `pyvenv.cfg` (venv, virtualenv, uv).
    Venv,
    /// `conda-meta` (conda, mamba, pixi).
    Conda,
}

/// An installed Python distribution.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Distribution {
    /// The name as its metadata has it.
    pub name: String,
    /// The name normalised by PEP 503.
    pub normalized_name: SmolStr,
    /// Its version; unknown where the metadata gives none.
    pub version: Fact<String>,
    /// The directory (or egg-info file) that holds its metadata.
    pub location: String,
    /// `License-Expression`, else `License`; its classifiers are not read.
    pub license: Option<String>,
    /// `Requires-Dist`, as written.
    pub requires: Vec<String>,
    /// `Provides-Extra`, as written.
    pub extras: Vec<String>,
    /// `Requires-Python`, as written.
    pub requires_python: Option<String>,
    /// Commands and plug-ins that it offers: `group: name = module:object`.
    pub entry_points: Vec<String>,
    /// Whether it was asked for by name, rather than needed by another; unknown where its installer does not say.
    pub requested: Fact<bool>,
    /// What installed it (`pip`, `uv`, `debian`...).
    pub installer: Option<String>,
    /// The operating system's package that ships it.
    pub os_package: Option<String>,
    /// The package of conda that ships it.
    pub conda_package: Option<String>,
    /// Whether it is installed in editable mode.
    pub editable: bool,
    /// Where it was installed from, where that is neither an index nor a channel of conda; unknown where its `direct_url.json` cannot be read.
    pub origin: Fact<Origin>,
    /// Whether the project that is checked declares it; absent where no project file is read, as in a scan.
    pub declared: Fact<bool>,
    /// Its layer.
    pub layer: Option<u32>,
    /// Its files that are not what was installed, by size and SHA-256 in its `RECORD`; sorted by path.
    pub modified: Vec<InstalledFile>,
    /// Whether `modified` holds all: not where a file has no hash, or nobody asked for it.
    pub modified_complete: Completeness,
    /// Its files by its `RECORD` that are not there, sorted by path.
    pub missing: Vec<InstalledFile>,
    /// Whether `missing` holds all.
    pub missing_complete: Completeness,
}

/// A file where distributions are installed that is not as one of them installed it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct InstalledFile {
    /// Where it is, or should be.
    pub path: String,
    /// What tells.
    pub reason: String,
    /// Its layer; `null` where it is not there, for what removed it is not known.
    pub layer: Option<u32>,
}

/// An importable Python module.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Module {
    /// Full dotted name.
    pub name: SmolStr,
    /// What the import system would load.
    pub kind: ModuleKind,
    /// The file that is loaded (`__init__.py` for a package); absent for namespace packages and builtin modules.
    pub file: Option<String>,
    /// Who it belongs to.
    pub owner: Owner,
    /// The distribution that owns it (its metadata's name).
    pub distribution: Option<String>,
    /// The layer of its file.
    pub layer: Option<u32>,
    /// What it hides: the files that would be the module were it not there, in the order in which the import system would come to
    /// them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub shadows: Vec<Shadowed>,
    /// Whether imports lead to it from what the image starts; unknown where names are computed on the way, or nothing is known to be
    /// started.
    pub reachable: Fact<bool>,
    /// Of a copy of another project inside of a package (`pip._vendor.urllib3`), the top-level module of that project (`urllib3`): such
    /// a copy is not installed, and is no distribution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendored: Option<SmolStr>,
    /// What its source says.
    #[serde(flatten)]
    pub source: Arc<PythonSource>,
    /// What its imports name in this environment: the direct edges of the import graph, sorted and without repeats.
    pub edges: Vec<ImportEdge>,
}

impl Module {
    /// Whether the standard library's module of its name is never found for it. The library's own files may hide each other.
    pub fn shadows_stdlib(&self) -> bool {
        self.owner != Owner::Stdlib && self.shadows.iter().any(|shadowed| shadowed.stdlib)
    }
}

/// A file that would be a module, were another of its name not found before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Shadowed {
    /// The file (`__init__.py` for a package).
    pub path: String,
    /// Whether it is of the interpreter's standard library.
    pub stdlib: bool,
}

/// What the import system would load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModuleKind {
    /// A directory with `__init__`.
    Package,
    /// A source file.
    Source,
    /// An extension module.
    Extension,
    /// A `.pyc` without its source.
    Bytecode,
    /// A directory without `__init__`.
    Namespace,
    /// Compiled into the interpreter, or frozen.
    Builtin,
}

/// Who a module belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The interpreter's standard library.
    Stdlib,
    /// An installed distribution.
    Distribution,
    /// A package of the operating system that is no Python distribution.
    OsPackage,
    /// A package of conda that is no Python distribution.
    CondaPackage,
    /// Nobody else: the team's own code.
    Own,
}

/// One edge of the import graph: a module that an import names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct ImportEdge {
    /// Full dotted name of what is imported (relative imports resolved; parents that are loaded on the way included).
    pub target: SmolStr,
    /// Index into `imports`.
    pub import: u32,
    /// Whether the import surely names this module.
    pub certainty: Certainty,
}

/// How sure an edge is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The statement names this module.
    Must,
    /// `from a import b` where `a.b` may be an attribute: `a` is not in the environment, or may bind `b` itself.
    May,
}

/// Something that could not be read, was skipped, or ran into a limit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Gap {
    /// Where: a path inside the image, or the layer.
    pub place: String,
    /// A stable kebab-case word for the reason, such as `python-syntax`.
    pub code: String,
    /// Why, for a person.
    pub reason: String,
    /// Its layer.
    pub layer: Option<u32>,
}
