//! What import hooks of editable installations find beside the path, by their tables; never running them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use smol_str::SmolStr;

use crate::{
    facts::{EditableHook, ModuleKind, Table},
    filesystem::{NodeId, Tree},
    image::ImagePath,
};

use super::{
    offer::{Location, Offer, Place},
    runtime::Runtime,
};

/// When a hook is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Before everything.
    First,
    /// Where the path has nothing.
    Last,
}

/// A hook whose tables were read, with what of them is there.
#[derive(Debug, Clone)]
pub(crate) struct Hook {
    /// The module that it is.
    pub(crate) file: ImagePath,
    pub(crate) turn: Turn,
    /// Modules by full name.
    found: BTreeMap<SmolStr, Found>,
    /// Names that have something below them; the empty one stands above all.
    parents: BTreeSet<SmolStr>,
    /// Directories whose modules setuptools' hook finds below a name, wherever that name itself was found.
    below: BTreeMap<SmolStr, ImagePath>,
}

/// What a hook finds for a name.
#[derive(Debug, Clone)]
enum Found {
    /// A package's `__init__`, and where its modules are.
    Package(ImagePath, Vec<ImagePath>),
    Module(ImagePath, ModuleKind),
    Namespace(Vec<ImagePath>),
}

impl Hook {
    /// What a hook with these tables, in this file, finds in the tree.
    pub(crate) fn new(tree: &Tree, file: &ImagePath, hook: &EditableHook, runtime: &Runtime) -> Self {
        let suffixes = runtime.suffixes();
        let maker = Maker { tree, directory: file.parent().unwrap_or_else(ImagePath::root), suffixes: &suffixes };
        let (turn, found) = match hook {
            EditableHook::Setuptools { mapping, namespaces } => (Turn::Last, maker.setuptools(mapping, namespaces)),
            EditableHook::Editables(mapping) => (Turn::Last, maker.editables(mapping)),
            EditableHook::ScikitBuild { installed, sources, directories, packages } => {
                (Turn::First, maker.scikit_build(installed, sources, directories, packages))
            }
        };
        let parents = found.keys().map(|name| parent(name).into()).collect();
        let below = match hook {
            EditableHook::Setuptools { mapping, .. } => {
                mapping.iter().map(|(name, path)| (name.clone(), maker.directory.join(path.as_str()))).collect()
            }
            _ => BTreeMap::new(),
        };
        Self { file: file.clone(), turn, found, parents, below }
    }

    /// The directory of what a name is mapped to, where it is one.
    fn directory_below(&self, tree: &Tree, prefix: &str) -> Option<Location> {
        let path = self.below.get(prefix)?;
        Some((path.clone(), Place::Directory(directory(tree, path)?)))
    }

    /// Whether it finds anything directly below a name.
    fn has_below(&self, prefix: &str) -> bool {
        self.parents.contains(prefix)
    }

    /// What it finds directly below a name.
    pub(super) fn offers(&self, tree: &Tree, prefix: &str) -> BTreeMap<String, Offer> {
        let below = self.found.iter().filter(|(name, _)| parent(name) == prefix);
        below
            .filter_map(|(name, found)| {
                let last = name.rsplit('.').next().unwrap_or_default();
                Some((last.to_owned(), offer(tree, found)?))
            })
            .collect()
    }
}

/// What hooks have below a name: those that are asked before the path, or those that are asked after it.
pub(super) fn asked(hooks: &[Hook], tree: &Tree, turn: Turn, prefix: &str) -> Vec<Location> {
    let of_turn = hooks.iter().enumerate().filter(|(_, hook)| hook.turn == turn);
    let found = of_turn.flat_map(|(position, hook)| {
        let own = hook.has_below(prefix).then(|| (hook.file.clone(), Place::Hook(position, prefix.into())));
        own.into_iter().chain(hook.directory_below(tree, prefix))
    });
    found.collect()
}

