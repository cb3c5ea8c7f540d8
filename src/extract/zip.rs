//! The Python sources in a zip archive, as `zipimport` would load them, within limits; never where the archive lies.
//!
//! `zipimport` believes the central directory, takes the last of two members with one name, checks no checksum and inflates
//! whatever size a member claims: so does this. What no archive of Python code needs (members that share bytes, encrypted ones,
//! names that leave the archive) is not read.

use std::{collections::BTreeMap, io::Read as _, sync::Arc};

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipFileHeaderRecord, ZipSliceArchive};
use smol_str::SmolStr;

use super::{
    facts::{ZipContent, ZipFacts, ZipMember},
    python,
};
use crate::{facts::PythonSource, limits::ZipLimits};

/// Bytes before the code of a `.pyc` that say what it was made from.
const BYTECODE_HEADER: u64 = 16;

/// Magic numbers of CPython's bytecode that has flags in its header: 3.7 and later.
const WITH_FLAGS: std::ops::Range<u16> = 3390..20_000;

/// Most names that are shown of members that were not taken.
const SHOWN: usize = 3;

/// What can be imported from an archive; `None` where the bytes are none.
pub(super) fn archive(bytes: &[u8], limits: &ZipLimits) -> Option<ZipFacts> {
    let archive = ZipArchive::from_slice(bytes).ok()?;
    let mut facts = ZipFacts::default();
    let mut records: BTreeMap<SmolStr, ZipFileHeaderRecord<'_>> = BTreeMap::new();
    let mut ranges = Vec::new();
    let mut refused = Refused::default();
    let mut entries = archive.entries();
    loop {
        let record = match entries.next_entry() {
            Ok(Some(record)) => record,
            Ok(None) => break,
            Err(error) => {
                facts.complete.lacks(format!("its directory cannot be read: {error}"));
                break;
            }
        };
        if ranges.len() >= limits.members {
            facts.complete.lacks(format!("it has more than {} members: none is read", limits.members));
            return Some(facts);
        }
        match archive.get_entry(record.wayfinder()) {
            Ok(entry) => {
                let (_, end) = entry.compressed_data_range();
                ranges.push((record.local_header_offset(), end));
            }
            // Python fails to load it as well, but a name is there.
            Err(_) => ranges.push((record.local_header_offset(), record.local_header_offset())),
        }
        match name(record.file_path().as_ref()) {
            Ok(Some(name)) => {
                records.insert(name, record);
            }
            Ok(None) => {}
            Err(name) => refused.push(name),
        }
    }
    // The directory itself is a part of the archive that no member may lie in.
    ranges.push((archive.directory_offset(), archive.directory_offset()));
    ranges.sort_unstable();
    let overlap = ranges.windows(2).any(|pair| matches!(pair, [(_, end), (start, _)] if end > start));
    if overlap {
        facts.complete.lacks("members share bytes: none is read");
        return Some(facts);
    }
    refused.report(&mut facts);
    let mut reader = Reader { archive: &archive, limits, left: limits.inflated };
    facts.members =
        records.into_iter().map(|(path, record)| ZipMember { content: reader.content(&path, &record), path }).collect();
    Some(facts)
}

/// The name of a member that Python can import or look below; an error for one that leaves the archive or is no text.
fn name(raw: &[u8]) -> Result<Option<SmolStr>, String> {
    if ![&b"/"[..], b".py", b".pyc"].iter().any(|ending| raw.ends_with(ending)) {
        return Ok(None);
    }
    let escapes = raw.starts_with(b"/") || raw.split(|byte| *byte == b'/').any(|part| part == b"..") || raw.contains(&0);
    match std::str::from_utf8(raw) {
        Ok(name) if !escapes => Ok(Some(SmolStr::new(name))),
        _ => Err(String::from_utf8_lossy(raw).escape_debug().take(100).collect()),
    }
}

/// Names that were not taken.
#[derive(Default)]
struct Refused {
    shown: Vec<String>,
    count: usize,
}

impl Refused {
    fn push(&mut self, name: String) {
        self.count += 1;
        if self.shown.len() < SHOWN {
            self.shown.push(name);
        }
    }

    fn report(self, facts: &mut ZipFacts) {
        let more = self.count.saturating_sub(self.shown.len());
        for name in self.shown {
            facts.complete.lacks(format!("the member `{name}` is skipped: its name leaves the archive, or is no text"));
        }
        if more > 0 {
            facts.complete.lacks(format!("{more} more members are skipped for their names"));
        }
    }
}

/// Reads members while there is room for what they inflate to.
struct Reader<'a> {
    archive: &'a ZipSliceArchive<&'a [u8]>,
    limits: &'a ZipLimits,
    left: u64,
}

impl Reader<'_> {
    fn content(&mut self, path: &str, record: &ZipFileHeaderRecord<'_>) -> ZipContent {
        if path.ends_with('/') {
            return ZipContent::Directory;
        }
        if path.ends_with(".pyc") {
            return ZipContent::Bytecode {
                unchecked: self.bytes(record, Some(BYTECODE_HEADER)).map_or(true, |start| is_unchecked(&start)),
            };
        }
        let source = match self.bytes(record, None) {
            Ok(bytes) => python::source(&bytes),
            Err(reason) => {
                let mut source = PythonSource::default();
                source.imports_complete.lacks(reason);
                source
            }
        };
        ZipContent::Source(Arc::new(source))
    }

    /// The bytes of a member, or so many of its first, as Python would load them; else why they are not read.
    fn bytes(&mut self, record: &ZipFileHeaderRecord<'_>, first: Option<u64>) -> Result<Vec<u8>, String> {
        let flags = record.flags();
        if flags.is_encrypted() || flags.has_strong_encryption() {
            return Err("it is encrypted in its archive".to_owned());
        }
        let entry = self.archive.get_entry(record.wayfinder()).map_err(|error| format!("its archive is damaged: {error}"))?;
        let data = entry.data();
        let most =
            self.limits.member.min(self.left).min((data.len() as u64).saturating_mul(self.limits.ratio).max(self.limits.small));
        let wanted = first.unwrap_or_else(|| most.saturating_add(1));
        let mut bytes = Vec::new();
        match record.compression_method() {
            CompressionMethod::STORE => data.take(wanted).read_to_end(&mut bytes),
            CompressionMethod::DEFLATE => DeflateDecoder::new(data).take(wanted).read_to_end(&mut bytes),
            other => return Err(format!("it is compressed by a method that Python does not read ({})", other.as_u16())),
        }
        .map_err(|error| format!("it cannot be inflated: {error}"))?;
        let length = bytes.len() as u64;
        self.left = self.left.saturating_sub(length);
        if first.is_none() && length > most {
            return Err(self.beyond(most, data.len()));
        }
        Ok(bytes)
    }

    /// Which of the limits a member went beyond.
    fn beyond(&self, most: u64, compressed: usize) -> String {
        if most == self.limits.member {
            format!("it inflates to more than {most} bytes")
        } else if self.left == 0 {
            format!("its archive inflates to more than {} bytes", self.limits.inflated)
        } else {
            format!("its {compressed} compressed bytes inflate to more than {} times as many", self.limits.ratio)
        }
    }
}

/// Whether bytecode says that no source is compared with it.
fn is_unchecked(header: &[u8]) -> bool {
    match header {
        [low, high, _, _, flags, ..] if WITH_FLAGS.contains(&u16::from_le_bytes([*low, *high])) => flags & 0b11 == 0b01,
        _ => false,
    }
}

#[cfg(test)]
#[path = "zip_tests.rs"]
mod tests;
