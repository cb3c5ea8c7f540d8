//! One file's bytes to its facts, a file for each format; never paths, trees or other files.

mod facts;

pub use facts::{ElfFacts, FileFacts, LibcBanner, PythonRuntime};
