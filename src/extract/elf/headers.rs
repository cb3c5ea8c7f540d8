//! ELF headers of either class and byte order; never the sections, which a stripped file may lack.

use object::{
    Endianness, elf,
    read::{
        ReadRef,
        elf::{Dyn, FileHeader, ProgramHeader, Sym},
    },
};

use super::ElfError;
use crate::extract::facts::{ElfFacts, LibcBanner, PythonRuntime};

/// Longest name that a header may give.
const MAX_NAME: usize = 4096;
/// Most entries of one table that are read.
const MAX_ENTRIES: usize = 65_536;

/// What the headers say.
#[derive(Debug, Default)]
pub(super) struct Headers {
    pub architecture: String,
    pub executable: bool,
    pub loader: Option<String>,
    pub soname: Option<String>,
    pub needed: Vec<String>,
    /// Offset and length of what is loaded into memory, segment by segment; all of it lies within the file.
    pub loaded: Vec<(u64, u64)>,
}

impl Headers {
    /// The bytes that are loaded into memory, of a file that is at hand as a whole.
    pub(super) fn segments<'a>(&self, bytes: &'a [u8]) -> Vec<&'a [u8]> {
        self.loaded.iter().filter_map(|(offset, length)| bytes.read_bytes_at(*offset, *length).ok()).collect()
    }

    /// The facts, with what was found in the loaded bytes.
    pub(super) fn facts(self, libc: Option<LibcBanner>, python: Option<PythonRuntime>) -> ElfFacts {
        let Self { architecture, executable, loader, soname, needed, loaded: _ } = self;
        ElfFacts { architecture, executable, loader, soname, needed, libc, python }
    }
}

