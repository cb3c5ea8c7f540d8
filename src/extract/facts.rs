//! The facts of one file, as the merged tree carries them; never of its neighbours or its path.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{conda::CondaRecord, rpm::RpmDatabase};
use crate::facts::{Completeness, PythonSource};

/// What was learnt from one file's bytes, by the format that its path and first bytes announced.
#[derive(Debug, Clone, PartialEq)]
pub enum FileFacts {
    /// A Python source file: imports and structure.
    Python(Arc<PythonSource>),
    /// An ELF file.
    Elf(Arc<ElfFacts>),
    /// A text that means something only beside its neighbours (`METADATA`, `RECORD`, `*.pth`, `pyvenv.cfg`, `os-release`,
    /// `dpkg/status`...): kept whole, and read by the `extract` function for its format when `introspect` asks.
    Text(Arc<[u8]>),
    /// A script: the interpreter line after `#!`, trimmed, at most 256 bytes (a Python source with such a line is `Python`).
    Script(Arc<str>),
    /// A zip archive that may lie on the path of a Python.
    Zip(Arc<ZipFacts>),
    /// A Python that a virtual machine runs: Jython's archive, IronPython's library.
    Runtime(Arc<PythonRuntime>),
    /// What conda notes of an installed package.
    Conda(Arc<CondaRecord>),
    /// rpm's database of installed packages.
    Rpm(Arc<RpmDatabase>),
    /// The file was to be read, but could not be: why, for a person.
    Unread(Arc<str>),
}

/// What a zip archive holds that Python can import from it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ZipFacts {
    /// The interpreter line before the archive, where it is a program.
    pub interpreter: Option<Arc<str>>,
    /// Directories, sources and bytecode, each path once, sorted by path.
    pub members: Vec<ZipMember>,
    /// Whether `members` holds all; else why not.
    pub complete: Completeness,
    /// Bytes that its members were inflated to.
    pub inflated: u64,
    /// What no honest archive has, where it has that: members that share bytes, or inflate beyond the limits.
    pub suspect: Option<Arc<str>>,
}

/// A member of a zip archive.
#[derive(Debug, Clone, PartialEq)]
pub struct ZipMember {
    /// Its path in the archive; a directory's ends in `/`.
    pub path: SmolStr,
    /// What it is.
    pub content: ZipContent,
}

/// What a member of a zip archive is.
#[derive(Debug, Clone, PartialEq)]
pub enum ZipContent {
    /// A directory that is an entry itself.
    Directory,
    /// A Python source. Where it could not be read, its imports are incomplete and say why.
    Source(Arc<PythonSource>),
    /// Bytecode.
    Bytecode {
        /// Whether it is loaded whatever the source beside it says (PEP 552's unchecked hashes), or that could not be read.
        unchecked: bool,
    },
}

/// What an ELF file's headers and strings say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ElfFacts {
    /// The architecture in OCI words (`amd64`, `arm64`, `386`, `arm`, `ppc64le`, `s390x`, `riscv64`...), or `elf-machine-N`.
    pub architecture: String,
    /// `e_type`: whether this is an executable or PIE with an entry point, rather than a library.
    pub executable: bool,
    /// The dynamic loader (`PT_INTERP`).
    pub loader: Option<String>,
    /// `DT_SONAME`.
    pub soname: Option<String>,
    /// `DT_NEEDED`, in order.
    pub needed: Vec<String>,
    /// The C library version that a libc itself announces (`GNU C Library (...) stable release version 2.36`, musl's `1.2.4`).
    pub libc: Option<LibcBanner>,
    /// The Python runtime compiled into this file (an interpreter binary, or a `libpython`/`libpypy`).
    pub python: Option<PythonRuntime>,
}

/// A C library's own banner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibcBanner {
    /// `glibc` or `musl`.
    pub name: &'static str,
    /// Its version, such as `2.36`.
    pub version: String,
}

/// A Python runtime found in the bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PythonRuntime {
    /// `CPython`, `PyPy`, `Pyston`, `MicroPython`, `RustPython`, `Jython` or `IronPython`.
    pub implementation: &'static str,
    /// Language version (`3.11.2`, `3.9.16`), as `sys.version_info` would have it; `None` where the bytes do not decide.
    pub version: Option<String>,
    /// The implementation's own version where it differs (PyPy: `7.3.11`).
    pub implementation_version: Option<String>,
    /// The multiarch or SOABI tag (`cpython-311-x86_64-linux-gnu`), where the bytes hold it.
    pub soabi: Option<String>,
    /// Endings of extension modules that begin with a tag, in the order in which the finder tries them.
    pub extension_suffixes: Vec<String>,
    /// Whether `sys` tells how many references there are: a debug build.
    pub counts_references: bool,
    /// Whether a Python 2 keeps four bytes of each character.
    pub wide_unicode: bool,
}
