//! The walk over a root file system in a directory, or this machine's: the same selection as for layers; never leaving the
//! root, never opening what is no regular file.
//!
//! Every file is opened from the descriptor of its directory and without following links, so that nothing that changes
//! meanwhile leads elsewhere. The kernel's own file systems (`/proc` and the like) hold no files of an image and are passed
//! over by their type, wherever they are mounted.

use std::{
    collections::{BTreeMap, HashMap},
    ffi::CString,
    fs::File,
    os::fd::OwnedFd,
};

use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, fstat, fstatfs, major, minor, open, openat, readlinkat, statat},
    io::{Errno, pread},
};

use super::{
    batch::{Batches, Job},
    content::Content,
    error::LayerProblem,
    gap_code,
    index::{Entry, EntryKind, LayerGap, LayerIndex},
    pass::{ContentHashes, LayerOptions},
    select::{Choice, FileKind, START, by_path, bytes_to_read, kind},
};
use crate::{extract::FileFacts, image::ImagePath, limits::Limits, source::RootFileSystem};

/// What an open file costs of the budget at least: it bounds the descriptors that wait for workers.
const OPEN_FILE: u64 = 128 << 10;

/// What a file that is read in part costs of the budget at most.
const IN_PART: u64 = 4 << 20;

/// File systems that the kernel makes up (`linux/magic.h`).
const PSEUDO: [u32; 21] = [
    0x9fa0,      // proc
    0x6265_6572, // sysfs
    0x1cd1,      // devpts
    0x0027_e0eb, // cgroup
    0x6367_7270, // cgroup2
    0x6462_6720, // debugfs
    0x7472_6163, // tracefs
    0x7363_6673, // securityfs
    0xcafe_4a11, // bpf
    0x1980_0202, // mqueue
    0x9584_58f6, // hugetlbfs
    0x6165_676c, // pstore
    0x6265_6570, // configfs
    0x6573_5543, // fusectl
    0x0187,      // autofs
    0x4249_4e4d, // binfmt_misc
    0x6e73_6673, // nsfs
    0xde5e_81e4, // efivarfs
    0xf97c_ff8c, // selinuxfs
    0x6759_6969, // rpc_pipefs
    0x6e66_7364, // nfsd
];

/// Directories of this machine's root that are never entered, whatever is mounted there.
const NOT_ENTERED: [&[u8]; 3] = [b"/proc", b"/sys", b"/dev"];

/// Reads a root file system into the same form as a layer. The calling thread must be none of the workers.
pub fn read_directory(root: &RootFileSystem, options: &LayerOptions<'_>) -> Result<LayerIndex, LayerProblem> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = open(&root.path, flags, Mode::empty()).map_err(|error| LayerProblem::Io(error.into()))?;
    let stat = fstat(&directory).map_err(|error| LayerProblem::Io(error.into()))?;
    let top = directory.try_clone().map_err(LayerProblem::Io)?;
    options.workers.run(
        options.extract,
        |batches| {
            let walk = DirectoryWalk {
                limits: options.limits,
                hashes: options.hashes,
                machine: root.machine,
                within: &root.within,
                sources: root.sources,
                batches,
                index: LayerIndex::default(),
                denied: BTreeMap::new(),
                files: HashMap::new(),
                directories: HashMap::new(),
                top,
            };
            walk.walk(directory, &stat)
        },
        |index| (&mut index.entries, &mut index.gaps),
    )
}

struct DirectoryWalk<'run, 'batches, 'scope, 'pool> {
    limits: &'run Limits,
    hashes: ContentHashes,
    machine: bool,
    within: &'run [ImagePath],
    /// Whether only what an import may reach is looked into.
    sources: bool,
    batches: &'batches mut Batches<'scope, 'pool>,
    index: LayerIndex,
    /// Entries of each directory that may not be read, folded into one gap.
    denied: BTreeMap<ImagePath, u64>,
    /// First paths of files that have several.
    files: HashMap<(u64, u64), ImagePath>,
    /// Directories that were read, each with the number of its entry.
    directories: HashMap<(u64, u64), usize>,
    /// The root, from which paths lead.
    top: OwnedFd,
}

