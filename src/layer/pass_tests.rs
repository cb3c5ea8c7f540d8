//! Layers in every compression, and layers that lie: about their digests, their size, their files.

use std::{fs, sync::Arc};

use tar::EntryType;
use tempfile::TempDir;

use super::{
    ContentHashes, EntryKind, Extract, FileKind, LayerIndex, LayerOptions, LayerProblem, ReadLayer, Workers, gap_code,
    read_layer, read_layers,
};
use crate::{
    extract::FileFacts,
    limits::Limits,
    source::{
        LayerBlob,
        fixture::{Tar, blob, elsewhere, gzip, record, sha256, zstd},
    },
};

/// Keeps what it is given, and fails where a file says so.
struct Keep;

impl Extract for Keep {
    fn extract(&self, kind: FileKind, bytes: Vec<u8>) -> FileFacts {
        assert!(!bytes.starts_with(b"panic"), "a bug in a parser");
        if bytes.starts_with(b"unreadable") {
            return FileFacts::Unread("made to fail".into());
        }
        match kind {
            FileKind::Script => FileFacts::Script(String::from_utf8_lossy(&bytes).into()),
            _ => FileFacts::Text(bytes.into()),
        }
    }
}

struct Pass {
    directory: TempDir,
    limits: Limits,
    hashes: ContentHashes,
    threads: usize,
}

impl Pass {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a scratch directory");
        Self { directory, limits: Limits::default(), hashes: ContentHashes::Leave, threads: 2 }
    }

    fn blob(&self, stored: &[u8], tar: &[u8]) -> LayerBlob {
        blob(self.directory.path(), 0, stored, tar)
    }

    fn read(&self, blob: &LayerBlob) -> Result<ReadLayer, LayerProblem> {
        self.read_all(std::slice::from_ref(blob)).map(|mut layers| layers.remove(0))
    }

    fn read_all(&self, blobs: &[LayerBlob]) -> Result<Vec<ReadLayer>, LayerProblem> {
        let workers = Workers::with_threads(self.threads, &self.limits).expect("a pool");
        let (limits, hashes) = (&self.limits, self.hashes);
        let options = LayerOptions { limits, hashes, workers: &workers, extract: &Keep, progress: None };
        match blobs {
            [blob] => read_layer(blob, &options).map(|layer| vec![layer]),
            blobs => read_layers(blobs, &options),
        }
        .map_err(|error| error.problem)
    }

    fn index(&self, tar: &[u8]) -> LayerIndex {
        self.read(&self.blob(tar, tar)).expect("a layer").index
    }

    fn problem(&self, blob: &LayerBlob) -> LayerProblem {
        self.read(blob).expect_err("no layer")
    }
}

fn text(index: &LayerIndex, path: &str) -> Option<String> {
    let entry = index.entries.iter().find(|entry| entry.path.to_string() == path).expect("an entry");
    match entry.facts.as_ref()? {
        FileFacts::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        FileFacts::Script(text) => Some(text.to_string()),
        FileFacts::Unread(reason) => Some(format!("unread: {reason}")),
        _ => None,
    }
}

fn codes(index: &LayerIndex) -> Vec<&'static str> {
    index.gaps.iter().map(|gap| gap.code).collect()
}

fn sample() -> Vec<u8> {
    Tar::new()
        .directory("usr/")
        .file("usr/a.py", "import a")
        .file("usr/readme", &"x".repeat(100_000))
        .member(EntryType::Regular, "usr/bin/tool", 0o755, b"#!/bin/sh\n", "")
        .file("usr/b.py", "import b")
        .bytes()
}

#[test]
fn every_compression_gives_the_same_layer() {
    let pass = Pass::new();
    let tar = sample();
    let plain = pass.index(&tar);
    assert_eq!(text(&plain, "/usr/a.py").as_deref(), Some("import a"));
    assert_eq!(text(&plain, "/usr/b.py").as_deref(), Some("import b"));
    assert_eq!(text(&plain, "/usr/bin/tool").as_deref(), Some("#!/bin/sh\n"));
    assert_eq!(text(&plain, "/usr/readme"), None);
    // Several gzip members and zstd frames are one stream.
    let (head, tail) = tar.split_at(700);
    for stored in [gzip(&tar), zstd(&tar), [gzip(head), gzip(tail)].concat(), [zstd(head), zstd(tail)].concat()] {
        let layer = pass.read(&pass.blob(&stored, &tar)).expect("a layer");
        assert_eq!(layer.index.entries, plain.entries);
        assert_eq!((layer.summary.digest, layer.summary.diff_id), (sha256(&stored), sha256(&tar)));
        assert_eq!(layer.summary.size, tar.len() as u64);
    }
}

