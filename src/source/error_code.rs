//! The codes of errors of sources and archives: stable kebab-case words for programs; never their wording.

use super::{
    error::{DocumentProblem, SourceError},
    registry::RegistryError,
    tar_stream::TarError,
};
use crate::image::DocumentError;

impl SourceError {
    /// A stable kebab-case word for it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Reference(_) | Self::Name(_) => "invalid-reference",
            Self::Registry(error) => error.code(),
            Self::NotFound { .. } | Self::NothingThere { .. } | Self::NeitherHereNorThere { .. } => "not-found",
            Self::NotAnImage { .. } => "not-an-image",
            Self::Compressed { .. } => "archive-compressed",
            Self::Io { .. } => "read-error",
            Self::Archive { error, .. } => error.code(),
            Self::TooManyMembers { .. } => "too-many-members",
            Self::MissingPart { .. } => "missing-part",
            Self::Document { problem: DocumentProblem::Manifest(DocumentError::Ambiguous), .. } => "ambiguous-manifest",
            Self::Document { problem: DocumentProblem::Digest(_), .. } => "invalid-digest",
            Self::Document { .. } => "invalid-document",
            Self::WrongDigest { .. } => "digest-mismatch",
            Self::WrongSize { .. } => "size-mismatch",
            Self::TooLarge { .. } => "document-too-large",
            Self::NoImages { .. } => "no-images",
            Self::NoSuchName { .. } => "no-such-name",
            Self::NameNeeded { .. } => "name-needed",
            Self::NoSuchPlatform { .. } => "no-such-platform",
            Self::PlatformNeeded { .. } => "platform-needed",
            Self::Artifact { .. } => "no-container-image",
            Self::LayerCount { .. } => "layer-count-mismatch",
            Self::TooManyLayers { .. } => "too-many-layers",
            Self::IndexTooLarge { .. } => "index-too-large",
            Self::PlatformOfRoot { .. } => "platform-of-root",
        }
    }
}

impl RegistryError {
    /// A stable kebab-case word for it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "registry-unreachable",
            Self::Untrusted { .. } => "registry-untrusted",
            Self::NotTls { .. } => "registry-without-tls",
            Self::NoAuthorities { .. } | Self::Authorities { .. } => "no-authorities",
            Self::Proxy { .. } => "invalid-proxy",
            Self::Denied { .. } => "registry-denied",
            Self::NotFound { .. } => "not-found",
            Self::Status { .. } => "registry-status",
            Self::Busy { .. } => "registry-busy",
            Self::Persistent { error, .. } => error.code(),
            Self::Redirect { .. } => "registry-redirect",
            Self::Challenge { .. } => "registry-challenge",
            Self::Token { .. } => "registry-token",
            Self::Credentials { .. } => "registry-credentials",
            Self::TooLarge { .. } => "document-too-large",
            Self::Size { .. } => "size-mismatch",
            Self::WrongDigest { .. } => "digest-mismatch",
            Self::Cut { .. } => "registry-cut",
            Self::Range { .. } => "registry-range",
            Self::Listing { .. } => "registry-listing",
        }
    }
}

impl TarError {
    /// A stable kebab-case word for it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "read-error",
            Self::Truncated { .. } => "archive-truncated",
            Self::NoHeader { .. } => "no-tar-header",
            Self::Number { .. } => "invalid-tar-number",
            Self::Malformed { .. } => "malformed-tar-header",
            Self::HeadersTooLarge { .. } => "tar-headers-too-large",
        }
    }
}
