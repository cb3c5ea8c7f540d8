//! From stored bytes to chunks of the tar archive inside, on a thread of its own; hashes what is stored, never what comes out.

use std::{
    io::{self, BufReader, ErrorKind, Read},
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Sender, SyncSender, channel},
    },
};

use flate2::bufread::MultiGzDecoder;

use super::error::LayerProblem;
use crate::{
    image::{Algorithm, Digest, Hasher},
    source::LayerBlob,
};

/// Bytes in one chunk. Measured: inflating is a tenth slower with buffers of 128 K.
pub(super) const CHUNK: usize = 1 << 20;

/// A piece of the uncompressed archive, shared by the walk and the hashing.
pub(super) type Chunk = Arc<Piece>;

/// Bytes in a buffer that goes back to be filled again: new memory for every chunk has to be cleared twice.
#[derive(Debug)]
pub(super) struct Piece {
    buffer: Vec<u8>,
    length: usize,
    home: Sender<Vec<u8>>,
}

impl Piece {
    /// The first `length` bytes of a buffer, which goes back to `home`.
    pub(super) fn new(buffer: Vec<u8>, length: usize, home: Sender<Vec<u8>>) -> Self {
        Self { buffer, length, home }
    }
}

impl Deref for Piece {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.buffer.get(..self.length).unwrap_or_default()
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        // Once the layer is inflated, nobody is there to take it.
        let _ = self.home.send(std::mem::take(&mut self.buffer));
    }
}

/// How a layer is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compression {
    None,
    Gzip,
    Zstd,
}

/// What was found out about the stored bytes.
#[derive(Debug)]
pub(super) struct Stored {
    /// Their digest; none where they are the uncompressed bytes, which are hashed anyway.
    pub(super) digest: Option<Digest>,
}

/// Sends the uncompressed bytes of a layer in chunks. Ends early, without an error, when nobody takes them any more.
pub(super) fn decompress(
    blob: &LayerBlob,
    progress: Option<&AtomicU64>,
    chunks: &SyncSender<Chunk>,
) -> Result<Stored, LayerProblem> {
    let stored = blob.open().map_err(LayerProblem::Io)?;
    let algorithm = blob.digest.as_ref().map_or(Algorithm::Sha256, Digest::algorithm);
    let mut counted = Counted { stored, hasher: Some(Hasher::new(algorithm)), count: 0, progress, failed: None };
    let mut reader = BufReader::with_capacity(CHUNK, &mut counted);
    let (compression, start) = match detect(&mut reader, blob) {
        Ok(detected) => detected,
        Err(error) => {
            drop(reader);
            return Err(LayerProblem::Io(counted.failed.take().unwrap_or(error)));
        }
    };
    if compression == Ok(Compression::None) && algorithm == blob.diff_id.algorithm() {
        reader.get_mut().hasher = None;
    }
    let whole = io::Cursor::new(start).chain(&mut reader);
    let outcome = compression.map_err(|found| LayerProblem::UnknownCompression { found }).and_then(|compression| {
        let pumped = match compression {
            Compression::None => pump(whole, chunks),
            Compression::Gzip => pump(MultiGzDecoder::new(BufReader::with_capacity(CHUNK, whole)), chunks),
            Compression::Zstd => zstd::Decoder::new(whole).and_then(|decoder| pump(decoder, chunks)),
        };
        pumped.map_err(|error| LayerProblem::Damaged { format: compression.name(), error })
    });
    if matches!(outcome, Ok(Pumped::Abandoned)) {
        return Ok(Stored { digest: None });
    }
    // Whatever follows, and whatever went wrong: the digest is over all that is stored, and its mismatch explains most.
    let rest = io::copy(&mut reader, &mut io::sink());
    drop(reader);
    if let Some(error) = counted.failed.take() {
        return Err(LayerProblem::Io(error));
    }
    rest.map_err(LayerProblem::Io)?;
    if counted.count != blob.size {
        return Err(LayerProblem::Truncated { expected: blob.size, found: counted.count });
    }
    let digest = counted.hasher.map(Hasher::finish);
    if let (Some(expected), Some(found)) = (&blob.digest, &digest)
        && expected != found
    {
        return Err(LayerProblem::WrongDigest { expected: expected.clone(), found: found.clone() });
    }
    outcome.map(|_| Stored { digest })
}