fn offer(tree: &Tree, found: &Found) -> Option<Offer> {
    let mut offer = Offer::default();
    match found {
        Found::Package(file, directories) => {
            let kind = if file.file_name().ends_with(b".pyc") { ModuleKind::Bytecode } else { ModuleKind::Source };
            offer.package = Some((locations(tree, directories), kind, file.clone(), node(tree, file)?.into()));
        }
        Found::Module(file, kind) => offer.file((0, *kind, file.clone(), node(tree, file)?.into())),
        Found::Namespace(directories) => offer.namespace = Some(locations(tree, directories)),
    }
    Some(offer)
}

fn locations(tree: &Tree, directories: &[ImagePath]) -> Vec<Location> {
    let existing = directories.iter().filter_map(|path| Some((path.clone(), Place::Directory(directory(tree, path)?))));
    existing.collect()
}

fn directory(tree: &Tree, path: &ImagePath) -> Option<NodeId> {
    let found = tree.resolve(path).ok()?.node;
    tree.node(found).is_directory().then_some(found)
}

fn node(tree: &Tree, file: &ImagePath) -> Option<NodeId> {
    let found = tree.resolve(file).ok()?.node;
    tree.node(found).is_file().then_some(found)
}

fn parent(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(parent, _)| parent)
}

/// Makes what a hook finds from its tables.
struct Maker<'a> {
    tree: &'a Tree,
    /// Where the hook itself is.
    directory: ImagePath,
    suffixes: &'a [(String, ModuleKind)],
}

