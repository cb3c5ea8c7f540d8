//! Installed files against what lists them: what differs, what is not there, what nobody lists; never who changed it, or why.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use data_encoding::BASE64URL_NOPAD;

use crate::{
    extract::record::{RecordEntry, record},
    facts::{Completeness, Gap, InstalledFile},
    filesystem::{NodeId, Tree, entries_lost, may_lie_in},
    image::ImagePath,
};

use super::{
    context::Integrity,
    distributions::{FoundDistribution, side_file},
    package_files::PackageFiles,
};

/// What nobody asked for is not known.
const NOT_ASKED: &str = "installed files were not held against what lists them when the target was looked into";

/// What is said of a file that is on no list.
const UNOWNED: &str = "neither a distribution nor a package of the system lists it";

/// Holds the files of a distribution against its `RECORD`.
pub(crate) fn verify(tree: &Tree, gaps: &[Gap], integrity: Integrity, distribution: &mut FoundDistribution) {
    let facts = &mut distribution.facts;
    let record_file = distribution.metadata.join("RECORD");
    let text = match (integrity, tree.text(&record_file)) {
        (Integrity::Leave, _) => Err(NOT_ASKED),
        (Integrity::Check, Some(text)) => Ok(text),
        (Integrity::Check, None) if tree.resolve(&record_file).is_ok() => Err("its RECORD could not be read"),
        (Integrity::Check, None) => Err("it has no RECORD, which would say what its files were"),
    };
    let text = match text {
        Ok(text) => text,
        Err(reason) => {
            facts.modified_complete.lacks(reason);
            facts.missing_complete.lacks(reason);
            return;
        }
    };
    let site = distribution.metadata.parent().unwrap_or_else(ImagePath::root);
    let mut seen = HashSet::new();
    let mut doubts: BTreeMap<&'static str, (String, usize)> = BTreeMap::new();
    for entry in record(text) {
        let path = site.join(entry.path.as_bytes());
        // Byte code is a cache, which is made anew and thrown away: nothing is asked of it, even where a wheel brought some.
        if is_compiled(&path) || !seen.insert(path.clone()) {
            continue;
        }
        let node = match tree.resolve(&path) {
            Ok(found) if tree.node(found.node).is_file() => tree.node(found.node),
            other => {
                let parent = path.parent().unwrap_or_else(ImagePath::root);
                if let Some(gap) = entries_lost(tree, gaps).find(|gap| may_lie_in(tree, gap, &parent)) {
                    facts.missing_complete.lacks(format!("`{}`: {}", gap.place, gap.reason));
                    continue;
                }
                let reason = match other {
                    Ok(_) => "something that is no file is in its place".to_owned(),
                    Err(error) => error.to_string(),
                };
                facts.missing.push(InstalledFile { path: path.to_string(), reason, layer: None });
                continue;
            }
        };
        match compared(&entry, node.size, node.sha256.as_ref()) {
            Compared::Same => {}
            Compared::Differs(reason) => {
                facts.modified.push(InstalledFile { path: path.to_string(), reason, layer: node.layer });
            }
            Compared::Unknown(_) if never_hashed(&path, &record_file) => {}
            Compared::Unknown(reason) => doubts.entry(reason).or_insert((path.to_string(), 0)).1 += 1,
        }
    }
    for (reason, (first, count)) in doubts {
        facts.modified_complete.lacks(match count {
            1 => format!("`{first}` {reason}"),
            _ => format!("`{first}` {reason}, nor can {} more be compared", count - 1),
        });
    }
    facts.modified.sort();
    facts.missing.sort();
}

