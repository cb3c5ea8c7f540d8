//! Root file systems in scratch directories.

use std::{
    fs::{self, Permissions},
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    path::Path,
    time::Duration,
};

use rustix::fs::{FileType, Mode, mknodat};

use super::read_directory;
use crate::{
    extract::FileFacts,
    layer::{ContentHashes, Entry, EntryKind, Extract, FileKind, LayerIndex, LayerOptions, Workers},
    limits::Limits,
    source::{RootFileSystem, fixture::sha256},
};

struct Keep;

impl Extract for Keep {
    fn extract(&self, _: FileKind, bytes: Vec<u8>) -> FileFacts {
        FileFacts::Text(bytes.into())
    }
}

fn read(root: &Path, machine: bool, hashes: ContentHashes, limits: &Limits) -> LayerIndex {
    let workers = Workers::with_threads(2, limits).expect("a pool");
    let options = LayerOptions { limits, hashes, workers: &workers, extract: &Keep, progress: None };
    let root = RootFileSystem { path: root.to_owned(), machine, within: Vec::new(), sources: false };
    read_directory(&root, &options).expect("a root file system")
}

fn plain(root: &Path) -> LayerIndex {
    read(root, false, ContentHashes::Leave, &Limits::default())
}

fn entry<'index>(index: &'index LayerIndex, path: &str) -> &'index Entry {
    index.entries.iter().find(|entry| entry.path.to_string() == path).unwrap_or_else(|| panic!("no {path}"))
}

fn text(index: &LayerIndex, path: &str) -> Option<String> {
    match entry(index, path).facts.as_ref()? {
        FileFacts::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => None,
    }
}

fn scratch(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a scratch directory");
    for (path, content) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("writable");
        fs::write(path, content).expect("writable");
    }
    root
}

#[test]
fn only_what_is_to_be_looked_into_is_there() {
    let root = scratch(&[("usr/bin/tool", "#!/bin/sh"), ("usr/bind/x", ""), ("usr/share/x", ""), ("home/x", "")]);
    let limits = Limits::default();
    let workers = Workers::with_threads(2, &limits).expect("a pool");
    let options =
        LayerOptions { limits: &limits, hashes: ContentHashes::Leave, workers: &workers, extract: &Keep, progress: None };
    let within = vec![crate::image::ImagePath::new("/usr/bin").expect("a path")];
    let root = RootFileSystem { path: root.path().to_owned(), machine: false, within, sources: false };
    let index = read_directory(&root, &options).expect("a root file system");
    let paths: Vec<String> = index.entries.iter().map(|entry| entry.path.to_string()).collect();
    assert_eq!(paths, ["/", "/usr", "/usr/bin", "/usr/bin/tool"]);
}

#[test]
fn reads_what_a_layer_s_pass_would_read() {
    let root = scratch(&[("b/m.py", "import m"), ("a/readme", "text"), ("bin/tool", "#!/bin/sh"), ("lib/x.so", "no ELF")]);
    fs::set_permissions(root.path().join("bin/tool"), Permissions::from_mode(0o4755)).expect("the owner");
    let index = plain(root.path());
    assert_eq!(text(&index, "/b/m.py").as_deref(), Some("import m"));
    assert_eq!(text(&index, "/bin/tool").as_deref(), Some("#!/bin/sh"));
    assert_eq!((text(&index, "/a/readme"), text(&index, "/lib/x.so")), (None, None));
    assert_eq!((entry(&index, "/bin/tool").mode, entry(&index, "/a/readme").size), (0o4755, 4));
    let paths: Vec<String> = index.entries.iter().map(|entry| entry.path.to_string()).collect();
    assert_eq!(paths, ["/", "/a", "/a/readme", "/b", "/b/m.py", "/bin", "/bin/tool", "/lib", "/lib/x.so"]);
    assert!(index.gaps.is_empty());
}

#[test]
fn links_are_entries_and_are_never_followed() {
    let root = scratch(&[("one.py", "x")]);
    fs::hard_link(root.path().join("one.py"), root.path().join("two.py")).expect("a link");
    std::os::unix::fs::symlink("/etc", root.path().join("link")).expect("a link");
    std::os::unix::fs::symlink("/etc/passwd", root.path().join("outside.py")).expect("a link");
    let index = plain(root.path());
    assert!(matches!(&entry(&index, "/two.py").kind, EntryKind::HardLink(first) if first.to_string() == "/one.py"));
    assert_eq!(entry(&index, "/link").kind, EntryKind::Symlink(Box::from(&b"/etc"[..])));
    assert_eq!(text(&index, "/outside.py"), None);
    assert_eq!(index.entries.len(), 5);
}

