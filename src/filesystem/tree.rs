//! The merged tree: what a process in the image would see, with the layer of every node; never a path of the host.

use std::collections::BTreeMap;

use crate::{extract::FileFacts, image::ImagePath};

/// A node of a [`Tree`]. Two directory entries with one id are hard links of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// What is at a path.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its type.
    pub kind: NodeKind,
    /// Permission bits with set-uid, set-gid and sticky.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// Seconds since 1970.
    pub mtime: i64,
    /// Size of a regular file in bytes, else 0.
    pub size: u64,
    /// SHA-256 of a regular file's content, where the scan was asked for it.
    pub sha256: Option<[u8; 32]>,
    /// What its bytes say, where they were read.
    pub facts: Option<FileFacts>,
    /// The layer that brought this version of it; `None` in a root file system.
    pub layer: Option<u32>,
}

/// The type of a node.
#[derive(Debug, Clone)]
pub enum NodeKind {
    /// A directory and its entries, sorted by name.
    Directory(BTreeMap<Box<[u8]>, NodeId>),
    /// A regular file.
    File,
    /// A symbolic link, with its target as written.
    Symlink(Box<[u8]>),
    /// A character device.
    CharacterDevice {
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
    /// A block device.
    BlockDevice {
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
    /// A named pipe.
    Fifo,
}

impl Node {
    /// A directory without entries, owned by root, as one that no archive mentions is made.
    pub fn implied_directory(layer: Option<u32>) -> Self {
        Self {
            kind: NodeKind::Directory(BTreeMap::new()),
            mode: 0o755,
            uid: 0,
            gid: 0,
            mtime: 0,
            size: 0,
            sha256: None,
            facts: None,
            layer,
        }
    }

    /// Whether this is a directory.
    pub fn is_directory(&self) -> bool {
        matches!(self.kind, NodeKind::Directory(_))
    }

    /// Whether this is a regular file.
    pub fn is_file(&self) -> bool {
        matches!(self.kind, NodeKind::File)
    }
}

/// Where a path leads once every symbolic link is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The path without links.
    pub path: ImagePath,
    /// The node there.
    pub node: NodeId,
}

/// Why a path leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// A component does not exist.
    #[error("no such file or directory")]
    NotFound,
    /// A component that is not the last is no directory.
    #[error("not a directory")]
    NotADirectory,
    /// More symbolic links than the limit allows.
    #[error("too many levels of symbolic links")]
    TooManyLinks,
}

/// The merged tree of an image, or a root file system.
#[derive(Debug, Clone)]
pub struct Tree {
    nodes: Vec<Node>,
    link_hops: usize,
}

impl Tree {
    /// The root's id.
    pub const ROOT: NodeId = NodeId(0);

    /// A tree with an empty root directory, following at most `link_hops` symbolic links for one path.
    pub fn new(link_hops: usize) -> Self {
        Self { nodes: vec![Node::implied_directory(None)], link_hops }
    }

    /// The node of an id.
    pub fn node(&self, id: NodeId) -> &Node {
        // INVARIANT: ids come from this tree's own `add`, and nodes are never taken out of the arena.
        #[expect(clippy::indexing_slicing, reason = "every id was handed out by this arena, which never shrinks")]
        &self.nodes[id.0 as usize]
    }

