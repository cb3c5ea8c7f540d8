//! The uncompressed archive as the walk reads it: chunks from the inflating thread, hashed on the way; never their meaning.

use std::{
    io::{self, Read},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::{Builder, Scope, ScopedJoinHandle},
};

use super::{batch::Deadline, decompress::Chunk, error::LayerProblem};
use crate::{
    image::{Algorithm, Digest, Hasher},
    source::Skip,
};

/// Chunks that may wait between two threads.
pub(super) const QUEUE: usize = 8;

/// Takes chunks, hashes them, and gives their bytes out.
pub(super) struct Chunks<'scope> {
    incoming: Receiver<Chunk>,
    current: Option<Chunk>,
    /// Bytes of `current` that were given out.
    taken: usize,
    total: u64,
    limit: u64,
    deadline: Deadline,
    late: bool,
    hashing: Hashing<'scope>,
}

/// Who hashes the uncompressed bytes.
pub(super) enum Hashing<'scope> {
    /// The thread that walks the archive.
    Here(Box<Hasher>),
    /// A thread of its own: worth it from four cores on.
    There {
        /// Where its chunks go.
        chunks: SyncSender<Chunk>,
        /// Itself.
        thread: ScopedJoinHandle<'scope, Digest>,
    },
}

impl<'scope> Hashing<'scope> {
    /// Hashes in the walking thread.
    pub(super) fn here(algorithm: Algorithm) -> Self {
        Self::Here(Box::new(Hasher::new(algorithm)))
    }

    /// Starts a thread that hashes.
    pub(super) fn there(algorithm: Algorithm, scope: &'scope Scope<'scope, '_>) -> Result<Self, LayerProblem> {
        let (sender, receiver) = sync_channel::<Chunk>(QUEUE);
        let thread = Builder::new()
            .name("hash".to_owned())
            .spawn_scoped(scope, move || {
                let mut hasher = Hasher::new(algorithm);
                for chunk in receiver {
                    hasher.update(&chunk);
                }
                hasher.finish()
            })
            .map_err(|error| LayerProblem::Internal(error.to_string()))?;
        Ok(Self::There { chunks: sender, thread })
    }
}

impl<'scope> Chunks<'scope> {
    /// Takes chunks from `incoming`, at most `limit` bytes in all, until the deadline.
    pub(super) fn new(incoming: Receiver<Chunk>, limit: u64, deadline: Deadline, hashing: Hashing<'scope>) -> Self {
        Self { incoming, current: None, taken: 0, total: 0, limit, deadline, late: false, hashing }
    }

    /// Whether more bytes came than the limit allows.
    pub(super) fn over_limit(&self) -> bool {
        self.total > self.limit
    }

    /// Takes all that is left, and tells digest and number of all bytes.
    pub(super) fn finish(mut self) -> Result<(Digest, u64), LayerProblem> {
        while !self.over_limit() && self.next_chunk() {}
        if self.late {
            return Err(self.deadline.problem());
        }
        if self.over_limit() {
            return Err(LayerProblem::TooLarge { limit: self.limit });
        }
        let digest = match self.hashing {
            Hashing::Here(hasher) => hasher.finish(),
            Hashing::There { chunks, thread } => {
                drop(chunks);
                thread.join().map_err(|_| LayerProblem::Internal("the hashing thread panicked".to_owned()))?
            }
        };
        Ok((digest, self.total))
    }

    /// Takes the next chunk; false at the end, or where the limit is reached.
    fn next_chunk(&mut self) -> bool {
        self.current = None;
        self.taken = 0;
        self.late |= self.deadline.is_over();
        if self.over_limit() || self.late {
            return false;
        }
        let Ok(chunk) = self.incoming.recv() else {
            return false;
        };
        self.total = self.total.saturating_add(chunk.len() as u64);
        match &mut self.hashing {
            Hashing::Here(hasher) => hasher.update(&chunk),
            // It ends only when this end does; if it panicked, joining tells.
            Hashing::There { chunks, .. } => drop(chunks.send(chunk.clone())),
        }
        self.current = Some(chunk);
        true
    }

    /// Bytes at hand, none only at the end.
    fn available(&mut self) -> usize {
        loop {
            let left = self.current.as_ref().map_or(0, |chunk| chunk.len().saturating_sub(self.taken));
            if left > 0 || !self.next_chunk() {
                return left;
            }
        }
    }
}

impl Read for Chunks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.available().min(buffer.len());
        let from = self.current.as_ref().and_then(|chunk| chunk.get(self.taken..self.taken.saturating_add(count)));
        if let (Some(from), Some(to)) = (from, buffer.get_mut(..count)) {
            to.copy_from_slice(from);
        }
        self.taken = self.taken.saturating_add(count);
        Ok(count)
    }
}

impl Skip for Chunks<'_> {
    fn skip(&mut self, count: u64) -> io::Result<u64> {
        let mut left = count;
        while left > 0 {
            let available = self.available();
            if available == 0 {
                break;
            }
            let step = usize::try_from(left).unwrap_or(usize::MAX).min(available);
            self.taken = self.taken.saturating_add(step);
            left = left.saturating_sub(step as u64);
        }
        Ok(count.saturating_sub(left))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::Read,
        sync::{
            Arc,
            mpsc::{channel, sync_channel},
        },
    };

    use super::{Chunk, Chunks, Deadline, Hashing};
    use crate::{
        image::{Algorithm, Digest},
        layer::{decompress::Piece, error::LayerProblem},
        source::Skip,
    };

    const LONG: std::time::Duration = std::time::Duration::from_secs(3600);

    fn chunk(bytes: &[u8]) -> Chunk {
        Arc::new(Piece::new(bytes.to_vec(), bytes.len(), channel().0))
    }

    #[test]
    fn passing_over_and_reading_see_one_stream_and_all_of_it_is_hashed() {
        let (sender, receiver) = sync_channel(8);
        for part in [&b"abc"[..], b"", b"defgh", b"ij"] {
            sender.send(chunk(part)).expect("a place in the queue");
        }
        drop(sender);
        let mut chunks = Chunks::new(receiver, 100, Deadline::after(LONG), Hashing::here(Algorithm::Sha256));
        assert_eq!(chunks.skip(4).expect("no error"), 4);
        let mut three = [0; 3];
        chunks.read_exact(&mut three).expect("three bytes");
        assert_eq!(&three, b"efg");
        assert_eq!(chunks.finish().expect("whole"), (Digest::of(Algorithm::Sha256, b"abcdefghij"), 10));
    }

    #[test]
    fn stops_at_the_limit() {
        let (sender, receiver) = sync_channel(8);
        for _ in 0..4 {
            sender.send(chunk(&[0; 10])).expect("a place in the queue");
        }
        let mut chunks = Chunks::new(receiver, 15, Deadline::after(LONG), Hashing::here(Algorithm::Sha256));
        assert_eq!(chunks.skip(1000).expect("no error"), 20);
        assert!(chunks.over_limit());
        assert!(chunks.finish().is_err());
    }

    #[test]
    fn stops_when_the_time_is_up() {
        let (sender, receiver) = sync_channel(8);
        sender.send(chunk(b"abc")).expect("a place in the queue");
        let none = std::time::Duration::ZERO;
        let mut chunks = Chunks::new(receiver, 15, Deadline::after(none), Hashing::here(Algorithm::Sha256));
        assert_eq!(chunks.skip(3).expect("no error"), 0);
        assert!(matches!(chunks.finish(), Err(LayerProblem::OutOfTime { limit: 0 })));
    }
}