#[test]
fn pipes_are_not_opened() {
    let root = scratch(&[]);
    let directory = fs::File::open(root.path()).expect("a directory");
    mknodat(&directory, "pipe.py", FileType::Fifo, Mode::RUSR, 0).expect("a pipe");
    let (sender, receiver) = std::sync::mpsc::channel();
    let path = root.path().to_owned();
    std::thread::spawn(move || sender.send(plain(&path)));
    let index = receiver.recv_timeout(Duration::from_secs(20)).expect("no blocking");
    assert_eq!(entry(&index, "/pipe.py").kind, EntryKind::Fifo);
}

#[test]
fn the_machine_s_own_pseudo_file_systems_are_not_entered() {
    let root = scratch(&[("proc/a.py", ""), ("sys/a.py", ""), ("dev/a.py", ""), ("opt/proc/a.py", "")]);
    let paths = |machine| -> Vec<String> {
        let index = read(root.path(), machine, ContentHashes::Leave, &Limits::default());
        index.entries.iter().map(|entry| entry.path.to_string()).filter(|path| path.ends_with(".py")).collect()
    };
    assert_eq!(paths(true), ["/opt/proc/a.py"]);
    assert_eq!(paths(false).len(), 4);
}

#[test]
fn file_systems_of_the_kernel_are_passed_over_by_type() {
    let root = RootFileSystem { path: "/".into(), machine: false, within: Vec::new(), sources: false };
    let proc = fs::File::open("/proc").expect("Linux");
    let magic = super::fstatfs(&proc).expect("Linux").f_type as u32;
    assert!(super::PSEUDO.contains(&magic), "{root:?}");
}

#[test]
fn limits_become_gaps() {
    let root = scratch(&[("a/b/c/deep.py", ""), ("large.py", "123456789")]);
    let limits = Limits { path_depth: 3, python_source: 8, ..Limits::default() };
    let index = read(root.path(), false, ContentHashes::Leave, &limits);
    let mut codes: Vec<_> = index.gaps.iter().map(|gap| gap.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["file-too-large", "path-too-long"]);
    assert!(matches!(entry(&index, "/large.py").facts, Some(FileFacts::Unread(_))));
}

#[test]
fn contents_are_hashed_when_asked_for() {
    let root = scratch(&[("a.py", "kept"), ("readme", "not kept")]);
    let index = read(root.path(), false, ContentHashes::Take, &Limits::default());
    for (path, content) in [("/a.py", "kept"), ("/readme", "not kept")] {
        let hash = entry(&index, path).sha256.expect("a hash");
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, sha256(content.as_bytes()).hex());
    }
}

#[test]
fn names_need_not_be_text() {
    let root = scratch(&[]);
    fs::write(root.path().join(std::ffi::OsStr::from_bytes(b"latin-\xe9.py")), "x").expect("writable");
    assert_eq!(text(&plain(root.path()), "/latin-\\xe9.py").as_deref(), Some("x"));
}

#[test]
fn links_that_leave_the_root_and_names_that_climb_lead_nowhere() {
    let outside = scratch(&[("secret.py", "import os")]);
    let root = scratch(&[("a/x.py", "")]);
    std::os::unix::fs::symlink(outside.path(), root.path().join("out")).expect("a link");
    std::os::unix::fs::symlink("..", root.path().join("a/up")).expect("a link");
    std::os::unix::fs::symlink(".", root.path().join("a/self")).expect("a link");
    let index = plain(root.path());
    assert!(!index.entries.iter().any(|entry| entry.path.to_string().contains("secret")));
    assert_eq!(index.entries.len(), 6, "each link is one entry, whatever it leads to");
    assert!(index.gaps.is_empty());
}

#[test]
fn pseudo_file_systems_are_not_entered_wherever_they_are_mounted() {
    // This machine's root as any directory: `/proc` and `/sys` are known by their type alone.
    let limits = Limits { entries: 50_000, ..Limits::default() };
    let workers = Workers::with_threads(1, &limits).expect("a pool");
    let options =
        LayerOptions { limits: &limits, hashes: ContentHashes::Leave, workers: &workers, extract: &Keep, progress: None };
    let within =
        vec![crate::image::ImagePath::new("/proc").expect("a path"), crate::image::ImagePath::new("/sys").expect("a path")];
    let root = RootFileSystem { path: "/".into(), machine: false, within, sources: false };
    let index = read_directory(&root, &options).expect("a root file system");
    let mut paths: Vec<String> = index.entries.iter().map(|entry| entry.path.to_string()).collect();
    paths.sort();
    assert_eq!(paths, ["/", "/proc", "/sys"]);
}

