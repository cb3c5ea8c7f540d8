//! Laying layers over each other as `umoci unpack` and overlayfs do: whiteouts, replacements, links; never reading files.
//!
//! The directories above an entry are resolved inside the root, symbolic links included, as `filepath-securejoin` does it:
//! what does not exist is taken literally. The entry itself replaces what has its name, but a directory joins a directory.

use std::collections::{BTreeMap, HashSet};

use super::tree::{Node, NodeId, NodeKind, Tree};
use crate::{
    facts::Gap,
    image::ImagePath,
    layer::{Entry, EntryKind, LayerGap, LayerIndex, gap_code},
    limits::Limits,
};

/// Lays layers over each other, the lowest first, each with its index (none for a root file system). What a layer could not
/// read, and what cannot be laid over another, comes out as gaps; those of files that an upper layer replaced do not.
pub fn merge(layers: impl IntoIterator<Item = (Option<u32>, LayerIndex)>, limits: &Limits) -> (Tree, Vec<Gap>) {
    let mut merge = Merge { tree: Tree::new(limits.link_hops), limits, gaps: Vec::new(), full: false };
    let mut of_content = Vec::new();
    for (layer, index) in layers {
        for gap in index.gaps {
            if gap_code::OF_CONTENT.contains(&gap.code) {
                of_content.push((layer, gap));
            } else {
                merge.gaps.push(shown(layer, gap));
            }
        }
        Application::new(&mut merge, layer, &index.entries).apply(index.entries);
    }
    let Merge { tree, mut gaps, .. } = merge;
    let still_there = |layer: Option<u32>, gap: &LayerGap| {
        let Some(path) = &gap.path else { return true };
        tree.resolve_parent(path).is_ok_and(|found| tree.node(found.node).layer == layer)
    };
    gaps.extend(of_content.into_iter().filter(|(layer, gap)| still_there(*layer, gap)).map(|(layer, gap)| shown(layer, gap)));
    (tree, gaps)
}

fn shown(layer: Option<u32>, gap: LayerGap) -> Gap {
    let place = match (&gap.path, layer) {
        (Some(path), _) => path.to_string(),
        (None, Some(layer)) => format!("layer {layer}"),
        (None, None) => "/".to_owned(),
    };
    Gap { place, code: gap.code.to_owned(), reason: gap.reason, layer }
}

struct Merge<'limits> {
    tree: Tree,
    limits: &'limits Limits,
    gaps: Vec<Gap>,
    /// Whether the tree's limit was reached, and told of.
    full: bool,
}

/// One layer being laid over those below.
struct Application<'merge, 'limits> {
    merge: &'merge mut Merge<'limits>,
    layer: Option<u32>,
    /// Names that this layer brought, or that lead to one: no whiteout of the same layer removes them, wherever it stands.
    /// None where the layer has no whiteouts. INVARIANT: with a name, all names above it are in the set.
    upper: Option<HashSet<(NodeId, Box<[u8]>)>>,
    /// Hard links whose targets are not there yet.
    postponed: Vec<Entry>,
    /// The directory of the last entry and what it resolved to: most entries stand beside the one before.
    /// INVARIANT: no directory or link was taken away since.
    last: Option<(ImagePath, NodeId)>,
}

/// A component of a resolved path, and what has that name now.
struct Step {
    name: Box<[u8]>,
    node: Option<NodeId>,
}

enum Linked {
    Done,
    TargetMissing,
}

impl<'merge, 'limits> Application<'merge, 'limits> {
    fn new(merge: &'merge mut Merge<'limits>, layer: Option<u32>, entries: &[Entry]) -> Self {
        let removes = entries.iter().any(|entry| matches!(entry.kind, EntryKind::Whiteout | EntryKind::Opaque));
        Self { merge, layer, upper: removes.then(HashSet::new), postponed: Vec::new(), last: None }
    }

    fn apply(mut self, entries: Vec<Entry>) {
        for entry in entries {
            self.entry(entry);
        }
        // A link may stand before its target, even through another link: as long as one finds its target, others may.
        let mut missing = std::mem::take(&mut self.postponed);
        loop {
            let before = missing.len();
            for entry in std::mem::take(&mut missing) {
                if matches!(self.hard_link(&entry), Linked::TargetMissing) {
                    missing.push(entry);
                }
            }
            if missing.is_empty() || missing.len() == before {
                break;
            }
        }
        for entry in missing {
            let EntryKind::HardLink(target) = &entry.kind else { continue };
            let reason = format!("it is a hard link to {target}, which is no file of the image");
            self.gap(&entry.path, gap_code::HARD_LINK_TARGET_MISSING, reason);
        }
    }

    fn gap(&mut self, path: &ImagePath, code: &'static str, reason: String) {
        let gap = LayerGap { path: Some(path.clone()), code, reason };
        self.merge.gaps.push(shown(self.layer, gap));
    }