enum Pumped {
    All,
    Abandoned,
}

fn pump(mut reader: impl Read, chunks: &SyncSender<Chunk>) -> io::Result<Pumped> {
    let (home, used) = channel();
    loop {
        let mut buffer = used.try_recv().unwrap_or_else(|_| vec![0; CHUNK]);
        let filled = fill(&mut reader, &mut buffer)?;
        if filled > 0 && chunks.send(Arc::new(Piece::new(buffer, filled, home.clone()))).is_err() {
            return Ok(Pumped::Abandoned);
        }
        if filled < CHUNK {
            return Ok(Pumped::All);
        }
    }
}

/// Reads until the buffer is full or the stream ends.
pub(super) fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Decides by the first bytes, which are handed back to be read again: media types are often wrong.
///
/// Where they are of no known form, the inner error says what they seem to be.
fn detect(reader: &mut impl Read, blob: &LayerBlob) -> io::Result<(Result<Compression, String>, Vec<u8>)> {
    let mut start = vec![0; 512];
    let filled = fill(reader, &mut start)?;
    start.truncate(filled);
    let compression = match start.as_slice() {
        [0x1f, 0x8b, ..] => Ok(Compression::Gzip),
        // A frame, or one of the skippable frames that some builders begin with.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Ok(Compression::Zstd),
        tar if is_tar(tar) => Ok(Compression::None),
        other => Err(describe(other, blob.media_type.as_deref())),
    };
    Ok((compression, start))
}

/// Nothing at all, the zeros of an empty archive, or a header with its magic or (before POSIX) a checksum.
fn is_tar(start: &[u8]) -> bool {
    if start.iter().all(|byte| *byte == 0) {
        return true;
    }
    let Some(header) = start.get(..512) else { return false };
    let header = tar::Header::from_byte_slice(header);
    header.as_ustar().is_some() || header.as_gnu().is_some() || {
        let sum: u32 = header
            .as_bytes()
            .iter()
            .enumerate()
            .map(|(index, byte)| if (148..156).contains(&index) { 32 } else { u32::from(*byte) })
            .sum();
        header.cksum().is_ok_and(|stored| stored == sum)
    }
}

fn describe(start: &[u8], media_type: Option<&str>) -> String {
    let found = match start {
        _ if media_type.is_some_and(|kind| kind.ends_with("+encrypted")) => "encrypted",
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => "compressed with xz",
        [b'B', b'Z', b'h', ..] => "compressed with bzip2",
        [0x04, 0x22, 0x4d, 0x18, ..] => "compressed with lz4",
        _ => "of a form that is not known",
    };
    media_type.map_or_else(|| found.to_owned(), |kind| format!("{found} (its media type is `{}`)", kind.escape_debug()))
}

impl Compression {
    fn name(self) -> &'static str {
        match self {
            Self::None => "tar",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// Counts and hashes what is read of the stored bytes, and remembers an error of theirs apart from the decoders' errors.
struct Counted<'progress, R> {
    stored: R,
    hasher: Option<Hasher>,
    count: u64,
    progress: Option<&'progress AtomicU64>,
    failed: Option<io::Error>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.stored.read(buffer) {
            Ok(count) => {
                if let (Some(hasher), Some(read)) = (&mut self.hasher, buffer.get(..count)) {
                    hasher.update(read);
                }
                self.count = self.count.saturating_add(count as u64);
                if let Some(progress) = self.progress {
                    progress.fetch_add(count as u64, Ordering::Relaxed);
                }
                Ok(count)
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                self.failed = Some(error);
                Err(kind.into())
            }
        }
    }
}
