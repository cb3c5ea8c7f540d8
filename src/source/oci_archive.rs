//! An OCI image layout in a tar archive; never what its documents say.

use std::path::Path;

use super::{OpenOptions, OpenedImage, archive::Archive, error::SourceError, oci};
use crate::image::Scheme;

/// What is expected of a place that is read as an OCI archive.
const EXPECTED: &str = "a tar archive of an OCI image layout (with `oci-layout`, `index.json` and `blobs`)";

/// Opens an archive and chooses an image in it.
pub(super) fn open(path: &Path, tag: Option<&str>, options: &OpenOptions<'_>) -> Result<OpenedImage, SourceError> {
    open_scanned(&Archive::scan(path, EXPECTED, options.limits)?, tag, options)
}

/// Chooses an image in an archive whose members are known.
pub(super) fn open_scanned(
    archive: &Archive,
    tag: Option<&str>,
    options: &OpenOptions<'_>,
) -> Result<OpenedImage, SourceError> {
    if !archive.has("index.json") {
        let found = "a tar archive without `index.json`".to_owned();
        return Err(SourceError::NotAnImage { path: archive.path().to_owned(), found, expected: EXPECTED });
    }
    oci::open(archive, Scheme::OciArchive, tag, options)
}