    fn entry(&mut self, entry: Entry) {
        match &entry.kind {
            EntryKind::Opaque => self.opaque(&entry.path),
            EntryKind::Whiteout => self.whiteout(&entry.path),
            EntryKind::Directory if entry.path.is_root() => {
                let layer = self.layer;
                set_metadata(self.merge.tree.node_mut(Tree::ROOT), &entry, layer);
            }
            EntryKind::HardLink(_) => {
                if matches!(self.hard_link(&entry), Linked::TargetMissing) {
                    self.postponed.push(entry);
                }
            }
            _ => self.put(entry),
        }
    }

    /// Resolves a directory's path inside the root, links included. `None` (with a gap) where links lead round in a circle.
    fn locate(&mut self, path: &ImagePath) -> Option<Vec<Step>> {
        let tree = &self.merge.tree;
        let mut hops = 0;
        let mut pending: Vec<Box<[u8]>> = path.components().rev().map(Box::from).collect();
        let mut steps: Vec<Step> = Vec::with_capacity(pending.len());
        while let Some(name) = pending.pop() {
            if *name == *b".." {
                steps.pop();
                continue;
            }
            let directory = steps.last().map_or(Some(Tree::ROOT), |step| step.node);
            let node = directory.and_then(|directory| tree.child(directory, &name));
            let Some(NodeKind::Symlink(target)) = node.map(|node| &tree.node(node).kind) else {
                steps.push(Step { name, node });
                continue;
            };
            hops += 1;
            if hops > self.merge.limits.link_hops {
                let reason = "the directories above it go through too many symbolic links".to_owned();
                self.gap(path, gap_code::SYMLINK_LOOP, reason);
                return None;
            }
            if target.first() == Some(&b'/') {
                steps.clear();
            }
            let names = target.split(|byte| *byte == b'/').rev();
            pending.extend(names.filter(|name| !name.is_empty() && *name != b".").map(Box::from));
        }
        if steps.len() >= self.merge.limits.path_depth {
            let reason = format!("it leads deeper than {} directories", self.merge.limits.path_depth);
            self.gap(path, gap_code::PATH_TOO_LONG, reason);
            return None;
        }
        Some(steps)
    }

    /// The directory at the end of resolved steps, where there is one.
    fn existing(&self, steps: &[Step]) -> Option<NodeId> {
        let node = steps.last().map_or(Some(Tree::ROOT), |step| step.node)?;
        self.merge.tree.node(node).is_directory().then_some(node)
    }

    /// Makes the directories of resolved steps that are missing, in place of files in the way, and marks all as this
    /// layer's. `None` (with a gap) where the tree is full.
    fn make_directories(&mut self, steps: &[Step]) -> Option<NodeId> {
        let mut directory = Tree::ROOT;
        for step in steps {
            let found = step.node.filter(|node| self.merge.tree.node(*node).is_directory());
            let child = match found {
                Some(child) => child,
                None => self.add(directory, &step.name, Node::implied_directory(self.layer))?,
            };
            self.mark(directory, &step.name);
            directory = child;
        }
        Some(directory)
    }

    fn mark(&mut self, directory: NodeId, name: &[u8]) {
        if let Some(upper) = &mut self.upper {
            upper.insert((directory, Box::from(name)));
        }
    }

    fn is_upper(&self, directory: NodeId, name: &[u8]) -> bool {
        self.upper.as_ref().is_some_and(|upper| upper.contains(&(directory, Box::from(name))))
    }

    fn add(&mut self, directory: NodeId, name: &[u8], node: Node) -> Option<NodeId> {
        // Twice, for directories that no archive mentions.
        let limit = self.merge.limits.entries.saturating_mul(2);
        let added = (self.merge.tree.nodes() < limit).then(|| self.merge.tree.add(node)).flatten();
        match added {
            Some(id) => self.merge.tree.link(directory, name, id),
            None if !self.merge.full => {
                self.merge.full = true;
                let reason = format!("the image has more than {limit} files; the rest is not looked at");
                self.gap(&ImagePath::root(), gap_code::TREE_TOO_LARGE, reason);
            }
            None => {}
        }
        added
    }

    /// The directories above an entry, made where they are missing, and the entry's name.
    fn parent_of(&mut self, path: &ImagePath) -> Option<NodeId> {
        let parent = path.parent()?;
        if let Some((_, directory)) = self.last.as_ref().filter(|(last, _)| *last == parent) {
            return Some(*directory);
        }
        let steps = self.locate(&parent)?;
        let directory = self.make_directories(&steps)?;
        self.last = Some((parent, directory));
        Some(directory)
    }

