//! Who a module belongs to: the standard library, a distribution, a package of the system, or nobody else; never what it does.

use std::collections::{BTreeMap, HashMap};

use crate::{
    extract::record::record,
    facts::{ModuleKind, Owner, Shadowed},
    filesystem::{NodeId, Tree},
    image::ImagePath,
};

use super::{
    distributions::{FoundDistribution, side_file},
    finder::FoundModule,
    installation::Installation,
    package_files::PackageFiles,
};

/// What decides ownership in one environment.
#[derive(Debug)]
pub(crate) struct Ownership<'a> {
    tree: &'a Tree,
    packages: &'a PackageFiles<'a>,
    distributions: &'a [FoundDistribution],
    /// Directories of the standard library, and its archive, links followed.
    standard_library: Vec<ImagePath>,
    /// Files that a distribution lists.
    files: HashMap<NodeId, usize>,
    /// Directories of which a distribution owns everything, by inference.
    directories: HashMap<ImagePath, usize>,
    /// Packages of the system that ship one distribution.
    by_package: BTreeMap<&'a str, Option<usize>>,
    /// Packages of conda that ship one distribution.
    by_conda_package: BTreeMap<&'a str, Option<usize>>,
}

/// An owner, and the distribution's name where it is one.
pub(crate) type Owned = (Owner, Option<String>);

impl<'a> Ownership<'a> {
    /// Reads what every distribution says it owns. The first on the path comes first.
    pub(crate) fn of(
        tree: &'a Tree,
        packages: &'a PackageFiles<'a>,
        distributions: &'a [FoundDistribution],
        installation: &Installation,
    ) -> Self {
        let origin = installation.origin.as_ref().and_then(|origin| origin.library.as_ref());
        let standard_library = [Some(&installation.library), installation.shared.as_ref(), installation.zip.as_ref(), origin]
            .into_iter()
            .flatten()
            .filter_map(|directory| Some(tree.resolve(directory).ok()?.path))
            .collect();
        let mut ownership = Self {
            tree,
            packages,
            distributions,
            standard_library,
            files: HashMap::new(),
            directories: HashMap::new(),
            by_package: BTreeMap::new(),
            by_conda_package: BTreeMap::new(),
        };
        for (position, distribution) in distributions.iter().enumerate() {
            ownership.claim(position, distribution);
        }
        ownership
    }

    fn claim(&mut self, position: usize, distribution: &'a FoundDistribution) {
        if let Some(package) = distribution.facts.os_package.as_deref() {
            self.by_package.entry(package).and_modify(|only| *only = None).or_insert(Some(position));
        }
        if let Some(package) = distribution.facts.conda_package.as_deref() {
            self.by_conda_package.entry(package).and_modify(|only| *only = None).or_insert(Some(position));
        }
        let site = distribution.metadata.parent().unwrap_or_else(ImagePath::root);
        let listed = if let Some(text) = self.tree.text(&distribution.metadata.join("RECORD")) {
            self.claim_files(position, &site, &site, record(text).into_iter().map(|entry| entry.path).collect())
        } else if let Some(text) = side_file(self.tree, &distribution.metadata, "installed-files.txt") {
            self.claim_files(position, &site, &distribution.metadata, text.lines().map(str::to_owned).collect())
        } else {
            false
        };
        // Debian's packages list no files; their package of the system may, else the names of top-level modules tell.
        if !listed {
            self.infer(position, distribution, &site);
        }
    }

    /// Gives the listed files to a distribution. A list may name scripts and data elsewhere, but its modules are where it is
    /// installed, or in that directory's twin (`lib64`): one that names others would take the team's code from the team.
    fn claim_files(&mut self, position: usize, site: &ImagePath, base: &ImagePath, files: Vec<String>) -> bool {
        let mut any = false;
        for file in files {
            if file.contains("__pycache__/") || ![".py", ".so", ".pyc"].iter().any(|end| file.ends_with(end)) {
                continue;
            }
            let path = base.join(file.as_bytes());
            let is_installed = path.starts_with(site) || path.components().any(|name| name == site.file_name());
            if !is_installed {
                continue;
            }
            let node = self.tree.get(&path).or_else(|| Some(self.tree.resolve(&path).ok()?.node));
            if let Some(node) = node {
                any = true;
                self.files.entry(node).or_insert(position);
            }
        }
        any
    }

    fn infer(&mut self, position: usize, distribution: &FoundDistribution, site: &ImagePath) {
        let names = match side_file(self.tree, &distribution.metadata, "top_level.txt") {
            Some(text) => text.lines().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            None => vec![distribution.facts.normalized_name.replace('-', "_")],
        };
        for name in names {
            let directory = site.join(&name);
            match self.tree.get(&directory) {
                Some(id) if self.tree.node(id).is_directory() => {
                    self.directories.entry(directory).or_insert(position);
                }
                _ => {
                    let Some(parent) = directory.parent().and_then(|parent| self.tree.get(&parent)) else { continue };
                    let stem = [directory.file_name(), b"."].concat();
                    for (file, id) in self.tree.children(parent) {
                        if file.starts_with(&stem) {
                            self.files.entry(id).or_insert(position);
                        }
                    }
                }
            }
        }
    }

