//! The codes of gaps that a layer's pass, or the merging of layers, can leave; never reused for anything else.

/// A file is larger than the limit for its kind; its bytes were not read.
pub const FILE_TOO_LARGE: &str = "file-too-large";
/// The extractor failed on a file.
pub const EXTRACTOR_PANIC: &str = "extractor-panic";
/// The extractor could make nothing of a file.
pub const FILE_UNREADABLE: &str = "file-unreadable";
/// A sparse file in a form of PAX that is not read.
pub const SPARSE_FILE: &str = "sparse-file";
/// A name with a NUL byte: no file system can hold it.
pub const NUL_IN_NAME: &str = "nul-in-name";
/// A path longer or deeper than the limits.
pub const PATH_TOO_LONG: &str = "path-too-long";
/// `.wh.` without a name, or with `.` or `..`.
pub const INVALID_WHITEOUT: &str = "invalid-whiteout";
/// An entry would put something else than a directory at `/`.
pub const ROOT_REPLACED: &str = "root-replaced";
/// A member of a type that no image has.
pub const UNKNOWN_ENTRY_TYPE: &str = "unknown-entry-type";
/// A hard link to a path that is not there.
pub const HARD_LINK_TARGET_MISSING: &str = "hard-link-target-missing";
/// The directories above an entry go through too many symbolic links.
pub const SYMLINK_LOOP: &str = "symlink-loop";
/// More files than the limits allow.
pub const TREE_TOO_LARGE: &str = "tree-too-large";
/// A file or directory of a root file system that may not be read.
pub const PERMISSION_DENIED: &str = "permission-denied";
/// A file that went away, or changed its type, while a root file system was read.
pub const FILE_VANISHED: &str = "file-vanished";
/// A file that the file system failed to read.
pub const READ_ERROR: &str = "read-error";
/// A directory that is also mounted elsewhere, and was read there.
pub const MOUNTED_TWICE: &str = "mounted-twice";
/// A foreign layer: its bytes are not with the image, and addresses in an image are never followed.
pub const FOREIGN_LAYER: &str = "foreign-layer";

/// Codes of gaps that tell of a file's content: when an upper layer replaces or removes the file, they are of no interest.
pub const OF_CONTENT: [&str; 6] = [FILE_TOO_LARGE, EXTRACTOR_PANIC, FILE_UNREADABLE, SPARSE_FILE, FILE_VANISHED, READ_ERROR];

/// Codes of gaps after which an entry that the image has may not be in the tree. `file-vanished` and `read-error` tell of an entry
/// or of its content.
pub const OF_ENTRY: [&str; 10] = [
    NUL_IN_NAME,
    PATH_TOO_LONG,
    UNKNOWN_ENTRY_TYPE,
    HARD_LINK_TARGET_MISSING,
    SYMLINK_LOOP,
    TREE_TOO_LARGE,
    PERMISSION_DENIED,
    FOREIGN_LAYER,
    FILE_VANISHED,
    READ_ERROR,
];
