//! What the tables of a few generated Python files say: import hooks of editable installations, and records of a build; never whether
//! the files that they name are there.

use smol_str::SmolStr;

/// A generated file whose tables are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Special {
    /// A module that adds an import hook when Python starts.
    Hook(EditableHook),
    /// `_sysconfigdata`.
    Build(BuildVariables),
}

/// A list of texts by name, in the order of the file.
pub type Table<T> = Vec<(SmolStr, T)>;

/// What an import hook of an editable installation can find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditableHook {
    /// setuptools: names to their file or directory (without the ending of a file), and namespaces with their portions. It is asked
    /// after the path.
    Setuptools {
        /// `MAPPING`
        mapping: Table<SmolStr>,
        /// `NAMESPACES`
        namespaces: Table<Vec<SmolStr>>,
    },
    /// `editables` (hatchling, pdm): top-level names to their file. It is asked after the path.
    Editables(Table<SmolStr>),
    /// scikit-build-core: names to files, and packages to directories. It is asked before anything else. What is not absolute counts
    /// from the hook's own directory.
    ScikitBuild {
        /// Files of the build, which come first.
        installed: Table<SmolStr>,
        /// Files of the source.
        sources: Table<SmolStr>,
        /// Directories of packages.
        directories: Table<Vec<SmolStr>>,
        /// Names that are packages.
        packages: Vec<SmolStr>,
    },
}

/// Those variables of a build that say what the bytes of an interpreter do not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BuildVariables {
    /// Where it was to be installed.
    pub prefix: Option<SmolStr>,
    /// `WITH_PYMALLOC`, which is a letter of a Python 2's tag.
    pub pymalloc: Option<bool>,
}