    /// The owner of every module, in the order of `modules` (sorted by name, parents first).
    pub(crate) fn owners(&self, modules: &[FoundModule]) -> Vec<Owned> {
        let mut owners: Vec<Option<Owned>> = modules.iter().map(|module| self.owner(module)).collect();
        // A namespace belongs to whom all below it belongs to; to the team where any of it does.
        let mut below: HashMap<&str, Owned> = HashMap::new();
        for (module, owner) in modules.iter().zip(&mut owners).rev() {
            let owner = owner.get_or_insert_with(|| below.remove(module.name.as_str()).unwrap_or((Owner::Own, None)));
            if let Some((parent, _)) = module.name.rsplit_once('.') {
                below.entry(parent).and_modify(|known| *known = joined(known, owner)).or_insert_with(|| owner.clone());
            }
        }
        owners.into_iter().map(|owner| owner.unwrap_or((Owner::Own, None))).collect()
    }

    /// A file that a module hides.
    pub(crate) fn shadowed(&self, file: &ImagePath) -> Shadowed {
        let resolved = self.tree.resolve(file).map_or_else(|_| file.clone(), |resolved| resolved.path);
        let stdlib = self.is_standard_library(file) || self.is_standard_library(&resolved);
        Shadowed { path: file.to_string(), stdlib }
    }

    /// `None` for a namespace.
    fn owner(&self, module: &FoundModule) -> Option<Owned> {
        if module.kind == ModuleKind::Builtin {
            return Some((Owner::Stdlib, None));
        }
        let (shown, origin) = module.file.as_ref()?;
        // A member of an archive comes from where the archive does.
        let mut above = std::iter::successors(Some(shown.clone()), ImagePath::parent);
        let resolved = above.find_map(|path| Some(self.tree.resolve(&path).ok()?.path)).unwrap_or_else(|| shown.clone());
        if let Some(position) = self.files.get(&origin.node) {
            return Some(self.distribution(*position));
        }
        if self.is_standard_library(shown) || self.is_standard_library(&resolved) {
            return Some((Owner::Stdlib, None));
        }
        let package = self.packages.owner(&resolved);
        if let Some(position) = package.and_then(|package| *self.by_package.get(package)?) {
            return Some(self.distribution(position));
        }
        let conda = self.packages.conda_owner(&resolved).map(|(name, _)| name);
        if let Some(position) = conda.and_then(|package| *self.by_conda_package.get(package)?) {
            return Some(self.distribution(position));
        }
        let inferred =
            std::iter::successors(resolved.parent(), ImagePath::parent).find_map(|directory| self.directories.get(&directory));
        if let Some(position) = inferred {
            return Some(self.distribution(*position));
        }
        if package.is_some() {
            return Some((Owner::OsPackage, None));
        }
        if conda.is_some() {
            return Some((Owner::CondaPackage, None));
        }
        // virtualenv and uv put it into every environment that they make, and list it nowhere.
        let is_virtualenvs = module.name == "_virtualenv" && self.tree.resolve(&shown.join("../_virtualenv.pth")).is_ok();
        Some((if is_virtualenvs { Owner::Distribution } else { Owner::Own }, None))
    }

    fn distribution(&self, position: usize) -> Owned {
        (Owner::Distribution, self.distributions.get(position).map(|found| found.facts.name.clone()))
    }

    /// Below the standard library, but not in the directories for installed distributions there.
    fn is_standard_library(&self, path: &ImagePath) -> bool {
        self.standard_library.iter().any(|library| {
            path.starts_with(library)
                && !path
                    .components()
                    .skip(library.components().count())
                    .take(1)
                    .any(|name| name == b"site-packages" || name == b"dist-packages")
        })
    }
}

fn joined(left: &Owned, right: &Owned) -> Owned {
    if left == right {
        left.clone()
    } else if left.0 == Owner::Own || right.0 == Owner::Own {
        (Owner::Own, None)
    } else {
        (Owner::Distribution, None)
    }
}

#[cfg(test)]
mod tests {
    use super::Ownership;
    use crate::{
        facts::{ModuleKind, Owner},
        image::ImagePath,
        introspect::{
            distributions::distributions, finder::find_modules, installation::Installation, package_files::PackageFiles,
            test_tree::TestTree,
        },
    };

    fn owners(tree: &TestTree, path: &[&str]) -> Vec<(String, Owner, Option<String>)> {
        let path: Vec<_> = path.iter().map(|entry| ImagePath::new(entry).expect("valid")).collect();
        let packages = PackageFiles::of(tree.tree(), &[]);
        let (found, _) = distributions(tree.tree(), &path, &packages);
        let prefix = ImagePath::new("/usr").expect("valid");
        let installation = Installation {
            exec_prefix: prefix.clone(),
            library: prefix.join("lib/python3.11"),
            shared: None,
            zip: None,
            library_directory: "lib".to_owned(),
            origin: None,
            found: true,
            prefix,
        };
        let suffixes = [(".py".to_owned(), ModuleKind::Source)];
        let (modules, _) = find_modules(tree.tree(), &path, &suffixes);
        let owners = Ownership::of(tree.tree(), &packages, &found, &installation).owners(&modules);
        modules.iter().zip(owners).map(|(module, (owner, name))| (module.name.to_string(), owner, name)).collect()
    }

