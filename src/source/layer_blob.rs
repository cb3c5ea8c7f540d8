//! One layer as it is stored: what is expected of it, and its bytes; never what they hold.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;

use super::registry::RemoteBlob;
use crate::image::Digest;

/// A layer of an opened image.
#[derive(Debug, Clone)]
pub struct LayerBlob {
    /// From 0 at the bottom.
    pub index: u32,
    /// The digest that the stored bytes must have; none where the source names none (old docker archives).
    pub digest: Option<Digest>,
    /// The digest that the uncompressed bytes must have.
    pub diff_id: Digest,
    /// What the manifest says of the compression, where it does.
    pub media_type: Option<String>,
    /// Stored bytes.
    pub size: u64,
    pub(super) stored: Stored,
}

/// Where a layer's stored bytes are to be had.
#[derive(Debug, Clone)]
pub(super) enum Stored {
    /// In a file of this machine.
    Here(Place),
    /// In a registry.
    Remote(RemoteBlob),
    /// Nowhere but at addresses that an image's author chose: they are never followed.
    Elsewhere,
}

/// A part of a file of this machine.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) offset: u64,
    pub(super) length: u64,
}

impl LayerBlob {
    /// Opens the stored bytes, from the first.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        match &self.stored {
            Stored::Here(place) => Ok(Box::new(place.open()?)),
            Stored::Remote(blob) => Ok(Box::new(blob.open())),
            Stored::Elsewhere => Err(io::Error::new(io::ErrorKind::NotFound, "it is only to be had elsewhere")),
        }
    }

    /// Whether the layer is a foreign one whose bytes the source does not have.
    pub fn is_elsewhere(&self) -> bool {
        matches!(self.stored, Stored::Elsewhere)
    }
}

impl Place {
    /// A whole file.
    pub(super) fn file(path: &Path) -> io::Result<Self> {
        let length = open_file(path)?.metadata()?.len();
        Ok(Self { path: path.to_owned(), offset: 0, length })
    }

    pub(super) fn open(&self) -> io::Result<impl Read + Send + use<>> {
        let mut file = open_file(&self.path)?;
        file.seek(SeekFrom::Start(self.offset))?;
        Ok(file.take(self.length))
    }

    /// All of the bytes; the caller has looked at `length`.
    pub(super) fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open()?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Opens a regular file; a pipe or device in a layout would block or do worse.
pub(super) fn open_file(path: &Path) -> io::Result<File> {
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"))
    }
}
