//! Which files are worth reading, by path, mode and first bytes; never what they say.

use std::fs::File;

use crate::{extract::FileFacts, image::ImagePath, limits::Limits};

/// How a kept file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Python source.
    Python,
    /// An ELF file.
    Elf,
    /// A text that is kept as it is.
    Text,
    /// A script: its first bytes only.
    Script,
    /// A zip archive that may lie on the path of a Python.
    Zip,
    /// A Java archive that may be Jython.
    Jar,
    /// A .NET library that may be IronPython's.
    Assembly,
    /// What conda notes of an installed package.
    Conda,
    /// rpm's database of installed packages.
    Rpm,
}

/// Turns one file's bytes into its facts.
pub trait Extract: Sync {
    /// The facts of a file of this kind. What cannot be read becomes [`FileFacts::Unread`].
    fn extract(&self, kind: FileKind, bytes: Vec<u8>) -> FileFacts;

    /// The facts of an open file, where some of its bytes are enough to know them. `None` has all of them read.
    fn extract_in_part(&self, _kind: FileKind, _file: &File) -> Option<FileFacts> {
        None
    }
}

/// What a path and mode decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// Read it as this kind.
    Keep(FileKind),
    /// Its first bytes decide: see [`by_start`].
    Look,
    /// So they do, and it may be a zip archive.
    LookForZip,
    /// It is of no interest.
    Pass,
}

/// First bytes that [`by_start`] needs.
pub(super) const START: usize = 4;

/// Bytes of a script that are read: the interpreter line is at most 256 bytes long (`BINPRM_BUF_SIZE`).
const SCRIPT: u64 = 4096;

/// Texts at fixed places.
const TEXTS: [&[u8]; 8] = [
    b"/etc/os-release",
    b"/usr/lib/os-release",
    b"/etc/passwd",
    b"/etc/group",
    b"/etc/debian_version",
    b"/var/lib/dpkg/status",
    b"/lib/apk/db/installed",
    b"/usr/lib/apk/db/installed",
];

/// Texts wherever they stand: of environments, of GraalPy, of whoever manages an installation.
const NAMES: [&[u8]; 4] = [b"pyvenv.cfg", b"orig-prefix.txt", b"release", b"EXTERNALLY-MANAGED"];
/// Where rpm has its database: usually, where Fedora and SUSE moved it, and in a tree of rpm-ostree.
const RPM_DIRECTORIES: [&[u8]; 3] = [b"/var/lib/rpm", b"/usr/lib/sysimage/rpm", b"/usr/share/rpm"];

/// The database in each of its formats: SQLite, rpm's own, Berkeley DB.
const RPM_FILES: [&[u8]; 3] = [b"rpmdb.sqlite", b"Packages.db", b"Packages"];

/// Endings of zip archives that lie on the path of a Python, or are run by one.
const ARCHIVES: [&[u8]; 6] = [b".zip", b".egg", b".whl", b".pyz", b".pyzw", b".pex"];

/// The library of every IronPython.
const IRONPYTHON: &[u8] = b"IronPython.dll";

/// Directories of wheels that only a new virtual environment unpacks: each holds all of pip, and none is on a path.
const BUNDLES: [&[u8]; 2] = [b"/ensurepip/_bundled", b"/usr/share/python-wheels"];

/// Files of a `*.dist-info` directory.
const DIST_INFO: [&[u8]; 8] =
    [b"METADATA", b"RECORD", b"INSTALLER", b"REQUESTED", b"direct_url.json", b"top_level.txt", b"entry_points.txt", b"WHEEL"];

/// Files of a `*.egg-info` directory.
const EGG_INFO: [&[u8]; 5] = [b"PKG-INFO", b"top_level.txt", b"installed-files.txt", b"requires.txt", b"entry_points.txt"];

/// What path and mode decide about a regular file.
pub(super) fn by_path(path: &ImagePath, mode: u32) -> Choice {
    let name = path.file_name();
    if name.ends_with(b".py") {
        return Choice::Keep(FileKind::Python);
    }
    if name.ends_with(b".json") && directory(path, name).ends_with(b"/conda-meta") {
        return Choice::Keep(FileKind::Conda);
    }
    if RPM_FILES.contains(&name) && RPM_DIRECTORIES.contains(&directory(path, name)) {
        return Choice::Keep(FileKind::Rpm);
    }
    if is_text(path, name) {
        return Choice::Keep(FileKind::Text);
    }
    if name == IRONPYTHON {
        return Choice::Keep(FileKind::Assembly);
    }
    if name.starts_with(b"jython") && name.ends_with(b".jar") {
        return Choice::Keep(FileKind::Jar);
    }
    if ARCHIVES.iter().any(|ending| name.ends_with(ending))
        && !BUNDLES.iter().any(|bundle| directory(path, name).ends_with(bundle))
    {
        return Choice::LookForZip;
    }
    if is_executable(mode) || may_be_library(name) { Choice::Look } else { Choice::Pass }
}

