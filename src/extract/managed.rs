//! Pythons that a virtual machine runs: Jython by its archive, IronPython by its library; never what starts them.

use std::io::Read as _;

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipFileHeaderRecord, ZipSliceArchive};

use super::facts::PythonRuntime;

/// The class that is started.
const JYTHON: &[u8] = b"org/python/util/jython.class";
/// Where Jython reads its own version.
const JYTHON_VERSION: &[u8] = b"org/python/version.properties";
/// Most bytes of that file that are read.
const MOST: u64 = 64 << 10;
/// Most members of an archive that are looked at.
const MEMBERS: usize = 100_000;

/// The signature of `VS_FIXEDFILEINFO`, the version of a file for Windows, which every .NET library has.
const FIXED_FILE_INFO: [u8; 4] = 0xFEEF_04BD_u32.to_le_bytes();

/// The Jython in a Java archive; `None` where it holds none.
pub(super) fn jython(bytes: &[u8]) -> Option<PythonRuntime> {
    let archive = ZipArchive::from_slice(bytes).ok()?;
    let mut entries = archive.entries();
    let (mut is_jython, mut version) = (false, None);
    for _ in 0..MEMBERS {
        let Ok(Some(record)) = entries.next_entry() else { break };
        let name = record.file_path();
        is_jython |= name.as_ref() == JYTHON;
        if name.as_ref() == JYTHON_VERSION {
            version = member(&archive, &record).and_then(|text| jython_version(&String::from_utf8_lossy(&text)));
        }
    }
    is_jython.then(|| PythonRuntime {
        implementation: "Jython",
        implementation_version: version.clone(),
        version,
        ..PythonRuntime::default()
    })
}

fn member(archive: &ZipSliceArchive<&[u8]>, record: &ZipFileHeaderRecord<'_>) -> Option<Vec<u8>> {
    let entry = archive.get_entry(record.wayfinder()).ok()?;
    let mut text = Vec::new();
    match record.compression_method() {
        CompressionMethod::STORE => entry.data().take(MOST).read_to_end(&mut text),
        CompressionMethod::DEFLATE => DeflateDecoder::new(entry.data()).take(MOST).read_to_end(&mut text),
        _ => return None,
    }
    .ok()?;
    Some(text)
}

/// `sys.version_info` as the properties have it: release levels are those of `PY_VERSION_HEX`.
fn jython_version(text: &str) -> Option<String> {
    let of = |key: &str| {
        let lines = text.lines().filter_map(|line| line.split_once('='));
        lines.filter(|(name, _)| name.trim() == key).find_map(|(_, value)| value.trim().parse::<u32>().ok())
    };
    let numbers = [of("jython.major_version")?, of("jython.minor_version")?, of("jython.micro_version")?];
    let serial = of("jython.release_serial").unwrap_or_default();
    let level = match of("jython.release_level")? {
        15 => String::new(),
        12 => format!("rc{serial}"),
        11 => format!("b{serial}"),
        10 => format!("a{serial}"),
        _ => return None,
    };
    Some(format!("{}.{}.{}{level}", numbers[0], numbers[1], numbers[2]))
}

/// The IronPython that `IronPython.dll` is: the first three numbers of its version are those of the language too.
pub(super) fn ironpython(bytes: &[u8]) -> Option<PythonRuntime> {
    if !bytes.starts_with(b"MZ") {
        return None;
    }
    let version = memchr::memmem::find(bytes, &FIXED_FILE_INFO).and_then(|at| {
        // Signature, version of the structure, then the file's version in two words.
        let half = |offset: usize| Some(u16::from_le_bytes(bytes.get(at + offset..at + offset + 2)?.try_into().ok()?));
        Some(format!("{}.{}.{}", half(10)?, half(8)?, half(14)?))
    });
    Some(PythonRuntime {
        implementation: "IronPython",
        implementation_version: version.clone(),
        version,
        ..PythonRuntime::default()
    })
}

#[cfg(test)]
mod tests {
    use super::{ironpython, jython_version};

    #[test]
    fn release_levels_of_jython_are_words() {
        let version = |level, serial| {
            jython_version(&format!(
                "# x\njython.version=2.7.3-DEV\njython.major_version=2\njython.minor_version=7\njython.micro_version=3\n\
                 jython.release_level={level}\njython.release_serial={serial}\n"
            ))
        };
        assert_eq!(version(15, 0).as_deref(), Some("2.7.3"));
        assert_eq!(version(12, 2).as_deref(), Some("2.7.3rc2"));
        assert_eq!(version(1, 0), None);
        assert_eq!(jython_version("jython.version=2.7.3"), None);
    }

    /// Made by the documented layout of `VS_FIXEDFILEINFO`: no IronPython is at hand.
    #[test]
    fn ironpython_has_the_version_of_its_library() {
        let words: [u32; 4] = [0xFEEF_04BD, 0x0001_0000, 0x0003_0004, 0x0001_03E8];
        let info: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let found = ironpython(&[b"MZ......", info.as_slice()].concat()).expect("a library");
        assert_eq!((found.implementation, found.version.as_deref()), ("IronPython", Some("3.4.1")));
        assert_eq!(ironpython(&[b"MZ......", &info[..10]].concat()).expect("a library").version, None);
        assert_eq!(ironpython(b"\x7fELF"), None);
    }
}
