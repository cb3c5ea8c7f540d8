//! Layer stacks of chance, merged here and unpacked by `umoci`: the same tree, or a difference that is listed with its reason.
//!
//! Every type replaces every other, under odd names, through links of every kind, beside whiteouts and opaque marks in any order.
//! `DOUANE_TEST_STACKS` says how many are tried.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and shows its progress"
)]

#[path = "hostile/archive.rs"]
#[allow(dead_code)] // Only a part of it is used here.
mod archive;
#[path = "hostile/image.rs"]
#[allow(dead_code)] // Only a part of it is used here.
mod image;

use std::{
    cell::Cell,
    collections::BTreeMap,
    fs,
    os::unix::{ffi::OsStrExt, fs::FileTypeExt, fs::MetadataExt},
    path::Path,
    process::Command,
};

use archive::{Archive, Member, record};
use douane::{
    extract::FileFacts,
    filesystem::{Node, NodeKind, merge},
    layer::{ContentHashes, Extract, FileKind, LayerOptions, Workers, read_layers},
    limits::Limits,
    source::{Contents, OpenOptions, open},
};
use proptest::{
    collection::vec,
    prelude::{Just, Strategy, any},
    prop_oneof,
    sample::select,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};
use sha2::{Digest, Sha256};

const NAMES: [&str; 7] = ["a", "b", "A", "x y", "-n", "a\\b", "\u{e9}"];

/// Names that are mostly of directories: otherwise half of all entries would lie below files, which `umoci` refuses.
const ABOVE: [&str; 3] = ["d", "D", "e f"];

#[derive(Debug, Clone)]
struct Made {
    path: Vec<&'static str>,
    kind: Kind,
    mode: u32,
}

#[derive(Debug, Clone)]
enum Kind {
    Directory,
    File(&'static str),
    Symlink(String),
    /// To one of the entries before it, by number.
    HardLink(usize),
    Fifo,
    Device(u8),
    Whiteout,
    Opaque,
}

fn path() -> impl Strategy<Value = Vec<&'static str>> {
    let name = prop_oneof![6 => select(NAMES.to_vec()), 1 => select(ABOVE.to_vec())];
    let above = prop_oneof![30 => select(ABOVE.to_vec()), 1 => select(NAMES.to_vec())];
    (vec(above, 0..3), name).prop_map(|(mut path, name)| {
        path.push(name);
        path
    })
}

/// The target of a symbolic link: beside it, above it, absolute, out of the root, or itself.
fn target() -> impl Strategy<Value = String> {
    (select(vec!["", "../", "/", "../../../", "./"]), vec(select([NAMES.as_slice(), ABOVE.as_slice()].concat()), 0..3))
        .prop_map(|(start, parts)| format!("{start}{}", parts.join("/")))
        .prop_filter("a link leads somewhere", |target| !target.is_empty())
}

fn made() -> impl Strategy<Value = Made> {
    let kind = prop_oneof![
        3 => Just(Kind::Directory),
        3 => select(vec!["", "x", "import os\n"]).prop_map(Kind::File),
        3 => target().prop_map(Kind::Symlink),
        2 => any::<usize>().prop_map(Kind::HardLink),
        1 => Just(Kind::Fifo),
        1 => select(vec![b'3', b'4']).prop_map(Kind::Device),
        3 => Just(Kind::Whiteout),
        2 => Just(Kind::Opaque),
    ];
    (path(), kind, select(vec![0o644, 0o755, 0o4711, 0o1777, 0o000])).prop_map(|(path, kind, mode)| Made { path, kind, mode })
}

fn stack() -> impl Strategy<Value = Vec<Vec<Made>>> {
    vec(vec(made(), 1..8), 1..4)
}

