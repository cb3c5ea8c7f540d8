//! A tar archive on disk as a table of members, so that each can be read where it is; never unpacked.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufReader, ErrorKind, Read, Seek},
    path::{Path, PathBuf},
};

use super::{
    blob_store::BlobStore,
    error::SourceError,
    layer_blob::{Place, open_file},
    tar_stream::{Member, MemberKind, Skip, Storage, TarError, TarStream},
};
use crate::{
    image::{Digest, ImagePath},
    limits::Limits,
};

/// Most links from one member to another that are followed.
const LINK_HOPS: usize = 8;

/// The members of an archive.
#[derive(Debug)]
pub(super) struct Archive {
    path: PathBuf,
    members: HashMap<ImagePath, Found>,
}

#[derive(Debug)]
enum Found {
    File { offset: u64, length: u64 },
    Link(ImagePath),
    Other,
}

impl Archive {
    /// Reads all headers of an archive, jumping over contents.
    pub(super) fn scan(path: &Path, expected: &'static str, limits: &Limits) -> Result<Self, SourceError> {
        let io = |error: io::Error| not_read(path, expected, error);
        let mut file = open_file(path).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        let mut magic = Vec::new();
        (&mut file).take(512).read_to_end(&mut magic).map_err(io)?;
        refuse_other_formats(path, expected, &magic)?;
        file.rewind().map_err(io)?;
        let archive = |error: TarError| SourceError::Archive { path: path.to_owned(), error };
        let mut stream = TarStream::new(Seeking { reader: BufReader::new(file), length }, limits.member_headers);
        let mut members = HashMap::new();
        loop {
            let member = match stream.next_member() {
                Ok(Some(member)) => member,
                Ok(None) => break,
                Err(TarError::NoHeader { at: 0 }) => {
                    let found = "neither a tar archive nor any other image".to_owned();
                    return Err(SourceError::NotAnImage { path: path.to_owned(), found, expected });
                }
                Err(error) => return Err(archive(error)),
            };
            if members.len() >= limits.members {
                return Err(SourceError::TooManyMembers { path: path.to_owned(), limit: limits.members });
            }
            if member.offset.saturating_add(member.size) > length {
                return Err(archive(TarError::Truncated { at: length }));
            }
            if let Some(name) = ImagePath::new(&member.path) {
                let found = Found::new(&name, &member);
                members.insert(name, found);
            }
        }
        Ok(Self { path: path.to_owned(), members })
    }

    /// Where the archive is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is a member of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Where a member's content is, links followed.
    pub(super) fn find(&self, name: &str) -> Option<Place> {
        let mut name = ImagePath::new(name)?;
        for _ in 0..LINK_HOPS {
            match self.members.get(&name)? {
                Found::File { offset, length } => {
                    return Some(Place { path: self.path.clone(), offset: *offset, length: *length });
                }
                Found::Link(target) => name = target.clone(),
                Found::Other => return None,
            }
        }
        None
    }
}

impl Found {
    fn new(name: &ImagePath, member: &Member) -> Self {
        match member.kind {
            MemberKind::File if member.storage == Storage::Whole => Self::File { offset: member.offset, length: member.size },
            // A symbolic link goes from its directory, a hard link from the archive's root.
            MemberKind::Symlink => Self::Link(name.parent().unwrap_or_else(ImagePath::root).join(&member.link)),
            MemberKind::HardLink => Self::Link(ImagePath::root().join(&member.link)),
            _ => Self::Other,
        }
    }
}

impl BlobStore for Archive {
    fn place(&self) -> &Path {
        &self.path
    }

    fn named(&self, name: &'static str) -> Result<Option<Place>, SourceError> {
        Ok(self.find(name))
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Place>, SourceError> {
        Ok(self.find(&format!("blobs/{}/{}", digest.algorithm().name(), digest.hex())))
    }
}

fn not_read(path: &Path, expected: &'static str, error: io::Error) -> SourceError {
    let path = path.to_owned();
    match error.kind() {
        ErrorKind::NotFound => SourceError::NotFound { path, expected },
        _ if path.is_dir() => SourceError::NotAnImage { path, found: "a directory".to_owned(), expected },
        _ => SourceError::Io { path, error },
    }
}

fn refuse_other_formats(path: &Path, expected: &'static str, start: &[u8]) -> Result<(), SourceError> {
    const FORMATS: [(&[u8], &str, &str); 5] = [
        (b"\x1f\x8b", "gzip", "gunzip"),
        (b"\x28\xb5\x2f\xfd", "zstd", "zstd -d"),
        (b"\xfd7zXZ\0", "xz", "unxz"),
        (b"BZh", "bzip2", "bunzip2"),
        (b"\x04\x22\x4d\x18", "lz4", "lz4 -d"),
    ];
    let path = path.to_owned();
    if let Some((_, format, command)) = FORMATS.into_iter().find(|(magic, ..)| start.starts_with(magic)) {
        return Err(SourceError::Compressed { path, format, command });
    }
    let found = match start {
        [] => "an empty file",
        [0x7f, b'E', b'L', b'F', ..] => "a program",
        [b'P', b'K', 3, 4, ..] => "a zip archive",
        _ if start.len() < 512 => "neither a tar archive nor any other image",
        _ => return Ok(()),
    };
    Err(SourceError::NotAnImage { path, found: found.to_owned(), expected })
}

/// A file whose bytes are passed over by seeking.
struct Seeking {
    reader: BufReader<File>,
    length: u64,
}

impl Read for Seeking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

impl Skip for Seeking {
    fn skip(&mut self, count: u64) -> io::Result<u64> {
        let position = self.reader.stream_position()?;
        // Seeking beyond the end succeeds, and would hide that the file is truncated.
        let count = count.min(self.length.saturating_sub(position));
        // Relative, so that the buffer is kept where it can be.
        self.reader.seek_relative(i64::try_from(count).map_err(io::Error::other)?)?;
        Ok(count)
    }
}
