//! The members of a tar stream, one after the other, in Go's reading of the formats; never what they mean.
//!
//! Headers are the `tar` crate's. The sequence is read here, because that crate parts PAX records at line ends (a value may
//! hold one), takes a size from a directory's header, and puts no bound on a long name: images are read by Go programs, and
//! a second opinion on where a member ends would show a different image.

use std::io::{self, ErrorKind, Read};

use tar::{EntryType, GnuExtSparseHeader, GnuHeader, GnuSparseHeader, Header};

use super::tar_header::{PaxRecords, Text, number};

const BLOCK: usize = 512;

/// A stream in which bytes can be passed over more cheaply than by reading them.
pub trait Skip: Read {
    /// Passes over `count` bytes; fewer only at the end of the stream. Returns how many were passed over.
    fn skip(&mut self, count: u64) -> io::Result<u64>;
}

/// Why a stream is no tar archive, or not a whole one.
#[derive(Debug, thiserror::Error)]
pub enum TarError {
    /// The stream itself failed.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The stream ends inside a member.
    #[error("the archive is truncated: it ends at byte {at}, inside a member")]
    Truncated {
        /// Bytes until there.
        at: u64,
    },
    /// A header whose checksum is wrong: no tar archive, or a damaged one.
    #[error("there is no tar header at byte {at}, where one was expected")]
    NoHeader {
        /// Where the header begins.
        at: u64,
    },
    /// A number that is none.
    #[error("the tar header at byte {at} has no valid {field}")]
    Number {
        /// Which field.
        field: &'static str,
        /// Where the header begins.
        at: u64,
    },
    /// PAX records or sparse maps that contradict themselves.
    #[error("the tar header at byte {at} has a malformed {what}")]
    Malformed {
        /// What is malformed.
        what: &'static str,
        /// Where the header begins.
        at: u64,
    },
    /// Names and records beyond the limit.
    #[error("the extended headers of the member at byte {at} are larger than {limit} bytes")]
    HeadersTooLarge {
        /// Where the member begins.
        at: u64,
        /// The limit.
        limit: u64,
    },
}

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A hard link.
    HardLink,
    /// A character device.
    CharacterDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    Fifo,
    /// Anything else, by its type flag.
    Other(u8),
}

/// One member's header.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name as written.
    pub path: Vec<u8>,
    /// The target of a link as written.
    pub link: Vec<u8>,
    /// What it is.
    pub kind: MemberKind,
    /// Permission bits with set-uid, set-gid and sticky.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// Seconds since 1970.
    pub mtime: i64,
    /// Size of the file's content.
    pub size: u64,
    /// Major and minor number of a device.
    pub device: (u32, u32),
    /// Where its stored content begins in the stream.
    pub offset: u64,
    /// How its content is stored.
    pub storage: Storage,
}

/// How a file's content is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// As it is.
    Whole,
    /// Only these parts (offset, length), in order: the rest is zeros.
    Sparse(Vec<(u64, u64)>),
    /// In a sparse form of PAX that is not read here.
    Unread,
}

/// Reads the members of a tar stream.
#[derive(Debug)]
pub struct TarStream<R> {
    reader: R,
    position: u64,
    /// Stored bytes of the current member that were not read yet.
    left: u64,
    padding: u64,
    header_limit: u64,
}

#[derive(Default)]
struct Extensions {
    pax: PaxRecords,
    long_name: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
    size: u64,
    any: bool,
}

impl<R: Skip> TarStream<R> {
    /// A stream whose members may have up to `header_limit` bytes of extended headers each.
    pub fn new(reader: R, header_limit: u64) -> Self {
        Self { reader, position: 0, left: 0, padding: 0, header_limit }
    }

    /// The stream, after as much of it as was read.
    pub fn into_inner(self) -> R {
        self.reader
    }

    /// The next member; what is left of the current one is passed over. `None` at the end of the archive.
    pub fn next_member(&mut self) -> Result<Option<Member>, TarError> {
        let (left, padding) = (std::mem::take(&mut self.left), std::mem::take(&mut self.padding));
        self.pass_over(left)?;
        // Some writers leave out what fills up the last block, as they leave out the blocks of zeros.
        let filling = self.reader.skip(padding)?;
        self.position = self.position.saturating_add(filling);
        if filling < padding {
            return Ok(None);
        }
        let start = self.position;
        let mut extensions = Extensions::default();
        loop {
            let at = self.position;
            let Some(block) = self.header_block()? else {
                return if extensions.any { Err(TarError::Truncated { at }) } else { Ok(None) };
            };
            let header = Header::from_byte_slice(&block);
            check(header, at)?;
            match header.entry_type() {
                EntryType::XHeader => {
                    extensions.pax = PaxRecords::parse(self.extension(header, &mut extensions.size, start)?, at)?
                }
                // Records for all that follows: Go and Docker read them and let them have no effect.
                EntryType::XGlobalHeader => {
                    self.extension(header, &mut extensions.size, start)?;
                    continue;
                }
                EntryType::GNULongName => {
                    extensions.long_name = Some(until_nul(self.extension(header, &mut extensions.size, start)?));
                }
                EntryType::GNULongLink => {
                    extensions.long_link = Some(until_nul(self.extension(header, &mut extensions.size, start)?));
                }
                _ => return self.member(header, extensions, at).map(Some),
            }
            extensions.any = true;
        }
    }

