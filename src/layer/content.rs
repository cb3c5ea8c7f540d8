//! A file's bytes: sparse files with their holes, and files that a worker reads itself; never which files.

use std::{
    fs::File,
    io::{self, ErrorKind, Read, Seek},
};

use sha2::{Digest as _, Sha256};

use super::gap_code;
use crate::source::{Skip, TarStream};

/// The content of a tar member, with zeros where a sparse file has holes.
pub(super) struct MemberContent<'stream, R> {
    stream: &'stream mut TarStream<R>,
    /// Stored parts that are not read yet, the next one last.
    parts: Vec<(u64, u64)>,
    position: u64,
    size: u64,
}

impl<'stream, R: Skip> MemberContent<'stream, R> {
    /// The content of the stream's current member, of which `parts` (offset, length) are stored.
    pub(super) fn new(stream: &'stream mut TarStream<R>, mut parts: Vec<(u64, u64)>, size: u64) -> Self {
        parts.reverse();
        Self { stream, parts, position: 0, size }
    }
}

impl<R: Skip> Read for MemberContent<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.parts.last().is_some_and(|(_, length)| *length == 0) {
            self.parts.pop();
        }
        let next = self.parts.last().map_or(self.size, |(offset, _)| *offset);
        let hole = next.saturating_sub(self.position);
        let available = if hole > 0 { hole } else { self.parts.last().map_or(0, |(_, length)| *length) };
        let count = usize::try_from(available).unwrap_or(usize::MAX).min(buffer.len());
        let Some(window) = buffer.get_mut(..count).filter(|window| !window.is_empty()) else {
            return Ok(0);
        };
        let count = if hole > 0 {
            window.fill(0);
            window.len()
        } else {
            let count = self.stream.read(window)?;
            if let Some((offset, length)) = self.parts.last_mut() {
                *offset = offset.saturating_add(count as u64);
                *length = length.saturating_sub(count as u64);
            }
            count
        };
        self.position = self.position.saturating_add(count as u64);
        Ok(count)
    }
}

/// The bytes of a file that goes to a worker.
#[derive(Debug)]
pub(super) enum Content {
    /// Read already, by the only thread that can.
    Bytes {
        /// All bytes where they are hashed, else those to keep.
        bytes: Vec<u8>,
        /// How many of its first bytes to keep.
        keep: usize,
        /// Whether they are hashed.
        hash: bool,
    },
    /// An open file of a root file system, which the worker reads.
    File {
        /// The file.
        file: File,
        /// Its size when it was opened.
        size: u64,
        /// How many of its first bytes to keep.
        keep: u64,
        /// Whether all of it is hashed.
        hash: bool,
    },
}

/// What was read of a file.
#[derive(Debug)]
pub(super) struct Bytes {
    /// Its first bytes, as many as are kept.
    pub(super) kept: Vec<u8>,
    /// The hash of all, where this was what computed it.
    pub(super) sha256: Option<[u8; 32]>,
}

/// Why a file could not be read.
#[derive(Debug)]
pub(super) struct Unreadable {
    /// The gap's code.
    pub(super) code: &'static str,
    /// Why, for a person.
    pub(super) reason: String,
}

/// From this size on it is worth trying to read a file in part.
const LARGE: u64 = 64 << 10;

impl Content {
    /// The open file, where it is large and not all of it has to be read for its hash.
    pub(super) fn large_file(&self) -> Option<&File> {
        match self {
            Self::File { file, size, hash: false, .. } if *size >= LARGE => Some(file),
            _ => None,
        }
    }

    /// The bytes to keep and the hash of all, or why there are none.
    pub(super) fn read(self) -> Result<Bytes, Unreadable> {
        match self {
            Self::Bytes { mut bytes, keep, hash } => {
                let sha256 = hash.then(|| Sha256::digest(&bytes).into());
                bytes.truncate(keep);
                Ok(Bytes { kept: bytes, sha256 })
            }
            Self::File { file, size, keep, hash } => read_file(file, size, keep, hash),
        }
    }
}

fn read_file(mut file: File, size: u64, keep: u64, hash: bool) -> Result<Bytes, Unreadable> {
    let mut kept = Vec::with_capacity(usize::try_from(keep).unwrap_or(0));
    file.rewind()?;
    (&mut file).take(keep).read_to_end(&mut kept)?;
    if (kept.len() as u64) < keep {
        let reason = format!("it shrank from {size} bytes while it was read");
        return Err(Unreadable { code: gap_code::FILE_VANISHED, reason });
    }
    let sha256 = if hash {
        let mut hasher = Sha256::new();
        hasher.update(&kept);
        hash_rest(&mut file, &mut hasher)?;
        Some(hasher.finalize().into())
    } else {
        None
    };
    Ok(Bytes { kept, sha256 })
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::PermissionDenied => {
                Self { code: gap_code::PERMISSION_DENIED, reason: "it may not be read by this user".to_owned() }
            }
            _ => Self { code: gap_code::READ_ERROR, reason: format!("it cannot be read: {error}") },
        }
    }
}

/// Feeds all that is left of a stream to a hasher.
pub(super) fn hash_rest(reader: &mut impl Read, hasher: &mut Sha256) -> io::Result<()> {
    let mut buffer = vec![0; 128 << 10];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => hasher.update(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
