//! Packages of conda in their prefixes, and the files that they own; never what waits in a cache to be installed.

use std::collections::{BTreeMap, HashMap};

use crate::{
    extract::{FileFacts, conda::CondaRecord},
    facts::{CondaPackage, Fact},
    filesystem::{NodeId, Tree},
    image::ImagePath,
};

use super::survey::{ElfFile, Survey};

/// Why nothing says what was asked for.
const UNMARKED: &str = "no package of the prefix is marked as asked for by name";

/// Every prefix that conda installed packages into.
#[derive(Debug, Default)]
pub(crate) struct CondaPrefixes<'tree> {
    prefixes: BTreeMap<ImagePath, Prefix<'tree>>,
}

/// One prefix: its packages, with the node of each record.
#[derive(Debug, Default)]
struct Prefix<'tree> {
    records: Vec<(ImagePath, NodeId, &'tree CondaRecord)>,
    /// Files, relative to the prefix, to the package that lists them.
    owners: HashMap<&'tree [u8], &'tree CondaRecord>,
    /// Whether anything says what was asked for; not every tool does.
    marked: bool,
}

impl<'tree> CondaPrefixes<'tree> {
    /// The prefixes by their records. A directory of records none of whose files are there is test data, or a copy.
    pub(crate) fn of(tree: &'tree Tree, survey: &Survey) -> Self {
        let mut prefixes: BTreeMap<ImagePath, Prefix<'tree>> = BTreeMap::new();
        for (path, node) in &survey.conda_records {
            let Some(FileFacts::Conda(record)) = &tree.node(*node).facts else { continue };
            let prefix = path.join("../..");
            prefixes.entry(prefix).or_default().records.push((path.clone(), *node, record));
        }
        prefixes.retain(|path, prefix| !is_cached(tree, path) && prefix.is_installed(tree, path));
        for prefix in prefixes.values_mut() {
            for (_, _, record) in &prefix.records {
                prefix.owners.extend(record.files.iter().map(|file| (file.as_bytes(), *record)));
                prefix.marked |= record.requested;
            }
        }
        Self { prefixes }
    }

    /// The prefixes themselves, sorted.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &ImagePath> {
        self.prefixes.keys()
    }

    /// Whether conda installed packages there.
    pub(crate) fn contains(&self, prefix: &ImagePath) -> bool {
        self.prefixes.contains_key(prefix)
    }

    /// The package that lists a file, given without links, and whether it was asked for.
    pub(crate) fn owner(&self, path: &ImagePath) -> Option<(&'tree str, Fact<bool>)> {
        // Prefixes stand in each other (`/opt/conda/envs/shop`): the nearest one that lists the file has it.
        let mut above = std::iter::successors(path.parent(), ImagePath::parent);
        above.find_map(|directory| {
            let prefix = self.prefixes.get(&directory)?;
            let below = path.as_bytes().strip_prefix(directory.as_bytes())?;
            let record = prefix.owners.get(below.strip_prefix(b"/").unwrap_or(below))?;
            Some((record.name.as_str(), prefix.requested(record)))
        })
    }

    /// Every package, sorted.
    pub(crate) fn packages(&self, tree: &Tree) -> Vec<CondaPackage> {
        let all = self.prefixes.iter().flat_map(|(path, prefix)| {
            prefix.records.iter().map(|(location, node, record)| CondaPackage {
                prefix: path.to_string(),
                name: record.name.clone(),
                version: record.version.clone(),
                build: record.build.clone(),
                channel: record.channel.clone(),
                subdir: record.subdir.clone(),
                url: record.url.clone(),
                license: record.license.clone(),
                requires: record.requires.clone(),
                requested: prefix.requested(record),
                location: location.to_string(),
                layer: tree.node(*node).layer,
            })
        });
        let mut packages: Vec<CondaPackage> = all.collect();
        packages.sort_by(|left, right| (&left.prefix, &left.location).cmp(&(&right.prefix, &right.location)));
        packages
    }
}

impl Prefix<'_> {
    fn is_installed(&self, tree: &Tree, path: &ImagePath) -> bool {
        let mut files = self.records.iter().flat_map(|(_, _, record)| &record.files);
        files.any(|file| tree.get(&path.join(file.as_bytes())).is_some())
    }

    /// Whether a package was asked for by name.
    fn requested(&self, record: &CondaRecord) -> Fact<bool> {
        match self.marked {
            true => Fact::Known(record.requested),
            false => Fact::Unknown(UNMARKED.into()),
        }
    }
}

/// The file under a name outside of caches, where it has one: packages are unpacked in a cache, and linked into prefixes.
pub(crate) fn outside_of_caches<'survey>(
    tree: &Tree,
    survey: &'survey Survey,
    file: &'survey ElfFile,
) -> Option<&'survey ElfFile> {
    if !is_cached(tree, &file.path) {
        return Some(file);
    }
    survey.elf.iter().find(|other| other.node == file.node && !is_cached(tree, &other.path))
}

/// Whether a path lies in a package that was unpacked in a cache: `pkgs/NAME-VERSION-BUILD`, which has its own `info`.
pub(crate) fn is_cached(tree: &Tree, path: &ImagePath) -> bool {
    std::iter::successors(Some(path.clone()), ImagePath::parent).any(|directory| {
        directory.parent().is_some_and(|cache| cache.file_name() == b"pkgs")
            && tree.get(&directory.join("info/index.json")).is_some()
    })
}

#[cfg(test)]
#[path = "conda_tests.rs"]
mod tests;
