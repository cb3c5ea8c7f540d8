//! From one manifest to an image: its configuration and its layers; never which manifest was meant, or how blobs are kept.

use oci_spec::image::{Descriptor, ImageManifest, Platform as DescribedPlatform};

use super::{
    Contents, LayerBlob, OpenOptions, OpenedImage,
    blob_store::Parts,
    error::{DocumentProblem, SourceError},
};
use crate::{
    facts::{Gap, Target},
    image::{Digest, ImageConfig, Platform, Scheme},
    limits::Limits,
};

/// Media types of image configurations; anything else in that place makes the manifest an artifact's.
const CONFIG_TYPES: [&str; 2] = ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/// One image that an index, or a name, leads to.
pub(super) struct Candidate {
    manifest: ImageManifest,
    digest: Digest,
    /// The platform by the index.
    pub(super) described: Option<Platform>,
}

impl Candidate {
    /// The image of a manifest, described so in an index; else the type of the artifact that it is the manifest of.
    pub(super) fn new(manifest: ImageManifest, digest: Digest, descriptor: Option<&Descriptor>) -> Result<Self, String> {
        let config = manifest.config().media_type().as_ref();
        if CONFIG_TYPES.contains(&config) {
            let described = descriptor.and_then(described_platform);
            return Ok(Self { manifest, digest, described });
        }
        Err(manifest.artifact_type().as_ref().map_or(config, |kind| kind.as_ref()).to_owned())
    }

    /// Its configuration.
    pub(super) fn config(&self, parts: &impl Parts, limits: &Limits) -> Result<ImageConfig, SourceError> {
        const WHAT: &str = "the image configuration";
        let bytes = parts.document(self.manifest.config(), WHAT, limits)?;
        ImageConfig::parse(&bytes).map_err(|error| unreadable(parts, WHAT, DocumentProblem::Config(error)))
    }

    /// The image.
    pub(super) fn open(
        self,
        parts: &impl Parts,
        scheme: Scheme,
        options: &OpenOptions<'_>,
    ) -> Result<OpenedImage, SourceError> {
        let config = self.config(parts, options.limits)?;
        let path = parts.path().to_owned();
        let mut gaps = Vec::new();
        if let Some(described) = self.described.as_ref().filter(|described| !config.platform.matches(described)) {
            let reason =
                format!("the index says that the image is for {described}, its configuration says {}", config.platform);
            gaps.push(gap("platform-contradiction", reason));
        }
        if let Some(wanted) = options.platform.as_ref().filter(|wanted| !config.platform.matches(wanted)) {
            let available = vec![config.platform.to_string()];
            return Err(SourceError::NoSuchPlatform { path, wanted: wanted.clone(), available });
        }
        gaps.extend(config.history_mismatch.clone().map(|reason| gap("history-mismatch", reason)));
        let layers = self.layers(parts, &config)?;
        let target = Target {
            reference: path.display().to_string(),
            source: scheme.name().to_owned(),
            digest: Some(self.digest.to_string()),
            platform: Some(config.platform.to_string()),
            env: None,
        };
        Ok(OpenedImage { target, config: Some(config), contents: Contents::Layers(layers), gaps })
    }

    fn layers(&self, parts: &impl Parts, config: &ImageConfig) -> Result<Vec<LayerBlob>, SourceError> {
        let descriptors = self.manifest.layers();
        if descriptors.len() != config.diff_ids.len() {
            let path = parts.path().to_owned();
            return Err(SourceError::LayerCount { path, layers: descriptors.len(), diff_ids: config.diff_ids.len() });
        }
        let layers = descriptors.iter().zip(&config.diff_ids).zip(0_u32..).map(|((descriptor, diff_id), index)| {
            let what = format!("layer {index}");
            let digest = parts.digest(descriptor, &what)?;
            let stored = parts.layer(descriptor, &digest, &what)?;
            Ok(LayerBlob {
                index,
                digest: Some(digest),
                diff_id: diff_id.clone(),
                media_type: Some(descriptor.media_type().to_string()),
                size: descriptor.size(),
                stored,
            })
        });
        layers.collect()
    }
}

/// The platform that an index gives.
pub(super) fn described_platform(descriptor: &Descriptor) -> Option<Platform> {
    let described: &DescribedPlatform = descriptor.platform().as_ref()?;
    Some(Platform::new(&described.os().to_string(), &described.architecture().to_string(), described.variant().as_deref()))
}

/// An annotation of a descriptor.
pub(super) fn annotation<'index>(descriptor: &'index Descriptor, key: &str) -> Option<&'index str> {
    descriptor.annotations().as_ref()?.get(key).map(String::as_str)
}

/// BuildKit puts provenance and bills of materials beside the images, as manifests for no platform.
pub(super) fn is_attestation(descriptor: &Descriptor) -> bool {
    annotation(descriptor, "vnd.docker.reference.type").is_some_and(|kind| kind == "attestation-manifest")
        || descriptor
            .platform()
            .as_ref()
            .is_some_and(|platform| platform.os().to_string() == "unknown" && platform.architecture().to_string() == "unknown")
}

/// The error of a document that cannot be read.
pub(super) fn unreadable(parts: &impl Parts, what: &str, problem: DocumentProblem) -> SourceError {
    SourceError::Document { path: parts.path().to_owned(), what: what.to_owned(), problem }
}

/// A gap of the image's own description.
pub(super) fn gap(code: &str, reason: String) -> Gap {
    Gap { place: "the image configuration".to_owned(), code: code.to_owned(), reason, layer: None }
}
