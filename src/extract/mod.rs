//! One file's bytes to its facts, a file for each format; never paths, trees or other files.

mod facts;
pub mod python;

use std::sync::Arc;

pub use facts::{ElfFacts, FileFacts, LibcBanner, PythonRuntime};

/// The facts of a Python source file.
pub fn python_facts(bytes: &[u8]) -> FileFacts {
    FileFacts::Python(Arc::new(python::source(bytes)))
}