/// The archive of a layer; `before` are the paths of what may be linked to, to which its own are added.
fn layer(entries: &[Made], before: &mut Vec<String>) -> Vec<u8> {
    let mut layer = Archive::default();
    for Made { path, kind, mode } in entries {
        let whole = path.join("/");
        let linked = match kind {
            Kind::HardLink(at) => at.checked_rem(before.len()).map(|at| before[at].clone()).unwrap_or_default(),
            _ => String::new(),
        };
        let mut member = Member { path: whole.as_bytes(), mode: *mode, ..Member::default() };
        let (whiteout, opaque);
        match kind {
            Kind::Directory => member.kind = b'5',
            Kind::File(content) => member.content = content.as_bytes(),
            Kind::Symlink(target) => (member.kind, member.link) = (b'2', target.as_bytes()),
            Kind::HardLink(_) if linked.is_empty() => {}
            Kind::HardLink(_) => (member.kind, member.link) = (b'1', linked.as_bytes()),
            Kind::Fifo => member.kind = b'6',
            Kind::Device(kind) => member.kind = *kind,
            Kind::Whiteout => {
                let (name, above) = path.split_last().expect("a name");
                let removed = format!(".wh.{name}");
                whiteout = above.iter().copied().chain([removed.as_str()]).collect::<Vec<_>>().join("/");
                member.path = whiteout.as_bytes();
            }
            Kind::Opaque => {
                opaque = format!("{whole}/.wh..wh..opq");
                member.path = opaque.as_bytes();
            }
        }
        // A name beyond ASCII stands in a PAX record, as Go programs write it.
        if !member.path.is_ascii() || !member.link.is_ascii() {
            layer = layer.pax(&[record("path", member.path), record("linkpath", member.link)].concat());
            (member.path, member.link) = (b"short", b"short");
        }
        layer = layer.member(&member);
        if !matches!(kind, Kind::Directory | Kind::Whiteout | Kind::Opaque) {
            before.push(whole);
        }
    }
    layer.end()
}

struct Nothing;

impl Extract for Nothing {
    fn extract(&self, _: FileKind, bytes: Vec<u8>) -> FileFacts {
        FileFacts::Text(bytes.into())
    }
}

/// Every path of a tree, with all that is compared of it.
type Lines = BTreeMap<Vec<u8>, String>;

/// What is merged here, and the codes of gaps.
fn merged(target: &str, workers: &Workers) -> (Lines, Vec<String>) {
    let limits = Limits::default();
    let opened = open(target, &OpenOptions { platform: None, limits: &limits, registries: &Default::default() })
        .unwrap_or_else(|error| panic!("{error}"));
    let Contents::Layers(blobs) = opened.contents else { panic!("{target} is no image") };
    let options = LayerOptions { limits: &limits, hashes: ContentHashes::Take, workers, extract: &Nothing, progress: None };
    let layers = read_layers(&blobs, &options).unwrap_or_else(|error| panic!("{}", error.problem));
    let (tree, gaps) = merge(layers.into_iter().map(|layer| (Some(layer.summary.layer), layer.index)), &limits);
    let lines = tree.walk().filter(|(path, _)| !path.is_root());
    let lines = lines.map(|(path, id)| (path.as_bytes().to_vec(), line(tree.node(id)))).collect();
    (lines, gaps.into_iter().map(|gap| gap.code).collect())
}

fn line(node: &Node) -> String {
    let kind = match &node.kind {
        NodeKind::Directory(_) => "directory".to_owned(),
        NodeKind::File => format!("file {} {:02x?}", node.size, node.sha256.unwrap_or_default()),
        NodeKind::Symlink(target) => format!("symlink {}", target.escape_ascii()),
        NodeKind::CharacterDevice { major, minor } => format!("character {major}:{minor}"),
        NodeKind::BlockDevice { major, minor } => format!("block {major}:{minor}"),
        NodeKind::Fifo => "fifo".to_owned(),
    };
    format!("{kind} {:04o} {}:{}", node.mode, node.uid, node.gid)
}

