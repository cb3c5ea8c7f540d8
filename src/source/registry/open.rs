//! From the name of an image in a registry to the image: tag or digest, index, platform, manifest; never its layers.

use std::{path::PathBuf, sync::Arc};

use oci_spec::image::Descriptor;

use super::repository::{NamedImage, Repository};
use crate::{
    image::{Digest, Document, ImageName, Platform, Scheme},
    source::{
        OpenOptions, OpenedImage,
        blob_store::Parts,
        choice,
        error::{DocumentProblem, SourceError},
        manifest_image::{Candidate, described_platform, is_attestation, unreadable},
    },
};

/// Opens an image of a registry.
pub(in crate::source) fn open(name: ImageName, options: &OpenOptions<'_>) -> Result<OpenedImage, SourceError> {
    let repository = Repository::new(name.registry(), name.repository(), options.registries, options.limits)?;
    let image = NamedImage { path: PathBuf::from(name.to_string()), repository: Arc::new(repository), name };
    let mut search = Search { image: &image, options, seen: 0, artifact: None };
    let found = search.top()?;
    if found.is_empty() {
        let path = image.path.clone();
        return Err(match search.artifact {
            Some(kind) => SourceError::Artifact { path, kind },
            None => SourceError::NoImages { path },
        });
    }
    let (platform, found) = choice::by_platform(&image.path, found, options.platform.as_ref())?;
    match found {
        Found::Read(candidate) => *candidate,
        Found::Described(descriptor) => search.described(&descriptor, platform)?,
    }
    .open(&image, Scheme::Registry, options)
}

/// An image that a name may mean.
enum Found {
    /// Its manifest was read.
    Read(Box<Candidate>),
    /// An index says for which platform it is: its manifest is read only if it is chosen.
    Described(Box<Descriptor>),
}

struct Search<'image> {
    image: &'image NamedImage,
    options: &'image OpenOptions<'image>,
    /// Descriptors that were looked at.
    seen: usize,
    /// The type of a manifest that is no image's.
    artifact: Option<String>,
}

impl Search<'_> {
    /// What the name leads to.
    fn top(&mut self) -> Result<Vec<(Platform, Found)>, SourceError> {
        let NamedImage { name, repository, .. } = self.image;
        let what = self.image.what("the manifest");
        let (digest, bytes) = repository.manifest(&name.version(), name.digest(), &what, self.options.limits)?;
        let mut found = Vec::new();
        match self.parse(&what, &bytes)? {
            Document::Index(index) => self.expand(index.manifests(), 0, &mut found)?,
            Document::Manifest(manifest) => self.add(Candidate::new(*manifest, digest, None), &mut found)?,
        }
        Ok(found)
    }

    fn expand(
        &mut self,
        descriptors: &[Descriptor],
        depth: usize,
        found: &mut Vec<(Platform, Found)>,
    ) -> Result<(), SourceError> {
        let limits = self.options.limits;
        for descriptor in descriptors.iter().filter(|descriptor| !is_attestation(descriptor)) {
            self.seen += 1;
            if self.seen > limits.manifests || depth >= limits.index_depth {
                let path = self.image.path.clone();
                return Err(SourceError::IndexTooLarge { path, manifests: limits.manifests, depth: limits.index_depth });
            }
            if let Some(platform) = described_platform(descriptor) {
                found.push((platform, Found::Described(Box::new(descriptor.clone()))));
                continue;
            }
            // Without a platform only the manifest, and its configuration, can tell.
            match self.read(descriptor)? {
                (_, Document::Index(index)) => self.expand(index.manifests(), depth + 1, found)?,
                (digest, Document::Manifest(manifest)) => {
                    self.add(Candidate::new(*manifest, digest, Some(descriptor)), found)?;
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, candidate: Result<Candidate, String>, found: &mut Vec<(Platform, Found)>) -> Result<(), SourceError> {
        match candidate {
            Ok(candidate) => {
                let platform = candidate.config(self.image, self.options.limits)?.platform;
                found.push((platform, Found::Read(Box::new(candidate))));
            }
            Err(kind) => self.artifact = Some(kind),
        }
        Ok(())
    }

    /// The image of a descriptor with a platform.
    fn described(&self, descriptor: &Descriptor, platform: Platform) -> Result<Candidate, SourceError> {
        let path = || self.image.path.clone();
        match self.read(descriptor)? {
            (digest, Document::Manifest(manifest)) => {
                Candidate::new(*manifest, digest, Some(descriptor)).map_err(|kind| SourceError::Artifact { path: path(), kind })
            }
            (_, Document::Index(_)) => {
                let found = format!("an index whose entry for {platform} is an index itself");
                Err(SourceError::NotAnImage { path: path(), found, expected: "a manifest for each platform" })
            }
        }
    }

    /// The document of a descriptor, verified.
    fn read(&self, descriptor: &Descriptor) -> Result<(Digest, Document), SourceError> {
        let NamedImage { repository, .. } = self.image;
        let what = self.image.what(&format!("the manifest {}", descriptor.digest()));
        let digest = self.image.digest(descriptor, &what)?;
        let (digest, bytes) = repository.manifest(&digest.to_string(), Some(&digest), &what, self.options.limits)?;
        repository.sized(descriptor.size(), &what, &bytes)?;
        Ok((digest, self.parse(&what, &bytes)?))
    }

    fn parse(&self, what: &str, bytes: &[u8]) -> Result<Document, SourceError> {
        Document::parse(bytes).map_err(|error| unreadable(self.image, what, DocumentProblem::Manifest(error)))
    }
}
