//! The inventory and the schema that the policy language is typed against; never reading, never deciding.

mod conda;
mod distribution_name;
mod dotted;
mod edges;
mod environment_value;
mod file;
mod interpreter;
mod inventory;
mod known;
mod origin;
mod python;
mod redaction;
pub mod schema;
mod special;
mod standard_library;
mod unresolved;

pub use conda::CondaPackage;
pub(crate) use distribution_name::normalised_name;
pub(crate) use dotted::{absolute, parents};
pub(crate) use edges::ImportIndex;
#[cfg(test)]
pub(crate) use edges::tests as edge_fixtures;
pub(crate) use environment_value::is_secret_name;
pub use environment_value::{EnvironmentValue, REDACTED};
pub use file::{File, FilePath, FileType, Mode};
pub use interpreter::{Interpreter, InterpreterSource, Linkage};
pub use inventory::{
    Binary, Certainty, Distribution, Environment, EnvironmentKind, EnvironmentVariable, Gap, HistoryEntry, Image, ImportEdge,
    InstalledFile, Inventory, Layer, Libc, Module, ModuleKind, OperatingSystem, OsPackage, Owner, SCHEMA_VERSION, Shadowed,
    Target,
};
pub use known::{Completeness, Fact};
pub use origin::{AddressKind, Origin, OriginKind, normalised_address};
pub use python::{
    Class, ComputedImport, Function, Import, ImportKind, Parameter, ParameterKind, PythonSource, SourceError, Syntax,
    SyntaxChange, Variable,
};
pub use redaction::{without_passwords, without_secrets};
pub use special::{BuildVariables, EditableHook, Special, Table};
pub(crate) use standard_library::standard_modules;
