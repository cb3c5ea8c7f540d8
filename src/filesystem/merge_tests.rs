//! Every way in which one layer can change what another one left.

use super::merge;
use crate::{
    extract::FileFacts,
    facts::Gap,
    filesystem::{NodeKind, Tree},
    image::ImagePath,
    layer::{Entry, EntryKind, LayerGap, LayerIndex, gap_code},
    limits::Limits,
};

fn path(text: &str) -> ImagePath {
    ImagePath::new(text).expect("valid")
}

fn entry(at: &str, kind: EntryKind) -> Entry {
    Entry { path: path(at), kind, mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0, sha256: None, facts: None }
}

/// `a/b` is a file, `a/` a directory, `a -> b` a symbolic link, `a = b` a hard link, `-a` a whiteout, `!a` an opaque one.
fn read(text: &str) -> Entry {
    if let Some((at, target)) = text.split_once(" -> ") {
        entry(at, EntryKind::Symlink(target.as_bytes().into()))
    } else if let Some((at, target)) = text.split_once(" = ") {
        entry(at, EntryKind::HardLink(path(target)))
    } else if let Some(at) = text.strip_prefix('-') {
        entry(at, EntryKind::Whiteout)
    } else if let Some(at) = text.strip_prefix('!') {
        entry(at, EntryKind::Opaque)
    } else if text.ends_with('/') {
        entry(text, EntryKind::Directory)
    } else {
        entry(text, EntryKind::File)
    }
}

fn layers(layers: &[&[&str]]) -> Vec<(Option<u32>, LayerIndex)> {
    let index = |entries: &&[&str]| LayerIndex { entries: entries.iter().map(|text| read(text)).collect(), gaps: vec![] };
    (0..).map(Some).zip(layers.iter().map(index)).collect()
}

fn merged(given: &[&[&str]]) -> (Tree, Vec<Gap>) {
    merge(layers(given), &Limits::default())
}

/// Every path but the root, with `/` after directories, ` -> ` before targets, and the layer of each.
fn paths(given: &[&[&str]]) -> Vec<String> {
    let (tree, gaps) = merged(given);
    assert!(gaps.is_empty(), "{gaps:?}");
    let shown = |(path, id): (ImagePath, _)| {
        let node = tree.node(id);
        let name = path.to_string();
        let name = name.trim_start_matches('/');
        let layer = node.layer.map_or("-".to_owned(), |layer| layer.to_string());
        match &node.kind {
            NodeKind::Directory(_) => format!("{name}/ {layer}"),
            NodeKind::Symlink(target) => format!("{name} -> {} {layer}", String::from_utf8_lossy(target)),
            _ => format!("{name} {layer}"),
        }
    };
    tree.walk().skip(1).map(shown).collect()
}

#[test]
fn upper_layers_add_and_replace() {
    assert_eq!(paths(&[&["a/", "a/x", "a/y"], &["a/y", "a/z"]]), ["a/ 0", "a/x 0", "a/y 1", "a/z 1"]);
}

#[test]
fn directories_that_no_archive_mentions_are_made() {
    let (tree, _) = merged(&[&["a/b/c"]]);
    let node = tree.node(tree.get(&path("a/b")).expect("a directory"));
    assert!(node.is_directory());
    assert_eq!((node.mode, node.layer), (0o755, Some(0)));
}

#[test]
fn a_directory_joins_a_directory_and_brings_its_metadata() {
    let mut given = layers(&[&["a/", "a/x"], &["a/"]]);
    given[1].1.entries[0].mode = 0o700;
    given[1].1.entries[0].uid = 7;
    let (tree, _) = merge(given, &Limits::default());
    let node = tree.node(tree.get(&path("a")).expect("a directory"));
    assert_eq!((node.mode, node.uid, node.layer), (0o700, 7, Some(1)));
    assert!(tree.get(&path("a/x")).is_some());
}

#[test]
fn the_root_takes_its_metadata_from_the_last_layer_that_has_it() {
    let mut given = layers(&[&["/"], &["a"]]);
    given[0].1.entries[0].mode = 0o711;
    let (tree, _) = merge(given, &Limits::default());
    assert_eq!((tree.node(Tree::ROOT).mode, tree.node(Tree::ROOT).layer), (0o711, Some(0)));
}

#[test]
fn a_file_over_a_directory_removes_all_below_it() {
    assert_eq!(paths(&[&["a/x/y"], &["a"]]), ["a 1"]);
    assert_eq!(paths(&[&["a/x/y"], &["a -> b"]]), ["a -> b 1"]);
    assert_eq!(paths(&[&["a/x/y"], &["a"], &["a/"]]), ["a/ 2"]);
}