#[test]
fn devices_are_entries_and_are_not_opened() {
    let root = scratch(&[]);
    let directory = fs::File::open(root.path()).expect("a directory");
    // Making one takes root; reading one that never ends would take for ever.
    if mknodat(&directory, "zero.py", FileType::CharacterDevice, Mode::RUSR, rustix::fs::makedev(1, 5)).is_err() {
        return;
    }
    let index = plain(root.path());
    assert_eq!(entry(&index, "/zero.py").kind, EntryKind::CharacterDevice { major: 1, minor: 5 });
    assert!(entry(&index, "/zero.py").facts.is_none());
}

#[test]
fn sockets_hold_nothing_and_are_passed_over() {
    let root = scratch(&[("a.py", "")]);
    let _listening = std::os::unix::net::UnixListener::bind(root.path().join("socket.py")).expect("a socket");
    assert_eq!(plain(root.path()).entries.len(), 2);
}

#[test]
fn more_entries_than_the_limit_are_a_gap_and_the_rest_is_read() {
    let root = scratch(&[("a.py", "first"), ("b.py", ""), ("c.py", ""), ("d.py", "")]);
    let index = read(root.path(), false, ContentHashes::Leave, &Limits { entries: 3, ..Limits::default() });
    let gaps: Vec<_> = index.gaps.iter().map(|gap| gap.code).collect();
    assert_eq!((index.entries.len(), gaps), (3, vec!["too-many-entries"]));
    assert_eq!(text(&index, "/a.py").as_deref(), Some("first"));
}

#[test]
fn what_there_is_no_time_for_is_a_gap() {
    let root = scratch(&[("a.py", ""), ("b/c.py", "")]);
    let index = read(root.path(), false, ContentHashes::Leave, &Limits { time: Duration::ZERO, ..Limits::default() });
    let gaps: Vec<_> = index.gaps.iter().map(|gap| (gap.path.as_ref().map(ToString::to_string), gap.code)).collect();
    assert_eq!(gaps, [(Some("/".to_owned()), "time-limit")]);
}

/// While a scan runs, files come and go, grow and shrink, and directories become links out of the root and back.
#[test]
fn a_root_that_changes_under_the_scan_is_read_as_far_as_it_stands_still() {
    let outside = scratch(&[("secret.py", "SECRET")]);
    let root = scratch(&[("still.py", "still")]);
    for at in 0..40 {
        fs::create_dir(root.path().join(format!("d{at}"))).expect("writable");
    }
    let (stop, path) = (std::sync::atomic::AtomicBool::new(false), root.path());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0_usize.. {
                if stop.load(std::sync::atomic::Ordering::Relaxed) {
                    break;
                }
                let directory = path.join(format!("d{}", round % 40));
                let file = directory.join("m.py");
                // Each may fail: what the step before it made may be gone.
                let _ = fs::write(&file, "x".repeat(round % 5000));
                let _ = fs::write(&file, "");
                let _ = fs::remove_file(&file);
                let _ = std::os::unix::fs::symlink(outside.path().join("secret.py"), &file);
                let _ = fs::remove_file(&file);
                let _ = fs::remove_dir(&directory);
                let _ = std::os::unix::fs::symlink(outside.path(), &directory);
                let _ = fs::remove_file(&directory);
                let _ = fs::create_dir(&directory);
            }
        });
        // Also where an assertion fails: the thread would keep the test from ending.
        let _stop = Stop(&stop);
        for _ in 0..60 {
            let index = plain(path);
            assert_eq!(text(&index, "/still.py").as_deref(), Some("still"));
            for entry in &index.entries {
                let seen =
                    matches!(&entry.facts, Some(FileFacts::Text(bytes)) if bytes.windows(6).any(|part| part == b"SECRET"));
                assert!(!seen && !entry.path.to_string().contains("secret"), "{} leads out of the root", entry.path);
            }
            for gap in &index.gaps {
                assert!(matches!(gap.code, "file-vanished" | "read-error"), "{gap:?}");
            }
        }
    });
}

/// Says that it is over when it goes.
struct Stop<'a>(&'a std::sync::atomic::AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}
