//! An OCI image layout in a directory; never what its documents say.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use super::{OpenOptions, OpenedImage, blob_store::BlobStore, error::SourceError, layer_blob::Place, oci};
use crate::image::{Digest, Scheme};

/// What is expected of a place that is read as a layout.
pub(super) const EXPECTED: &str = "an OCI image layout (a directory with `oci-layout`, `index.json` and `blobs`)";

struct Layout(PathBuf);

/// Opens a layout and chooses an image in it.
pub(super) fn open(path: &Path, tag: Option<&str>, options: &OpenOptions<'_>) -> Result<OpenedImage, SourceError> {
    if !path.exists() {
        return Err(SourceError::NotFound { path: path.to_owned(), expected: EXPECTED });
    }
    if !path.is_dir() {
        let found = "a file".to_owned();
        return Err(SourceError::NotAnImage { path: path.to_owned(), found, expected: EXPECTED });
    }
    if !is_layout(path) {
        let found = "a directory without `index.json`".to_owned();
        return Err(SourceError::NotAnImage { path: path.to_owned(), found, expected: EXPECTED });
    }
    oci::open(&Layout(path.to_owned()), Scheme::Oci, tag, options)
}

/// Whether a directory is a layout.
pub(super) fn is_layout(path: &Path) -> bool {
    path.join("index.json").is_file() && (path.join("oci-layout").is_file() || path.join("blobs").is_dir())
}

impl BlobStore for Layout {
    fn place(&self) -> &Path {
        &self.0
    }

    fn named(&self, name: &'static str) -> Result<Option<Place>, SourceError> {
        place(&self.0.join(name))
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Place>, SourceError> {
        place(&self.0.join("blobs").join(digest.algorithm().name()).join(digest.hex()))
    }
}

fn place(path: &Path) -> Result<Option<Place>, SourceError> {
    match Place::file(path) {
        Ok(place) => Ok(Some(place)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SourceError::Io { path: path.to_owned(), error }),
    }
}
