//! From an OCI layout's index to one image: tag, nested indexes, platform, manifest, configuration; never how blobs are kept.

use std::collections::BTreeSet;

use oci_spec::image::{ANNOTATION_REF_NAME, Descriptor, ImageIndex, ImageManifest, Platform as DescribedPlatform};

use super::{
    Contents, LayerBlob, OpenOptions, OpenedImage,
    blob_store::{BlobStore, read_document},
    choice,
    error::{DocumentProblem, SourceError},
};
use crate::{
    facts::{Gap, Target},
    image::{Digest, Document, ImageConfig, Platform, Scheme},
    limits::Limits,
};

/// Media types of image configurations; anything else in that place makes the manifest an artifact's.
const CONFIG_TYPES: [&str; 2] = ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/// One image that an index leads to.
struct Candidate {
    manifest: ImageManifest,
    digest: Digest,
    described: Option<Platform>,
}

/// Opens the image of a layout that a tag and a platform choose.
pub(super) fn open(
    store: &dyn BlobStore,
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
            None => read_config(store, &candidate.manifest, limits)?.platform,
        };
        described.push((platform, candidate));
    }
    let (_, candidate) = choice::by_platform(store.path(), described, options.platform.as_ref())?;
    image(store, scheme, candidate, options)
}

fn top_index(store: &dyn BlobStore, limits: &Limits) -> Result<ImageIndex, SourceError> {
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

fn parse(store: &dyn BlobStore, what: &str, bytes: &[u8]) -> Result<Document, SourceError> {
    Document::parse(bytes).map_err(|error| document(store, what, DocumentProblem::Manifest(error)))
}

fn document(store: &dyn BlobStore, what: &str, problem: DocumentProblem) -> SourceError {
    SourceError::Document { path: store.path().to_owned(), what: what.to_owned(), problem }
}

/// The descriptors that a tag (or a digest in its place) names; without one, all of them if they have one name.
fn by_tag(
    store: &dyn BlobStore,
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

fn annotation<'index>(descriptor: &'index Descriptor, key: &str) -> Option<&'index str> {
    descriptor.annotations().as_ref()?.get(key).map(String::as_str)
}

fn name(descriptor: &Descriptor) -> Option<&str> {
    annotation(descriptor, ANNOTATION_REF_NAME)
}

/// BuildKit puts provenance and bills of materials beside the images, as manifests for no platform.
fn is_attestation(descriptor: &Descriptor) -> bool {
    annotation(descriptor, "vnd.docker.reference.type").is_some_and(|kind| kind == "attestation-manifest")
        || descriptor
            .platform()
            .as_ref()
            .is_some_and(|platform| platform.os().to_string() == "unknown" && platform.architecture().to_string() == "unknown")
}

struct Candidates<'store> {
    store: &'store dyn BlobStore,
    limits: &'store Limits,
    found: Vec<Candidate>,
    seen: BTreeSet<String>,
    artifact: Option<String>,
}

impl Candidates<'_> {
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
                Document::Manifest(manifest) => self.add(*manifest, digest, descriptor),
            }
        }
        Ok(())
    }

    fn add(&mut self, manifest: ImageManifest, digest: Digest, descriptor: &Descriptor) {
        let config = manifest.config().media_type().as_ref();
        if CONFIG_TYPES.contains(&config) {
            let described = descriptor.platform().as_ref().map(platform);
            self.found.push(Candidate { manifest, digest, described });
        } else {
            let kind = manifest.artifact_type().as_ref().map_or(config, |kind| kind.as_ref());
            self.artifact = Some(kind.to_owned());
        }
    }
}

fn platform(described: &DescribedPlatform) -> Platform {
    Platform::new(&described.os().to_string(), &described.architecture().to_string(), described.variant().as_deref())
}

fn read_config(store: &dyn BlobStore, manifest: &ImageManifest, limits: &Limits) -> Result<ImageConfig, SourceError> {
    const WHAT: &str = "the image configuration";
    let bytes = store.document(manifest.config(), WHAT, limits)?;
    ImageConfig::parse(&bytes).map_err(|error| document(store, WHAT, DocumentProblem::Config(error)))
}

fn image(
    store: &dyn BlobStore,
    scheme: Scheme,
    candidate: Candidate,
    options: &OpenOptions<'_>,
) -> Result<OpenedImage, SourceError> {
    let config = read_config(store, &candidate.manifest, options.limits)?;
    let path = store.path().to_owned();
    let mut gaps = Vec::new();
    if let Some(described) = candidate.described.filter(|described| !config.platform.matches(described)) {
        let reason = format!("the index says that the image is for {described}, its configuration says {}", config.platform);
        gaps.push(gap("platform-contradiction", reason));
    }
    if let Some(wanted) = options.platform.as_ref().filter(|wanted| !config.platform.matches(wanted)) {
        return Err(SourceError::NoSuchPlatform { path, wanted: wanted.clone(), available: vec![config.platform.to_string()] });
    }
    gaps.extend(config.history_mismatch.clone().map(|reason| gap("history-mismatch", reason)));
    let descriptors = candidate.manifest.layers();
    if descriptors.len() != config.diff_ids.len() {
        return Err(SourceError::LayerCount { path, layers: descriptors.len(), diff_ids: config.diff_ids.len() });
    }
    if descriptors.len() > options.limits.layers {
        return Err(SourceError::TooManyLayers { path, layers: descriptors.len(), limit: options.limits.layers });
    }
    let mut layers = Vec::with_capacity(descriptors.len());
    for ((descriptor, diff_id), index) in descriptors.iter().zip(&config.diff_ids).zip(0_u32..) {
        let what = format!("layer {index}");
        let digest = store.digest(descriptor, &what)?;
        let place = store.described(descriptor, &digest, &what)?;
        layers.push(LayerBlob {
            index,
            digest: Some(digest),
            diff_id: diff_id.clone(),
            media_type: Some(descriptor.media_type().to_string()),
            size: place.length,
            place,
        });
    }
    let target = Target {
        reference: path.display().to_string(),
        source: scheme.name().to_owned(),
        digest: Some(candidate.digest.to_string()),
        platform: Some(config.platform.to_string()),
        env: None,
    };
    Ok(OpenedImage { target, config: Some(config), contents: Contents::Layers(layers), gaps })
}

/// A gap of the image's own description.
pub(super) fn gap(code: &str, reason: String) -> Gap {
    Gap { place: "the image configuration".to_owned(), code: code.to_owned(), reason, layer: None }
}

#[cfg(test)]
#[path = "oci_tests.rs"]
mod tests;
