//! Where a module's bytes are, in a file of the tree or in a zip archive there, and what such an archive offers to an import; never
//! what a module says.

use std::{collections::BTreeMap, sync::Arc};

use smol_str::{SmolStr, format_smolstr};

use crate::{
    extract::{FileFacts, ZipContent, ZipFacts, ZipMember},
    facts::{ModuleKind, PythonSource},
    filesystem::{NodeId, Tree},
    image::ImagePath,
};

use super::offer::{Offer, Place};

/// A file of the tree, or a member of a zip archive that is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Origin {
    /// The file, or the archive.
    pub(crate) node: NodeId,
    /// Which of the archive's members.
    pub(crate) member: Option<usize>,
}

impl From<NodeId> for Origin {
    fn from(node: NodeId) -> Self {
        Self { node, member: None }
    }
}

impl Origin {
    /// The source there, where it is one that was read.
    pub(crate) fn source(self, tree: &Tree) -> Option<&Arc<PythonSource>> {
        match (&tree.node(self.node).facts, self.member) {
            (Some(FileFacts::Python(source)), None) => Some(source),
            (Some(FileFacts::Zip(archive)), Some(member)) => match &archive.members.get(member)?.content {
                ZipContent::Source(source) => Some(source),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A directory in an archive, the archive's root among them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Inside {
    pub(crate) node: NodeId,
    /// Empty, or a path that ends in `/`.
    pub(crate) prefix: SmolStr,
}

impl Inside {
    /// The place that an entry of the path names in an archive: `lib.zip`, or `lib.zip/below`.
    pub(crate) fn of(tree: &Tree, entry: &ImagePath) -> Option<Self> {
        let names: Vec<&[u8]> = entry.components().collect();
        let (node, above) = std::iter::successors(Some(entry.clone()), ImagePath::parent)
            .find_map(|path| Some((tree.resolve(&path).ok()?.node, path.components().count())))?;
        if !tree.node(node).is_file() {
            return None;
        }
        let mut prefix = String::new();
        for name in names.get(above..)? {
            prefix.push_str(std::str::from_utf8(name).ok()?);
            prefix.push('/');
        }
        Some(Self { node, prefix: prefix.into() })
    }

    /// The archive, where it was opened.
    pub(crate) fn archive<'t>(&self, tree: &'t Tree) -> Option<&'t ZipFacts> {
        match &tree.node(self.node).facts {
            Some(FileFacts::Zip(archive)) => Some(archive),
            _ => None,
        }
    }

    /// Whether a member of this name is there.
    pub(crate) fn has(&self, tree: &Tree, name: &str) -> bool {
        let path = format_smolstr!("{}{name}", self.prefix);
        self.archive(tree).is_some_and(|archive| archive.members.binary_search_by(|member| member.path.cmp(&path)).is_ok())
    }

    /// What `zipimport` finds in `shown`, the name of this directory, by name. It takes bytecode before a source, but only where both
    /// say the same (or the bytecode's header says that nobody is to look): the source then tells what the bytecode does. It loads
    /// no extensions.
    pub(super) fn offers(&self, tree: &Tree, shown: &ImagePath, implied_directories: bool) -> BTreeMap<String, Offer> {
        let mut found: BTreeMap<&str, Found> = BTreeMap::new();
        let Some(archive) = self.archive(tree) else { return BTreeMap::new() };
        let first = archive.members.partition_point(|member| member.path < self.prefix);
        for (position, member) in archive.members.iter().enumerate().skip(first) {
            let Some(below) = member.path.strip_prefix(self.prefix.as_str()) else { break };
            let origin = Origin { node: self.node, member: Some(position) };
            match below.split_once('/') {
                Some((name, inner)) => {
                    let found = found.entry(name).or_default();
                    found.is_directory |= inner.is_empty() || implied_directories;
                    if let Some("__init__") = stem(inner) {
                        prefer(&mut found.package, member, origin);
                    }
                }
                None => {
                    if let Some(name) = stem(below).filter(|name| *name != "__init__") {
                        prefer(&mut found.entry(name).or_default().module, member, origin);
                    }
                }
            }
        }
        found.into_iter().map(|(name, found)| (name.to_owned(), self.offer(shown, name, found))).collect()
    }

    fn offer(&self, shown: &ImagePath, name: &str, found: Found) -> Offer {
        let path = shown.join(name);
        let below = Self { node: self.node, prefix: format_smolstr!("{}{name}/", self.prefix) };
        let location = (path.clone(), Place::Inside(below));
        let mut offer = Offer::default();
        if found.is_directory {
            offer.namespace = Some(vec![location.clone()]);
        }
        if let Some(Member { kind, suffix, origin, .. }) = found.package {
            offer.package = Some((vec![location], kind, path.join(format!("__init__{suffix}")), origin));
        }
        if let Some(Member { kind, suffix, origin, .. }) = found.module {
            offer.file((0, kind, shown.join(format!("{name}{suffix}")), origin));
        }
        offer
    }
}

/// What an archive holds for one name.
#[derive(Debug, Default)]
struct Found {
    package: Option<Member>,
    module: Option<Member>,
    is_directory: bool,
}

/// A module's file in an archive.
#[derive(Debug)]
struct Member {
    kind: ModuleKind,
    suffix: &'static str,
    origin: Origin,
    unchecked: bool,
}

/// A file name without the ending of a source or bytecode.
fn stem(file_name: &str) -> Option<&str> {
    file_name.strip_suffix(".py").or_else(|| file_name.strip_suffix(".pyc"))
}

/// Takes a member for a name, unless what is there is preferred.
fn prefer(found: &mut Option<Member>, member: &ZipMember, origin: Origin) {
    let new = match &member.content {
        ZipContent::Directory => return,
        ZipContent::Source(_) => Member { kind: ModuleKind::Source, suffix: ".py", origin, unchecked: false },
        ZipContent::Bytecode { unchecked } => {
            Member { kind: ModuleKind::Bytecode, suffix: ".pyc", origin, unchecked: *unchecked }
        }
    };
    let rank = |module: &Member| (!module.unchecked, module.kind != ModuleKind::Source);
    if found.as_ref().is_none_or(|found| rank(&new) < rank(found)) {
        *found = Some(new);
    }
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
