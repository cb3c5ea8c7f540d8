//! Layers over each other: entries of every kind, whiteouts and links, whatever their order.

#![no_main]

use std::collections::BTreeSet;

use arbitrary::Arbitrary;
use douane::{
    filesystem::{NodeKind, Tree, merge},
    image::ImagePath,
    layer::{Entry, EntryKind, LayerIndex},
    limits::Limits,
};
use libfuzzer_sys::fuzz_target;

/// Few names, so that entries meet.
const NAMES: [&str; 8] = ["a", "b", "c", "d", "..", ".", "A", "a\u{301}"];

#[derive(Debug, Arbitrary)]
struct Made {
    path: Vec<u8>,
    target: Vec<u8>,
    absolute: bool,
    kind: u8,
}

fn path(parts: &[u8]) -> String {
    parts.iter().take(6).map(|part| NAMES[usize::from(*part) % NAMES.len()]).collect::<Vec<_>>().join("/")
}

fn entry(made: &Made) -> Entry {
    let target = format!("{}{}", if made.absolute { "/" } else { "" }, path(&made.target));
    let at = ImagePath::new(path(&made.path)).expect("no NUL");
    let kind = match made.kind % 9 {
        0 => EntryKind::Directory,
        1 => EntryKind::File,
        2 | 3 => EntryKind::Symlink(target.into_bytes().into()),
        4 => EntryKind::HardLink(ImagePath::new(target).expect("no NUL")),
        5 => EntryKind::CharacterDevice { major: 1, minor: 3 },
        6 => EntryKind::Fifo,
        7 => EntryKind::Opaque,
        _ => EntryKind::Whiteout,
    };
    // What the walk over a layer never yields.
    let kind = if at.is_root() && kind != EntryKind::Opaque { EntryKind::Directory } else { kind };
    Entry { path: at, kind, mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0, sha256: None, facts: None }
}

fuzz_target!(|layers: Vec<Vec<Made>>| {
    let limits = Limits { entries: 2000, ..Limits::default() };
    let given: Vec<Vec<Entry>> = layers.iter().take(4).map(|layer| layer.iter().take(64).map(entry).collect()).collect();
    let most: usize = given.iter().map(Vec::len).sum::<usize>() * 7 + 1;
    let layers = (0..).map(Some).zip(given.into_iter().map(|entries| LayerIndex { entries, gaps: Vec::new() }));
    let (tree, _) = merge(layers, &limits);
    let mut seen = BTreeSet::new();
    for (count, (path, id)) in tree.walk().enumerate() {
        assert!(count < most, "the tree is larger than its layers");
        assert_eq!(tree.get(&path), Some(id));
        if matches!(tree.node(id).kind, NodeKind::Directory(_)) {
            assert!(seen.insert(id), "{path} is a directory with two names");
        }
        let _ = tree.resolve(&path);
    }
    assert!(seen.contains(&Tree::ROOT));
});
