//! One package's header: tags with values; never where it is kept.

use super::{
    RpmError, RpmPackage,
    numbers::{Order, piece},
};

/// The longest path that is kept, in bytes.
const LONGEST_PATH: usize = 4096;

/// Bytes of one entry of the index.
const ENTRY: usize = 16;

/// Kinds of values.
const CHARACTER: u32 = 1;
const INT16: u32 = 3;
const INT32: u32 = 4;
const STRING: u32 = 6;
const STRINGS: u32 = 8;
const TRANSLATED: u32 = 9;

/// States of a file in which it is there (`RPMFILE_IS_INSTALLED`): not replaced by another package's, nor left out.
const NORMAL: u8 = 0;
const SHARED_BY_NETWORK: u8 = 3;

/// The bits of a mode that say what a file is, and those of a directory.
const TYPE: u16 = 0o170_000;
const DIRECTORY: u16 = 0o040_000;

/// The tags that are read.
#[derive(Debug, Default)]
struct Tags {
    name: Option<Entry>,
    version: Option<Entry>,
    release: Option<Entry>,
    epoch: Option<Entry>,
    license: Option<Entry>,
    architecture: Option<Entry>,
    source: Option<Entry>,
    states: Option<Entry>,
    modes: Option<Entry>,
    directory_indexes: Option<Entry>,
    base_names: Option<Entry>,
    directory_names: Option<Entry>,
}

/// Where a value is.
#[derive(Debug, Clone, Copy)]
struct Entry {
    kind: u32,
    offset: usize,
    count: usize,
}

/// The package of a header, and whether all its files are there: no more than `room` bytes of paths are kept.
pub(super) fn package(blob: &[u8], room: usize) -> Result<(RpmPackage, bool), RpmError> {
    let number = |at| Order::Big.u32(blob, at).map(|number| number as usize).ok_or(RpmError::Outside("the length of a header"));
    let (entries, length) = (number(0)?, number(4)?);
    let index = entries.checked_mul(ENTRY).ok_or(RpmError::Outside("the index of a header"))?;
    let entries = piece(blob, 8, index, "the index of a header")?;
    let data = piece(blob, 8 + index, length, "the data of a header")?;
    let tags = Tags::of(entries);
    let text = |entry: Option<Entry>| entry.and_then(|entry| entry.text(data)).filter(|text| !text.is_empty());
    let name = text(tags.name).ok_or(RpmError::Malformed("a package has no name"))?;
    let version = text(tags.version).ok_or(RpmError::Malformed("a package has no version"))?;
    let release = text(tags.release).ok_or(RpmError::Malformed("a package has no release"))?;
    let epoch = tags.epoch.filter(|entry| entry.kind == INT32).and_then(|entry| Order::Big.u32(data, entry.offset));
    let (paths, whole) = tags.paths(data, room);
    let package = RpmPackage {
        version: match epoch {
            Some(epoch) => format!("{epoch}:{version}-{release}"),
            None => format!("{version}-{release}"),
        },
        name,
        architecture: text(tags.architecture),
        source: text(tags.source).map(|file| source_name(&file)),
        license: text(tags.license),
        paths,
    };
    Ok((package, whole))
}

/// `bash` of `bash-5.1.8-6.el9.src.rpm`.
fn source_name(file: &str) -> String {
    file.rsplitn(3, '-').nth(2).unwrap_or(file).to_owned()
}

impl Tags {
    /// The tags of an index. What was added when the package was installed stands behind what it was built with.
    fn of(index: &[u8]) -> Self {
        let mut tags = Self::default();
        for entry in index.chunks_exact(ENTRY) {
            let number = |at| Order::Big.u32(entry, at).unwrap_or_default();
            let place = match number(0) {
                1000 => &mut tags.name,
                1001 => &mut tags.version,
                1002 => &mut tags.release,
                1003 => &mut tags.epoch,
                1014 => &mut tags.license,
                1022 => &mut tags.architecture,
                1029 => &mut tags.states,
                1030 => &mut tags.modes,
                1044 => &mut tags.source,
                1116 => &mut tags.directory_indexes,
                1117 => &mut tags.base_names,
                1118 => &mut tags.directory_names,
                _ => continue,
            };
            *place = Some(Entry { kind: number(4), offset: number(8) as usize, count: number(12) as usize });
        }
        tags
    }

    /// Paths of the files that are there, each ended by a zero byte, and whether they are all.
    fn paths(&self, data: &[u8], room: usize) -> (Vec<u8>, bool) {
        let mut paths = Vec::new();
        let (Some(names), Some(directories), Some(indexes)) =
            (self.base_names, self.directory_names, self.directory_indexes.filter(|entry| entry.kind == INT32))
        else {
            return (paths, self.base_names.is_none());
        };
        let directories: Vec<&[u8]> = directories.texts(data).collect();
        let mut whole = true;
        let mut number = 0;
        for (position, name) in names.texts(data).enumerate() {
            number += 1;
            if !self.is_installed(data, position) || self.is_directory(data, position) {
                continue;
            }
            let index = Order::Big.u32(data, indexes.offset.saturating_add(position.saturating_mul(4)));
            let Some(directory) = index.and_then(|index| directories.get(index as usize)) else {
                whole = false;
                continue;
            };
            let length = directory.len().saturating_add(name.len());
            if length > LONGEST_PATH || paths.len().saturating_add(length) >= room {
                whole = false;
                continue;
            }
            paths.extend_from_slice(directory);
            paths.extend_from_slice(name);
            paths.push(0);
        }
        paths.shrink_to_fit();
        (paths, whole && number == names.count)
    }

    fn is_installed(&self, data: &[u8], position: usize) -> bool {
        let Some(states) = self.states.filter(|entry| entry.kind == CHARACTER && position < entry.count) else { return true };
        data.get(states.offset.saturating_add(position)).is_none_or(|state| matches!(*state, NORMAL | SHARED_BY_NETWORK))
    }

    fn is_directory(&self, data: &[u8], position: usize) -> bool {
        let Some(modes) = self.modes.filter(|entry| entry.kind == INT16 && position < entry.count) else { return false };
        let mode = Order::Big.u16(data, modes.offset.saturating_add(position.saturating_mul(2)));
        mode.is_some_and(|mode| mode & TYPE == DIRECTORY)
    }
}

impl Entry {
    /// The text, as far as it is UTF-8; of several the first.
    fn text(self, data: &[u8]) -> Option<String> {
        Some(String::from_utf8_lossy(self.texts(data).next()?).into_owned())
    }

    /// The texts, as many as there are.
    fn texts(self, data: &[u8]) -> impl Iterator<Item = &[u8]> {
        let is_text = matches!(self.kind, STRING | STRINGS | TRANSLATED);
        let mut rest = data.get(self.offset..).filter(|_| is_text).unwrap_or_default();
        std::iter::from_fn(move || {
            let (text, after) = rest.split_at_checked(memchr::memchr(0, rest)?)?;
            rest = after.get(1..)?;
            Some(text)
        })
        .take(self.count)
    }
}
