//! From an OCI layout's index to one image: tag, nested indexes, platform; never how blobs are kept.

use std::collections::BTreeSet;

use oci_spec::image::{ANNOTATION_REF_NAME, Descriptor, ImageIndex};

use super::{
    OpenOptions, OpenedImage,
    blob_store::{BlobStore, Parts, read_document},
    choice,
    error::{DocumentProblem, SourceError},
    manifest_image::{Candidate, annotation, is_attestation, unreadable},
};
use crate::{
    image::{Document, Scheme},
    limits::Limits,
};

/// Opens the image of a layout that a tag and a platform choose.
pub(super) fn open<S: BlobStore>(
    store: &S,
    scheme: Scheme,
    tag: Option<&str>,
    options: &OpenOptions<'_>,
) -> Result<OpenedImage, SourceError> {
    let limits = options.limits;
    let index = top_index(store, limits)?;
    let chosen = by_tag(store, scheme, &index, tag)?;
    let mut candidates = Candidates { store, limits, found: Vec::new(), seen: BTreeSet::new(), artifact: None };
    candidates.expand(&chosen, 0)?;
    let Candidates { found, artifact, .. } = candidates;
    if found.is_empty() {
        let path = store.path().to_owned();
        return Err(artifact.map_or(SourceError::NoImages { path: path.clone() }, |kind| SourceError::Artifact { path, kind }));
    }
    let mut described = Vec::new();
    for candidate in found {
        // An index may leave the platform out: then the configuration is asked, as other tools do.
        let platform = match candidate.described.clone() {
            Some(platform) => platform,
            None => candidate.config(store, limits)?.platform,
        };
        described.push((platform, candidate));
    }
    let (_, candidate) = choice::by_platform(store.path(), described, options.platform.as_ref())?;
    candidate.open(store, scheme, options)
}

fn top_index(store: &impl BlobStore, limits: &Limits) -> Result<ImageIndex, SourceError> {
    const WHAT: &str = "`index.json`";
    let missing = || SourceError::MissingPart {
        path: store.path().to_owned(),
        part: WHAT.to_owned(),
        named_by: "the OCI image layout specification".to_owned(),
    };
    let place = store.named("index.json")?.ok_or_else(missing)?;
    let bytes = read_document(store.path(), &place, WHAT, limits)?;
    match parse(store, WHAT, &bytes)? {
        Document::Index(index) => Ok(*index),
        Document::Manifest(_) => {
            let found = "a layout whose `index.json` is a manifest".to_owned();
            Err(SourceError::NotAnImage { path: store.path().to_owned(), found, expected: "an index in `index.json`" })
        }
    }
}

fn parse(store: &impl BlobStore, what: &str, bytes: &[u8]) -> Result<Document, SourceError> {
    Document::parse(bytes).map_err(|error| unreadable(store, what, DocumentProblem::Manifest(error)))
}

/// The descriptors that a tag (or a digest in its place) names; without one, all of them if they have one name.
fn by_tag(
    store: &impl BlobStore,
    scheme: Scheme,
    index: &ImageIndex,
    tag: Option<&str>,
) -> Result<Vec<Descriptor>, SourceError> {
    let images: Vec<&Descriptor> = index.manifests().iter().filter(|descriptor| !is_attestation(descriptor)).collect();
    let available = || -> Vec<String> {
        let names: BTreeSet<String> =
            images.iter().map(|descriptor| name(descriptor).unwrap_or(descriptor.digest().as_ref()).to_owned()).collect();
        names.into_iter().collect()
    };
    let path = store.path().to_owned();
    let Some(tag) = tag else {
        let names: BTreeSet<Option<&str>> = images.iter().map(|descriptor| name(descriptor)).collect();
        let digests: BTreeSet<&str> = images.iter().map(|descriptor| descriptor.digest().as_ref()).collect();
        return match (digests.len(), names.len()) {
            (0, _) => Err(SourceError::NoImages { path }),
            (1, _) | (_, 1) => Ok(images.into_iter().cloned().collect()),
            _ => Err(SourceError::NameNeeded { path, scheme: scheme.name(), available: available() }),
        };
    };
    let named: Vec<Descriptor> = images
        .iter()
        .filter(|descriptor| {
            let full = annotation(descriptor, "io.containerd.image.name");
            name(descriptor) == Some(tag)
                || descriptor.digest().as_ref() == tag
                || full.is_some_and(|full| choice::same_name(full, tag))
        })
        .map(|descriptor| (*descriptor).clone())
        .collect();
    if named.is_empty() {
        return Err(SourceError::NoSuchName { path, wanted: tag.to_owned(), available: available() });
    }
    Ok(named)
}

fn name(descriptor: &Descriptor) -> Option<&str> {
    annotation(descriptor, ANNOTATION_REF_NAME)
}

struct Candidates<'store, S> {
    store: &'store S,
    limits: &'store Limits,
    found: Vec<Candidate>,
    seen: BTreeSet<String>,
    artifact: Option<String>,
}

impl<S: BlobStore> Candidates<'_, S> {
    fn expand(&mut self, descriptors: &[Descriptor], depth: usize) -> Result<(), SourceError> {
        for descriptor in descriptors.iter().filter(|descriptor| !is_attestation(descriptor)) {
            if self.seen.len() >= self.limits.manifests || depth > self.limits.index_depth {
                return Err(SourceError::IndexTooLarge {
                    path: self.store.path().to_owned(),
                    manifests: self.limits.manifests,
                    depth: self.limits.index_depth,
                });
            }
            if !self.seen.insert(descriptor.digest().as_ref().to_owned()) {
                continue;
            }
            let what = format!("the manifest {}", descriptor.digest());
            let digest = self.store.digest(descriptor, &what)?;
            // Layouts often hold one platform of an index that names many.
            if depth > 0 && self.store.blob(&digest)?.is_none() {
                continue;
            }
            let bytes = self.store.document(descriptor, &what, self.limits)?;
            match parse(self.store, &what, &bytes)? {
                Document::Index(index) => self.expand(index.manifests(), depth + 1)?,
                Document::Manifest(manifest) => match Candidate::new(*manifest, digest, Some(descriptor)) {
                    Ok(candidate) => self.found.push(candidate),
                    Err(kind) => self.artifact = Some(kind),
                },
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "oci_tests.rs"]
mod tests;