#[test]
fn a_directory_over_anything_else_starts_empty() {
    assert_eq!(paths(&[&["a"], &["a/", "a/x"]]), ["a/ 1", "a/x 1"]);
    assert_eq!(paths(&[&["b/x", "a -> b"], &["a/"]]), ["a/ 1", "b/ 0", "b/x 0"]);
}

#[test]
fn a_file_replaces_a_link_and_not_its_target() {
    assert_eq!(paths(&[&["b", "a -> b"], &["a"]]), ["a 1", "b 0"]);
}

#[test]
fn a_file_on_the_way_gives_way_to_a_directory() {
    assert_eq!(paths(&[&["a"], &["a/b/c"]]), ["a/ 1", "a/b/ 1", "a/b/c 1"]);
}

#[test]
fn links_above_an_entry_are_followed_inside_the_root() {
    assert_eq!(
        paths(&[&["usr/lib/", "lib -> usr/lib"], &["lib/x"]]),
        ["lib -> usr/lib 0", "usr/ 0", "usr/lib/ 0", "usr/lib/x 1"]
    );
    assert_eq!(paths(&[&["d/", "l -> /../../d"], &["l/x"]]), ["d/ 0", "d/x 1", "l -> /../../d 0"]);
    // What a link leads to need not be there.
    assert_eq!(paths(&[&["l -> no/where"], &["l/x"]]), ["l -> no/where 0", "no/ 1", "no/where/ 1", "no/where/x 1"]);
    assert_eq!(paths(&[&["l -> gone/../d"], &["l/x"]]), ["d/ 1", "d/x 1", "l -> gone/../d 0"]);
}

#[test]
fn a_directory_that_changes_between_two_entries_is_looked_up_again() {
    assert_eq!(paths(&[&["d/", "a/x", "a -> d", "a/y"]]), ["a -> d 0", "d/ 0", "d/y 0"]);
    assert_eq!(paths(&[&["d/", "a -> d", "a/x", "a/", "a/y"]]), ["a/ 0", "a/y 0", "d/ 0", "d/x 0"]);
    assert_eq!(paths(&[&["a/w"], &["a/x", "-a", "a/y"]]), ["a/ 0", "a/x 1", "a/y 1"]);
}

#[test]
fn links_in_a_circle_are_a_gap() {
    let (tree, gaps) = merged(&[&["a -> b", "b -> a"], &["a/x", "c"]]);
    assert_eq!(gaps[0].code, gap_code::SYMLINK_LOOP);
    assert_eq!((gaps[0].place.as_str(), gaps[0].layer), ("/a", Some(1)));
    assert!(tree.get(&path("c")).is_some());
}

#[test]
fn whiteouts_remove_from_lower_layers_with_all_below() {
    assert_eq!(paths(&[&["a/x/y", "b"], &["-a", "-b", "-never-there"]]), [""; 0]);
    assert_eq!(paths(&[&["a/x", "a/y"], &["-a/x"]]), ["a/ 0", "a/y 0"]);
    assert_eq!(paths(&[&["a"], &["-a"], &["a"]]), ["a 2"]);
}

#[test]
fn a_whiteout_removes_a_link_and_not_its_target() {
    assert_eq!(paths(&[&["b/x", "a -> b"], &["-a"]]), ["b/ 0", "b/x 0"]);
    assert_eq!(paths(&[&["b/x", "a -> b"], &["-a/x"]]), ["a -> b 0", "b/ 0"]);
}

#[test]
fn a_whiteout_never_removes_what_its_own_layer_brings_whichever_comes_first() {
    assert_eq!(paths(&[&["a"], &["-a", "a"]]), ["a 1"]);
    assert_eq!(paths(&[&["a"], &["a", "-a"]]), ["a 1"]);
    assert_eq!(paths(&[&["d/old", "d/sub/old"], &["d/sub/new", "-d"]]), ["d/ 0", "d/sub/ 0", "d/sub/new 1"]);
    assert_eq!(paths(&[&["d/old"], &["-d", "d/new"]]), ["d/ 1", "d/new 1"]);
    assert_eq!(paths(&[&["b/old", "a -> b"], &["a/new", "-b"]]), ["a -> b 0", "b/ 0", "b/new 1"]);
}

#[test]
fn opaque_directories_hide_lower_children_only() {
    for order in [["!d", "d/new"], ["d/new", "!d"]] {
        assert_eq!(paths(&[&["d/", "d/old", "d/sub/old"], &order]), ["d/ 0", "d/new 1"], "{order:?}");
    }
    assert_eq!(paths(&[&["d/sub/old"], &["d/sub/new", "!d"]]), ["d/ 0", "d/sub/ 0", "d/sub/new 1"]);
    assert_eq!(paths(&[&["a", "b/c"], &["!/", "d"]]), ["d 1"]);
    assert_eq!(paths(&[&["a"], &["!a", "!never-there"]]), ["a 0"]);
}