#[test]
fn hashing_on_a_thread_of_its_own_changes_nothing() {
    let tar = sample();
    let pass = Pass { threads: 4, ..Pass::new() };
    let layer = pass.read(&pass.blob(&gzip(&tar), &tar)).expect("a layer");
    assert_eq!(layer.summary.diff_id, sha256(&tar));
    assert_eq!(layer.index.entries, Pass::new().index(&tar).entries);
}

#[test]
fn bytes_after_the_end_of_the_archive_are_hashed_too() {
    let pass = Pass::new();
    let tar = [sample(), b"anything".to_vec()].concat();
    assert_eq!(pass.read(&pass.blob(&gzip(&tar), &tar)).expect("a layer").summary.diff_id, sha256(&tar));
}

#[test]
fn an_empty_layer_is_a_layer() {
    let pass = Pass::new();
    assert!(pass.index(b"").entries.is_empty());
    assert!(pass.index(&[0; 1024]).entries.is_empty());
    assert!(pass.read(&pass.blob(&gzip(b""), b"")).expect("a layer").index.entries.is_empty());
}

#[test]
fn wrong_digests_are_errors() {
    let pass = Pass::new();
    let tar = sample();
    for stored in [tar.clone(), gzip(&tar), zstd(&tar)] {
        let mut wrong = pass.blob(&stored, &tar);
        wrong.digest = Some(sha256(b"other"));
        assert!(matches!(pass.problem(&wrong), LayerProblem::WrongDigest { found, .. } if found == sha256(&stored)));
        let mut wrong = pass.blob(&stored, &tar);
        wrong.diff_id = sha256(b"other");
        assert!(matches!(pass.problem(&wrong), LayerProblem::WrongDiffId { found, .. } if found == sha256(&tar)));
    }
}

#[test]
fn a_changed_byte_is_a_wrong_digest_whatever_it_breaks() {
    let pass = Pass::new();
    let tar = sample();
    for stored in [tar.clone(), gzip(&tar), zstd(&tar)] {
        let blob = pass.blob(&stored, &tar);
        for at in [0, 20, 150, stored.len() / 2, stored.len() - 5] {
            let mut damaged = stored.clone();
            damaged[at] ^= 0x55;
            fs::write(pass.directory.path().join("layer-0"), &damaged).expect("writable");
            assert!(matches!(pass.problem(&blob), LayerProblem::WrongDigest { .. }), "{at}: {}", pass.problem(&blob));
        }
        fs::write(pass.directory.path().join("layer-0"), &stored[..stored.len() - 3]).expect("writable");
        let expected = stored.len() as u64;
        assert!(matches!(pass.problem(&blob), LayerProblem::Truncated { expected: size, .. } if size == expected));
    }
}

#[test]
fn damage_with_the_right_digests_is_told_for_what_it_is() {
    let pass = Pass::new();
    let tar = sample();
    let cut = &tar[..1000];
    let truncated = pass.problem(&pass.blob(&gzip(cut), cut));
    assert!(truncated.to_string().contains("truncated: it ends at byte 1000"), "{truncated}");
    let stored = gzip(&tar);
    let broken = pass.problem(&pass.blob(&stored[..stored.len() - 10], &tar));
    assert!(matches!(broken, LayerProblem::Damaged { format: "gzip", .. }), "{broken}");
    let stored = [gzip(&tar), b"garbage".to_vec()].concat();
    assert!(matches!(pass.problem(&pass.blob(&stored, &tar)), LayerProblem::Damaged { .. }));
}

#[test]
fn other_compressions_are_named() {
    let pass = Pass::new();
    let xz = [b"\xfd7zXZ\0".to_vec(), vec![7; 600]].concat();
    let problem = pass.problem(&pass.blob(&xz, b"")).to_string();
    assert_eq!(problem, "it is compressed with xz: expected a tar archive, plain or compressed with gzip or zstd");
    let mut encrypted = pass.blob(&[7; 600], b"");
    encrypted.media_type = Some("application/vnd.oci.image.layer.v1.tar+gzip+encrypted".to_owned());
    assert!(pass.problem(&encrypted).to_string().starts_with("it is encrypted"), "{}", pass.problem(&encrypted));
}

#[test]
fn limits_stop_a_layer() {
    let tar = sample();
    let mut pass = Pass::new();
    pass.limits.layer = 50_000;
    assert!(matches!(pass.problem(&pass.blob(&gzip(&tar), &tar)), LayerProblem::TooLarge { limit: 50_000 }));
    let mut pass = Pass::new();
    pass.limits.entries = 4;
    assert!(matches!(pass.problem(&pass.blob(&tar, &tar)), LayerProblem::TooManyEntries { limit: 4 }));
}

