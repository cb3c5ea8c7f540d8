//! What one layer holds: every entry in order, and the facts of the files that were read; never merged with others.

use crate::extract::FileFacts;
use crate::image::ImagePath;

/// One layer after its single pass.
#[derive(Debug, Clone, Default)]
pub struct LayerIndex {
    /// Every entry, in the order of the archive.
    pub entries: Vec<Entry>,
    /// What could not be read, with the reason.
    pub gaps: Vec<LayerGap>,
}

/// One entry of a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Where it is.
    pub path: ImagePath,
    /// What it is.
    pub kind: EntryKind,
    /// Permission bits with set-uid, set-gid and sticky (`0o7777`).
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// Seconds since 1970.
    pub mtime: i64,
    /// Size of a regular file in bytes, else 0.
    pub size: u64,
    /// SHA-256 of a regular file's content, where the pass was asked for it.
    pub sha256: Option<[u8; 32]>,
    /// What its bytes say, where they were read.
    pub facts: Option<FileFacts>,
}

/// The type of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// A directory.
    Directory,
    /// A regular file.
    File,
    /// A symbolic link, with its target as written.
    Symlink(Box<[u8]>),
    /// A hard link to another entry of the image.
    HardLink(ImagePath),
    /// A character device.
    CharacterDevice {
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
    /// A block device.
    BlockDevice {
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
    /// A named pipe.
    Fifo,
    /// `.wh.NAME`: the path (already without the prefix) is removed from the layers below.
    Whiteout,
    /// `.wh..wh..opq`: everything below the path (the directory) in lower layers is hidden.
    Opaque,
}

/// Something in a layer that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerGap {
    /// Where, if an entry is concerned.
    pub path: Option<ImagePath>,
    /// A stable kebab-case word, such as `file-too-large`.
    pub code: &'static str,
    /// Why, for a person.
    pub reason: String,
}