    /// The node of an id, to change it.
    pub(crate) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        #[expect(clippy::indexing_slicing, reason = "every id was handed out by this arena, which never shrinks")]
        &mut self.nodes[id.0 as usize]
    }

    /// How many nodes were ever added, those without a name included.
    pub(crate) fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Adds a node to the arena without giving it a name. `None` once four thousand million nodes are there.
    pub(crate) fn add(&mut self, node: Node) -> Option<NodeId> {
        let id = NodeId(u32::try_from(self.nodes.len()).ok()?);
        self.nodes.push(node);
        Some(id)
    }

    /// Gives a node a name in a directory, in place of what had it. Does nothing where `directory` is no directory.
    pub(crate) fn link(&mut self, directory: NodeId, name: &[u8], node: NodeId) {
        if let NodeKind::Directory(entries) = &mut self.node_mut(directory).kind {
            entries.insert(Box::from(name), node);
        }
    }

    /// Takes a name, and all below it, out of a directory.
    pub(crate) fn unlink(&mut self, directory: NodeId, name: &[u8]) -> Option<NodeId> {
        match &mut self.node_mut(directory).kind {
            NodeKind::Directory(entries) => entries.remove(name),
            _ => None,
        }
    }

    /// The entry of a directory by name; links are not followed.
    pub fn child(&self, directory: NodeId, name: &[u8]) -> Option<NodeId> {
        match &self.node(directory).kind {
            NodeKind::Directory(entries) => entries.get(name).copied(),
            _ => None,
        }
    }

    /// The entries of a directory, sorted by name; nothing for anything else.
    pub fn children(&self, directory: NodeId) -> impl Iterator<Item = (&[u8], NodeId)> {
        let entries = match &self.node(directory).kind {
            NodeKind::Directory(entries) => Some(entries),
            _ => None,
        };
        entries.into_iter().flatten().map(|(name, id)| (name.as_ref(), *id))
    }

    /// What is at a path without following any link, neither on the way nor at its end.
    pub fn get(&self, path: &ImagePath) -> Option<NodeId> {
        path.components().try_fold(Self::ROOT, |directory, name| self.child(directory, name))
    }

    /// Where a path leads when every symbolic link on the way and at its end is followed, inside the image's root.
    pub fn resolve(&self, path: &ImagePath) -> Result<Resolved, ResolveError> {
        self.follow(path, true)
    }

    /// Where a path leads when links on the way are followed, but not one at its end (`lstat`).
    pub fn resolve_parent(&self, path: &ImagePath) -> Result<Resolved, ResolveError> {
        self.follow(path, false)
    }

    fn follow(&self, path: &ImagePath, last_too: bool) -> Result<Resolved, ResolveError> {
        let mut hops = 0;
        // Components still to walk, the next one last.
        let mut pending: Vec<Vec<u8>> = path.components().rev().map(<[u8]>::to_vec).collect();
        let mut walked: Vec<(Vec<u8>, NodeId)> = Vec::new();
        while let Some(name) = pending.pop() {
            if name == b".." {
                walked.pop();
                continue;
            }
            let directory = walked.last().map_or(Self::ROOT, |(_, id)| *id);
            if !self.node(directory).is_directory() {
                return Err(ResolveError::NotADirectory);
            }
            let id = self.child(directory, &name).ok_or(ResolveError::NotFound)?;
            match &self.node(id).kind {
                NodeKind::Symlink(target) if last_too || !pending.is_empty() => {
                    hops += 1;
                    if hops > self.link_hops {
                        return Err(ResolveError::TooManyLinks);
                    }
                    if target.first() == Some(&b'/') {
                        walked.clear();
                    }
                    pending.extend(
                        target
                            .split(|byte| *byte == b'/')
                            .rev()
                            .filter(|component| !component.is_empty() && *component != b".")
                            .map(<[u8]>::to_vec),
                    );
                }
                _ => walked.push((name, id)),
            }
        }
        let mut whole = Vec::new();
        for (name, _) in &walked {
            whole.push(b'/');
            whole.extend_from_slice(name);
        }
        let path = ImagePath::new(whole).ok_or(ResolveError::NotFound)?;
        Ok(Resolved { path, node: walked.last().map_or(Self::ROOT, |(_, id)| *id) })
    }

    /// The file facts at a path, links followed.
    pub fn facts(&self, path: &ImagePath) -> Option<&FileFacts> {
        self.node(self.resolve(path).ok()?.node).facts.as_ref()
    }

    /// The kept text at a path, links followed.
    pub fn text(&self, path: &ImagePath) -> Option<&[u8]> {
        match self.facts(path)? {
            FileFacts::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Every path and its node, parents first, names sorted; links are not followed.
    pub fn walk(&self) -> Walk<'_> {
        self.walk_from(ImagePath::root())
    }

    /// Every path at and below a directory (no link followed); nothing where the path does not exist.
    pub fn walk_from(&self, start: ImagePath) -> Walk<'_> {
        let pending = self.get(&start).map(|id| (start, id)).into_iter().collect();
        Walk { tree: self, pending }
    }
}

/// An iterator over the paths of a [`Tree`].
#[derive(Debug)]
pub struct Walk<'tree> {
    tree: &'tree Tree,
    pending: Vec<(ImagePath, NodeId)>,
}

impl Iterator for Walk<'_> {
    type Item = (ImagePath, NodeId);

    fn next(&mut self) -> Option<Self::Item> {
        let (path, id) = self.pending.pop()?;
        let first = self.pending.len();
        // Names come out of the tree without `/`, `.` or `..`, so that joining them never normalises anything away.
        self.pending.extend(self.tree.children(id).map(|(name, child)| (path.join(name), child)));
        if let Some(added) = self.pending.get_mut(first..) {
            added.reverse();
        }
        Some((path, id))
    }
}