/// What a file is beside its entry.
enum Compared {
    Same,
    Differs(String),
    Unknown(&'static str),
}

fn compared(entry: &RecordEntry, size: u64, sha256: Option<&[u8; 32]>) -> Compared {
    // Another size is another file, however it is hashed.
    if let Some(wanted) = entry.size.filter(|wanted| *wanted != size) {
        return Compared::Differs(format!("it has {size} bytes, and was installed with {wanted}"));
    }
    let Some(hash) = &entry.hash else { return Compared::Unknown("has no hash in RECORD") };
    let Some(encoded) = hash.strip_prefix("sha256=") else {
        return Compared::Unknown("has a hash in RECORD that is not SHA-256");
    };
    let Ok(wanted) = BASE64URL_NOPAD.decode(encoded.trim_end_matches('=').as_bytes()) else {
        return Compared::Unknown("has a hash in RECORD that cannot be read");
    };
    match sha256 {
        None => Compared::Unknown("was not hashed, for it lies where distributions install nothing or is very large"),
        Some(found) if found.as_slice() == wanted => Compared::Same,
        Some(_) => Compared::Differs("its SHA-256 is not that of RECORD".to_owned()),
    }
}

/// What a `RECORD` has no hashes of, and cannot: itself and its signatures.
fn never_hashed(path: &ImagePath, record: &ImagePath) -> bool {
    path == record || [&b"RECORD.jws"[..], b"RECORD.p7s"].contains(&path.file_name()) && path.parent() == record.parent()
}

fn is_compiled(path: &ImagePath) -> bool {
    path.file_name().ends_with(b".pyc") && path.parent().is_some_and(|parent| parent.file_name() == b"__pycache__")
}

/// The files below the directories for distributions that neither a distribution nor a package of the system lists. What Python
/// compiled belongs to who its source belongs to.
pub(crate) fn unowned(
    tree: &Tree,
    packages: &PackageFiles<'_>,
    path: &[ImagePath],
    distributions: &[FoundDistribution],
    integrity: Integrity,
) -> (Vec<InstalledFile>, Completeness) {
    let mut complete = Completeness::Complete;
    if integrity == Integrity::Leave {
        complete.lacks(NOT_ASKED);
        return (Vec::new(), complete);
    }
    let owned = Owned::of(tree, packages, distributions, &mut complete);
    let mut found = BTreeSet::new();
    let mut walked = HashSet::new();
    for entry in path {
        let Ok(site) = tree.resolve(entry) else { continue };
        if !is_site(&site.path) || !walked.insert(site.node) {
            continue;
        }
        for (file, node) in tree.walk_from(site.path) {
            if !tree.node(node).is_directory() && !owned.holds(&file, node) {
                let layer = tree.node(node).layer;
                found.insert(InstalledFile { path: file.to_string(), reason: UNOWNED.into(), layer });
            }
        }
    }
    (found.into_iter().collect(), complete)
}

/// Whether distributions are installed in a directory, rather than worked on.
fn is_site(directory: &ImagePath) -> bool {
    [&b"site-packages"[..], b"dist-packages"].contains(&directory.file_name())
}

/// What has an owner.
struct Owned<'a> {
    tree: &'a Tree,
    packages: &'a PackageFiles<'a>,
    files: HashSet<NodeId>,
    /// Paths of distributions that list nothing: all below them is taken for theirs.
    inferred: Vec<ImagePath>,
}

impl<'a> Owned<'a> {
    fn of(
        tree: &'a Tree,
        packages: &'a PackageFiles<'a>,
        distributions: &[FoundDistribution],
        complete: &mut Completeness,
    ) -> Self {
        let mut owned = Self { tree, packages, files: HashSet::new(), inferred: Vec::new() };
        for distribution in distributions {
            let site = distribution.metadata.parent().unwrap_or_else(ImagePath::root);
            if let Some(text) = tree.text(&distribution.metadata.join("RECORD")) {
                record(text).iter().for_each(|entry| owned.claim(&site.join(entry.path.as_bytes())));
            } else if let Some(text) = side_file(tree, &distribution.metadata, "installed-files.txt") {
                text.lines().for_each(|line| owned.claim(&distribution.metadata.join(line.as_bytes())));
            } else if site.file_name().ends_with(b".egg") {
                owned.inferred.push(site);
            } else if distribution.facts.os_package.is_none() && distribution.facts.conda_package.is_none() && is_site(&site) {
                complete
                    .lacks(format!("`{}` lists no files: those of its names are taken for its own", distribution.facts.name));
                owned.infer(distribution, &site);
            }
        }
        owned
    }

    fn claim(&mut self, path: &ImagePath) {
        // A link that is listed is owned as well as what it leads to.
        self.files.extend(self.tree.get(path));
        self.files.extend(self.tree.resolve(path).ok().map(|found| found.node));
    }

    fn infer(&mut self, distribution: &FoundDistribution, site: &ImagePath) {
        self.inferred.push(distribution.metadata.clone());
        let names = side_file(self.tree, &distribution.metadata, "top_level.txt")
            .unwrap_or_else(|| distribution.facts.normalized_name.replace('-', "_"));
        for name in names.lines().map(str::trim).filter(|name| !name.is_empty()) {
            self.inferred.push(site.join(name));
            self.claim(&site.join(format!("{name}.py")));
        }
    }

    fn holds(&self, path: &ImagePath, node: NodeId) -> bool {
        self.files.contains(&node)
            || self.packages.owner(path).is_some()
            || self.packages.conda_owner(path).is_some()
            || self.inferred.iter().any(|directory| path.starts_with(directory))
            || is_compiled(path) && self.holds_source(path)
    }

    /// `a/__pycache__/b.cpython-312.opt-1.pyc` was made from `a/b.py`.
    fn holds_source(&self, path: &ImagePath) -> bool {
        let stem = path.file_name().split(|byte| *byte == b'.').next().unwrap_or_default();
        let source = path.join("../..").join([stem, b".py"].concat());
        self.tree.get(&source).is_some_and(|node| self.holds(&source, node))
    }
}

#[cfg(test)]
#[path = "integrity_tests.rs"]
mod tests;