    /// The next block of the archive, `None` at its end: nothing more, or a block of zeros with another or nothing after it.
    fn header_block(&mut self) -> Result<Option<[u8; BLOCK]>, TarError> {
        let Some(block) = self.block()? else {
            return Ok(None);
        };
        if block.iter().any(|byte| *byte != 0) {
            return Ok(Some(block));
        }
        match self.block()? {
            // A member that hides behind a single block of zeros.
            Some(second) if second.iter().any(|byte| *byte != 0) => {
                Err(TarError::NoHeader { at: self.position.saturating_sub(2 * BLOCK as u64) })
            }
            _ => Ok(None),
        }
    }

    fn member(&mut self, header: &Header, extensions: Extensions, at: u64) -> Result<Member, TarError> {
        let old = header.as_old();
        let field = |bytes: &[u8], field: &'static str| number(bytes).ok_or(TarError::Number { field, at });
        let unsigned = |value: i64, field: &'static str| u64::try_from(value).map_err(|_| TarError::Number { field, at });
        let pax = &extensions.pax;
        let path = match (extensions.long_name, pax.text(Text::Path)) {
            (Some(name), _) => name,
            (None, Some(path)) => path.to_vec(),
            (None, None) => header.path_bytes().into_owned(),
        };
        let link = match (extensions.long_link, pax.text(Text::LinkPath)) {
            (Some(link), _) => link,
            (None, Some(link)) => link.to_vec(),
            (None, None) => header.link_name_bytes().map(|link| link.into_owned()).unwrap_or_default(),
        };
        let kind = kind(old.linkflag, path.last() == Some(&b'/'));
        let has_content = matches!(kind, MemberKind::File | MemberKind::Other(_));
        let stored = match pax.number(Text::Size, at)? {
            Some(size) => size,
            None => unsigned(field(&old.size, "size")?, "size")?,
        };
        let stored = if has_content { stored } else { 0 };
        let uid = pax.number(Text::Uid, at)?.map_or_else(|| unsigned(field(&old.uid, "uid")?, "uid"), Ok)?;
        let gid = pax.number(Text::Gid, at)?.map_or_else(|| unsigned(field(&old.gid, "gid")?, "gid"), Ok)?;
        let mtime = pax.mtime().map_or_else(|| field(&old.mtime, "mtime"), Ok)?;
        let mode = u32::try_from(field(&old.mode, "mode")? & 0o7777).unwrap_or(0);
        let device = match kind {
            MemberKind::CharacterDevice | MemberKind::BlockDevice => device(header, at)?,
            _ => (0, 0),
        };
        let (mut path, mut size, mut storage) = (path, stored, Storage::Whole);
        if header.entry_type() == EntryType::GNUSparse {
            let gnu = header.as_gnu().ok_or(TarError::Malformed { what: "sparse header", at })?;
            let parts = self.sparse_parts(gnu, stored, at)?;
            size = unsigned(field(&gnu.realsize, "real size")?, "real size")?;
            if parts.iter().any(|(offset, length)| offset.saturating_add(*length) > size) {
                return Err(TarError::Malformed { what: "sparse map", at });
            }
            storage = Storage::Sparse(parts);
        } else if let Some(sparse) = pax.sparse(at)? {
            path = sparse.name.unwrap_or(path);
            size = sparse.size.unwrap_or(stored);
            storage = Storage::Unread;
        }
        self.left = stored;
        self.padding = stored.next_multiple_of(BLOCK as u64).saturating_sub(stored);
        if stored.checked_add(BLOCK as u64).is_none() {
            return Err(TarError::Number { field: "size", at });
        }
        Ok(Member { path, link, kind, mode, uid, gid, mtime, size, device, offset: self.position, storage })
    }

    /// The stored parts of an old GNU sparse file, from its header and the blocks that continue it.
    fn sparse_parts(&mut self, gnu: &GnuHeader, stored: u64, at: u64) -> Result<Vec<(u64, u64)>, TarError> {
        let malformed = || TarError::Malformed { what: "sparse map", at };
        let mut parts = Vec::new();
        let (mut end, mut total) = (0_u64, 0_u64);
        let mut take = |entries: &[GnuSparseHeader]| -> Result<(), TarError> {
            for entry in entries.iter().filter(|entry| !entry.is_empty()) {
                let number = |bytes: &[u8]| number(bytes).and_then(|value| u64::try_from(value).ok()).ok_or_else(malformed);
                let (offset, length) = (number(&entry.offset)?, number(&entry.numbytes)?);
                if offset < end {
                    return Err(malformed());
                }
                end = offset.checked_add(length).ok_or_else(malformed)?;
                total = total.checked_add(length).ok_or_else(malformed)?;
                parts.push((offset, length));
            }
            Ok(())
        };
        take(&gnu.sparse)?;
        let mut extended = gnu.is_extended();
        let mut size = 0_u64;
        while extended {
            size = size.saturating_add(BLOCK as u64);
            if size > self.header_limit {
                return Err(TarError::HeadersTooLarge { at, limit: self.header_limit });
            }
            let mut block = GnuExtSparseHeader::new();
            let bytes = self.block()?.ok_or(TarError::Truncated { at: self.position })?;
            block.as_mut_bytes().copy_from_slice(&bytes);
            take(block.sparse())?;
            extended = block.is_extended();
        }
        if total == stored { Ok(parts) } else { Err(malformed()) }
    }

