//! The walk over one layer's tar archive: members to entries, and the files worth reading to the workers; never decompressing.

use std::{io::Read, sync::Arc};

use sha2::{Digest as _, Sha256};

use super::{
    batch::{Batches, Job},
    content::{Content, MemberContent, hash_rest},
    decompress::fill,
    error::LayerProblem,
    gap_code,
    index::{Entry, EntryKind, LayerGap, LayerIndex},
    pass::ContentHashes,
    select::{Choice, FileKind, START, by_path, bytes_to_read, kind},
};
use crate::{
    extract::FileFacts,
    image::ImagePath,
    limits::Limits,
    source::{Member, MemberKind, Skip, Storage, TarError, TarStream},
};

const WHITEOUT: &[u8] = b".wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";

/// Up to this size a file is hashed by the workers, which need all of it at once.
const HASHED_WHOLE: u64 = 8 << 20;

/// Walks an archive to its end.
pub(super) struct LayerWalk<'run, 'batches, 'scope, 'pool> {
    pub(super) limits: &'run Limits,
    pub(super) hashes: ContentHashes,
    pub(super) batches: &'batches mut Batches<'scope, 'pool>,
    pub(super) index: LayerIndex,
    /// Bytes of all files so far: a sparse file may claim more than the archive holds.
    pub(super) unpacked: u64,
}

impl LayerWalk<'_, '_, '_, '_> {
    /// Reads every member of a stream.
    pub(super) fn walk<R: Skip>(mut self, stream: &mut TarStream<R>) -> Result<LayerIndex, LayerProblem> {
        while let Some(member) = stream.next_member().map_err(LayerProblem::Archive)? {
            self.unpacked = self.unpacked.saturating_add(member.size);
            if self.unpacked > self.limits.layer {
                return Err(LayerProblem::TooLarge { limit: self.limits.layer });
            }
            // Members that are no entries are gaps, which take room as well.
            if self.index.entries.len().saturating_add(self.index.gaps.len()) >= self.limits.entries {
                return Err(LayerProblem::TooManyEntries { limit: self.limits.entries });
            }
            self.member(member, stream)?;
        }
        Ok(self.index)
    }

    fn member<R: Skip>(&mut self, member: Member, stream: &mut TarStream<R>) -> Result<(), LayerProblem> {
        let Some(path) = self.path(&member.path) else {
            return Ok(());
        };
        let Some((path, kind)) = self.kind(path, &member) else {
            return Ok(());
        };
        let is_file = kind == EntryKind::File;
        let entry = Entry {
            path,
            kind,
            mode: member.mode,
            uid: member.uid,
            gid: member.gid,
            mtime: member.mtime,
            size: if is_file { member.size } else { 0 },
            sha256: None,
            facts: None,
        };
        self.index.entries.push(entry);
        if is_file { self.content(member, stream) } else { Ok(()) }
    }

    fn gap(&mut self, path: Option<ImagePath>, code: &'static str, reason: String) {
        self.index.gaps.push(LayerGap { path, code, reason });
    }

    /// The path of a member, or a gap.
    fn path(&mut self, raw: &[u8]) -> Option<ImagePath> {
        let Some(path) = ImagePath::new(raw) else {
            let shown = String::from_utf8_lossy(raw).escape_debug().take(200).collect::<String>();
            self.gap(None, gap_code::NUL_IN_NAME, format!("the name `{shown}` holds a NUL byte: no file can have it"));
            return None;
        };
        if path.as_bytes().len() > self.limits.path_length || path.components().count() > self.limits.path_depth {
            let shown = path.to_string().chars().take(200).collect::<String>();
            let reason = format!(
                "the path that begins with `{shown}` is longer than {} bytes or deeper than {} directories",
                self.limits.path_length, self.limits.path_depth
            );
            self.gap(None, gap_code::PATH_TOO_LONG, reason);
            return None;
        }
        Some(path)
    }

    /// What an entry is, and where: whiteouts by name, whatever their type; all else by type.
    fn kind(&mut self, path: ImagePath, member: &Member) -> Option<(ImagePath, EntryKind)> {
        let name = path.file_name();
        if let Some(removed) = name.strip_prefix(WHITEOUT) {
            let parent = path.parent().unwrap_or_else(ImagePath::root);
            if name == OPAQUE {
                return Some((parent, EntryKind::Opaque));
            }
            if matches!(removed, b"" | b"." | b"..") {
                self.gap(Some(path), gap_code::INVALID_WHITEOUT, "a whiteout must name what it removes".to_owned());
                return None;
            }
            return Some((parent.join(removed), EntryKind::Whiteout));
        }
        if path.is_root() && member.kind != MemberKind::Directory {
            self.gap(Some(path), gap_code::ROOT_REPLACED, "an entry would replace the root directory".to_owned());
            return None;
        }
        let (major, minor) = member.device;
        let kind = match member.kind {
            MemberKind::File => EntryKind::File,
            MemberKind::Directory => EntryKind::Directory,
            MemberKind::Symlink => EntryKind::Symlink(member.link.clone().into_boxed_slice()),
            MemberKind::HardLink => match ImagePath::new(&member.link) {
                Some(target) => EntryKind::HardLink(target),
                None => {
                    let reason = "its target holds a NUL byte: no file can have that name".to_owned();
                    self.gap(Some(path), gap_code::HARD_LINK_TARGET_MISSING, reason);
                    return None;
                }
            },
            MemberKind::CharacterDevice => EntryKind::CharacterDevice { major, minor },
            MemberKind::BlockDevice => EntryKind::BlockDevice { major, minor },
            MemberKind::Fifo => EntryKind::Fifo,
            MemberKind::Other(flag) => {
                let reason = format!("the archive says that it is of type `{}`, which no image has", flag.escape_ascii());
                self.gap(Some(path), gap_code::UNKNOWN_ENTRY_TYPE, reason);
                return None;
            }
        };
        Some((path, kind))
    }

