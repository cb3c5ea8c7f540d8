//! Installed distributions by their metadata, as `importlib.metadata` finds them on a path; never the files they own.

use std::collections::HashSet;

use smol_str::format_smolstr;

use crate::{
    extract::{
        FileFacts,
        core_metadata::core_metadata,
        direct_url::direct_url,
        entry_points::{EntryPoint, entry_points},
    },
    facts::{Distribution, Fact, Gap, normalised_name},
    filesystem::Tree,
    image::ImagePath,
};

use super::{package_files::PackageFiles, survey::gap};

/// A distribution, with the places that decide which modules it owns.
#[derive(Debug, Clone)]
pub(crate) struct FoundDistribution {
    pub(crate) facts: Distribution,
    /// The directory (or egg-info file) of its metadata, links followed.
    pub(crate) metadata: ImagePath,
    /// Whether one earlier on the path has the same name.
    pub(crate) shadowed: bool,
}

impl FoundDistribution {
    /// Whether conda installed it, and nobody replaced it since.
    fn is_condas(&self) -> bool {
        self.facts.conda_package.is_some() && self.facts.installer.as_deref().is_none_or(|installer| installer == "conda")
    }
}

/// Every distribution on the path in the path's order, and those whose metadata could not be read.
pub(crate) fn distributions(
    tree: &Tree,
    path: &[ImagePath],
    packages: &PackageFiles<'_>,
) -> (Vec<FoundDistribution>, Vec<Gap>) {
    let mut found = Vec::new();
    let mut gaps = Vec::new();
    let mut names = HashSet::new();
    for entry in path {
        let Ok(directory) = tree.resolve(entry) else { continue };
        for (name, _) in tree.children(directory.node) {
            if !is_metadata_name(entry, name) {
                continue;
            }
            match read(tree, entry, name, packages) {
                Ok(Some(mut distribution)) => {
                    distribution.shadowed = !names.insert(distribution.facts.normalized_name.clone());
                    match tree.text(&distribution.metadata.join("direct_url.json")).map(direct_url) {
                        // It says where conda's package was built, not where it came from.
                        _ if distribution.is_condas() => {}
                        Some(Ok(found)) => {
                            distribution.facts.editable = found.editable;
                            distribution.facts.origin = match found.origin() {
                                Ok(origin) => Fact::Known(origin),
                                Err(reason) => Fact::Unknown(format_smolstr!("of `direct_url.json` {reason}")),
                            };
                        }
                        Some(Err(error)) => {
                            let file = distribution.metadata.join("direct_url.json");
                            let reason = format!("where the distribution came from cannot be told: {error}");
                            distribution.facts.origin = Fact::Unknown(reason.clone().into());
                            gaps.push(gap(&file, "distribution-origin", reason, distribution.facts.layer));
                        }
                        None => {}
                    }
                    found.push(distribution);
                }
                Ok(None) => {}
                Err(gap) => gaps.push(gap),
            }
        }
    }
    mark_linked(tree, path, &mut found);
    doubt_requests(&mut found);
    (found, gaps)
}

fn is_metadata_name(entry: &ImagePath, name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    // An egg that was unpacked is an entry of the path itself.
    let of_egg = name == b"egg-info" && entry.file_name().ends_with(b".egg");
    name.ends_with(b".dist-info") || name.ends_with(b".egg-info") || of_egg
}

/// `setup.py develop` leaves an `.egg-link`, whose first line is the directory of what is worked on.
fn mark_linked(tree: &Tree, path: &[ImagePath], found: &mut [FoundDistribution]) {
    for entry in path {
        let Ok(directory) = tree.resolve(entry) else { continue };
        for (name, _) in tree.children(directory.node).filter(|(name, _)| name.ends_with(b".egg-link")) {
            let link = tree.text(&directory.path.join(name)).unwrap_or_default();
            let line = String::from_utf8_lossy(link).lines().next().unwrap_or_default().trim().to_owned();
            let Ok(source) = tree.resolve(&directory.path.join(line.as_bytes())) else { continue };
            let stem = String::from_utf8_lossy(name.strip_suffix(b".egg-link").unwrap_or(name)).into_owned();
            let name = normalised_name(&stem);
            for distribution in found.iter_mut() {
                let is_there = distribution.metadata.parent().as_ref() == Some(&source.path);
                distribution.facts.editable |= is_there && distribution.facts.normalized_name == name;
            }
        }
    }
}