/// A directory that is being read.
struct Level {
    descriptor: OwnedFd,
    path: ImagePath,
    device: u64,
    /// Names that are still to be looked at, the next one last.
    names: Vec<CString>,
}

impl DirectoryWalk<'_, '_, '_, '_> {
    fn walk(mut self, root: OwnedFd, stat: &Stat) -> Result<LayerIndex, LayerProblem> {
        self.add(ImagePath::root(), EntryKind::Directory, stat)?;
        // Depth first, so that only the directories on the way down are open.
        let mut levels: Vec<Level> = self.enter(root, ImagePath::root(), stat).into_iter().collect();
        while let Some(level) = levels.last_mut() {
            let Some(name) = level.names.pop() else {
                levels.pop();
                continue;
            };
            let path = level.path.clone();
            if self.batches.is_late() {
                let reason = "the time for reading the target was up: the rest is not looked at".to_owned();
                self.gap(path, gap_code::TIME_LIMIT, reason);
                break;
            }
            match self.entry(level, &name) {
                Ok(below) => levels.extend(below),
                Err(LayerProblem::TooManyEntries { limit }) => {
                    let reason = format!("there are more than {limit} entries: the rest is not looked at");
                    self.gap(path, gap_code::TOO_MANY_ENTRIES, reason);
                    break;
                }
                Err(problem) => return Err(problem),
            }
        }
        for (path, count) in std::mem::take(&mut self.denied) {
            let reason = format!("{count} of its entries may not be read by this user: run as root to read them");
            self.gap(path, gap_code::PERMISSION_DENIED, reason);
        }
        Ok(self.index)
    }

    fn gap(&mut self, path: ImagePath, code: &'static str, reason: String) {
        self.index.gaps.push(LayerGap { path: Some(path), code, reason });
    }

    /// Notes that something cannot be read, where it is not just that it may not.
    fn failed(&mut self, level: &ImagePath, path: ImagePath, error: Errno) {
        match error {
            Errno::ACCESS | Errno::PERM => *self.denied.entry(level.clone()).or_default() += 1,
            Errno::NOENT | Errno::LOOP | Errno::NOTDIR | Errno::NXIO => {
                self.gap(path, gap_code::FILE_VANISHED, "it went away or was replaced while it was read".to_owned());
            }
            error => self.gap(path, gap_code::READ_ERROR, format!("it cannot be read: {}", std::io::Error::from(error))),
        }
    }

    fn add(&mut self, path: ImagePath, kind: EntryKind, stat: &Stat) -> Result<(), LayerProblem> {
        if self.index.entries.len() >= self.limits.entries {
            return Err(LayerProblem::TooManyEntries { limit: self.limits.entries });
        }
        let size = if kind == EntryKind::File { u64::try_from(stat.st_size).unwrap_or(0) } else { 0 };
        self.index.entries.push(Entry {
            path,
            kind,
            mode: stat.st_mode & 0o7777,
            uid: u64::from(stat.st_uid),
            gid: u64::from(stat.st_gid),
            mtime: stat.st_mtime,
            size,
            sha256: None,
            facts: None,
        });
        Ok(())
    }

    /// Whether an entry's path still leads to a directory. One that was removed gives its number to the next that is made.
    fn is_still(&self, entry: usize, identity: (u64, u64)) -> bool {
        let Some(entry) = self.index.entries.get(entry) else { return false };
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut below = None;
        for name in entry.path.components() {
            match openat(below.as_ref().unwrap_or(&self.top), name, flags, Mode::empty()) {
                Ok(descriptor) => below = Some(descriptor),
                Err(_) => return false,
            }
        }
        fstat(below.as_ref().unwrap_or(&self.top)).is_ok_and(|stat| (stat.st_dev, stat.st_ino) == identity)
    }

