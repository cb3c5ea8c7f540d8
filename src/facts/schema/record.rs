//! References to records of an inventory; never their fields.

use crate::facts::{
    Binary, Class, ComputedImport, CondaPackage, Distribution, Environment, EnvironmentVariable, File, Function, Gap,
    HistoryEntry, Image, Import, InstalledFile, Interpreter, Inventory, Layer, Libc, Module, OperatingSystem, Origin,
    OsPackage, Parameter, Variable,
};

/// A reference to a record, with what it belongs to.
#[derive(Debug, Clone, Copy)]
pub enum Record<'a> {
    /// What is checked.
    Target(&'a Inventory),
    /// The image's configuration.
    Image(&'a Inventory, &'a Image),
    /// The user that the image runs as.
    User(&'a Image),
    /// A variable of the image's environment.
    EnvironmentVariable(&'a EnvironmentVariable),
    /// An instruction of the image's history.
    HistoryEntry(&'a HistoryEntry),
    /// A layer.
    Layer(&'a Layer),
    /// The operating system.
    Os(&'a OperatingSystem),
    /// The C library.
    Libc(&'a Libc),
    /// A package of the operating system.
    OsPackage(&'a OsPackage),
    /// A package of conda.
    CondaPackage(&'a CondaPackage),
    /// An ELF file.
    Binary(&'a Binary),
    /// An interpreter.
    Interpreter(&'a Interpreter),
    /// An entry of the merged tree.
    File(&'a Inventory, &'a File),
    /// What could not be read.
    Gap(&'a Gap),
    /// A Python environment.
    Environment(&'a Environment),
    /// A distribution in its environment.
    Distribution(&'a Environment, &'a Distribution),
    /// Where a distribution came from.
    Origin(&'a Distribution, &'a Origin),
    /// A file where distributions are installed that is not as one of them, where one is told, installed it.
    InstalledFile(&'a Environment, Option<&'a Distribution>, &'a InstalledFile),
    /// A module in its environment.
    Module(&'a Environment, &'a Module),
    /// An import in its module.
    Import(&'a Environment, &'a Module, &'a Import),
    /// A computed import in its module.
    ComputedImport(&'a Environment, &'a Module, &'a ComputedImport),
    /// A function or method in its module.
    Function(&'a Module, &'a Function),
    /// A parameter of a function in its module.
    Parameter(&'a Module, &'a Function, &'a Parameter),
    /// A class in its module.
    Class(&'a Module, &'a Class),
    /// A variable in its module.
    Variable(&'a Module, &'a Variable),
}

/// The kinds of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of `Record`")]
pub enum Kind {
    Target,
    Image,
    User,
    EnvironmentVariable,
    HistoryEntry,
    Layer,
    Os,
    Libc,
    OsPackage,
    CondaPackage,
    Binary,
    Interpreter,
    File,
    Gap,
    Environment,
    Distribution,
    Origin,
    InstalledFile,
    Module,
    Import,
    ComputedImport,
    Function,
    Parameter,
    Class,
    Variable,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 25] = [
        Self::Target,
        Self::Image,
        Self::User,
        Self::EnvironmentVariable,
        Self::HistoryEntry,
        Self::Layer,
        Self::Os,
        Self::Libc,
        Self::OsPackage,
        Self::CondaPackage,
        Self::Binary,
        Self::Interpreter,
        Self::File,
        Self::Gap,
        Self::Environment,
        Self::Distribution,
        Self::Origin,
        Self::InstalledFile,
        Self::Module,
        Self::Import,
        Self::ComputedImport,
        Self::Function,
        Self::Parameter,
        Self::Class,
        Self::Variable,
    ];

    /// The name of the type in a policy.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Target => "Target",
            Self::Image => "Image",
            Self::User => "User",
            Self::EnvironmentVariable => "EnvironmentVariable",
            Self::HistoryEntry => "HistoryEntry",
            Self::Layer => "Layer",
            Self::Os => "Os",
            Self::Libc => "Libc",
            Self::OsPackage => "OsPackage",
            Self::CondaPackage => "CondaPackage",
            Self::Binary => "Binary",
            Self::Interpreter => "Interpreter",
            Self::File => "File",
            Self::Gap => "Gap",
            Self::Environment => "Environment",
            Self::Distribution => "Distribution",
            Self::Origin => "Origin",
            Self::InstalledFile => "InstalledFile",
            Self::Module => "Module",
            Self::Import => "Import",
            Self::ComputedImport => "ComputedImport",
            Self::Function => "Function",
            Self::Parameter => "Parameter",
            Self::Class => "Class",
            Self::Variable => "Variable",
        }
    }

    /// The word for a subject of this kind.
    pub fn subject(self) -> &'static str {
        match self {
            Self::Target | Self::Image => "image",
            Self::User => "user",
            Self::EnvironmentVariable => "environment_variable",
            Self::HistoryEntry => "history_entry",
            Self::Layer => "layer",
            Self::Os => "os",
            Self::Libc => "libc",
            Self::OsPackage => "os_package",
            Self::CondaPackage => "conda_package",
            Self::Binary => "binary",
            Self::Interpreter => "interpreter",
            Self::File => "file",
            Self::Gap => "gap",
            Self::Environment => "environment",
            Self::Distribution => "distribution",
            Self::Origin => "origin",
            Self::InstalledFile => "installed_file",
            Self::Module => "module",
            Self::Import => "import",
            Self::ComputedImport => "computed_import",
            Self::Function => "function",
            Self::Parameter => "parameter",
            Self::Class => "class",
            Self::Variable => "variable",
        }
    }
}

impl Record<'_> {
    /// Its kind.
    pub fn kind(self) -> Kind {
        match self {
            Self::Target(_) => Kind::Target,
            Self::Image(..) => Kind::Image,
            Self::User(_) => Kind::User,
            Self::EnvironmentVariable(_) => Kind::EnvironmentVariable,
            Self::HistoryEntry(_) => Kind::HistoryEntry,
            Self::Layer(_) => Kind::Layer,
            Self::Os(_) => Kind::Os,
            Self::Libc(_) => Kind::Libc,
            Self::OsPackage(_) => Kind::OsPackage,
            Self::CondaPackage(_) => Kind::CondaPackage,
            Self::Binary(_) => Kind::Binary,
            Self::Interpreter(_) => Kind::Interpreter,
            Self::File(..) => Kind::File,
            Self::Gap(_) => Kind::Gap,
            Self::Environment(_) => Kind::Environment,
            Self::Distribution(..) => Kind::Distribution,
            Self::Origin(..) => Kind::Origin,
            Self::InstalledFile(..) => Kind::InstalledFile,
            Self::Module(..) => Kind::Module,
            Self::Import(..) => Kind::Import,
            Self::ComputedImport(..) => Kind::ComputedImport,
            Self::Function(..) => Kind::Function,
            Self::Parameter(..) => Kind::Parameter,
            Self::Class(..) => Kind::Class,
            Self::Variable(..) => Kind::Variable,
        }
    }
}