/// One distribution; nothing where a directory has no metadata file, as an interrupted installation leaves it.
fn read(tree: &Tree, site: &ImagePath, name: &[u8], packages: &PackageFiles<'_>) -> Result<Option<FoundDistribution>, Gap> {
    let location = site.join(name);
    let Ok(metadata) = tree.resolve(&location) else { return Ok(None) };
    let files = if tree.node(metadata.node).is_directory() {
        vec![metadata.path.join("METADATA"), metadata.path.join("PKG-INFO")]
    } else {
        vec![metadata.path.clone()]
    };
    let Some(file) = files.iter().find_map(|file| tree.resolve(file).ok()) else { return Ok(None) };
    let node = tree.node(file.node);
    let invalid = |reason: String| gap(&file.path, "distribution-metadata", reason, node.layer);
    let Some(FileFacts::Text(text)) = &node.facts else {
        return Err(invalid("the metadata was not read: which distribution this is cannot be told".to_owned()));
    };
    let core = core_metadata(text).map_err(|error| invalid(error.to_string()))?;
    let Some(own_name) = core.name.filter(|name| !name.is_empty()) else {
        return Err(invalid("the metadata has no `Name`".to_owned()));
    };
    let requires = if core.requires.is_empty() { egg_requirements(tree, &metadata.path) } else { core.requires };
    let installer = side_file(tree, &metadata.path, "INSTALLER")
        .and_then(|text| Some(text.lines().next()?.trim().to_owned()))
        .filter(|installer| !installer.is_empty());
    let os_package = packages.owner(&file.path).map(str::to_owned);
    let conda = packages.conda_owner(&file.path);
    let conda_package = conda.as_ref().map(|(name, _)| (*name).to_owned());
    Ok(Some(FoundDistribution {
        facts: Distribution {
            normalized_name: normalised_name(&own_name),
            name: own_name,
            version: match core.version {
                Some(version) if !version.is_empty() => Fact::Known(version),
                _ => Fact::Unknown("the metadata has no `Version`".into()),
            },
            location: location.to_string(),
            license: core.license,
            requires,
            extras: core.extras,
            requires_python: core.requires_python,
            entry_points: offered(tree, &metadata.path),
            requested: match conda {
                Some((_, requested)) if installer.as_deref().is_none_or(|installer| installer == "conda") => requested,
                _ => requested(tree, &metadata.path, installer.as_deref(), os_package.as_deref()),
            },
            installer,
            os_package,
            conda_package,
            editable: false,
            origin: Fact::Absent,
            declared: Fact::Absent,
            layer: node.layer,
            // Whether its files are as they were installed is another's question.
            ..Distribution::default()
        },
        metadata: metadata.path,
        shadowed: false,
    }))
}

/// The entry points that a distribution offers, without the extras that they need.
fn offered(tree: &Tree, metadata: &ImagePath) -> Vec<String> {
    let Some(text) = side_file(tree, metadata, "entry_points.txt") else { return Vec::new() };
    entry_points(text.as_bytes())
        .into_iter()
        .map(|EntryPoint { group, name, module, attribute }| match attribute {
            Some(attribute) => format!("{group}: {name} = {module}:{attribute}"),
            None => format!("{group}: {name} = {module}"),
        })
        .collect()
}

/// What a `REQUESTED` file says (PEP 376); that there is none says something only where pip would have written it.
fn requested(tree: &Tree, metadata: &ImagePath, installer: Option<&str>, os_package: Option<&str>) -> Fact<bool> {
    let marked = tree.resolve(&metadata.join("REQUESTED")).is_ok();
    match (installer, os_package) {
        (_, Some(package)) => Fact::Unknown(format_smolstr!(
            "the package `{package}` of the system brings it: its manager does not say whether the distribution was asked for"
        )),
        // Both do so, whatever was asked for: conda builds packages with pip, each by itself.
        (Some(installer @ ("uv" | "conda")), None) if marked => {
            Fact::Unknown(format_smolstr!("`{installer}` marks what was only needed as asked for by name too"))
        }
        _ if marked => Fact::Known(true),
        (Some("pip"), None) => Fact::Known(false),
        (Some(other), None) => Fact::Unknown(format_smolstr!("`{other}` does not say whether it was asked for by name")),
        (None, None) => Fact::Unknown("nothing says what installed it, and whether it was asked for by name".into()),
    }
}