    fn owned(name: &str, owner: Owner, distribution: Option<&str>) -> (String, Owner, Option<String>) {
        (name.to_owned(), owner, distribution.map(str::to_owned))
    }

    const METADATA: &str = "Metadata-Version: 2.1\nName: Acme\nVersion: 1\n\n";

    #[test]
    fn record_names_the_files_and_all_else_is_own() {
        let mut tree = TestTree::new();
        tree.text("/s/acme-1.dist-info/METADATA", METADATA);
        tree.text("/s/acme-1.dist-info/RECORD", "acme/__init__.py,sha256=x,1\nacme-1.dist-info/RECORD,,\n");
        for file in ["/s/acme/__init__.py", "/s/acme/extra.py", "/usr/lib/python3.11/os.py"] {
            tree.empty(file);
        }
        assert_eq!(
            owners(&tree, &["/usr/lib/python3.11", "/s"]),
            [
                owned("acme", Owner::Distribution, Some("Acme")),
                owned("acme.extra", Owner::Own, None),
                owned("os", Owner::Stdlib, None),
            ]
        );
    }

    #[test]
    fn record_takes_no_files_from_outside_of_the_installation() {
        let mut tree = TestTree::new();
        tree.text("/v/lib/site-packages/acme-1.dist-info/METADATA", METADATA);
        tree.text(
            "/v/lib/site-packages/acme-1.dist-info/RECORD",
            "acme.py,,\n../../lib64/site-packages/speedups.py,,\n../../../srv/app/shop.py,,\n/srv/app/store.py,,\n",
        );
        for file in
            ["/v/lib/site-packages/acme.py", "/v/lib64/site-packages/speedups.py", "/srv/app/shop.py", "/srv/app/store.py"]
        {
            tree.empty(file);
        }
        assert_eq!(
            owners(&tree, &["/srv/app", "/v/lib/site-packages", "/v/lib64/site-packages"]),
            [
                owned("acme", Owner::Distribution, Some("Acme")),
                owned("shop", Owner::Own, None),
                owned("speedups", Owner::Distribution, Some("Acme")),
                owned("store", Owner::Own, None),
            ]
        );
    }

    #[test]
    fn without_a_list_the_top_level_names_tell() {
        let mut tree = TestTree::new();
        tree.text("/s/acme-1.egg-info/PKG-INFO", METADATA);
        tree.text("/s/acme-1.egg-info/top_level.txt", "acme\nsingle\n");
        for file in ["/s/acme/__init__.py", "/s/acme/deep/m.py", "/s/single.py", "/s/singleton.py"] {
            tree.empty(file);
        }
        assert_eq!(
            owners(&tree, &["/s"]),
            [
                owned("acme", Owner::Distribution, Some("Acme")),
                owned("acme.deep", Owner::Distribution, Some("Acme")),
                owned("acme.deep.m", Owner::Distribution, Some("Acme")),
                owned("single", Owner::Distribution, Some("Acme")),
                owned("singleton", Owner::Own, None),
            ]
        );
    }

    #[test]
    fn what_the_system_ships_is_its_distribution_or_its_package() {
        let mut tree = TestTree::new();
        tree.text("/s/acme-1.dist-info/METADATA", METADATA);
        tree.text("/var/lib/dpkg/info/python3-acme.list", "/s/acme-1.dist-info/METADATA\n/s/other_name.py\n");
        tree.text("/var/lib/dpkg/info/tool.list", "/s/tool.py\n");
        tree.empty("/s/other_name.py");
        tree.empty("/s/tool.py");
        assert_eq!(
            owners(&tree, &["/s"]),
            [owned("other_name", Owner::Distribution, Some("Acme")), owned("tool", Owner::OsPackage, None)]
        );
    }

    #[test]
    fn what_virtualenv_puts_into_each_environment_is_not_own() {
        let mut tree = TestTree::new();
        tree.empty("/s/_virtualenv.py");
        assert_eq!(owners(&tree, &["/s"]), [owned("_virtualenv", Owner::Own, None)]);
        tree.text("/s/_virtualenv.pth", "import _virtualenv");
        assert_eq!(owners(&tree, &["/s"]), [owned("_virtualenv", Owner::Distribution, None)]);
    }

    #[test]
    fn a_namespace_is_own_where_any_of_it_is() {
        let mut tree = TestTree::new();
        tree.text("/s/acme-1.dist-info/METADATA", METADATA);
        tree.text("/s/acme-1.dist-info/RECORD", "ns/theirs.py,,\nall/x.py,,\n");
        for file in ["/s/ns/theirs.py", "/s/ns/ours.py", "/s/all/x.py"] {
            tree.empty(file);
        }
        let owners = owners(&tree, &["/s"]);
        assert!(owners.contains(&owned("ns", Owner::Own, None)));
        assert!(owners.contains(&owned("all", Owner::Distribution, Some("Acme"))));
    }
}
