//! Why a target cannot be opened, in words that say what to do; never how it is shown.

use std::{fmt, io, path::PathBuf};

use super::{registry::RegistryError, tar_stream::TarError};
use crate::image::{ConfigError, Digest, DigestError, DocumentError, ImageName, ImageNameError, Platform, ReferenceError};

/// Why a target cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The target is no reference at all.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// The target is no name of an image in a registry.
    #[error(transparent)]
    Name(#[from] ImageNameError),
    /// Something of a registry cannot be had.
    #[error(transparent)]
    Registry(Box<RegistryError>),
    /// A target without a scheme that is no path, and no registry either.
    #[error("there is no file or directory `{target}`, and as the name of an image in a registry: {error}")]
    NeitherHereNorThere {
        /// The target.
        target: String,
        /// Why it is not to be had there.
        error: Box<SourceError>,
    },
    /// Nothing is at the place.
    #[error("there is no file or directory `{}`: looked for {expected}", path.display())]
    NotFound {
        /// The place.
        path: PathBuf,
        /// What should have been there.
        expected: &'static str,
    },
    /// A target without a scheme that is no path.
    #[error(
        "there is no file or directory `{target}`: looked for an image archive, an OCI layout and a root file system there{}",
        saved_first(target)
    )]
    NothingThere {
        /// The target.
        target: String,
    },
    /// Something else than what the scheme says is at the place.
    #[error("`{}` is {found}: expected {expected}", path.display())]
    NotAnImage {
        /// The place.
        path: PathBuf,
        /// What it is.
        found: String,
        /// What should have been there.
        expected: &'static str,
    },
    /// The whole archive is compressed, so that its layers cannot be found without unpacking it.
    #[error(
        "`{}` is compressed with {format}: layers are read where they are in the archive, so unpack it first with `{command}`",
        path.display()
    )]
    Compressed {
        /// The archive.
        path: PathBuf,
        /// The compression.
        format: &'static str,
        /// What unpacks it.
        command: &'static str,
    },
    /// The file system failed.
    #[error("cannot read `{}`: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The archive is damaged.
    #[error("cannot read `{}`: {error}", path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// Why.
        error: TarError,
    },
    /// More members than the limit.
    #[error("`{}` has more than {limit} members: an image archive has a few for each layer", path.display())]
    TooManyMembers {
        /// The archive.
        path: PathBuf,
        /// The limit.
        limit: usize,
    },
    /// A part that another part names is missing.
    #[error("`{}` is incomplete: {part}, which {named_by} names, is not in it; save the image again", path.display())]
    MissingPart {
        /// The archive or layout.
        path: PathBuf,
        /// What is missing.
        part: String,
        /// What names it.
        named_by: String,
    },
    /// A document that cannot be read as one.
    #[error("{what} of `{}` cannot be read: {problem}", path.display())]
    Document {
        /// The archive or layout.
        path: PathBuf,
        /// Which document.
        what: String,
        /// What is wrong.
        problem: DocumentProblem,
    },
    /// A part that is not what its digest says.
    #[error("{what} of `{}` does not match its digest: expected {expected}, found {found}; save the image again", path.display())]
    WrongDigest {
        /// The archive or layout.
        path: PathBuf,
        /// Which part.
        what: String,
        /// The digest that names it.
        expected: Digest,
        /// The digest that it has.
        found: Digest,
    },
    /// A part that is not as large as its descriptor says.
    #[error("{what} of `{}` is {found} bytes long: its descriptor says {expected}; save the image again", path.display())]
    WrongSize {
        /// The archive or layout.
        path: PathBuf,
        /// Which part.
        what: String,
        /// Bytes by the descriptor.
        expected: u64,
        /// Bytes found.
        found: u64,
    },
    /// A document beyond the limit.
    #[error("{what} of `{}` is {size} bytes long: at most {limit} are read", path.display())]
    TooLarge {
        /// The archive or layout.
        path: PathBuf,
        /// Which document.
        what: String,
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// No image at all.
    #[error("`{}` holds no image", path.display())]
    NoImages {
        /// The archive or layout.
        path: PathBuf,
    },
    /// The chosen name is not there.
    #[error("`{}` holds no image `{wanted}`: it holds {}", path.display(), Listed(available))]
    NoSuchName {
        /// The archive or layout.
        path: PathBuf,
        /// The choice.
        wanted: String,
        /// What can be chosen.
        available: Vec<String>,
    },
    /// Several images and no choice.
    #[error(
        "`{}` holds several images: choose one of {}, as in `{scheme}:{}:{}`",
        path.display(), Listed(available), path.display(), available.first().map_or("NAME", |name| name)
    )]
    NameNeeded {
        /// The archive or layout.
        path: PathBuf,
        /// The scheme.
        scheme: &'static str,
        /// What can be chosen.
        available: Vec<String>,
    },
    /// The platform that was asked for is not there.
    #[error("`{}` has no image for {wanted}: it has {}", path.display(), Listed(available))]
    NoSuchPlatform {
        /// The archive or layout.
        path: PathBuf,
        /// What was asked for.
        wanted: Platform,
        /// What is there.
        available: Vec<String>,
    },
    /// Several platforms, none of them this machine's, and none was asked for.
    #[error("`{}` has images for {} and none for this machine ({host}): choose one with `--platform`", path.display(), Listed(available))]
    PlatformNeeded {
        /// The archive or layout.
        path: PathBuf,
        /// This machine.
        host: Platform,
        /// What is there.
        available: Vec<String>,
    },
    /// A manifest of something else than an image.
    #[error("`{}` holds an artifact of type `{kind}`, not a container image", path.display())]
    Artifact {
        /// The archive or layout.
        path: PathBuf,
        /// Its type.
        kind: String,
    },
    /// The manifest and the configuration disagree.
    #[error(
        "`{}` contradicts itself: its manifest has {layers} layers and its configuration has {diff_ids} diff ids; save the image again",
        path.display()
    )]
    LayerCount {
        /// The archive or layout.
        path: PathBuf,
        /// Layers in the manifest.
        layers: usize,
        /// Diff ids in the configuration.
        diff_ids: usize,
    },
    /// Indexes inside indexes, beyond the limits.
    #[error("the index of `{}` names more than {manifests} manifests, or indexes more than {depth} deep", path.display())]
    IndexTooLarge {
        /// The archive or layout.
        path: PathBuf,
        /// Most manifests.
        manifests: usize,
        /// Most levels.
        depth: usize,
    },
    /// A root file system is whatever platform it is.
    #[error("`--platform {wanted}` chooses among the images of an index: `{}` is a root file system", path.display())]
    PlatformOfRoot {
        /// The directory.
        path: PathBuf,
        /// What was asked for.
        wanted: Platform,
    },
}