impl Maker<'_> {
    /// `__init__.py` in what a name is mapped to, else a file of that name: sources, bytecode, then extensions. A namespace without
    /// portions has that of its mapping.
    fn setuptools(&self, mapping: &Table<SmolStr>, namespaces: &Table<Vec<SmolStr>>) -> BTreeMap<SmolStr, Found> {
        let mut found = BTreeMap::new();
        for (name, portions) in namespaces {
            let mapped = mapping.iter().filter(|(mapped, _)| portions.is_empty() && mapped == name).map(|(_, path)| path);
            let portions = portions.iter().chain(mapped).map(|path| self.directory.join(path.as_str()));
            found.insert(name.clone(), Found::Namespace(portions.collect()));
        }
        for (name, path) in mapping {
            let path = self.directory.join(path.as_str());
            let initialiser = path.join("__init__.py");
            if node(self.tree, &initialiser).is_some() {
                found.insert(name.clone(), Found::Package(initialiser, vec![path]));
            } else if let Some((file, kind)) = self.beside(&path) {
                found.insert(name.clone(), Found::Module(file, kind));
            }
        }
        found
    }

    /// The first file of that name with an ending of modules.
    fn beside(&self, path: &ImagePath) -> Option<(ImagePath, ModuleKind)> {
        let directory = path.parent()?;
        let name = String::from_utf8_lossy(path.file_name()).into_owned();
        // Python takes what follows the last dot for an ending that it replaces.
        let stem = name.rfind('.').filter(|at| *at > 0).and_then(|at| name.get(..at)).unwrap_or(&name);
        let is_extension = |(_, kind): &&(String, ModuleKind)| *kind == ModuleKind::Extension;
        let (extensions, others): (Vec<_>, Vec<_>) = self.suffixes.iter().partition(is_extension);
        others.into_iter().chain(extensions).find_map(|(suffix, kind)| {
            let file = directory.join(format!("{stem}{suffix}"));
            node(self.tree, &file).map(|_| (file, *kind))
        })
    }

    /// Each top-level name to one file.
    fn editables(&self, mapping: &Table<SmolStr>) -> BTreeMap<SmolStr, Found> {
        let top = mapping.iter().filter(|(name, _)| !name.contains('.'));
        let files = top.map(|(name, path)| (name.clone(), self.directory.join(path.as_str())));
        files.filter_map(|(name, file)| Some((name, self.file(file, None)?))).collect()
    }

    /// Files of the build before those of the source; packages have the directories of both.
    fn scikit_build(
        &self,
        installed: &Table<SmolStr>,
        sources: &Table<SmolStr>,
        directories: &Table<Vec<SmolStr>>,
        packages: &[SmolStr],
    ) -> BTreeMap<SmolStr, Found> {
        let searched = self.searched(installed, sources, directories, packages);
        let mut found: BTreeMap<SmolStr, Found> =
            searched.iter().map(|(name, paths)| (name.clone(), Found::Namespace(paths.clone()))).collect();
        for (name, path) in sources.iter().chain(installed) {
            match self.file(self.directory.join(path.as_str()), searched.get(name)) {
                Some(file) => found.insert(name.clone(), file),
                None => found.remove(name),
            };
        }
        found
    }

    /// Where modules of each package are looked for: what was built, then what was written, each in order.
    fn searched(
        &self,
        installed: &Table<SmolStr>,
        sources: &Table<SmolStr>,
        directories: &Table<Vec<SmolStr>>,
        packages: &[SmolStr],
    ) -> HashMap<SmolStr, Vec<ImagePath>> {
        let mut ranked: HashMap<SmolStr, BTreeSet<(bool, ImagePath)>> = HashMap::new();
        let mut add = |package: &str, path: &str| {
            let place = (path.starts_with('/'), self.directory.join(path));
            ranked.entry(package.into()).or_default().insert(place);
        };
        for (package, paths) in directories {
            paths.iter().for_each(|path| add(package, path));
        }
        if directories.is_empty() {
            // Older releases derive them from the files.
            for (name, path) in sources.iter().chain(installed) {
                let (directory, file) = path.rsplit_once('/').unwrap_or(("", path));
                match (file.starts_with("__init__."), parent(name)) {
                    (true, _) => add(name, directory),
                    (false, "") => {}
                    (false, package) => add(package, directory),
                }
            }
        }
        let mut by_depth: Vec<&SmolStr> = packages.iter().collect();
        by_depth.sort_by_key(|name| name.matches('.').count());
        for name in by_depth {
            let last = name.rsplit('.').next().unwrap_or_default();
            let above = ranked.get(parent(name)).cloned().unwrap_or_default();
            for (rank, path) in above {
                let below = path.join(last);
                let known = ranked.entry(name.clone()).or_default();
                if directory(self.tree, &below).is_some() && !known.iter().any(|(_, path)| *path == below) {
                    known.insert((rank, below));
                }
            }
        }
        ranked.into_iter().map(|(name, places)| (name, places.into_iter().map(|(_, path)| path).collect())).collect()
    }

    /// What a file is by its name; nothing where it is not there.
    fn file(&self, file: ImagePath, directories: Option<&Vec<ImagePath>>) -> Option<Found> {
        node(self.tree, &file)?;
        if matches!(file.file_name(), b"__init__.py" | b"__init__.pyc") {
            let own = file.parent().map(|directory| vec![directory]);
            let directories = directories.cloned().or(own).unwrap_or_default();
            return Some(Found::Package(file, directories));
        }
        let name = String::from_utf8_lossy(file.file_name()).into_owned();
        let (_, kind) = self.suffixes.iter().find(|(suffix, _)| name.ends_with(suffix.as_str()))?;
        Some(Found::Module(file, *kind))
    }
}

#[cfg(test)]
mod tests {
    use smol_str::SmolStr;

    use super::Hook;
    use crate::{
        facts::{EditableHook, Table},
        image::ImagePath,
        introspect::{finder::modules_on_path, runtime::Runtime, settled::Settled, test_tree::TestTree},
    };

    fn table(of: &[(&str, &str)]) -> Table<SmolStr> {
        of.iter().map(|(name, path)| ((*name).into(), (*path).into())).collect()
    }

    fn lists(of: &[(&str, &[&str])]) -> Table<Vec<SmolStr>> {
        of.iter().map(|(name, paths)| ((*name).into(), paths.iter().map(|path| (*path).into()).collect())).collect()
    }

