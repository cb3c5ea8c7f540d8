//! Documents and blobs by name and digest, whatever holds them; never what is in them.

use std::path::Path;

use oci_spec::image::Descriptor;

use super::{
    error::{DocumentProblem, SourceError},
    layer_blob::Place,
};
use crate::{image::Digest, limits::Limits};

/// What an OCI layout and an archive of one have in common.
pub(super) trait BlobStore {
    /// Where it is, for messages.
    fn path(&self) -> &Path;

    /// A file at the top, such as `index.json`.
    fn named(&self, name: &'static str) -> Result<Option<Place>, SourceError>;

    /// A blob.
    fn blob(&self, digest: &Digest) -> Result<Option<Place>, SourceError>;

    /// The bytes of a document that a descriptor names, verified.
    fn document(&self, descriptor: &Descriptor, what: &str, limits: &Limits) -> Result<Vec<u8>, SourceError> {
        let digest = self.digest(descriptor, what)?;
        let place = self.described(descriptor, &digest, what)?;
        let bytes = read_document(self.path(), &place, what, limits)?;
        verify(self.path(), &digest, what, &bytes)?;
        Ok(bytes)
    }

    /// The digest of a descriptor.
    fn digest(&self, descriptor: &Descriptor, what: &str) -> Result<Digest, SourceError> {
        Digest::parse(descriptor.digest().as_ref()).map_err(|error| SourceError::Document {
            path: self.path().to_owned(),
            what: what.to_owned(),
            problem: DocumentProblem::Digest(error),
        })
    }

    /// Where a blob is that a descriptor names; its size is verified.
    fn described(&self, descriptor: &Descriptor, digest: &Digest, what: &str) -> Result<Place, SourceError> {
        let place = self.blob(digest)?.ok_or_else(|| {
            let remote = descriptor.urls().as_ref().is_some_and(|urls| !urls.is_empty());
            let elsewhere = if remote { " (a layer that is only to be had elsewhere)" } else { "" };
            SourceError::MissingPart {
                path: self.path().to_owned(),
                part: format!("the blob {digest}{elsewhere}"),
                named_by: format!("the descriptor of {what}"),
            }
        })?;
        if place.length != descriptor.size() {
            return Err(SourceError::WrongSize {
                path: self.path().to_owned(),
                what: what.to_owned(),
                expected: descriptor.size(),
                found: place.length,
            });
        }
        Ok(place)
    }
}

/// The bytes of a document, if they are within the limit.
pub(super) fn read_document(path: &Path, place: &Place, what: &str, limits: &Limits) -> Result<Vec<u8>, SourceError> {
    if place.length > limits.document {
        return Err(SourceError::TooLarge {
            path: path.to_owned(),
            what: what.to_owned(),
            size: place.length,
            limit: limits.document,
        });
    }
    place.read().map_err(|error| SourceError::Io { path: place.path.clone(), error })
}

/// Compares a document with the digest that names it.
pub(super) fn verify(path: &Path, expected: &Digest, what: &str, bytes: &[u8]) -> Result<(), SourceError> {
    let found = Digest::of(expected.algorithm(), bytes);
    if found == *expected {
        return Ok(());
    }
    Err(SourceError::WrongDigest { path: path.to_owned(), what: what.to_owned(), expected: expected.clone(), found })
}
