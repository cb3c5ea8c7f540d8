//! An ELF file's bytes to its facts: headers, dynamic entries, C library and Python runtime; never run, loaded or named by its path.

mod headers;
mod libc;
mod others;
mod partial;
mod python;
mod strings;
mod suffixes;
#[cfg(test)]
mod tests;

use object::{Endianness, elf::FileHeader32, elf::FileHeader64};

pub(crate) use self::partial::elf_without_runtime;

use self::headers::{headers, py_version};
use super::facts::ElfFacts;

/// Why bytes are no readable ELF file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ElfError {
    /// Another magic number.
    #[error("not an ELF file: the first four bytes are not `\\x7fELF`")]
    Magic,
    /// Neither 32 nor 64 bits.
    #[error("unknown ELF class {0}, expected 1 or 2")]
    Class(u8),
    /// Headers that point outside of the file or contradict each other.
    #[error("malformed ELF headers: {0}")]
    Malformed(String),
}

/// How `Py_Version` is read of files of one class.
type PyVersion = fn(&[u8]) -> Option<u32>;

/// Reads the headers, and searches the loaded bytes of those files that can be a C library or a Python runtime.
pub fn elf(bytes: &[u8]) -> Result<ElfFacts, ElfError> {
    if !bytes.starts_with(b"\x7fELF") {
        return Err(ElfError::Magic);
    }
    let (headers, py_version): (_, PyVersion) = match bytes.get(4) {
        Some(1) => (headers::<FileHeader32<Endianness>, _>(bytes)?, py_version::<FileHeader32<Endianness>>),
        Some(2) => (headers::<FileHeader64<Endianness>, _>(bytes)?, py_version::<FileHeader64<Endianness>>),
        class => return Err(ElfError::Class(class.copied().unwrap_or_default())),
    };
    let loaded = headers.segments(bytes);
    let libc = libc::banner(&headers, &loaded);
    let python = if libc.is_none() { python::runtime(&headers, &loaded, || py_version(bytes)) } else { None };
    Ok(headers.facts(libc, python))
}