    /// What is found with the path `/s` and one hook there.
    fn found(tree: &TestTree, hook: &EditableHook) -> Vec<String> {
        let path = |text: &str| ImagePath::new(text).expect("valid");
        let runtime = Runtime::cpython(3, 11);
        let hook = Hook::new(tree.tree(), &path("/s/hook.py"), hook, &runtime);
        let (modules, _) = modules_on_path(tree.tree(), &[path("/s")], &[hook], &runtime, &Settled::default());
        let shown = modules.iter().map(|module| {
            let file = module.file.as_ref().map_or(String::new(), |(path, _)| format!(" {path}"));
            format!("{}{file}", module.name)
        });
        shown.collect()
    }

    #[test]
    fn setuptools_is_asked_after_the_path_and_below_its_packages_too() {
        let mut tree = TestTree::new();
        for file in [
            "/code/inner/__init__.py",
            "/code/inner/own.py",
            "/code/sub/__init__.py",
            "/code/single.py",
            "/code/ns/__init__.py",
            "/code/hidden.py",
            "/s/hidden.py",
            "/s/space/mod.py",
            "/code/space/__init__.py",
            "/code/space/mod.py",
            "/code/space/more.py",
        ] {
            tree.empty(file);
        }
        let hook = EditableHook::Setuptools {
            mapping: table(&[
                ("shop", "/code/inner"),
                ("shop.sub", "/code/sub"),
                ("single", "/code/single"),
                ("ns.part", "/code/ns"),
                ("hidden", "/code/hidden"),
                ("space", "/code/space"),
                ("gone", "/code/gone"),
            ]),
            namespaces: lists(&[("ns", &[])]),
        };
        let expected = [
            "hidden /s/hidden.py",
            "ns",
            "ns.part /code/ns/__init__.py",
            "shop /code/inner/__init__.py",
            "shop.own /code/inner/own.py",
            "shop.sub /code/sub/__init__.py",
            "single /code/single.py",
            "space",
            "space.mod /s/space/mod.py",
            "space.more /code/space/more.py",
        ];
        assert_eq!(found(&tree, &hook), expected);
    }

    #[test]
    fn editables_map_top_level_names_to_files() {
        let mut tree = TestTree::new();
        for file in ["/code/shop/__init__.py", "/code/shop/cart.py", "/code/one.py"] {
            tree.empty(file);
        }
        let mapping = table(&[("shop", "/code/shop/__init__.py"), ("one", "/code/one.py"), ("a.b", "/code/one.py")]);
        let expected = ["one /code/one.py", "shop /code/shop/__init__.py", "shop.cart /code/shop/cart.py"];
        assert_eq!(found(&tree, &EditableHook::Editables(mapping)), expected);
    }

    #[test]
    fn scikit_build_comes_first_and_prefers_what_was_built() {
        let mut tree = TestTree::new();
        for file in [
            "/code/shop/__init__.py",
            "/code/shop/mod.py",
            "/code/shop/unlisted.py",
            "/s/shop/made.py",
            "/s/shop/mod.py",
            "/s/shop/__init__.py",
        ] {
            tree.empty(file);
        }
        let hook = EditableHook::ScikitBuild {
            installed: table(&[("shop.made", "shop/made.py")]),
            sources: table(&[("shop", "/code/shop/__init__.py"), ("shop.mod", "/code/shop/mod.py")]),
            directories: lists(&[("shop", &["/code/shop", "shop"])]),
            packages: vec!["shop".into()],
        };
        let expected = [
            "shop /code/shop/__init__.py",
            "shop.made /s/shop/made.py",
            "shop.mod /code/shop/mod.py",
            "shop.unlisted /code/shop/unlisted.py",
        ];
        assert_eq!(found(&tree, &hook), expected);
        let older = EditableHook::ScikitBuild {
            installed: table(&[("shop.made", "shop/made.py")]),
            sources: table(&[("shop", "/code/shop/__init__.py"), ("shop.mod", "/code/shop/mod.py")]),
            directories: Vec::new(),
            packages: Vec::new(),
        };
        assert_eq!(found(&tree, &older), expected, "older releases derive the directories");
    }
}