    /// Takes a name out of a directory.
    fn unlink(&mut self, directory: NodeId, name: &[u8]) {
        let tree = &mut self.merge.tree;
        let removed = tree.unlink(directory, name).map(|node| &tree.node(node).kind);
        if matches!(removed, Some(NodeKind::Directory(_) | NodeKind::Symlink(_))) {
            self.last = None;
        }
    }

    fn put(&mut self, entry: Entry) {
        let Some(directory) = self.parent_of(&entry.path) else {
            return;
        };
        let name = entry.path.file_name();
        let existing = self.merge.tree.child(directory, name);
        let is_directory = |id: &NodeId| self.merge.tree.node(*id).is_directory();
        match existing.filter(|id| entry.kind == EntryKind::Directory && is_directory(id)) {
            Some(same) => set_metadata(self.merge.tree.node_mut(same), &entry, self.layer),
            None => {
                // Taken away first: where the new node cannot be added, the old one is not what the image has either.
                self.unlink(directory, name);
                let path = entry.path.clone();
                if self.add(directory, path.file_name(), node(entry, self.layer)).is_some() {
                    self.mark(directory, path.file_name());
                }
                return;
            }
        }
        self.mark(directory, name);
    }

    fn hard_link(&mut self, entry: &Entry) -> Linked {
        let EntryKind::HardLink(target) = &entry.kind else {
            return Linked::Done;
        };
        let Some(directory) = self.parent_of(&entry.path) else {
            return Linked::Done;
        };
        let name = entry.path.file_name();
        let existing = self.merge.tree.child(directory, name);
        let before = self.link_target(target);
        if existing.is_none() || existing != before {
            self.unlink(directory, name);
            // Looked up again: what was just taken away may have held the target.
            let Some(node) = self.link_target(target) else {
                return Linked::TargetMissing;
            };
            self.merge.tree.link(directory, name, node);
        }
        self.mark(directory, name);
        Linked::Done
    }

    /// What a hard link leads to: links above the target are followed, the target itself is not; directories have no links.
    fn link_target(&mut self, target: &ImagePath) -> Option<NodeId> {
        let steps = self.locate(&target.parent()?)?;
        let directory = self.existing(&steps)?;
        let node = self.merge.tree.child(directory, target.file_name())?;
        (!self.merge.tree.node(node).is_directory()).then_some(node)
    }

    fn whiteout(&mut self, path: &ImagePath) {
        let Some(steps) = path.parent().and_then(|parent| self.locate(&parent)) else {
            return;
        };
        let name = path.file_name();
        let Some(directory) = self.existing(&steps) else {
            return;
        };
        let Some(child) = self.merge.tree.child(directory, name) else {
            return;
        };
        if self.is_upper(directory, name) {
            self.hide_lower(child);
        } else {
            self.unlink(directory, name);
        }
    }

    fn opaque(&mut self, path: &ImagePath) {
        let Some(steps) = self.locate(path) else {
            return;
        };
        if let Some(directory) = self.existing(&steps) {
            self.hide_lower(directory);
        }
    }

    /// Takes away everything below a directory that this layer did not bring.
    fn hide_lower(&mut self, directory: NodeId) {
        let mut pending = vec![directory];
        while let Some(directory) = pending.pop() {
            let children: Vec<(Box<[u8]>, NodeId)> =
                self.merge.tree.children(directory).map(|(name, id)| (Box::from(name), id)).collect();
            for (name, child) in children {
                if self.is_upper(directory, &name) {
                    pending.push(child);
                } else {
                    self.unlink(directory, &name);
                }
            }
        }
    }
}

fn set_metadata(node: &mut Node, entry: &Entry, layer: Option<u32>) {
    node.mode = entry.mode;
    node.uid = entry.uid;
    node.gid = entry.gid;
    node.mtime = entry.mtime;
    node.layer = layer;
}

fn node(entry: Entry, layer: Option<u32>) -> Node {
    let mut mode = entry.mode;
    let kind = match entry.kind {
        EntryKind::Directory => NodeKind::Directory(BTreeMap::new()),
        EntryKind::Symlink(target) => {
            // Linux has no modes for symbolic links, whatever an archive says.
            mode = 0o777;
            NodeKind::Symlink(target)
        }
        EntryKind::CharacterDevice { major, minor } => NodeKind::CharacterDevice { major, minor },
        EntryKind::BlockDevice { major, minor } => NodeKind::BlockDevice { major, minor },
        EntryKind::Fifo => NodeKind::Fifo,
        // The others are no nodes of their own, and do not come here.
        EntryKind::File | EntryKind::HardLink(_) | EntryKind::Whiteout | EntryKind::Opaque => NodeKind::File,
    };
    let (uid, gid, mtime) = (entry.uid, entry.gid, entry.mtime);
    Node { kind, mode, uid, gid, mtime, size: entry.size, sha256: entry.sha256, facts: entry.facts, layer }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
