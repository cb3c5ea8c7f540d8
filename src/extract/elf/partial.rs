//! The facts of an ELF file from the parts of it that matter, where it is no C library and no Python; never of one that may be.
//!
//! Most ELF files of a machine are large, and all that is wanted of them is in a few kilobytes.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::FileExt,
};

use memchr::memmem::Finder;
use object::{
    Endianness,
    elf::{FileHeader32, FileHeader64},
    read::ReadCache,
};

use super::{headers::headers, libc, python};
use crate::extract::facts::ElfFacts;

/// Most bytes that headers, dynamic section and names take.
const PARTS: usize = 4 << 20;
/// Bytes that are searched at once.
const WINDOW: usize = 256 << 10;

/// The facts of an open file; `None` where all of its bytes have to be read to know them, or to say what is wrong.
pub(crate) fn elf_without_runtime(file: &File) -> Option<ElfFacts> {
    let mut start = [0; 5];
    file.read_exact_at(&mut start, 0).ok()?;
    let parts = ReadCache::new(Metered { file, left: PARTS });
    let headers = match start {
        [0x7f, b'E', b'L', b'F', 1] => headers::<FileHeader32<Endianness>, _>(&parts).ok()?,
        [0x7f, b'E', b'L', b'F', 2] => headers::<FileHeader64<Endianness>, _>(&parts).ok()?,
        _ => return None,
    };
    if libc::can_be_glibc(&headers) {
        return None;
    }
    let mut marks: Vec<&[u8]> = Vec::new();
    marks.extend(libc::can_be_musl(&headers).then_some(libc::MUSL));
    if python::can_be(&headers) {
        marks.extend(python::MARKS);
    }
    for (offset, length) in &headers.loaded {
        if holds_any(file, *offset, *length, &marks).ok()? {
            return None;
        }
    }
    Some(headers.facts(None, None))
}

/// Whether a part of the file holds one of the marks.
fn holds_any(file: &File, offset: u64, length: u64, marks: &[&[u8]]) -> io::Result<bool> {
    let Some(longest) = marks.iter().map(|mark| mark.len()).max() else { return Ok(false) };
    let finders: Vec<Finder<'_>> = marks.iter().map(Finder::new).collect();
    let mut buffer = vec![0; WINDOW.min(usize::try_from(length).unwrap_or(WINDOW))];
    let (mut at, end) = (offset, offset.saturating_add(length));
    while at < end {
        let count = usize::try_from(end - at).unwrap_or(WINDOW).min(WINDOW);
        let window = buffer.get_mut(..count).unwrap_or_default();
        file.read_exact_at(window, at)?;
        if finders.iter().any(|finder| finder.find(window).is_some()) {
            return Ok(true);
        }
        if at.saturating_add(count as u64) >= end {
            break;
        }
        // A mark may lie across the end of this window.
        at = at.saturating_add(count.saturating_sub(longest) as u64);
    }
    Ok(false)
}

/// Reads a file until too much of it was read: its headers may name the same large part again and again.
struct Metered<'file> {
    file: &'file File,
    left: usize,
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.len() > self.left {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        let count = self.file.read(buffer)?;
        self.left = self.left.saturating_sub(count);
        Ok(count)
    }
}

impl Seek for Metered<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.file.seek(position)
    }
}