/// pip before 20.2 marked nothing: where no distribution is marked, that one is not marked says nothing.
fn doubt_requests(found: &mut [FoundDistribution]) {
    // Conda marks its own, which says nothing of pip.
    let mut pips: Vec<_> = found.iter_mut().filter(|distribution| !distribution.is_condas()).collect();
    if pips.iter().any(|distribution| distribution.facts.requested == Fact::Known(true)) {
        return;
    }
    for distribution in &mut pips {
        if distribution.facts.requested == Fact::Known(false) {
            let reason = "no distribution of the environment is marked as asked for by name, as with pip before 20.2";
            distribution.facts.requested = Fact::Unknown(reason.into());
        }
    }
}

/// A text beside the metadata, as far as it is UTF-8.
pub(crate) fn side_file(tree: &Tree, metadata: &ImagePath, name: &str) -> Option<String> {
    Some(String::from_utf8_lossy(tree.text(&metadata.join(name))?).into_owned())
}

/// `requires.txt` of an egg-info as requirements: a section `[extra:marker]` becomes a marker, as `importlib.metadata` has it.
fn egg_requirements(tree: &Tree, metadata: &ImagePath) -> Vec<String> {
    let Some(text) = side_file(tree, metadata, "requires.txt") else { return Vec::new() };
    let mut marker = String::new();
    let mut requirements = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(section) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let (extra, condition) = section.split_once(':').unwrap_or((section, ""));
            let condition =
                if condition.is_empty() || extra.is_empty() { condition.to_owned() } else { format!("({condition})") };
            let extra = if extra.is_empty() { String::new() } else { format!("extra == \"{extra}\"") };
            let parts: Vec<String> = [condition, extra].into_iter().filter(|part| !part.is_empty()).collect();
            marker = if parts.is_empty() { String::new() } else { format!("; {}", parts.join(" and ")) };
        } else {
            // A direct reference ends in white space, else the marker would belong to its address.
            let space = if line.contains('@') && !marker.is_empty() { " " } else { "" };
            requirements.push(format!("{line}{space}{marker}"));
        }
    }
    requirements
}

#[cfg(test)]
mod tests {
    use super::distributions;
    use crate::{
        facts::Fact,
        image::ImagePath,
        introspect::{package_files::PackageFiles, test_tree::TestTree},
    };

    fn find(tree: &TestTree, path: &[&str]) -> (Vec<super::FoundDistribution>, Vec<crate::facts::Gap>) {
        let path: Vec<_> = path.iter().map(|entry| ImagePath::new(entry).expect("valid")).collect();
        distributions(tree.tree(), &path, &PackageFiles::default())
    }

    #[test]
    fn first_on_the_path_has_the_name() {
        let mut tree = TestTree::new();
        tree.text("/local/click-8.1.7.dist-info/METADATA", "Metadata-Version: 2.1\nName: click\nVersion: 8.1.7\n\n");
        tree.text("/local/click-8.1.7.dist-info/INSTALLER", "pip\n");
        tree.text("/dist/Click-8.0.egg-info/PKG-INFO", "Metadata-Version: 1.2\nName: Click\nVersion: 8.0\n\n");
        let (found, gaps) = find(&tree, &["/local", "/dist", "/missing"]);
        assert!(gaps.is_empty(), "{gaps:?}");
        assert_eq!(found.len(), 2);
        assert_eq!((&found[0].facts.version, found[0].shadowed), (&Fact::Known("8.1.7".to_owned()), false));
        assert_eq!(found[0].facts.installer.as_deref(), Some("pip"));
        assert!(found[1].shadowed);
    }

    #[test]
    fn metadata_says_more_than_name_and_version() {
        let mut tree = TestTree::new();
        let core = "Metadata-Version: 2.4\nName: a\nVersion: 1\nLicense: old\nLicense-Expression: MIT\nProvides-Extra: x\n\
                    Provides-Extra: y\nRequires-Python: >=3.8\n\n";
        tree.text("/d/a-1.dist-info/METADATA", core);
        tree.text("/d/a-1.dist-info/entry_points.txt", "[console_scripts]\nrun = a.b:main [x]\n[plug]\nname=a\n");
        let (found, _) = find(&tree, &["/d"]);
        let facts = &found[0].facts;
        assert_eq!(facts.license.as_deref(), Some("MIT"));
        assert_eq!((facts.extras.as_slice(), facts.requires_python.as_deref()), (&["x".into(), "y".into()][..], Some(">=3.8")));
        assert_eq!(facts.entry_points, ["console_scripts: run = a.b:main", "plug: name = a"]);
    }

