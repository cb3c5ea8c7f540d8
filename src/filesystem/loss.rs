//! What the merged tree may lack because of what could not be read; never why a list of other things is not whole.

use super::tree::Tree;
pub use crate::layer::may_be_elf;
use crate::{facts::Gap, image::ImagePath, layer::gap_code};

/// The gaps after which an entry that the image has may not be in the tree.
pub fn entries_lost<'g>(tree: &Tree, gaps: &'g [Gap]) -> impl Iterator<Item = &'g Gap> {
    gaps.iter().filter(|gap| gap_code::OF_ENTRY.contains(&gap.code.as_str()) && !is_of_content(tree, gap))
}

/// The gaps of directories that are in the tree under another path only.
pub fn mounted_twice(gaps: &[Gap]) -> impl Iterator<Item = &Gap> {
    gaps.iter().filter(|gap| gap.code == gap_code::MOUNTED_TWICE)
}

/// Whether the gap tells only of the content of a file that is there.
fn is_of_content(tree: &Tree, gap: &Gap) -> bool {
    let is_there = || {
        let path = ImagePath::new(&gap.place)?;
        Some(tree.node(tree.get(&path)?).is_file())
    };
    gap_code::OF_CONTENT.contains(&gap.code.as_str()) && is_there() == Some(true)
}

/// Whether what a gap tells of may lie in a directory, or be the directory.
pub fn may_lie_in(tree: &Tree, gap: &Gap, directory: &ImagePath) -> bool {
    // A gap without a path may be anywhere.
    let Some(place) = ImagePath::new(&gap.place).filter(|_| gap.place.starts_with('/')) else { return true };
    if gap.code == gap_code::TREE_TOO_LARGE || place.starts_with(directory) {
        return true;
    }
    // Above the directory a gap matters only where the way to it ends: an entry of `/` that may not be read is not `/usr`.
    let mut end = directory.clone();
    let reached = loop {
        match (tree.resolve(&end), end.parent()) {
            (Ok(reached), _) => break reached,
            (Err(_), Some(parent)) => end = parent,
            (Err(_), None) => return true,
        }
    };
    let is_empty = tree.children(reached.node).next().is_none();
    reached.path == place && end != *directory || is_empty && reached.path.parent() == Some(place)
}

#[cfg(test)]
mod tests {
    use super::{entries_lost, may_lie_in};
    use crate::{
        facts::Gap,
        filesystem::{Node, NodeKind, Tree},
        image::ImagePath,
    };

    fn gap(place: &str, code: &str) -> Gap {
        Gap { place: place.into(), code: code.into(), reason: "why".into(), layer: None }
    }

    /// A tree of these directories, and of a file `/opt/tool`.
    fn tree(directories: &[&str]) -> Tree {
        let mut tree = Tree::new(40);
        for path in directories {
            let mut at = Tree::ROOT;
            for name in ImagePath::new(path).expect("valid").components() {
                at = tree.child(at, name).unwrap_or_else(|| {
                    let child = tree.add(Node::implied_directory(None)).expect("room");
                    tree.link(at, name, child);
                    child
                });
            }
        }
        let opt = tree.get(&ImagePath::new("/opt").expect("valid")).expect("a directory");
        let tool = tree.add(Node { kind: NodeKind::File, ..Node::implied_directory(None) }).expect("room");
        tree.link(opt, b"tool", tool);
        tree
    }

    #[test]
    fn a_file_that_is_there_is_not_lost() {
        let gaps = [
            gap("/opt/tool", "read-error"),
            gap("/opt/other", "read-error"),
            gap("/opt", "read-error"),
            gap("/x", "sparse-file"),
        ];
        let tree = tree(&["/opt"]);
        let lost: Vec<&str> = entries_lost(&tree, &gaps).map(|gap| gap.place.as_str()).collect();
        assert_eq!(lost, ["/opt/other", "/opt"]);
    }

    #[test]
    fn a_gap_above_a_directory_concerns_it_only_where_the_way_ends() {
        let tree = tree(&["/usr/lib/python3.11/json", "/root", "/opt"]);
        let concerns = |place: &str, directory: &str| {
            let directory = ImagePath::new(directory).expect("valid");
            may_lie_in(&tree, &gap(place, "permission-denied"), &directory)
        };
        assert!(!concerns("/", "/usr/lib/python3.11") && !concerns("/", "/usr/lib/python311.zip"));
        assert!(concerns("/", "/root/.local/lib") && concerns("/", "/app") && concerns("layer 3", "/usr/lib"));
        assert!(concerns("/usr/lib/python3.11/site", "/usr/lib/python3.11") && !concerns("/opt", "/usr/lib"));
    }
}