#[test]
fn a_layer_that_is_named_many_times_counts_each_time() {
    let mut pass = Pass::new();
    let tar = Tar::new().file("a", "").file("b", "").bytes();
    pass.limits.entries = 4;
    let layer = pass.blob(&tar, &tar);
    assert_eq!(pass.read_all(&vec![layer.clone(); 2]).map(|layers| layers.len()).ok(), Some(2));
    assert!(matches!(pass.read_all(&vec![layer; 3]), Err(LayerProblem::TooManyEntries { limit: 4 })));
}

#[test]
fn members_that_are_no_entries_count_too() {
    let mut pass = Pass::new();
    let tar = (0..4).fold(Tar::new(), |tar, _| tar.member(EntryType::new(b'Z'), "odd", 0o644, b"", "")).file("a", "").bytes();
    pass.limits.entries = 4;
    assert!(matches!(pass.problem(&pass.blob(&tar, &tar)), LayerProblem::TooManyEntries { limit: 4 }));
}

#[test]
fn a_file_beyond_its_limit_is_a_gap() {
    let mut pass = Pass::new();
    pass.limits.python_source = 8;
    let index = pass.index(&Tar::new().file("a.py", "12345678").file("b.py", "123456789").bytes());
    assert_eq!(text(&index, "/a.py").as_deref(), Some("12345678"));
    assert!(text(&index, "/b.py").expect("facts").starts_with("unread: it is 9 bytes long"));
    assert_eq!(codes(&index), [gap_code::FILE_TOO_LARGE]);
}

#[test]
fn what_an_extractor_cannot_read_is_a_gap_and_the_rest_is_read() {
    let pass = Pass::new();
    let tar = Tar::new().file("a.py", "panic").file("b.py", "unreadable").file("c.py", "fine").bytes();
    let index = pass.index(&tar);
    assert_eq!(codes(&index), [gap_code::EXTRACTOR_PANIC, gap_code::FILE_UNREADABLE]);
    assert!(index.gaps[0].reason.contains("a bug in a parser"), "{}", index.gaps[0].reason);
    assert_eq!(text(&index, "/b.py").as_deref(), Some("unread: made to fail"));
    assert_eq!(text(&index, "/c.py").as_deref(), Some("fine"));
}

#[test]
fn files_larger_than_the_budget_go_through_one_by_one() {
    let mut pass = Pass::new();
    pass.limits.in_flight = 10;
    // Different layers, so that they are read at once and wait for one budget.
    let layer = |layer: u32| {
        let first = Tar::new().file(&format!("{layer}.py"), "x");
        (0..50).fold(first, |tar, at| tar.file(&format!("d/{at}.py"), &"x".repeat(at * 10))).bytes()
    };
    let blobs: Vec<LayerBlob> =
        (0..4).map(|at| (at, layer(at))).map(|(at, tar)| blob(pass.directory.path(), at, &tar, &tar)).collect();
    for layer in pass.read_all(&blobs).expect("layers") {
        assert!(layer.index.entries.iter().all(|entry| entry.facts.is_some()));
    }
}

#[test]
fn contents_are_hashed_when_asked_for() {
    let pass = Pass { hashes: ContentHashes::Take, ..Pass::new() };
    let index = pass.index(&sample());
    for entry in index.entries.iter().filter(|entry| entry.kind == EntryKind::File) {
        let content = match entry.path.to_string().as_str() {
            "/usr/readme" => "x".repeat(100_000),
            path => text(&index, path).expect("kept"),
        };
        let hex: String = entry.sha256.expect("a hash").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, sha256(content.as_bytes()).hex());
    }
}

