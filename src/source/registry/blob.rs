//! A blob as a stream: taken up where it was cut off, and neither longer nor shorter than it should be; its digest is verified by
//! whoever reads it.

use std::{
    io::{self, Read},
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use ureq::http::{Response, header};

use super::{
    access::Patience,
    client::{Question, text},
    error::{CutProblem, Found, RegistryError},
    repository::Repository,
    transport::Stage,
};
use crate::image::Digest;

/// A blob of a repository, which can be opened any number of times.
#[derive(Debug, Clone)]
pub(in crate::source) struct RemoteBlob {
    pub(super) repository: Arc<Repository>,
    pub(super) digest: Digest,
    /// Bytes by its descriptor.
    pub(super) size: u64,
    /// What it is, for messages.
    pub(super) what: String,
}

impl RemoteBlob {
    /// Its bytes, from the first.
    pub(in crate::source) fn open(&self) -> impl Read + Send + use<> {
        BlobStream { blob: self.clone(), at: 0, body: None, cuts: 0, idle: 0, ended: false }
    }
}

/// The bytes of a blob as they come.
struct BlobStream {
    blob: RemoteBlob,
    /// Bytes that were given out.
    at: u64,
    body: Option<Coming>,
    /// How often it was cut off.
    cuts: u32,
    /// How often in a row hardly anything came before it was cut off.
    idle: u32,
    ended: bool,
}

/// A body that comes, and how fast.
struct Coming {
    reader: Box<dyn Read + Send>,
    /// Bytes that are in it before those that are wanted: a registry may know no ranges.
    before: u64,
    /// Bytes that came.
    received: u64,
    /// Time that was waited, and bytes that came, since the speed was last looked at.
    waited: Duration,
    since: u64,
}

impl Read for BlobStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        loop {
            match self.step(buffer) {
                Ok(Some(count)) => return Ok(count),
                Ok(None) => {}
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }
}

impl BlobStream {
    /// Reads once; nothing where there is to be another try.
    fn step(&mut self, buffer: &mut [u8]) -> Result<Option<usize>, RegistryError> {
        let left = self.blob.size.saturating_sub(self.at);
        let mut coming = match self.body.take() {
            Some(coming) => coming,
            None if left == 0 && self.at > 0 => {
                self.ended = true;
                return Ok(Some(0));
            }
            None => self.request()?,
        };
        // One byte more than is expected tells whether there are more.
        let wanted = if coming.before > 0 { coming.before } else { left.max(1) };
        let room = usize::try_from(wanted).unwrap_or(usize::MAX).min(buffer.len());
        let started = Instant::now();
        let read = coming.reader.read(buffer.get_mut(..room).unwrap_or_default());
        coming.waited += started.elapsed();
        match read {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                self.body = Some(coming);
                Ok(None)
            }
            Ok(count) if left == 0 && count > 0 => Err(self.size(Found::MoreThan(self.blob.size))),
            // All is there. An error that follows is of no interest: the digest tells whether it is right.
            _ if left == 0 => {
                self.ended = true;
                Ok(Some(0))
            }
            Ok(0) => self.cut(&coming, CutProblem::Ended),
            Ok(count) => self.took(coming, count),
            Err(error) => {
                let problem = self.blob.repository.client.cut(error);
                self.cut(&coming, problem)
            }
        }
    }

    /// Counts what came, and looks how fast.
    fn took(&mut self, mut coming: Coming, count: usize) -> Result<Option<usize>, RegistryError> {
        let bytes = count as u64;
        coming.received = coming.received.saturating_add(bytes);
        coming.since = coming.since.saturating_add(bytes);
        let given = if coming.before > 0 { None } else { Some(count) };
        match given {
            Some(_) => self.at = self.at.saturating_add(bytes),
            None => coming.before = coming.before.saturating_sub(bytes),
        }
        let Patience { slow, least, .. } = *self.blob.repository.client.patience();
        if coming.waited < slow {
            self.body = Some(coming);
        } else if coming.since >= least {
            (coming.waited, coming.since) = (Duration::ZERO, 0);
            self.body = Some(coming);
        } else {
            // Another connection may be faster; but crawling on is no progress.
            coming.received = 0;
            self.cut(&coming, CutProblem::Slow { least, within: slow })?;
        }
        Ok(given)
    }

    /// The body from where the last one was cut off.
    fn request(&self) -> Result<Coming, RegistryError> {
        let RemoteBlob { repository, digest, size, what } = &self.blob;
        let path = repository.path(&format!("blobs/{digest}"));
        let question = Question { from: self.at, ..repository.question(&path, what) };
        let stage = if self.at > 0 { Stage::Underway } else { Stage::First };
        let answer = match repository.client.ask(&question, stage) {
            // It has no more than was there already.
            Err(RegistryError::Status { status: 416, .. }) => return Err(self.size(Found::Exactly(self.at))),
            answer => answer?,
        };
        let before = if answer.status() == 206 { self.range(&answer).map(|()| 0)? } else { self.at };
        let promised = answer.body().content_length();
        let expected = size.saturating_sub(self.at).saturating_add(before);
        if let Some(promised) = promised.filter(|promised| *promised != expected) {
            return Err(self.size(Found::Exactly(promised.saturating_add(self.at).saturating_sub(before))));
        }
        let reader = Box::new(answer.into_body().into_reader());
        Ok(Coming { reader, before, received: 0, waited: Duration::ZERO, since: 0 })
    }

    /// Looks whether the part that was asked for is the one that comes.
    fn range(&self, answer: &Response<ureq::Body>) -> Result<(), RegistryError> {
        let range = text(answer.headers(), header::CONTENT_RANGE).and_then(|range| range.strip_prefix("bytes "));
        let first = range.and_then(|range| range.split_once('-')).and_then(|(first, _)| first.trim().parse().ok());
        if first == Some(self.at) {
            return Ok(());
        }
        let (host, what) = (self.host(), self.blob.what.clone());
        Err(RegistryError::Range { host, what, from: self.at })
    }

    /// Waits before the next try, if there is to be one.
    fn cut(&mut self, coming: &Coming, problem: CutProblem) -> Result<Option<usize>, RegistryError> {
        let patience = self.blob.repository.client.patience();
        self.cuts = self.cuts.saturating_add(1);
        self.idle = if coming.received >= patience.least { 0 } else { self.idle.saturating_add(1) };
        if self.cuts > patience.resumptions || self.idle >= patience.attempts {
            return Err(RegistryError::Cut {
                host: self.host(),
                what: self.blob.what.clone(),
                times: self.cuts,
                received: self.at,
                expected: self.blob.size,
                problem,
            });
        }
        let factor = 2_u32.saturating_pow(self.idle.saturating_sub(1));
        sleep(patience.pause.saturating_mul(factor).min(patience.longest_pause));
        Ok(None)
    }

    fn size(&self, found: Found) -> RegistryError {
        RegistryError::Size { host: self.host(), what: self.blob.what.clone(), expected: self.blob.size, found }
    }

    fn host(&self) -> String {
        self.blob.repository.client.registry().to_owned()
    }
}