/// Whether a file may be an ELF file, as far as its path and mode tell.
pub fn may_be_elf(path: &ImagePath, mode: u32) -> bool {
    let name = path.file_name();
    matches!(by_path(path, mode), Choice::Look | Choice::LookForZip) && (is_executable(mode) || may_be_library(name))
}

/// The kind of a file of which path and mode decided so much, by its first [`START`] bytes. An archive that is too large to be
/// opened is of no interest: only one on a path is missed, and there that is said.
pub(super) fn kind(choice: Choice, mode: u32, start: &[u8], size: u64, limits: &Limits) -> Option<FileKind> {
    match (choice, start) {
        (Choice::Keep(kind), _) => Some(kind),
        (Choice::Pass, _) => None,
        (Choice::LookForZip, [b'P', b'K', 3, 4] | [b'P', b'K', 5, 6] | [b'#', b'!', ..]) if size <= limits.zip.archive => {
            Some(FileKind::Zip)
        }
        (Choice::Look | Choice::LookForZip, _) => by_start(mode, start),
    }
}

/// What the first [`START`] bytes decide about a file that path and mode left open.
fn by_start(mode: u32, start: &[u8]) -> Option<FileKind> {
    match start {
        [0x7f, b'E', b'L', b'F', ..] => Some(FileKind::Elf),
        [b'#', b'!', ..] if is_executable(mode) => Some(FileKind::Script),
        _ => None,
    }
}

/// The most bytes of a file that are read, `None` where the file is too large to be read at all.
pub(super) fn bytes_to_read(kind: FileKind, size: u64, limits: &Limits) -> Result<u64, u64> {
    let limit = match kind {
        FileKind::Script => return Ok(size.min(SCRIPT)),
        FileKind::Python => limits.python_source,
        FileKind::Elf => limits.elf,
        FileKind::Text | FileKind::Conda => limits.text,
        FileKind::Zip | FileKind::Jar | FileKind::Assembly => limits.zip.archive,
        FileKind::Rpm => limits.rpm.database,
    };
    if size <= limit { Ok(size) } else { Err(limit) }
}

/// Directories outside of those for modules in which distributions put programs and data.
const INSTALLED: [&[u8]; 5] = [b"bin", b"share", b"include", b"etc", b"man"];

/// The largest file outside of the directories for modules that may be a distribution's.
const INSTALLED_LARGEST: u64 = 64 << 20;

/// Whether a distribution may have installed a file: all below the directories for modules but what Python compiled there,
/// elsewhere what stands where distributions put programs and data.
pub(super) fn may_be_installed(path: &ImagePath, size: u64) -> bool {
    let mut elsewhere = false;
    for name in path.components() {
        match name {
            b"site-packages" | b"dist-packages" => return !path.components().any(|name| name == b"__pycache__"),
            name => elsewhere |= INSTALLED.contains(&name),
        }
    }
    elsewhere && size <= INSTALLED_LARGEST
}

fn is_executable(mode: u32) -> bool {
    mode & 0o111 != 0
}

/// Libraries often have no executable mode; interpreters that lost theirs are still of interest.
fn may_be_library(name: &[u8]) -> bool {
    memchr::memmem::find(name, b".so").is_some() || name.starts_with(b"python") || name.starts_with(b"pypy")
}

/// The path without the name at its end.
fn directory<'a>(path: &'a ImagePath, name: &[u8]) -> &'a [u8] {
    let whole = path.as_bytes();
    whole.get(..whole.len().saturating_sub(name.len() + 1)).unwrap_or_default()
}