    /// The content of an extended header.
    fn extension(&mut self, header: &Header, size: &mut u64, at: u64) -> Result<Vec<u8>, TarError> {
        let length = number(&header.as_old().size).and_then(|size| u64::try_from(size).ok());
        let length = length.ok_or(TarError::Number { field: "size", at })?;
        *size = size.saturating_add(length).saturating_add(BLOCK as u64);
        if *size > self.header_limit {
            return Err(TarError::HeadersTooLarge { at, limit: self.header_limit });
        }
        let mut content = Vec::new();
        self.reader.by_ref().take(length).read_to_end(&mut content)?;
        self.position = self.position.saturating_add(content.len() as u64);
        if content.len() as u64 != length {
            return Err(TarError::Truncated { at: self.position });
        }
        self.pass_over(length.next_multiple_of(BLOCK as u64).saturating_sub(length))?;
        Ok(content)
    }

    fn block(&mut self) -> Result<Option<[u8; BLOCK]>, TarError> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while let Some(rest) = block.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.reader.read(rest) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.position = self.position.saturating_add(filled as u64);
        match filled {
            0 => Ok(None),
            BLOCK => Ok(Some(block)),
            _ => Err(TarError::Truncated { at: self.position }),
        }
    }

    fn pass_over(&mut self, count: u64) -> Result<(), TarError> {
        let passed = self.reader.skip(count)?;
        self.position = self.position.saturating_add(passed);
        if passed < count { Err(TarError::Truncated { at: self.position }) } else { Ok(()) }
    }
}

/// The stored content of the current member. An end of the stream inside it is an error of kind `UnexpectedEof`.
impl<R: Skip> Read for TarStream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let Some(window) = buffer.get_mut(..wanted).filter(|window| !window.is_empty()) else {
            return Ok(0);
        };
        let count = self.reader.read(window)?;
        if count == 0 {
            return Err(io::Error::new(ErrorKind::UnexpectedEof, TarError::Truncated { at: self.position }));
        }
        self.position = self.position.saturating_add(count as u64);
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}

/// The content of a long name or link: all before the first NUL.
fn until_nul(mut content: Vec<u8>) -> Vec<u8> {
    let end = content.iter().position(|byte| *byte == 0).unwrap_or(content.len());
    content.truncate(end);
    content
}

fn kind(flag: [u8; 1], slash_at_end: bool) -> MemberKind {
    match flag {
        // Before POSIX a directory was a file whose name ends in a slash.
        [0] if slash_at_end => MemberKind::Directory,
        [0 | b'0' | b'7' | b'S'] => MemberKind::File,
        [b'1'] => MemberKind::HardLink,
        [b'2'] => MemberKind::Symlink,
        [b'3'] => MemberKind::CharacterDevice,
        [b'4'] => MemberKind::BlockDevice,
        [b'5'] => MemberKind::Directory,
        [b'6'] => MemberKind::Fifo,
        [other] => MemberKind::Other(other),
    }
}

fn device(header: &Header, at: u64) -> Result<(u32, u32), TarError> {
    let (major, minor) = match (header.as_ustar(), header.as_gnu()) {
        (Some(header), _) => (&header.dev_major, &header.dev_minor),
        (_, Some(header)) => (&header.dev_major, &header.dev_minor),
        (None, None) => return Ok((0, 0)),
    };
    let read = |bytes: &[u8]| number(bytes).and_then(|value| u32::try_from(value).ok());
    let error = TarError::Number { field: "device number", at };
    read(major).zip(read(minor)).ok_or(error)
}

/// The checksum is over the header with spaces in the checksum's place; some programs summed signed bytes.
fn check(header: &Header, at: u64) -> Result<(), TarError> {
    let stored = number(&header.as_old().cksum).ok_or(TarError::NoHeader { at })?;
    let (mut unsigned, mut signed) = (0_i64, 0_i64);
    for (index, byte) in header.as_bytes().iter().enumerate() {
        let byte = if (148..156).contains(&index) { b' ' } else { *byte };
        unsigned += i64::from(byte);
        signed += i64::from(byte.cast_signed());
    }
    if stored == unsigned || stored == signed { Ok(()) } else { Err(TarError::NoHeader { at }) }
}

#[cfg(test)]
#[path = "tar_stream_tests.rs"]
mod tests;
