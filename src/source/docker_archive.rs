//! What `docker save` writes, in its old form and with `blobs/`: `manifest.json` leads to configurations and layers; never
//! unpacked.

use std::path::Path;

use serde::Deserialize;

use super::{
    Contents, LayerBlob, OpenOptions, OpenedImage,
    archive::Archive,
    blob_store::{read_document, verify},
    choice,
    error::{DocumentProblem, SourceError},
    layer_blob::{Place, Stored},
    manifest_image::gap,
};
use crate::{
    facts::Target,
    image::{Algorithm, Digest, ImageConfig, Scheme},
};

const EXPECTED: &str = "an archive that `docker save` wrote (with `manifest.json`)";
const MANIFEST: &str = "`manifest.json`";

/// One image in `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: String,
    repo_tags: Option<Vec<String>>,
    layers: Option<Vec<String>>,
}

/// Opens an archive and chooses an image in it.
pub(super) fn open(path: &Path, name: Option<&str>, options: &OpenOptions<'_>) -> Result<OpenedImage, SourceError> {
    open_scanned(&Archive::scan(path, EXPECTED, options.limits)?, name, options)
}

/// Chooses an image in an archive whose members are known.
pub(super) fn open_scanned(
    archive: &Archive,
    name: Option<&str>,
    options: &OpenOptions<'_>,
) -> Result<OpenedImage, SourceError> {
    let Some(place) = archive.find("manifest.json") else {
        let found = "a tar archive without `manifest.json`".to_owned();
        return Err(SourceError::NotAnImage { path: archive.path().to_owned(), found, expected: EXPECTED });
    };
    let bytes = read_document(archive.path(), &place, MANIFEST, options.limits)?;
    let saved: Vec<Saved> =
        serde_json::from_slice(&bytes).map_err(|error| document(archive, MANIFEST, DocumentProblem::Json(error)))?;
    let saved = choose(archive, saved, name)?;
    let config_bytes = config_bytes(archive, &saved, options)?;
    let what = "the image configuration";
    let config = ImageConfig::parse(&config_bytes).map_err(|error| document(archive, what, DocumentProblem::Config(error)))?;
    if let Some(wanted) = options.platform.as_ref().filter(|wanted| !config.platform.matches(wanted)) {
        return Err(SourceError::NoSuchPlatform {
            path: archive.path().to_owned(),
            wanted: wanted.clone(),
            available: vec![config.platform.to_string()],
        });
    }
    let layers = layers(archive, &saved, &config)?;
    let gaps = config.history_mismatch.clone().map(|reason| gap("history-mismatch", reason)).into_iter().collect();
    let target = Target {
        reference: archive.path().display().to_string(),
        source: Scheme::DockerArchive.name().to_owned(),
        digest: Some(Digest::of(Algorithm::Sha256, &config_bytes).to_string()),
        platform: Some(config.platform.to_string()),
        env: None,
    };
    Ok(OpenedImage { target, config: Some(config), contents: Contents::Layers(layers), gaps })
}

fn document(archive: &Archive, what: &str, problem: DocumentProblem) -> SourceError {
    SourceError::Document { path: archive.path().to_owned(), what: what.to_owned(), problem }
}

/// The image of a name, or the `N`-th of `@N`; without a choice, the only one.
fn choose(archive: &Archive, saved: Vec<Saved>, name: Option<&str>) -> Result<Saved, SourceError> {
    let path = archive.path().to_owned();
    let available: Vec<String> = saved
        .iter()
        .enumerate()
        .flat_map(|(index, image)| match image.tags() {
            [] => vec![format!("@{index}")],
            tags => tags.to_vec(),
        })
        .collect();
    // Some writers repeat an image for each of its tags.
    let mut images: Vec<Saved> = Vec::new();
    for image in &saved {
        if !images.iter().any(|other| other.config == image.config && other.layers == image.layers) {
            images.push(image.clone());
        }
    }
    let Some(wanted) = name else {
        let several = images.len() > 1;
        let only = images.into_iter().next();
        return match only {
            Some(_) if several => Err(SourceError::NameNeeded { path, scheme: Scheme::DockerArchive.name(), available }),
            only => only.ok_or(SourceError::NoImages { path }),
        };
    };
    let by_index = wanted.strip_prefix('@').and_then(|index| index.parse::<usize>().ok());
    let by_name = |matches: fn(&str, &str) -> bool| -> Vec<&Saved> {
        images.iter().chain(&saved).filter(|image| image.tags().iter().any(|tag| matches(tag, wanted))).collect()
    };
    let found = by_index.and_then(|index| saved.get(index)).or_else(|| by_name(choice::same_name).first().copied());
    // `app` alone is `app:latest`, or else the only image of that repository.
    let found = found.or_else(|| {
        let of_repository = by_name(choice::same_repository);
        let first = *of_repository.first()?;
        of_repository.iter().all(|image| image.config == first.config).then_some(first)
    });
    found.cloned().ok_or_else(|| SourceError::NoSuchName { path, wanted: wanted.to_owned(), available })
}

impl Saved {
    fn tags(&self) -> &[String] {
        self.repo_tags.as_deref().unwrap_or_default()
    }
}

fn config_bytes(archive: &Archive, saved: &Saved, options: &OpenOptions<'_>) -> Result<Vec<u8>, SourceError> {
    let what = "the image configuration";
    let place = part(archive, &saved.config)?;
    let bytes = read_document(archive.path(), &place, what, options.limits)?;
    if let Some(digest) = digest_of_name(&saved.config) {
        verify(archive.path(), &digest, what, &bytes)?;
    }
    Ok(bytes)
}

fn part(archive: &Archive, name: &str) -> Result<Place, SourceError> {
    archive.find(name).ok_or_else(|| SourceError::MissingPart {
        path: archive.path().to_owned(),
        part: format!("`{}`", name.escape_debug()),
        named_by: MANIFEST.to_owned(),
    })
}

/// The digest that a member's name promises: `blobs/sha256/HEX`, or `HEX.json`.
fn digest_of_name(name: &str) -> Option<Digest> {
    let text = match name.strip_prefix("blobs/").and_then(|rest| rest.split_once('/')) {
        Some((algorithm, hex)) => format!("{algorithm}:{hex}"),
        None => format!("sha256:{}", name.strip_suffix(".json")?),
    };
    Digest::parse(&text).ok()
}

fn layers(archive: &Archive, saved: &Saved, config: &ImageConfig) -> Result<Vec<LayerBlob>, SourceError> {
    let names = saved.layers.as_deref().unwrap_or_default();
    if names.len() != config.diff_ids.len() {
        return Err(SourceError::LayerCount {
            path: archive.path().to_owned(),
            layers: names.len(),
            diff_ids: config.diff_ids.len(),
        });
    }
    names
        .iter()
        .zip(&config.diff_ids)
        .zip(0_u32..)
        .map(|((name, diff_id), index)| {
            let place = part(archive, name)?;
            let (digest, diff_id) = (digest_of_name(name), diff_id.clone());
            Ok(LayerBlob { index, digest, diff_id, media_type: None, size: place.length, stored: Stored::Here(place) })
        })
        .collect()
}

#[cfg(test)]
#[path = "docker_archive_tests.rs"]
mod tests;
