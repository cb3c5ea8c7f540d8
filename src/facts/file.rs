//! One entry of the merged tree, small enough for a list of all of them; never its content.

use std::{borrow::Cow, fmt, sync::Arc};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use smol_str::SmolStr;

/// A file, directory, link or device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct File {
    /// Where it is, links not followed. A file with several names (hard links) is listed under each.
    pub path: FilePath,
    /// What it is.
    pub kind: FileType,
    /// Size of a regular file in bytes, else 0.
    pub size: u64,
    /// Permission bits.
    pub mode: Mode,
    /// Number of its owner.
    pub uid: u64,
    /// Number of its group.
    pub gid: u64,
    /// Where a symbolic link leads, as written.
    pub target: Option<Box<str>>,
    /// The operating system's package that owns it; none for directories, which many packages share.
    pub os_package: Option<Arc<str>>,
    /// The layer that brought this version of it.
    pub layer: Option<u32>,
}

impl File {
    /// Whether it runs with its owner's rights: a regular file with the set-user-ID bit.
    pub fn is_setuid(&self) -> bool {
        self.kind == FileType::File && self.mode.0 & 0o4000 != 0
    }

    /// Whether it runs with its group's rights: a regular file with the set-group-ID bit. On a directory the bit only hands
    /// the group on.
    pub fn is_setgid(&self) -> bool {
        self.kind == FileType::File && self.mode.0 & 0o2000 != 0
    }

    /// Whether only owners may remove what lies in it: the sticky bit, as `/tmp` has it.
    pub fn is_sticky(&self) -> bool {
        self.mode.0 & 0o1000 != 0
    }

    /// Whether everybody may write to it. A symbolic link's own mode means nothing.
    pub fn is_world_writable(&self) -> bool {
        self.kind != FileType::Symlink && self.mode.0 & 0o002 != 0
    }

    /// Whether it is a regular file that somebody may execute.
    pub fn is_executable(&self) -> bool {
        self.kind == FileType::File && self.mode.0 & 0o111 != 0
    }
}

/// What an entry is. Sockets belong to processes: no image holds one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileType {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A named pipe.
    Fifo,
    /// A character device.
    CharacterDevice,
    /// A block device.
    BlockDevice,
}

/// Permission bits with set-uid, set-gid and sticky, shown as four octal digits: `0755`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mode(pub u16);

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04o}", self.0)
    }
}

impl Serialize for Mode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A path as text. Everything in a directory shares the directory's text, so that a list of all files stays small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePath {
    /// Without a final slash: empty for `/` and what lies right in it.
    directory: Arc<str>,
    name: SmolStr,
}

impl FilePath {
    /// The path of `name` in a directory, whose text has no final slash.
    pub fn new(directory: Arc<str>, name: impl Into<SmolStr>) -> Self {
        Self { directory, name: name.into() }
    }

    /// The last component; empty for the root.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.directory, self.name)
    }
}

impl Serialize for FilePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Both are text in a document.
macro_rules! text_in_documents {
    ($($ty:ty: $name:literal),*) => {$(
        impl JsonSchema for $ty {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                str::json_schema(generator)
            }
        }
    )*};
}
text_in_documents!(Mode: "Mode", FilePath: "FilePath");

#[cfg(test)]
mod tests {
    use super::{File, FilePath, FileType, Mode};

    fn file(kind: FileType, mode: u16) -> File {
        let path = FilePath::new("/usr/bin".into(), "su");
        File { path, kind, size: 0, mode: Mode(mode), uid: 0, gid: 0, target: None, os_package: None, layer: None }
    }

    #[test]
    fn bits_mean_what_they_do_to_such_an_entry() {
        let program = file(FileType::File, 0o6755);
        assert!(program.is_setuid() && program.is_setgid() && program.is_executable() && !program.is_world_writable());
        let temporary = file(FileType::Directory, 0o7777);
        assert!(!temporary.is_setuid() && !temporary.is_setgid() && !temporary.is_executable());
        assert!(temporary.is_sticky() && temporary.is_world_writable());
        assert!(!file(FileType::Symlink, 0o777).is_world_writable());
    }

    #[test]
    fn a_document_has_paths_and_modes_as_people_write_them() {
        let json = serde_json::to_value(file(FileType::CharacterDevice, 0o644)).expect("JSON");
        assert_eq!((&json["path"], &json["mode"]), (&"/usr/bin/su".into(), &"0644".into()));
        assert_eq!(json["kind"], "character_device");
        assert_eq!(FilePath::new("".into(), "").to_string(), "/");
    }
}