// It is boxed: an image that was opened should not carry room for what a registry may say.
impl From<RegistryError> for SourceError {
    fn from(error: RegistryError) -> Self {
        Self::Registry(Box::new(error))
    }
}

/// What is wrong with a document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentProblem {
    /// A manifest or index.
    #[error(transparent)]
    Manifest(#[from] DocumentError),
    /// An image configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A digest of an algorithm that is not known.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// Any other JSON.
    #[error("it is not of the expected form ({0})")]
    Json(#[from] serde_json::Error),
}

/// Names in backticks, the first twenty.
struct Listed<'names>(&'names [String]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 20;
        if self.0.is_empty() {
            return formatter.write_str("none");
        }
        for (index, name) in self.0.iter().take(SHOWN).enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(formatter, "{separator}`{}`", name.escape_debug())?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(formatter, " and {more} more"),
        }
    }
}

/// What to do about a target that reads like an image's name rather than a path.
fn saved_first(target: &str) -> String {
    let is_path = target.starts_with(['/', '.', '~']) || target.ends_with(".tar") || target.contains(char::is_whitespace);
    if is_path {
        return String::new();
    }
    let in_registry = match ImageName::parse(target) {
        Ok(name) => format!("for an image in a registry write `registry:{}/{target}`, and ", name.registry()),
        Err(_) => String::new(),
    };
    format!("; {in_registry}an image of a daemon is saved first: run `docker save {target} -o image.tar` and check `image.tar`")
}
