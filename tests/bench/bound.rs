//! The bound that a scan is measured against: hash what is stored, inflate it, hash what comes out, and nothing else.
//!
//! `bound PATH` takes an OCI archive, an OCI layout or a docker-archive. Layers run in parallel; inside one, inflating
//! and hashing what it yields are two threads. It never looks inside a layer, and never decides what is one: every file
//! is hashed, and what starts as gzip is inflated too (configuration and manifests are too small to matter).

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::thread;

use flate2::bufread::MultiGzDecoder;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

const CHUNK: usize = 256 * 1024;
/// Chunks between the two threads of a layer: enough to even out their pace, few enough to stay in the cache.
const QUEUE: usize = 8;

type Failure = Box<dyn Error + Send + Sync>;

/// A stored file: a stretch of an archive, or all of a file in a layout.
struct Blob {
    file: PathBuf,
    offset: u64,
    size: u64,
}

struct Measured {
    stored: u64,
    inflated: u64,
    digests: Vec<String>,
}

/// Hashes what is read through it.
struct Hashing<R> {
    inner: R,
    hasher: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

fn main() -> Result<(), Failure> {
    let path = std::env::args_os().nth(1).ok_or("usage: bound ARCHIVE-OR-LAYOUT")?;
    let path = Path::new(&path);
    let mut blobs = if path.is_dir() { in_layout(path)? } else { in_archive(path)? };
    // The largest first: the last one to start decides when all have ended.
    blobs.sort_by_key(|blob| std::cmp::Reverse(blob.size));
    let measured: Vec<Measured> = blobs.par_iter().with_max_len(1).map(measure).collect::<Result<_, _>>()?;

    let mut out = io::stdout().lock();
    for each in &measured {
        writeln!(out, "{:>12} {:>12} {}", each.stored, each.inflated, each.digests.join(" "))?;
    }
    let stored: u64 = measured.iter().map(|each| each.stored).sum();
    let inflated: u64 = measured.iter().map(|each| each.inflated).sum();
    writeln!(out, "{stored:>12} {inflated:>12} in all")?;
    Ok(())
}

fn in_layout(path: &Path) -> io::Result<Vec<Blob>> {
    fs::read_dir(path.join("blobs/sha256"))?
        .map(|entry| {
            let entry = entry?;
            Ok(Blob { file: entry.path(), offset: 0, size: entry.metadata()?.len() })
        })
        .collect()
}

fn in_archive(path: &Path) -> io::Result<Vec<Blob>> {
    let mut blobs = Vec::new();
    for entry in tar::Archive::new(File::open(path)?).entries_with_seek()? {
        let entry = entry?;
        if entry.header().entry_type().is_file() {
            blobs.push(Blob { file: path.to_owned(), offset: entry.raw_file_position(), size: entry.size() });
        }
    }
    Ok(blobs)
}

fn measure(blob: &Blob) -> Result<Measured, Failure> {
    let mut file = File::open(&blob.file)?;
    file.seek(SeekFrom::Start(blob.offset))?;
    let stored = Hashing { inner: file.take(blob.size), hasher: Sha256::new() };
    let mut stored = BufReader::with_capacity(CHUNK, stored);
    let mut inflated = 0;
    let mut digests = Vec::new();
    if stored.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        let (size, digest) = inflate(&mut stored)?;
        inflated = size;
        digests.push(digest);
    }
    // Whatever inflating has not asked for: all of it, when it was not gzip.
    io::copy(&mut stored, &mut io::sink())?;
    digests.insert(0, hex(stored.into_inner().hasher));
    Ok(Measured { stored: blob.size, inflated, digests })
}

fn inflate(stored: impl BufRead) -> Result<(u64, String), Failure> {
    thread::scope(|scope| {
        let (full, to_hash) = sync_channel::<Vec<u8>>(QUEUE);
        let (empty, to_fill) = sync_channel::<Vec<u8>>(QUEUE + 2);
        let hashing = scope.spawn(move || {
            let mut hasher = Sha256::new();
            for chunk in to_hash {
                hasher.update(&chunk);
                // The other side may have ended; then the buffer is of no more use.
                let _ = empty.try_send(chunk);
            }
            hex(hasher)
        });

        let mut decoder = MultiGzDecoder::new(stored);
        let mut size = 0;
        loop {
            let mut chunk = to_fill.try_recv().unwrap_or_default();
            chunk.resize(CHUNK, 0);
            let count = decoder.read(&mut chunk)?;
            if count == 0 {
                break;
            }
            chunk.truncate(count);
            size += u64::try_from(count)?;
            full.send(chunk)?;
        }
        drop(full);
        let digest = hashing.join().map_err(|_| "the hashing thread panicked")?;
        Ok((size, digest))
    })
}

fn hex(hasher: Sha256) -> String {
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
