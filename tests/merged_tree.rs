//! Compares the merged tree of real images, in every form they are stored in, with what `umoci unpack` makes of them.
//!
//! The oracle is each image's `manifest.jsonl` (`tests/images/README.md`). Known disagreements: the mode of `/`, where no
//! layer holds it, is the unpacker's own.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and shows its progress"
)]

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    time::Instant,
};

use douane::{
    extract::FileFacts,
    filesystem::{Node, NodeKind, Tree, merge},
    layer::{ContentHashes, Extract, FileKind, LayerOptions, Workers, read_layers},
    limits::Limits,
    source::{Contents, OpenOptions, open},
};
use serde_json::Value;

/// Extraction has its own tests: here files only pass through the workers.
struct Nothing;

impl Extract for Nothing {
    fn extract(&self, _: FileKind, bytes: Vec<u8>) -> FileFacts {
        FileFacts::Text(bytes.into())
    }
}

fn images() -> PathBuf {
    PathBuf::from(env::var_os("DOUANE_TEST_IMAGES").expect("DOUANE_TEST_IMAGES names the directory of images"))
}

fn merged(target: &str) -> Tree {
    let limits = Limits::default();
    let opened = open(target, &OpenOptions { platform: None, limits: &limits, registries: &Default::default() })
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(opened.gaps.is_empty(), "{target}: {:?}", opened.gaps);
    let Contents::Layers(blobs) = opened.contents else { panic!("{target} is no image") };
    let workers = Workers::new(&limits).expect("a pool");
    let options =
        LayerOptions { limits: &limits, hashes: ContentHashes::Take, workers: &workers, extract: &Nothing, progress: None };
    let layers = read_layers(&blobs, &options).unwrap_or_else(|error| panic!("{target}: {error}"));
    let indexes = layers.into_iter().map(|layer| (Some(layer.summary.layer), layer.index));
    let (tree, gaps) = merge(indexes, &limits);
    assert!(gaps.is_empty(), "{target}: {gaps:?}");
    tree
}

/// The path of a tree or a manifest, in a form in which both compare: bytes that are not UTF-8 in hexadecimal.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("hex:{}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
    }
}

fn described(entry: &Value, key: &str) -> String {
    match entry[key].as_str() {
        Some(text) => text.to_owned(),
        None => format!("hex:{}", entry[format!("{key}_hex")].as_str().unwrap_or_default()),
    }
}

/// Everything that is compared of one path, as a line.
fn expected(entry: &Value) -> String {
    let (kind, mode, uid, gid) = (&entry["type"], &entry["mode"], &entry["uid"], &entry["gid"]);
    let kind = kind.as_str().unwrap_or_default();
    let rest = match kind {
        "file" => format!("{} {}", entry["size"], entry["sha256"].as_str().unwrap_or_default()),
        "symlink" => described(entry, "target"),
        "character" | "block" => format!("{}:{}", entry["major"], entry["minor"]),
        _ => String::new(),
    };
    format!("{kind} {} {uid}:{gid} {rest}", mode.as_str().unwrap_or_default())
}

fn found(node: &Node) -> String {
    let (kind, rest) = match &node.kind {
        NodeKind::Directory(_) => ("directory", String::new()),
        NodeKind::File => {
            let sha256 = node.sha256.unwrap_or_default();
            ("file", format!("{} {}", node.size, sha256.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
        }
        NodeKind::Symlink(target) => ("symlink", text(target)),
        NodeKind::CharacterDevice { major, minor } => ("character", format!("{major}:{minor}")),
        NodeKind::BlockDevice { major, minor } => ("block", format!("{major}:{minor}")),
        NodeKind::Fifo => ("fifo", String::new()),
    };
    format!("{kind} {:04o} {}:{} {rest}", node.mode, node.uid, node.gid)
}

fn differences(target: &str, manifest: &Path) -> Vec<String> {
    let manifest = fs::read_to_string(manifest).expect("a manifest");
    let mut expected: BTreeMap<String, String> = manifest
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .map(|entry| (described(&entry, "path"), expected(&entry)))
        .collect();
    assert!(!expected.is_empty(), "{target}: an empty manifest");
    let tree = merged(target);
    let mut differences = Vec::new();
    for (path, id) in tree.walk() {
        let (path, found) = (text(path.as_bytes()), found(tree.node(id)));
        match expected.remove(&path) {
            Some(expected) if expected == found => {}
            Some(expected) => differences.push(format!("{path:?}: expected {expected:?}, found {found:?}")),
            None => differences.push(format!("{path:?}: not expected, found {found:?}")),
        }
    }
    differences.extend(expected.into_iter().map(|(path, expected)| format!("{path:?}: expected {expected:?}, not found")));
    differences
}

/// Every stored form of an image: `oci` directories and `*.tar` beside its manifest.
fn forms(directory: &Path) -> Vec<String> {
    let mut forms = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        let is_layout = path.join("index.json").is_file();
        if is_layout || path.extension().is_some_and(|extension| extension == "tar") {
            forms.push(path.display().to_string());
        }
    }
    forms.sort();
    forms
}

#[test]
#[ignore = "needs images: run tests/run images"]
fn every_form_of_every_image_merges_as_umoci_unpacks_it() {
    let mut failed = Vec::new();
    let mut compared = 0;
    let mut directories: Vec<PathBuf> =
        fs::read_dir(images()).expect("images").map(|entry| entry.expect("an entry").path()).collect();
    directories.sort();
    for directory in directories {
        let manifest = directory.join("manifest.jsonl");
        if !manifest.is_file() {
            continue;
        }
        for target in forms(&directory) {
            let start = Instant::now();
            let differences = differences(&target, &manifest);
            println!("{target}: {} differences, {:.2?}", differences.len(), start.elapsed());
            compared += 1;
            if !differences.is_empty() {
                let shown = differences.iter().take(20).cloned().collect::<Vec<_>>().join("\n  ");
                failed.push(format!("{target}: {} differences\n  {shown}", differences.len()));
            }
        }
    }
    assert!(compared > 0, "no image with a manifest in {}", images().display());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
