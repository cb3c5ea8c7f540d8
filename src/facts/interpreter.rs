//! What is known of one interpreter: which it is, how it was built and where it came from; never what it would import.

use schemars::JsonSchema;
use serde::Serialize;

use super::{inventory::Libc, known::Fact};

/// A language interpreter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Interpreter {
    /// The file itself, links followed.
    pub path: String,
    /// Other names that lead to it (symbolic and hard links), sorted.
    pub aliases: Vec<String>,
    /// `python`.
    pub language: String,
    /// `CPython`, `PyPy`, `Pyston`, `GraalPy`, `Jython`, `IronPython`, `MicroPython` or `RustPython`.
    pub implementation: String,
    /// The language version (`3.11.2`), from the bytes.
    pub version: Fact<String>,
    /// The implementation's own version, where it differs (PyPy).
    pub implementation_version: Fact<String>,
    /// Its platform in OCI words. One that a virtual machine runs (Jython, IronPython) is for every platform: it has the image's, or
    /// `any`.
    pub platform: String,
    /// Whether it is a debug build of CPython, with `Py_DEBUG`.
    pub debug: Fact<bool>,
    /// Whether it is a free-threaded build of CPython, without the global lock.
    pub free_threaded: Fact<bool>,
    /// The interface that its wheels are built for, as their names have it: `cp313t`, `cp27mu`, `pypy39_pp73`. Absent where there
    /// are no such wheels.
    pub abi: Fact<String>,
    /// The tag in the names of its own extension modules: `cpython-311-x86_64-linux-gnu`. Absent where it has none.
    pub soabi: Fact<String>,
    /// Where the interpreter is: in the executable, or in a library that it loads. Absent where there is no executable.
    pub linkage: Fact<Linkage>,
    /// The C library that it runs with. Absent where it needs none of its own.
    pub libc: Fact<Libc>,
    /// What brought it.
    pub source: Fact<InterpreterSource>,
    /// The operating system's package that owns it.
    pub os_package: Option<String>,
    /// The package of conda that owns it.
    pub conda_package: Option<String>,
    /// Its layer.
    pub layer: Option<u32>,
}

/// Where the code of an interpreter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Linkage {
    /// In the executable.
    Static,
    /// In a library that the executable loads.
    Shared,
}

impl Linkage {
    /// The words, as policies and the inventory spell them.
    pub const WORDS: &'static [&'static str] = &["static", "shared"];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::Shared => "shared",
        }
    }

    /// The linkage of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Static, Self::Shared].into_iter().find(|linkage| linkage.word() == word)
    }
}

/// What brought an interpreter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InterpreterSource {
    /// The operating system's package manager.
    OsPackage,
    /// conda, mamba or pixi.
    Conda,
    /// `uv python install`.
    Uv,
    /// pyenv.
    Pyenv,
    /// `make install` of its sources, where it stands.
    Build,
}

impl InterpreterSource {
    const ALL: [Self; 5] = [Self::OsPackage, Self::Conda, Self::Uv, Self::Pyenv, Self::Build];

    /// The words, as policies and the inventory spell them.
    pub const WORDS: &'static [&'static str] = &["os_package", "conda", "uv", "pyenv", "build"];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::OsPackage => "os_package",
            Self::Conda => "conda",
            Self::Uv => "uv",
            Self::Pyenv => "pyenv",
            Self::Build => "build",
        }
    }

    /// The source of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::{InterpreterSource, Linkage};

    #[test]
    fn words_lead_back_to_what_they_are_of() {
        for word in InterpreterSource::WORDS {
            assert_eq!(InterpreterSource::of(word).map(InterpreterSource::word), Some(*word));
        }
        for word in Linkage::WORDS {
            assert_eq!(Linkage::of(word).map(Linkage::word), Some(*word));
        }
        assert_eq!(InterpreterSource::of("snap"), None);
    }
}