/// What `umoci` unpacks; or why it does not.
fn unpacked(layout: &str, bundle: &Path) -> Result<Lines, String> {
    let umoci =
        Command::new("umoci").args(["unpack", "--image", &format!("{layout}:latest")]).arg(bundle).output().expect("umoci");
    if !umoci.status.success() {
        return Err(String::from_utf8_lossy(&umoci.stderr).trim().to_owned());
    }
    let root = bundle.join("rootfs");
    let mut lines = Lines::new();
    let mut pending = vec![root.clone()];
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            let metadata = fs::symlink_metadata(&path).expect("there");
            let kind = metadata.file_type();
            let device = || {
                let device = metadata.rdev();
                format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device))
            };
            let shown = if kind.is_dir() {
                pending.push(path.clone());
                "directory".to_owned()
            } else if kind.is_symlink() {
                format!("symlink {}", fs::read_link(&path).expect("a link").as_os_str().as_bytes().escape_ascii())
            } else if kind.is_char_device() {
                format!("character {}", device())
            } else if kind.is_block_device() {
                format!("block {}", device())
            } else if kind.is_fifo() {
                "fifo".to_owned()
            } else {
                let content = fs::read(&path).expect("a file");
                let sha256: [u8; 32] = Sha256::digest(&content).into();
                format!("file {} {sha256:02x?}", content.len())
            };
            let line = format!("{shown} {:04o} {}:{}", metadata.mode() & 0o7777, metadata.uid(), metadata.gid());
            let below = path.strip_prefix(&root).expect("below");
            lines.insert([b"/", below.as_os_str().as_bytes()].concat(), line);
        }
    }
    Ok(lines)
}

fn differences(ours: &Lines, theirs: &Lines) -> Vec<String> {
    let paths: std::collections::BTreeSet<&Vec<u8>> = ours.keys().chain(theirs.keys()).collect();
    let differ = paths.into_iter().filter(|path| ours.get(*path) != theirs.get(*path));
    differ.map(|path| format!("{}: here {:?}, umoci {:?}", path.escape_ascii(), ours.get(path), theirs.get(path))).collect()
}

/// What `umoci` refuses to unpack at all, in its words, though overlayfs (and so a container) has a tree for it, which is what is read
/// here: an entry below what is no directory in a layer below, which becomes one; a hard link that stands before its target.
const REFUSED: [&str; 2] = ["not a directory", "link: no such file or directory"];

#[test]
#[ignore = "needs root and umoci: run tests/run stacks"]
fn stacks_of_chance_merge_as_umoci_unpacks_them() {
    let stacks = std::env::var("DOUANE_TEST_STACKS").ok().and_then(|stacks| stacks.parse().ok()).unwrap_or(300);
    let config = Config { cases: stacks, max_shrink_iters: 400, failure_persistence: None, ..Config::default() };
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = match std::env::var_os("DOUANE_TEST_CHANCE") {
        Some(_) => TestRunner::new(config),
        None => TestRunner::new_with_rng(config, seed),
    };
    let workers = Workers::with_threads(1, &Limits::default()).expect("a pool");
    let (compared, refused) = (Cell::new(0), Cell::new(0));
    let ran = runner.run(&stack(), |stack| {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let mut before = Vec::new();
        let layers: Vec<_> = stack.iter().map(|entries| layer(entries, &mut before)).collect();
        let target = tagged(scratch.path(), &layers);
        let (ours, gaps) = merged(&target, &workers);
        match unpacked(&target, &scratch.path().join("bundle")) {
            Ok(theirs) => {
                compared.set(compared.get() + 1);
                let differences = differences(&ours, &theirs);
                if differences.is_empty() {
                    Ok(())
                } else {
                    Err(TestCaseError::fail(format!("{}\ngaps: {gaps:?}", differences.join("\n"))))
                }
            }
            Err(why) if !gaps.is_empty() || REFUSED.iter().any(|reason| why.contains(reason)) => {
                refused.set(refused.get() + 1);
                Ok(())
            }
            Err(why) => Err(TestCaseError::fail(format!("umoci refuses what is read here without a gap: {why}"))),
        }
    });
    println!("{} stacks compared, {} refused by umoci", compared.get(), refused.get());
    if let Err(failure) = ran {
        panic!("{failure}");
    }
    assert!(compared.get() > 3 * refused.get() || stacks < 20, "{} of {} stacks refused", refused.get(), stacks);
}

/// An image that `umoci` finds under `latest`.
fn tagged(directory: &Path, layers: &[Vec<u8>]) -> String {
    let target = image::of_stored(
        directory,
        &layers.iter().map(|layer| (archive::gzip(layer), image::digest(layer))).collect::<Vec<_>>(),
    );
    let index = Path::new(&target).join("index.json");
    let mut value: serde_json::Value = serde_json::from_slice(&fs::read(&index).expect("an index")).expect("JSON");
    value["manifests"][0]["annotations"] = serde_json::json!({ "org.opencontainers.image.ref.name": "latest" });
    fs::write(&index, value.to_string()).expect("written");
    target
}