    #[test]
    fn what_was_asked_for_is_known_where_pip_marks_it() {
        let mut tree = TestTree::new();
        for (name, installer) in [("a", "pip"), ("b", "pip"), ("c", "uv")] {
            tree.text(&format!("/d/{name}-1.dist-info/METADATA"), &format!("Metadata-Version: 2.1\nName: {name}\n\n"));
            tree.text(&format!("/d/{name}-1.dist-info/INSTALLER"), installer);
        }
        let requested = |tree: &TestTree| -> Vec<Option<bool>> {
            find(tree, &["/d"]).0.iter().map(|found| found.facts.requested.known().copied()).collect()
        };
        assert_eq!(requested(&tree), [None, None, None], "pip before 20.2 marked nothing");
        tree.text("/d/a-1.dist-info/REQUESTED", "");
        assert_eq!(requested(&tree), [Some(true), Some(false), None]);
        tree.text("/d/c-1.dist-info/REQUESTED", "");
        assert_eq!(requested(&tree), [Some(true), Some(false), None], "uv marks all that it installs");
    }

    #[test]
    fn what_a_distribution_brings_inside_of_it_is_not_installed() {
        let mut tree = TestTree::new();
        tree.text("/d/a-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: a\nVersion: 1\n\n");
        tree.text("/d/a/_vendor/b-2.dist-info/METADATA", "Metadata-Version: 2.1\nName: b\nVersion: 2\n\n");
        let (found, _) = find(&tree, &["/d"]);
        assert_eq!(found.iter().map(|found| found.facts.name.as_str()).collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn eggs_on_the_path_are_distributions_and_links_to_sources_are_editable() {
        let mut tree = TestTree::new();
        tree.text("/d/a-1-py3.11.egg/EGG-INFO/PKG-INFO", "Metadata-Version: 1.2\nName: a\nVersion: 1\n\n");
        tree.text("/src/b.egg-info/PKG-INFO", "Metadata-Version: 1.2\nName: B_b\nVersion: 2\n\n");
        tree.text("/src/c.egg-info/PKG-INFO", "Metadata-Version: 1.2\nName: c\nVersion: 3\n\n");
        tree.text("/d/b-b.egg-link", "/src\n.");
        tree.text("/other/EGG-INFO/PKG-INFO", "Metadata-Version: 1.2\nName: no\nVersion: 1\n\n");
        let (found, _) = find(&tree, &["/d", "/d/a-1-py3.11.egg", "/src", "/other"]);
        let found: Vec<_> = found.iter().map(|found| (found.facts.name.as_str(), found.facts.editable)).collect();
        assert_eq!(found, [("a", false), ("B_b", true), ("c", false)]);
    }

    #[test]
    fn egg_requirements_have_their_sections_as_markers() {
        let mut tree = TestTree::new();
        tree.text("/d/a.egg-info/PKG-INFO", "Metadata-Version: 1.2\nName: a\nVersion: 1\n\n");
        tree.text("/d/a.egg-info/requires.txt", "b>=1\n\n[:python_version < \"3\"]\nc\n\n[test]\nd\n");
        let (found, _) = find(&tree, &["/d"]);
        assert_eq!(found[0].facts.requires, ["b>=1", "c; python_version < \"3\"", "d; extra == \"test\""]);
    }

    #[test]
    fn metadata_without_a_name_is_a_gap_and_an_empty_directory_is_nothing() {
        let mut tree = TestTree::new();
        tree.text("/d/bad.dist-info/METADATA", "Metadata-Version: 2.1\nVersion: 1\n\n");
        tree.directory("/d/half.dist-info");
        let (found, gaps) = find(&tree, &["/d"]);
        assert!(found.is_empty());
        assert_eq!(gaps.len(), 1);
        assert_eq!(gaps[0].code, "distribution-metadata");
    }
}