#[test]
fn what_distributions_install_is_hashed_whatever_its_size() {
    let pass = Pass { hashes: ContentHashes::Installed, ..Pass::new() };
    let contents =
        [("l/site-packages/a.py", 10), ("l/site-packages/data", 70_000), ("l/site-packages/large", 9 << 20), ("b/x.py", 5)];
    let tar = contents.iter().fold(Tar::new(), |tar, (path, size)| tar.file(path, &"x".repeat(*size)));
    let index = pass.index(&tar.bytes());
    for (path, size) in contents {
        let entry = index.entries.iter().find(|entry| entry.path.to_string() == format!("/{path}")).expect("an entry");
        let hex = entry.sha256.map(|hash| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        let wanted = path.starts_with('l').then(|| sha256("x".repeat(size).as_bytes()).hex().to_owned());
        assert_eq!(hex, wanted, "{path}");
    }
    assert_eq!(text(&index, "/l/site-packages/a.py").as_deref(), Some("xxxxxxxxxx"));
}

#[test]
fn layers_come_in_the_image_s_order_and_twice_the_same_is_read_once() {
    let pass = Pass::new();
    let tars = [Tar::new().file("a.py", "a").bytes(), sample(), Tar::new().file("a.py", "a").bytes()];
    let blobs: Vec<LayerBlob> =
        tars.iter().zip(0..).map(|(tar, at)| blob(pass.directory.path(), at, &gzip(tar), tar)).collect();
    let layers = pass.read_all(&blobs).expect("layers");
    assert_eq!(layers.iter().map(|layer| layer.summary.layer).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(layers.iter().map(|layer| layer.index.entries.len()).collect::<Vec<_>>(), [1, 5, 1]);
    let mut wrong = blobs;
    wrong[1].diff_id = sha256(b"other");
    wrong[2].diff_id = sha256(b"another");
    let workers = Workers::new(&pass.limits).expect("a pool");
    let options = LayerOptions { limits: &pass.limits, hashes: pass.hashes, workers: &workers, extract: &Keep, progress: None };
    assert_eq!(read_layers(&wrong, &options).expect_err("wrong").layer, 1);
}

#[test]
fn whiteouts_are_entries_of_their_own() {
    let tar = Tar::new()
        .file("etc/.wh.passwd", "")
        .directory("var/.wh.lib")
        .file("usr/.wh..wh..opq", "")
        .file(".wh..wh..opq", "")
        .file("a/.wh.", "")
        .file("a/.wh..", "")
        .file("a/.wh...", "")
        .bytes();
    let index = Pass::new().index(&tar);
    let found: Vec<_> = index.entries.iter().map(|entry| (entry.path.to_string(), entry.kind.clone())).collect();
    let expected = [
        ("/etc/passwd", EntryKind::Whiteout),
        ("/var/lib", EntryKind::Whiteout),
        ("/usr", EntryKind::Opaque),
        ("/", EntryKind::Opaque),
    ];
    assert_eq!(found, expected.map(|(path, kind)| (path.to_owned(), kind)));
    assert_eq!(codes(&index), [gap_code::INVALID_WHITEOUT; 3]);
}

#[test]
fn names_stay_inside_the_root() {
    let tar = Tar::new().file("../../etc/a.py", "x").hard_link("b", "/../etc/a.py").bytes();
    let index = Pass::new().index(&tar);
    assert_eq!(text(&index, "/etc/a.py").as_deref(), Some("x"));
    let EntryKind::HardLink(target) = &index.entries[1].kind else { panic!("no hard link") };
    assert_eq!(target.to_string(), "/etc/a.py");
}

#[test]
fn what_no_file_system_can_hold_is_a_gap() {
    let mut pass = Pass::new();
    pass.limits.path_depth = 3;
    let tar = Tar::new()
        .pax(&record("path", b"a\0b"), "short", b"")
        .file("1/2/3/4", "")
        .member(EntryType::new(b'Q'), "odd", 0o644, b"content", "")
        .member(EntryType::Symlink, ".", 0o777, b"", "/tmp")
        .pax(&[record("GNU.sparse.major", b"1"), record("GNU.sparse.realsize", b"9")].concat(), "s.py", b"1")
        .file("after.py", "fine")
        .bytes();
    let index = pass.index(&tar);
    let expected = [
        gap_code::NUL_IN_NAME,
        gap_code::PATH_TOO_LONG,
        gap_code::UNKNOWN_ENTRY_TYPE,
        gap_code::ROOT_REPLACED,
        gap_code::SPARSE_FILE,
    ];
    assert_eq!(codes(&index), expected);
    assert_eq!(text(&index, "/after.py").as_deref(), Some("fine"));
}

#[test]
fn holes_of_sparse_files_are_zeros() {
    let mut header = tar::Header::new_gnu();
    header.set_path("sparse.py").expect("short");
    header.set_entry_type(EntryType::GNUSparse);
    header.set_size(512);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    let gnu = header.as_gnu_mut().expect("a GNU header");
    gnu.realsize = *b"00000002004\0";
    gnu.sparse[0].offset = *b"00000001000\0";
    gnu.sparse[0].numbytes = *b"00000001000\0";
    header.set_cksum();
    let tar = [header.as_bytes().to_vec(), vec![b'x'; 512]].concat();
    let index = Pass::new().index(&tar);
    let expected = [vec![0; 512], vec![b'x'; 512], vec![0; 4]].concat();
    assert_eq!(index.entries[0].facts, Some(FileFacts::Text(Arc::from(expected))));
}

#[test]
fn a_foreign_layer_that_is_not_there_is_a_gap_of_the_whole_layer() {
    let pass = Pass::new();
    let tar = Tar::new().file("a", "b").bytes();
    let here = pass.blob(&tar, &tar);
    let mut gone = elsewhere(here.clone());
    (gone.index, gone.diff_id) = (1, sha256(b"gone"));
    let read = pass.read_all(&[here, gone]).expect("read");
    assert_eq!((read[0].index.entries.len(), read[0].index.gaps.len()), (1, 0));
    let LayerIndex { entries, gaps } = &read[1].index;
    assert_eq!((entries.len(), gaps[0].code, &gaps[0].path), (0, gap_code::FOREIGN_LAYER, &None));
}