    /// Reads the content of the entry that was added last, as far as it is wanted.
    fn content<R: Skip>(&mut self, member: Member, stream: &mut TarStream<R>) -> Result<(), LayerProblem> {
        let at = self.index.entries.len().saturating_sub(1);
        let Some(entry) = self.index.entries.get(at) else {
            return Ok(());
        };
        let choice = by_path(&entry.path, entry.mode);
        let hash = self.hashes.wants(&entry.path, member.size);
        if choice == Choice::Pass && !hash {
            return Ok(());
        }
        let parts = match member.storage {
            Storage::Whole => vec![(0, member.size)],
            Storage::Sparse(parts) => parts,
            Storage::Unread => {
                let reason = "it is stored as a sparse file in a form of PAX that is not read".to_owned();
                self.unread(at, gap_code::SPARSE_FILE, reason);
                return Ok(());
            }
        };
        let mut content = MemberContent::new(stream, parts, member.size);
        let mut start = [0; START];
        let filled = fill(&mut content, &mut start).map_err(problem)?;
        let start = start.get(..filled).unwrap_or_default();
        let kind = kind(choice, member.mode, start, member.size, self.limits);
        self.keep(at, (kind, hash), start, member.size, &mut content)
    }

    /// Hands a file to the workers, all of it where it is hashed; one that is too large for that is hashed on the way past.
    fn keep(
        &mut self,
        at: usize,
        (kind, hash): (Option<FileKind>, bool),
        start: &[u8],
        size: u64,
        content: &mut impl Read,
    ) -> Result<(), LayerProblem> {
        let (kind, keep) = match kind.map(|kind| (kind, bytes_to_read(kind, size, self.limits))) {
            Some((kind, Ok(keep))) => (Some(kind), keep),
            Some((_, Err(limit))) => {
                let reason = format!("it is {size} bytes long: at most {limit} are read of a file of its kind");
                self.unread(at, gap_code::FILE_TOO_LARGE, reason);
                (None, 0)
            }
            None => (None, 0),
        };
        let apart = hash && (keep == size || size <= HASHED_WHOLE);
        let mut bytes = start.to_vec();
        let mut job = None;
        if kind.is_some() || apart {
            let length = if apart { size } else { keep };
            let cost = usize::try_from(length).unwrap_or(usize::MAX);
            self.batches.reserve(cost);
            bytes.reserve_exact(cost.saturating_sub(bytes.len()));
            let more = length.saturating_sub(bytes.len() as u64);
            if let Err(error) = content.take(more).read_to_end(&mut bytes) {
                self.batches.release(cost);
                return Err(problem(error));
            }
            job = Some(cost);
        }
        let hashed = if hash && !apart { self.hash(at, &bytes, content) } else { Ok(()) };
        if let Some(cost) = job {
            // Also after an error, so that what was reserved is given back.
            let keep = usize::try_from(keep).unwrap_or(usize::MAX);
            let content = Content::Bytes { bytes, keep, hash: apart };
            self.batches.push(Job { entry: at, kind, content, cost });
        }
        hashed
    }

    fn hash(&mut self, at: usize, bytes: &[u8], rest: &mut impl Read) -> Result<(), LayerProblem> {
        let mut hasher = Sha256::new();
        hasher.update(bytes);
        hash_rest(rest, &mut hasher).map_err(problem)?;
        if let Some(entry) = self.index.entries.get_mut(at) {
            entry.sha256 = Some(hasher.finalize().into());
        }
        Ok(())
    }

    fn unread(&mut self, at: usize, code: &'static str, reason: String) {
        if let Some(entry) = self.index.entries.get_mut(at) {
            entry.facts = Some(FileFacts::Unread(Arc::from(reason.as_str())));
            let path = Some(entry.path.clone());
            self.gap(path, code, reason);
        }
    }
}

/// An error while a member's content was read: that the archive ends there, or what the stream says.
fn problem(error: std::io::Error) -> LayerProblem {
    match error.downcast::<TarError>() {
        Ok(error) => LayerProblem::Archive(error),
        Err(error) => LayerProblem::Archive(TarError::Io(error)),
    }
}