fn is_text(path: &ImagePath, name: &[u8]) -> bool {
    let whole = path.as_bytes();
    if TEXTS.contains(&whole) || NAMES.contains(&name) {
        return true;
    }
    if [&b".pth"[..], b".start", b"._pth", b".egg-link", b".egg-info"].iter().any(|ending| name.ends_with(ending)) {
        return true;
    }
    if let Some(rest) = whole.strip_prefix(b"/var/lib/dpkg/") {
        return rest.starts_with(b"status.d/") || (rest.starts_with(b"info/") && rest.ends_with(b".list"));
    }
    let directory = directory(path, name);
    (directory.ends_with(b".dist-info") && DIST_INFO.contains(&name))
        || ((directory.ends_with(b".egg-info") || directory.ends_with(b".egg/EGG-INFO")) && EGG_INFO.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::{Choice, FileKind, by_path, by_start, bytes_to_read, kind, may_be_installed};
    use crate::{image::ImagePath, limits::Limits};

    fn choice(path: &str, mode: u32) -> Choice {
        by_path(&ImagePath::new(path).expect("valid"), mode)
    }

    #[test]
    fn keeps_what_introspection_reads() {
        for path in [
            "etc/os-release",
            "usr/lib/os-release",
            "etc/passwd",
            "var/lib/dpkg/status",
            "var/lib/dpkg/status.d/base",
            "var/lib/dpkg/info/libc6:amd64.list",
            "lib/apk/db/installed",
            "a/x-1.dist-info/METADATA",
            "a/x-1.dist-info/RECORD",
            "a/x.egg-info/PKG-INFO",
            "a/x.egg-info",
            "a/x-1-py3.11.egg/EGG-INFO/PKG-INFO",
            "a/easy-install.pth",
            "opt/python._pth",
            "a/site-packages/a.start",
            "opt/graalpy/release",
            "usr/lib/python3.12/EXTERNALLY-MANAGED",
            "venv/pyvenv.cfg",
            "venv/lib/python2.7/orig-prefix.txt",
        ] {
            assert_eq!(choice(path, 0o644), Choice::Keep(FileKind::Text), "{path}");
        }
        assert_eq!(choice("a/b.py", 0o755), Choice::Keep(FileKind::Python));
        assert_eq!(choice("usr/share/java/jython-2.7.3.jar", 0o644), Choice::Keep(FileKind::Jar));
        assert_eq!(choice("opt/ipy/IronPython.dll", 0o755), Choice::Keep(FileKind::Assembly));
        assert_eq!(choice("opt/conda/conda-meta/python-3.11.json", 0o644), Choice::Keep(FileKind::Conda));
    }

    #[test]
    fn a_database_of_rpm_is_read_where_rpm_has_it() {
        for path in ["var/lib/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/Packages.db", "usr/share/rpm/Packages"] {
            assert_eq!(choice(path, 0o644), Choice::Keep(FileKind::Rpm), "{path}");
        }
    }

    #[test]
    fn passes_over_the_rest() {
        for path in [
            "usr/share/doc/x",
            "var/lib/dpkg/info/libc6.md5sums",
            "a/x.egg-info/SOURCES.txt",
            "a/x-1.dist-info/LICENSE",
            "a/b.pyc",
            "home/etc/passwd",
            "opt/conda/conda-meta/history",
            "var/lib/rpm/Basenames",
            "srv/Packages",
        ] {
            assert_eq!(choice(path, 0o644), Choice::Pass, "{path}");
        }
    }

    #[test]
    fn first_bytes_decide_about_programs_and_libraries() {
        assert_eq!(choice("usr/bin/tool", 0o755), Choice::Look);
        assert_eq!(choice("usr/lib/libc.so.6", 0o644), Choice::Look);
        assert_eq!(choice("usr/bin/python3.11", 0o600), Choice::Look);
        assert_eq!(by_start(0o644, b"\x7fELF"), Some(FileKind::Elf));
        assert_eq!(by_start(0o755, b"#!/b"), Some(FileKind::Script));
        assert_eq!(by_start(0o644, b"#!/b"), None);
        assert_eq!(by_start(0o755, b"#"), None);
    }

    #[test]
    fn distributions_install_below_their_directories_and_a_few_others() {
        let installed = |path: &str, size| may_be_installed(&ImagePath::new(path).expect("valid"), size);
        for path in
            ["v/lib/python3.11/site-packages/a/data.bin", "usr/lib/python3/dist-packages/a.so", "v/bin/ruff", "usr/share/a/b"]
        {
            assert!(installed(path, 1 << 20), "{path}");
        }
        assert!(installed("v/lib/site-packages/large.so", 1 << 40));
        assert!(!installed("v/share/large", 1 << 40));
        for path in ["v/lib/site-packages/a/__pycache__/b.pyc", "usr/lib/libc.so.6", "app/main.py"] {
            assert!(!installed(path, 1), "{path}");
        }
    }

    #[test]
    fn archives_are_opened_where_a_path_may_hold_them() {
        let limits = Limits::default();
        for path in ["usr/lib/python311.zip", "srv/app.pyz", "s/acme-1-py3.11.egg", "s/acme-1-py3-none-any.whl"] {
            assert_eq!(choice(path, 0o644), Choice::LookForZip, "{path}");
        }
        for path in ["usr/lib/python3.11/ensurepip/_bundled/pip-24-py3-none-any.whl", "usr/share/python-wheels/x.whl", "x.jar"]
        {
            assert_eq!(choice(path, 0o644), Choice::Pass, "{path}");
        }
        let look = |mode, start: &[u8], size| kind(Choice::LookForZip, mode, start, size, &limits);
        assert_eq!(look(0o644, b"PK\x03\x04", 100), Some(FileKind::Zip));
        assert_eq!(look(0o644, b"#!/u", 100), Some(FileKind::Zip));
        assert_eq!(look(0o644, b"Rar!", 100), None);
        assert_eq!(look(0o644, b"PK\x03\x04", limits.zip.archive + 1), None);
        assert_eq!(look(0o755, b"#!/u", limits.zip.archive + 1), Some(FileKind::Script));
    }

    #[test]
    fn limits_are_by_kind_and_scripts_are_cut() {
        let limits = Limits { python_source: 10, ..Limits::default() };
        assert_eq!(bytes_to_read(FileKind::Python, 10, &limits), Ok(10));
        assert_eq!(bytes_to_read(FileKind::Python, 11, &limits), Err(10));
        assert_eq!(bytes_to_read(FileKind::Script, 1 << 30, &limits), Ok(4096));
    }
}