pub(super) fn headers<'a, Elf: FileHeader<Endian = Endianness>, R: ReadRef<'a>>(bytes: R) -> Result<Headers, ElfError> {
    let malformed = |error: object::read::Error| ElfError::Malformed(error.to_string());
    let header = Elf::parse(bytes).map_err(malformed)?;
    let endian = header.endian().map_err(malformed)?;
    let segments = header.program_headers(endian, bytes).map_err(malformed)?;
    let size = bytes.len().map_err(|()| ElfError::Malformed("its size is not known".to_owned()))?;
    let mut found = Headers { architecture: architecture(header, endian), ..Headers::default() };
    let mut dynamic = Dynamic::default();
    for segment in segments.iter().take(MAX_ENTRIES) {
        match segment.p_type(endian) {
            elf::PT_LOAD => {
                let (offset, length) = segment.file_range(endian);
                if length > 0 && offset.checked_add(length).is_none_or(|end| end > size) {
                    return Err(ElfError::Malformed("a segment lies outside of the file".to_owned()));
                }
                found.loaded.push((offset, length));
            }
            elf::PT_INTERP => found.loader = segment.interpreter(endian, bytes).map_err(malformed)?.map(text),
            elf::PT_DYNAMIC => {
                for entry in segment.dynamic(endian, bytes).map_err(malformed)?.unwrap_or_default() {
                    if !dynamic.entry(entry.tag(endian), entry.val(endian)) {
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    let name = |offset: u64| {
        let address = dynamic.strings.checked_add(offset)?;
        segments.iter().find_map(|segment| name_at::<Elf, R>(segment, endian, bytes, address)).map(text)
    };
    found.soname = dynamic.soname.and_then(name);
    found.needed = dynamic.needed.iter().filter_map(|offset| name(*offset)).collect();
    let program = dynamic.pie || found.loader.is_some();
    found.executable = match header.e_type(endian) {
        elf::ET_EXEC => true,
        // glibc's own libraries name a loader too: with a name of its own, a file is a library.
        elf::ET_DYN => program && found.soname.is_none(),
        _ => false,
    };
    Ok(found)
}

/// The entries of the dynamic section that matter.
#[derive(Debug, Default)]
struct Dynamic {
    strings: u64,
    soname: Option<u64>,
    needed: Vec<u64>,
    pie: bool,
}

impl Dynamic {
    /// Takes one entry; false at the end.
    fn entry(&mut self, tag: elf::DynamicTag, value: u64) -> bool {
        match tag {
            elf::DT_NULL => return false,
            elf::DT_STRTAB => self.strings = value,
            elf::DT_SONAME => self.soname = Some(value),
            elf::DT_NEEDED if self.needed.len() < MAX_ENTRIES => self.needed.push(value),
            elf::DT_FLAGS_1 => self.pie = value & elf::DF_1_PIE.0 != 0,
            _ => {}
        }
        true
    }
}

/// The NUL-terminated name at `address`, if the segment holds it.
fn name_at<'a, Elf: FileHeader, R: ReadRef<'a>>(
    segment: &Elf::ProgramHeader,
    endian: Elf::Endian,
    bytes: R,
    address: u64,
) -> Option<&'a [u8]> {
    if segment.p_type(endian) != elf::PT_LOAD {
        return None;
    }
    let (offset, length) = segment.file_range(endian);
    let skipped = address.checked_sub(segment.p_vaddr(endian).into()).filter(|skipped| *skipped < length)?;
    let start = offset.checked_add(skipped)?;
    let end = offset.checked_add(length)?.min(start.checked_add(MAX_NAME as u64)?);
    bytes.read_bytes_at_until(start..end, 0).ok().filter(|name| !name.is_empty())
}

fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(name.get(..MAX_NAME).unwrap_or(name)).into_owned()
}

/// `Py_Version`, the version as a number that CPython exports since 3.11, where the section headers tell of it.
pub(super) fn py_version<Elf: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Option<u32> {
    let header = Elf::parse(bytes).ok()?;
    let endian = header.endian().ok()?;
    let segments = header.program_headers(endian, bytes).ok()?;
    let sections = header.sections(endian, bytes).ok()?;
    let symbols = sections.symbols(endian, bytes, elf::SHT_DYNSYM).ok()?;
    let symbol = symbols.iter().find(|symbol| {
        symbol.st_value(endian).into() != 0 && symbols.symbol_name(endian, symbol).is_ok_and(|name| name == b"Py_Version")
    })?;
    let address = symbol.st_value(endian).into();
    let value = segments
        .iter()
        .filter(|segment| segment.p_type(endian) == elf::PT_LOAD)
        .find_map(|segment| segment.data_range(endian, bytes, address, 4).ok().flatten())?;
    let value: [u8; 4] = value.try_into().ok()?;
    Some(if header.is_little_endian() { u32::from_le_bytes(value) } else { u32::from_be_bytes(value) })
}

/// `e_machine`, class and byte order in the words of the OCI image specification (Go's `GOARCH`).
fn architecture<Elf: FileHeader<Endian = Endianness>>(header: &Elf, endian: Endianness) -> String {
    let little = header.is_little_endian();
    let word = match (header.e_machine(endian), header.is_type_64()) {
        (elf::EM_X86_64, true) => "amd64",
        (elf::EM_X86_64, false) => "amd64p32",
        (elf::EM_386, _) => "386",
        (elf::EM_ARM, _) if little => "arm",
        (elf::EM_ARM, _) => "armbe",
        (elf::EM_AARCH64, _) if little => "arm64",
        (elf::EM_AARCH64, _) => "arm64be",
        (elf::EM_PPC64, _) if little => "ppc64le",
        (elf::EM_PPC64, _) => "ppc64",
        (elf::EM_PPC, _) => "ppc",
        (elf::EM_S390, true) => "s390x",
        (elf::EM_S390, false) => "s390",
        (elf::EM_RISCV, true) => "riscv64",
        (elf::EM_RISCV, false) => "riscv",
        (elf::EM_LOONGARCH, true) => "loong64",
        (elf::EM_MIPS, true) if little => "mips64le",
        (elf::EM_MIPS, true) => "mips64",
        (elf::EM_MIPS, false) if little => "mipsle",
        (elf::EM_MIPS, false) => "mips",
        (elf::EM_SPARCV9, _) => "sparc64",
        (elf::EM_SPARC | elf::EM_SPARC32PLUS, _) => "sparc",
        (machine, _) => return format!("elf-machine-{}", machine.0),
    };
    word.to_owned()
}