    /// Reads the names in an open directory. `None` (with a gap where one is due) where it is not to be read.
    fn enter(&mut self, descriptor: OwnedFd, path: ImagePath, stat: &Stat) -> Option<Level> {
        let identity = (stat.st_dev, stat.st_ino);
        if self.directories.get(&identity).is_some_and(|first| self.is_still(*first, identity)) {
            let reason = "the same directory is mounted elsewhere too, and was read there".to_owned();
            self.gap(path, gap_code::MOUNTED_TWICE, reason);
            return None;
        }
        self.directories.insert(identity, self.index.entries.len().saturating_sub(1));
        let mut names = Vec::new();
        let listing = Dir::read_from(&descriptor).and_then(|mut entries| {
            entries.try_for_each(|entry| {
                let name = entry?.file_name().to_owned();
                if !matches!(name.to_bytes(), b"." | b"..") {
                    names.push(name);
                }
                Ok(())
            })
        });
        if let Err(error) = listing {
            self.failed(&path.clone(), path.clone(), error);
        }
        // A virtual environment beside the code is no part of it.
        if self.sources && !path.is_root() && names.iter().any(|name| name.to_bytes() == b"pyvenv.cfg") {
            return None;
        }
        // Directories list their names in any order; the result is the same run after run.
        names.sort_by(|one, other| other.cmp(one));
        Some(Level { descriptor, path, device: stat.st_dev, names })
    }

