//! The single pass over one layer: threads, digests and limits joined; never more than one layer.

use std::{
    sync::{atomic::AtomicU64, mpsc::sync_channel},
    thread::{Builder, Scope, scope},
};

use super::{
    batch::Workers,
    chunks::{Chunks, Hashing, QUEUE},
    decompress::{Stored, decompress},
    error::{LayerError, LayerProblem},
    gap_code,
    index::{LayerGap, LayerIndex},
    select::{Extract, may_be_installed},
    walk::LayerWalk,
};
use crate::{
    image::{Digest, ImagePath},
    limits::Limits,
    source::{LayerBlob, TarStream},
};

/// From so many cores on the uncompressed bytes are hashed by a thread of their own.
const HASH_APART: usize = 4;

/// What a pass needs besides the layer.
#[derive(Clone, Copy)]
pub struct LayerOptions<'run> {
    /// Ceilings.
    pub limits: &'run Limits,
    /// Which files' content is hashed.
    pub hashes: ContentHashes,
    /// The threads that read files.
    pub workers: &'run Workers,
    /// How files are read.
    pub extract: &'run dyn Extract,
    /// Where stored bytes are counted as they are read, to show progress.
    pub progress: Option<&'run AtomicU64>,
}

/// Which regular files' content is hashed: SHA-256 of their bytes once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentHashes {
    /// That of all.
    Take,
    /// That of what distributions install, as far as paths tell.
    Installed,
    /// That of none.
    Leave,
}

impl ContentHashes {
    /// Whether the content of a file is hashed.
    pub(super) fn wants(self, path: &ImagePath, size: u64) -> bool {
        match self {
            Self::Take => true,
            Self::Installed => may_be_installed(path, size),
            Self::Leave => false,
        }
    }
}

/// A layer that was read and is what it should be.
#[derive(Debug, Clone)]
pub struct ReadLayer {
    /// What it is.
    pub summary: LayerSummary,
    /// What it holds.
    pub index: LayerIndex,
}

/// What a layer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerSummary {
    /// From 0 at the bottom.
    pub layer: u32,
    /// Digest of the stored bytes.
    pub digest: Digest,
    /// Digest of the uncompressed bytes.
    pub diff_id: Digest,
    /// Uncompressed bytes.
    pub size: u64,
}

/// Reads one layer as a stream, once, and verifies both of its digests.
///
/// The calling thread walks the archive and may wait for the workers: it must be none of them.
pub fn read_layer(blob: &LayerBlob, options: &LayerOptions<'_>) -> Result<ReadLayer, LayerError> {
    if blob.is_elsewhere() {
        return Ok(elsewhere(blob));
    }
    let read = scope(|scope| pass(blob, options, scope));
    read.map_err(|problem| LayerError { layer: blob.index, diff_id: blob.diff_id.clone(), problem })
}

/// A foreign layer whose bytes nobody has: what it would bring, change or take away is not known.
fn elsewhere(blob: &LayerBlob) -> ReadLayer {
    let diff_id = blob.diff_id.clone();
    let digest = blob.digest.clone().unwrap_or_else(|| diff_id.clone());
    let reason =
        "it is a foreign layer, whose bytes are not kept with the image: what it brings, changes and removes is not known";
    let gap = LayerGap { path: None, code: gap_code::FOREIGN_LAYER, reason: reason.to_owned() };
    let summary = LayerSummary { layer: blob.index, digest, diff_id, size: 0 };
    ReadLayer { summary, index: LayerIndex { entries: Vec::new(), gaps: vec![gap] } }
}

fn pass<'scope>(
    blob: &'scope LayerBlob,
    options: &LayerOptions<'scope>,
    scope: &'scope Scope<'scope, '_>,
) -> Result<ReadLayer, LayerProblem> {
    let limits = options.limits;
    let (sender, receiver) = sync_channel(QUEUE);
    let progress = options.progress;
    let inflating = Builder::new()
        .name("inflate".to_owned())
        .spawn_scoped(scope, move || decompress(blob, progress, &sender))
        .map_err(|error| LayerProblem::Internal(error.to_string()))?;
    let algorithm = blob.diff_id.algorithm();
    let hashing =
        if options.workers.threads() >= HASH_APART { Hashing::there(algorithm, scope)? } else { Hashing::here(algorithm) };
    let mut stream = TarStream::new(Chunks::new(receiver, limits.layer, hashing), limits.member_headers);
    let index = options.workers.run(
        options.extract,
        |batches| {
            let index = LayerIndex::default();
            LayerWalk { limits, hashes: options.hashes, batches, index, unpacked: 0 }.walk(&mut stream)
        },
        |index| (&mut index.entries, &mut index.gaps),
    );
    let chunks = stream.into_inner();
    // Digests come first: when they are wrong, whatever else went wrong only follows from that.
    let uncompressed = match &index {
        Err(LayerProblem::TooLarge { .. } | LayerProblem::TooManyEntries { .. }) => {
            drop(chunks);
            None
        }
        _ => Some(chunks.finish()),
    };
    let stored = inflating.join().map_err(|_| LayerProblem::Internal("the inflating thread panicked".to_owned()))?;
    let Some(uncompressed) = uncompressed else {
        return index.and(Err(LayerProblem::Internal("a layer ended without an error".to_owned())));
    };
    let Stored { digest } = stored?;
    let (diff_id, size) = uncompressed?;
    let digest = digest.unwrap_or_else(|| diff_id.clone());
    verify(blob, &digest, &diff_id)?;
    let summary = LayerSummary { layer: blob.index, digest, diff_id, size };
    Ok(ReadLayer { summary, index: index? })
}

fn verify(blob: &LayerBlob, digest: &Digest, diff_id: &Digest) -> Result<(), LayerProblem> {
    if let Some(expected) = blob.digest.as_ref().filter(|expected| *expected != digest) {
        return Err(LayerProblem::WrongDigest { expected: expected.clone(), found: digest.clone() });
    }
    if blob.diff_id == *diff_id {
        return Ok(());
    }
    Err(LayerProblem::WrongDiffId { expected: blob.diff_id.clone(), found: diff_id.clone() })
}