#[test]
fn a_name_of_a_hard_link_may_go_and_the_file_stays() {
    let (tree, gaps) = merged(&[&["a", "b = a"], &["-a"]]);
    assert!(gaps.is_empty() && tree.get(&path("a")).is_none() && tree.get(&path("b")).is_some());
    // The layer touched one name only.
    let (tree, _) = merged(&[&["a"], &["b = a", "-a"]]);
    assert!(tree.get(&path("a")).is_none() && tree.get(&path("b")).is_some());
}

#[test]
fn hard_links_share_a_file_of_this_layer_or_a_lower_one() {
    let (tree, gaps) = merged(&[&["a", "b = a"], &["c = b"]]);
    assert!(gaps.is_empty());
    let ids: Vec<_> = ["a", "b", "c"].map(|name| tree.get(&path(name)).expect("a file")).into();
    assert!(ids.iter().all(|id| *id == ids[0]));
    // A new version of one name is another file.
    let (tree, _) = merged(&[&["a", "b = a"], &["a"]]);
    assert_ne!(tree.get(&path("a")), tree.get(&path("b")));
    assert_eq!(tree.node(tree.get(&path("b")).expect("a file")).layer, Some(0));
}

#[test]
fn hard_links_lead_to_symbolic_links_themselves_and_through_those_above() {
    let (tree, gaps) = merged(&[&["d/x -> y", "l -> d", "h = l/x"]]);
    assert!(gaps.is_empty());
    assert_eq!(tree.get(&path("h")), tree.get(&path("d/x")));
}

#[test]
fn hard_links_may_stand_before_their_targets() {
    assert_eq!(paths(&[&["a = b", "b = c", "c"]]), ["a 0", "b 0", "c 0"]);
}

#[test]
fn a_hard_link_to_itself_changes_nothing() {
    assert_eq!(paths(&[&["a"], &["a = a"]]), ["a 0"]);
}

#[test]
fn hard_links_to_nothing_are_gaps() {
    for (given, at) in [(&["a = gone"][..], "/a"), (&["d/x", "a = d"], "/a"), (&["a = /"], "/a"), (&["d/x", "d = d/x"], "/d")] {
        let (tree, gaps) = merged(&[given]);
        assert_eq!((gaps.len(), gaps[0].code.as_str()), (1, gap_code::HARD_LINK_TARGET_MISSING), "{given:?}");
        assert_eq!(gaps[0].place, at);
        assert!(tree.get(&path(at)).is_none());
    }
}

#[test]
fn symbolic_links_have_the_mode_that_linux_gives_them() {
    let (tree, _) = merged(&[&["a -> b"]]);
    assert_eq!(tree.node(tree.get(&path("a")).expect("a link")).mode, 0o777);
}

#[test]
fn depth_through_links_has_the_limit_of_paths() {
    let deep = "x/".repeat(100);
    let target = format!("l -> {deep}");
    let nested = format!("l/{deep}l2/");
    let (_, gaps) = merged(&[&[&target, &nested, &format!("{nested}{deep}y")]]);
    assert_eq!(gaps[0].code, gap_code::PATH_TOO_LONG);
}

#[test]
fn the_number_of_files_has_a_limit() {
    let limits = Limits { entries: 3, ..Limits::default() };
    let (tree, gaps) = merge(layers(&[&["a/b/c/d/e/f/g", "h", "i"]]), &limits);
    assert_eq!(gaps.iter().map(|gap| gap.code.as_str()).collect::<Vec<_>>(), [gap_code::TREE_TOO_LARGE]);
    assert_eq!(tree.walk().count(), 6);
}

#[test]
fn gaps_of_replaced_content_are_gone_and_others_stay() {
    let gap = |at: &str, code| LayerGap { path: Some(path(at)), code, reason: "why".to_owned() };
    let mut given = layers(&[&["kept", "replaced", "removed", "d/x", "l -> d"], &["replaced", "-removed"]]);
    given[0].1.gaps = vec![
        gap("kept", gap_code::FILE_TOO_LARGE),
        gap("replaced", gap_code::FILE_TOO_LARGE),
        gap("removed", gap_code::EXTRACTOR_PANIC),
        gap("l/x", gap_code::EXTRACTOR_PANIC),
        gap("odd", gap_code::UNKNOWN_ENTRY_TYPE),
    ];
    given[0].1.entries[0].facts = Some(FileFacts::Unread("why".into()));
    let (_, gaps) = merge(given, &Limits::default());
    let left: Vec<_> = gaps.iter().map(|gap| (gap.place.as_str(), gap.layer)).collect();
    assert_eq!(left, [("/odd", Some(0)), ("/kept", Some(0)), ("/l/x", Some(0))]);
}