    /// Looks at one name; a directory that is to be read comes back.
    fn entry(&mut self, level: &Level, name: &CString) -> Result<Option<Level>, LayerProblem> {
        let path = level.path.join(name.to_bytes());
        if !self.is_wanted(&path) {
            return Ok(None);
        }
        let stat = match statat(&level.descriptor, name, AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT) {
            Ok(stat) => stat,
            Err(error) => {
                self.failed(&level.path, path, error);
                return Ok(None);
            }
        };
        let (major, minor) = (major(stat.st_rdev), minor(stat.st_rdev));
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => return self.directory(level, name, path, &stat),
            FileType::RegularFile => self.file(level, name, path, &stat)?,
            FileType::Symlink => match readlinkat(&level.descriptor, name, Vec::new()) {
                Ok(target) => self.add(path, EntryKind::Symlink(target.into_bytes().into_boxed_slice()), &stat)?,
                Err(error) => self.failed(&level.path, path, error),
            },
            FileType::CharacterDevice => self.add(path, EntryKind::CharacterDevice { major, minor }, &stat)?,
            FileType::BlockDevice => self.add(path, EntryKind::BlockDevice { major, minor }, &stat)?,
            FileType::Fifo => self.add(path, EntryKind::Fifo, &stat)?,
            // Sockets are processes' and no files: no archive of an image can hold one.
            FileType::Socket | FileType::Unknown => {}
        }
        Ok(None)
    }

    /// Whether a path lies in what is to be looked into, or on the way there.
    fn is_wanted(&self, path: &ImagePath) -> bool {
        self.within.is_empty() || self.within.iter().any(|wanted| path.starts_with(wanted) || wanted.starts_with(path))
    }

    fn directory(
        &mut self,
        level: &Level,
        name: &CString,
        path: ImagePath,
        stat: &Stat,
    ) -> Result<Option<Level>, LayerProblem> {
        self.add(path.clone(), EntryKind::Directory, stat)?;
        let is_beside_the_code = name.to_bytes().starts_with(b".") || name.to_bytes() == b"node_modules";
        if (self.machine && NOT_ENTERED.contains(&path.as_bytes())) || (self.sources && is_beside_the_code) {
            return Ok(None);
        }
        if path.components().count() >= self.limits.path_depth || path.as_bytes().len() > self.limits.path_length {
            let reason = "it is too deep or its path too long: what is below it is not looked at".to_owned();
            self.gap(path, gap_code::PATH_TOO_LONG, reason);
            return Ok(None);
        }
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        // Only mount points can lead to another file system. Opening one by path alone starts no automounter.
        if stat.st_dev != level.device {
            let pseudo = openat(&level.descriptor, name, flags | OFlags::PATH, Mode::empty())
                .and_then(fstatfs)
                .is_ok_and(|system| PSEUDO.contains(&(system.f_type as u32)));
            if pseudo {
                return Ok(None);
            }
        }
        match openat(&level.descriptor, name, flags | OFlags::RDONLY | OFlags::NONBLOCK, Mode::empty()) {
            Ok(descriptor) => Ok(self.enter(descriptor, path, stat)),
            Err(error) => {
                self.failed(&level.path, path, error);
                Ok(None)
            }
        }
    }

    fn file(&mut self, level: &Level, name: &CString, path: ImagePath, stat: &Stat) -> Result<(), LayerProblem> {
        if stat.st_nlink > 1 {
            let identity = (stat.st_dev, stat.st_ino);
            if let Some(first) = self.files.get(&identity) {
                let kind = EntryKind::HardLink(first.clone());
                return self.add(path, kind, stat);
            }
            self.files.insert(identity, path.clone());
        }
        self.add(path.clone(), EntryKind::File, stat)?;
        let choice = by_path(&path, stat.st_mode);
        let hash = self.hashes.wants(&path, u64::try_from(stat.st_size).unwrap_or(0));
        if choice == Choice::Pass && !hash {
            return Ok(());
        }
        let at = self.index.entries.len().saturating_sub(1);
        if let Err(error) = self.read(level, name, (choice, hash), at, stat) {
            if let Some(entry) = self.index.entries.get_mut(at) {
                entry.facts = Some(FileFacts::Unread("it could not be read".into()));
            }
            self.failed(&level.path, path, error);
        }
        Ok(())
    }

    /// Opens a file and hands it to the workers, if it is worth it.
    fn read(
        &mut self,
        level: &Level,
        name: &CString,
        (choice, hash): (Choice, bool),
        at: usize,
        seen: &Stat,
    ) -> Result<(), Errno> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let descriptor = openat(&level.descriptor, name, flags, Mode::empty())?;
        let stat = fstat(&descriptor)?;
        if (stat.st_dev, stat.st_ino) != (seen.st_dev, seen.st_ino)
            || FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile
        {
            return Err(Errno::NOENT);
        }
        let size = u64::try_from(stat.st_size).unwrap_or(0);
        let mut start = [0; START];
        let looks = matches!(choice, Choice::Look | Choice::LookForZip);
        let filled = if looks { pread(&descriptor, &mut start, 0)? } else { 0 };
        let kind = kind(choice, stat.st_mode, start.get(..filled).unwrap_or_default(), size, self.limits);
        let (kind, keep) = match kind.map(|kind| (kind, bytes_to_read(kind, size, self.limits))) {
            Some((kind, Ok(keep))) => (Some(kind), keep),
            Some((large, Err(limit))) => {
                let reason = format!("it is {size} bytes long: at most {limit} are read of a file of its kind");
                self.too_large(at, gap_code::too_large(large), reason);
                (None, 0)
            }
            None => (None, 0),
        };
        if kind.is_none() && !hash {
            return Ok(());
        }
        // Of a large ELF file hardly anything is read, except of the few that are runtimes.
        let most = if kind == Some(FileKind::Elf) && !hash { IN_PART } else { u64::MAX };
        let cost = usize::try_from(keep.min(most).max(OPEN_FILE)).unwrap_or(usize::MAX);
        self.batches.reserve(cost);
        let content = Content::File { file: File::from(descriptor), size, keep, hash };
        self.batches.push(Job { entry: at, kind, content, cost });
        Ok(())
    }

    fn too_large(&mut self, at: usize, code: &'static str, reason: String) {
        if let Some(entry) = self.index.entries.get_mut(at) {
            entry.facts = Some(FileFacts::Unread(reason.as_str().into()));
            let path = entry.path.clone();
            self.gap(path, code, reason);
        }
    }
}

#[cfg(test)]
#[path = "directory_tests.rs"]
mod tests;
