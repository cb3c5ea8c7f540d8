//! Documents and blobs by name and digest, whatever holds them: files of this machine, or a registry; never what is in them.

use std::path::Path;

use oci_spec::image::Descriptor;

use super::{
    error::{DocumentProblem, SourceError},
    layer_blob::{Place, Stored},
};
use crate::{image::Digest, limits::Limits};

/// What an image is put together from, once its manifest is known: its documents and its layers.
pub(super) trait Parts {
    /// Where it is, for messages: a path, or the name of an image in a registry.
    fn path(&self) -> &Path;

    /// The bytes of a document that a descriptor names, verified.
    fn document(&self, descriptor: &Descriptor, what: &str, limits: &Limits) -> Result<Vec<u8>, SourceError>;

    /// Where the stored bytes of a layer are to be had, as many as the descriptor says.
    fn layer(&self, descriptor: &Descriptor, digest: &Digest, what: &str) -> Result<Stored, SourceError>;

    /// The digest of a descriptor.
    fn digest(&self, descriptor: &Descriptor, what: &str) -> Result<Digest, SourceError> {
        Digest::parse(descriptor.digest().as_ref()).map_err(|error| SourceError::Document {
            path: self.path().to_owned(),
            what: what.to_owned(),
            problem: DocumentProblem::Digest(error),
        })
    }
}

/// What an OCI layout and an archive of one have in common.
pub(super) trait BlobStore {
    /// Where it is, for messages.
    fn place(&self) -> &Path;

    /// A file at the top, such as `index.json`.
    fn named(&self, name: &'static str) -> Result<Option<Place>, SourceError>;

    /// A blob.
    fn blob(&self, digest: &Digest) -> Result<Option<Place>, SourceError>;
}

impl<S: BlobStore> Parts for S {
    fn path(&self) -> &Path {
        self.place()
    }

    fn document(&self, descriptor: &Descriptor, what: &str, limits: &Limits) -> Result<Vec<u8>, SourceError> {
        let digest = self.digest(descriptor, what)?;
        let place = described(self, descriptor, &digest, what)?;
        let bytes = read_document(self.path(), &place, what, limits)?;
        verify(self.path(), &digest, what, &bytes)?;
        Ok(bytes)
    }

    fn layer(&self, descriptor: &Descriptor, digest: &Digest, what: &str) -> Result<Stored, SourceError> {
        if is_foreign(descriptor) && self.blob(digest)?.is_none() {
            return Ok(Stored::Elsewhere);
        }
        described(self, descriptor, digest, what).map(Stored::Here)
    }
}

/// Whether a layer may lie outside of what holds its image: its media type says that it is not distributed with it.
pub(super) fn is_foreign(descriptor: &Descriptor) -> bool {
    let kind = descriptor.media_type().to_string();
    kind.starts_with("application/vnd.docker.image.rootfs.foreign.")
        || kind.starts_with("application/vnd.oci.image.layer.nondistributable.")
}

/// Where a blob is that a descriptor names; its size is verified.
fn described(store: &impl BlobStore, descriptor: &Descriptor, digest: &Digest, what: &str) -> Result<Place, SourceError> {
    let place = store.blob(digest)?.ok_or_else(|| SourceError::MissingPart {
        path: store.place().to_owned(),
        part: format!("the blob {digest}"),
        named_by: format!("the descriptor of {what}"),
    })?;
    if place.length != descriptor.size() {
        return Err(SourceError::WrongSize {
            path: store.place().to_owned(),
            what: what.to_owned(),
            expected: descriptor.size(),
            found: place.length,
        });
    }
    Ok(place)
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
