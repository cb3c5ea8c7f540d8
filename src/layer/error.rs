//! Why a layer cannot be read at all, in words that say what to do; what fails for single files is a gap instead.

use std::io;

use crate::{image::Digest, source::TarError};

/// A layer that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("layer {layer} ({diff_id}): {problem}")]
pub struct LayerError {
    /// From 0 at the bottom.
    pub layer: u32,
    /// What identifies it.
    pub diff_id: Digest,
    /// Why.
    pub problem: LayerProblem,
}

/// Why a layer, or a root file system, cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LayerProblem {
    /// The stored bytes cannot be had.
    #[error("its bytes cannot be read: {0}")]
    Io(io::Error),
    /// Fewer stored bytes than there should be.
    #[error("it is truncated: expected {expected} bytes, found {found}; save or push the image again")]
    Truncated {
        /// Bytes by the manifest.
        expected: u64,
        /// Bytes found.
        found: u64,
    },
    /// The stored bytes are not what their digest says.
    #[error("its bytes do not match its digest: expected {expected}, found {found}; save or push the image again")]
    WrongDigest {
        /// The digest that names it.
        expected: Digest,
        /// The digest that it has.
        found: Digest,
    },
    /// The uncompressed bytes are not what the image's configuration says.
    #[error("its content does not match its diff id: expected {expected}, found {found}; save or push the image again")]
    WrongDiffId {
        /// The diff id in the configuration.
        expected: Digest,
        /// The digest that the content has.
        found: Digest,
    },
    /// Neither a tar archive nor gzip nor zstd.
    #[error("it is {found}: expected a tar archive, plain or compressed with gzip or zstd")]
    UnknownCompression {
        /// What it seems to be.
        found: String,
    },
    /// The compressed bytes are damaged.
    #[error("its {format} stream is damaged: {error}")]
    Damaged {
        /// The compression.
        format: &'static str,
        /// Why.
        error: io::Error,
    },
    /// The tar archive is damaged.
    #[error("{0}; save or push the image again")]
    Archive(TarError),
    /// More content than the limit.
    #[error("it unpacks to more than {limit} bytes, which is the limit")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// More entries than the limit.
    #[error("it has more than {limit} entries, which is the limit")]
    TooManyEntries {
        /// The limit.
        limit: usize,
    },
    /// No thread could be started, or one failed.
    #[error("the scan itself failed: {0}")]
    Internal(String),
}
