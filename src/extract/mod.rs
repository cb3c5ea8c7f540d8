//! One file's bytes to its facts, a file for each format; never paths, trees or other files.

pub mod apk;
pub mod conda;
pub mod core_metadata;
pub mod direct_url;
pub mod dpkg;
pub mod elf;
pub mod entry_points;
mod facts;
mod managed;
pub mod os_release;
pub mod passwd;
pub mod path_config;
pub mod pth;
pub mod pyproject;
pub mod python;
pub mod pyvenv;
pub mod record;
pub mod rpm;
mod script;
pub mod start;
mod text;
mod zip;

use std::{fs::File, sync::Arc};

use crate::limits::{RpmLimits, ZipLimits};

pub use facts::{ElfFacts, FileFacts, LibcBanner, PythonRuntime, ZipContent, ZipFacts, ZipMember};

/// The facts of a Python source file.
pub fn python_facts(bytes: &[u8]) -> FileFacts {
    FileFacts::Python(Arc::new(python::source(bytes)))
}

/// The facts of an ELF file, or why it cannot be read.
pub fn elf_facts(bytes: &[u8]) -> FileFacts {
    match elf::elf(bytes) {
        Ok(facts) => FileFacts::Elf(Arc::new(facts)),
        Err(error) => FileFacts::Unread(Arc::from(error.to_string())),
    }
}

/// The facts of an open ELF file, where it takes only some of its bytes to know them: `None` for C libraries, Python runtimes
/// and what cannot be read.
pub fn elf_facts_in_part(file: &File) -> Option<FileFacts> {
    elf::elf_without_runtime(file).map(|facts| FileFacts::Elf(Arc::new(facts)))
}

/// The Jython that a Java archive holds; an empty text where it holds none, which is no fault of it.
pub fn jar_facts(bytes: &[u8]) -> FileFacts {
    runtime_facts(managed::jython(bytes))
}

/// The IronPython that a .NET library is; an empty text where it is none.
pub fn assembly_facts(bytes: &[u8]) -> FileFacts {
    runtime_facts(managed::ironpython(bytes))
}

fn runtime_facts(runtime: Option<PythonRuntime>) -> FileFacts {
    runtime.map_or_else(|| FileFacts::Text(Arc::default()), |runtime| FileFacts::Runtime(Arc::new(runtime)))
}

/// What conda notes of an installed package, or why it cannot be read.
pub fn conda_facts(bytes: &[u8]) -> FileFacts {
    match conda::conda_record(bytes) {
        Ok(record) => FileFacts::Conda(Arc::new(record)),
        Err(error) => FileFacts::Unread(Arc::from(error.to_string())),
    }
}

/// What a database of rpm holds, or why it cannot be read.
pub fn rpm_facts(bytes: &[u8], limits: &RpmLimits) -> FileFacts {
    match rpm::rpm_database(bytes, limits) {
        Ok(database) => FileFacts::Rpm(Arc::new(database)),
        Err(error) => FileFacts::Unread(Arc::from(error.to_string())),
    }
}

/// The interpreter line of a script, or why it has none.
pub fn script_facts(bytes: &[u8]) -> FileFacts {
    match script::interpreter_line(bytes) {
        Some(line) => FileFacts::Script(Arc::from(line)),
        None => FileFacts::Unread(Arc::from("the first line names no interpreter after `#!`")),
    }
}

/// The facts of a file that is named like a zip archive. One that is none, but begins with an interpreter line, is a script.
pub fn zip_facts(bytes: &[u8], limits: &ZipLimits) -> FileFacts {
    let interpreter = script::interpreter_line(bytes).map(Arc::from);
    match zip::archive(bytes, limits) {
        Some(facts) => FileFacts::Zip(Arc::new(ZipFacts { interpreter, ..facts })),
        None => interpreter.map_or_else(
            || {
                let mut facts = ZipFacts::default();
                facts.complete.lacks("it is no whole zip archive");
                FileFacts::Zip(Arc::new(facts))
            },
            FileFacts::Script,
        ),
    }
}
