//! Every module that the import system would find on a path, by the finder's own rules; never what a module says.
//!
//! A directory without `__init__` is a namespace package, in truth even an empty one. Here one is listed only where a module
//! can be imported below it, and where a statement can name it: else every directory of every image would be a module.

use std::collections::{BTreeMap, HashMap};

use smol_str::{SmolStr, format_smolstr};

use crate::{
    facts::{Completeness, ModuleKind},
    filesystem::{NodeId, Tree},
    image::ImagePath,
};

use super::{
    archive::{Inside, Origin},
    runtime::Runtime,
};

/// Deepest nesting of packages that is followed.
const DEPTH: usize = 40;

/// Most directories that are looked into for one environment.
const DIRECTORIES: usize = 2_000_000;

/// Most times that one directory is looked into under different names: links between directories multiply the ways.
const NAMES: u32 = 16;

/// Directories at the root of a file system that are no namespace packages of anybody's, though a path may hold the root.
const OF_THE_ROOT: [&[u8]; 19] = [
    b"bin", b"boot", b"dev", b"etc", b"home", b"lib", b"lib32", b"lib64", b"libx32", b"media", b"mnt", b"opt", b"proc",
    b"root", b"run", b"sbin", b"sys", b"usr", b"var",
];

/// A module that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundModule {
    /// Full dotted name.
    pub(crate) name: SmolStr,
    /// What would be loaded.
    pub(crate) kind: ModuleKind,
    /// The file, under the name that the interpreter would show (`lib.zip/shop.py` in an archive), and where its bytes are.
    pub(crate) file: Option<(ImagePath, Origin)>,
}

/// A directory under the name that the interpreter would show, and what it is.
type Location = (ImagePath, Place);

/// A directory of the tree, or one in an archive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Place {
    Directory(NodeId),
    Inside(Inside),
}

/// What one directory offers for one name: the finder takes the package, else the module, else the namespace.
#[derive(Debug, Default)]
struct Offer {
    package: Option<(Location, ModuleKind, ImagePath, Origin)>,
    /// With the rank of its suffix: a lower one wins.
    module: Option<(usize, ModuleKind, ImagePath, Origin)>,
    namespace: Option<Location>,
}

/// What is found for one name over all directories.
enum Hit {
    Package(Location, ModuleKind, ImagePath, Origin),
    Module(ModuleKind, ImagePath, Origin),
    Namespace(Vec<Location>),
}

/// Whose rules are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rules {
    Python2,
    Python3,
    /// From 3.14 on a directory of an archive is one though the archive has no entry for it.
    Python3_14,
}

/// Finds every module on `path`, whose entries may be missing, links or files, by the rules of one runtime.
pub(crate) fn modules_on_path(tree: &Tree, path: &[ImagePath], runtime: &Runtime) -> (Vec<FoundModule>, Completeness) {
    let rules = match (runtime.major, runtime.minor) {
        (2, _) => Rules::Python2,
        (3, ..14) => Rules::Python3,
        _ => Rules::Python3_14,
    };
    find(tree, path, &runtime.suffixes(), rules)
}

/// Finds every module on `path` by the rules of Python 3, with file name endings in the order in which the finder tries them.
pub(crate) fn find_modules(
    tree: &Tree,
    path: &[ImagePath],
    suffixes: &[(String, ModuleKind)],
) -> (Vec<FoundModule>, Completeness) {
    find(tree, path, suffixes, Rules::Python3)
}

fn find(tree: &Tree, path: &[ImagePath], suffixes: &[(String, ModuleKind)], rules: Rules) -> (Vec<FoundModule>, Completeness) {
    let mut finder = Finder {
        tree,
        suffixes,
        rules,
        found: Vec::new(),
        complete: Completeness::Complete,
        directories: DIRECTORIES,
        names: HashMap::new(),
    };
    let locations: Vec<Location> = path.iter().filter_map(|entry| finder.entry(entry)).collect();
    finder.walk("", &locations, &mut Vec::new());
    finder.found.sort_by(|left, right| left.name.cmp(&right.name));
    (finder.found, finder.complete)
}

struct Finder<'a> {
    tree: &'a Tree,
    suffixes: &'a [(String, ModuleKind)],
    rules: Rules,
    found: Vec<FoundModule>,
    complete: Completeness,
    directories: usize,
    /// How many times each directory was looked into.
    names: HashMap<Place, u32>,
}

impl Finder<'_> {
    /// The directory of an entry of the path, in an archive too. One that was not opened, or not wholly, makes the list incomplete.
    fn entry(&mut self, entry: &ImagePath) -> Option<Location> {
        if let Ok(resolved) = self.tree.resolve(entry)
            && self.tree.node(resolved.node).is_directory()
        {
            return Some((entry.clone(), Place::Directory(resolved.node)));
        }
        let inside = Inside::of(self.tree, entry)?;
        let Some(archive) = inside.archive(self.tree) else {
            self.complete.lacks(format!("the archive `{entry}` on the path is not opened"));
            return None;
        };
        if let Completeness::Incomplete(reasons) = &archive.complete {
            reasons.iter().for_each(|reason| self.complete.lacks(format!("the archive `{entry}` on the path: {reason}")));
        }
        Some((entry.clone(), Place::Inside(inside)))
    }

    /// Adds every module below the directories; returns how many of them are no namespaces.
    fn walk(&mut self, prefix: &str, locations: &[Location], ancestors: &mut Vec<Vec<Place>>) -> usize {
        let mut places: Vec<Place> = locations.iter().map(|(_, place)| place.clone()).collect();
        places.sort_unstable();
        // A symbolic link back to a parent would go on for ever.
        if ancestors.contains(&places) {
            return 0;
        }
        if ancestors.len() > DEPTH || self.directories < locations.len() {
            self.complete.lacks(format!("packages below `{prefix}` nest too deeply, or are too many"));
            return 0;
        }
        self.directories -= locations.len();
        for place in &places {
            let names = self.names.entry(place.clone()).or_default();
            *names += 1;
            if *names > NAMES {
                self.complete.lacks(format!("packages below `{prefix}` are linked to each other under too many names"));
                return 0;
            }
        }
        ancestors.push(places);
        let mut count = 0;
        for (part, hit) in self.merge(locations) {
            let name = if prefix.is_empty() { SmolStr::new(&part) } else { format_smolstr!("{prefix}.{part}") };
            match hit {
                Hit::Module(kind, file, origin) => {
                    count += 1;
                    self.found.push(FoundModule { name, kind, file: Some((file, origin)) });
                }
                Hit::Package(location, kind, file, origin) => {
                    let kind = if kind == ModuleKind::Source { ModuleKind::Package } else { kind };
                    self.found.push(FoundModule { name: name.clone(), kind, file: Some((file, origin)) });
                    count += 1 + self.walk(&name, &[location], ancestors);
                }
                Hit::Namespace(portions) => {
                    let before = self.found.len();
                    self.found.push(FoundModule { name: name.clone(), kind: ModuleKind::Namespace, file: None });
                    let below = self.walk(&name, &portions, ancestors);
                    if below == 0 {
                        self.found.truncate(before);
                    }
                    count += below;
                }
            }
        }
        ancestors.pop();
        count
    }

    /// The first regular hit over all directories wins; namespace portions merge where there is none.
    fn merge(&self, locations: &[Location]) -> BTreeMap<String, Hit> {
        let mut hits: BTreeMap<String, Hit> = BTreeMap::new();
        for location in locations {
            for (name, offer) in self.offers(location) {
                let existing = hits.get_mut(&name);
                if existing.as_ref().is_some_and(|hit| !matches!(hit, Hit::Namespace(_))) {
                    continue;
                }
                match (offer, existing) {
                    (Offer { package: Some((at, kind, file, origin)), .. }, _) => {
                        hits.insert(name, Hit::Package(at, kind, file, origin));
                    }
                    (Offer { module: Some((_, kind, file, origin)), .. }, _) => {
                        hits.insert(name, Hit::Module(kind, file, origin));
                    }
                    (Offer { namespace: Some(portion), .. }, Some(Hit::Namespace(portions))) => portions.push(portion),
                    (Offer { namespace: Some(portion), .. }, _) => {
                        hits.insert(name, Hit::Namespace(vec![portion]));
                    }
                    _ => {}
                }
            }
        }
        hits
    }

    /// What one directory offers.
    fn offers(&self, (directory, place): &Location) -> BTreeMap<String, Offer> {
        match place {
            Place::Directory(id) => self.offers_of_directory(directory, *id),
            Place::Inside(inside) => self.offers_of_archive(directory, inside),
        }
    }

    fn offers_of_archive(&self, directory: &ImagePath, inside: &Inside) -> BTreeMap<String, Offer> {
        let offers = inside.offers(self.tree, self.rules == Rules::Python3_14).into_iter().filter(|(name, _)| is_name(name));
        offers
            .map(|(name, found)| {
                let path = directory.join(&name);
                let prefix = format_smolstr!("{}{name}/", inside.prefix);
                let location = (path.clone(), Place::Inside(Inside { prefix, ..inside.clone() }));
                let is_portion = found.directory && is_identifier(&name) && self.rules != Rules::Python2;
                let offer = Offer {
                    namespace: is_portion.then(|| location.clone()),
                    package: found
                        .package
                        .map(|init| (location, init.kind, path.join(format!("__init__{}", init.suffix)), init.origin)),
                    module: found
                        .module
                        .map(|module| (0, module.kind, directory.join(format!("{name}{}", module.suffix)), module.origin)),
                };
                (name, offer)
            })
            .collect()
    }

    fn offers_of_directory(&self, directory: &ImagePath, id: NodeId) -> BTreeMap<String, Offer> {
        let mut offers: BTreeMap<String, Offer> = BTreeMap::new();
        for (raw, child) in self.tree.children(id) {
            let Ok(file_name) = std::str::from_utf8(raw) else { continue };
            if file_name.starts_with('.') || file_name == "__pycache__" {
                continue;
            }
            let path = directory.join(raw);
            let Some(target) = self.follow(&path, child) else { continue };
            let node = self.tree.node(target);
            if node.is_directory() && is_name(file_name) {
                // A virtual environment beside an application is no part of it.
                let is_environment = self.tree.child(target, b"pyvenv.cfg").is_some();
                let is_none =
                    is_environment || !is_identifier(file_name) || (directory.is_root() && OF_THE_ROOT.contains(&raw));
                let offer = offers.entry(file_name.to_owned()).or_default();
                let initialiser = self.initialiser(&path, target);
                let location = (path, Place::Directory(target));
                match initialiser {
                    Some((kind, file, node)) => offer.package = Some((location, kind, file, node.into())),
                    None if is_none || self.rules == Rules::Python2 => {}
                    None => offer.namespace = Some(location),
                }
            } else if node.is_file() {
                for (stem, rank, kind) in self.stems(file_name) {
                    let offer = offers.entry(stem.to_owned()).or_default();
                    if offer.module.as_ref().is_none_or(|(best, ..)| rank < *best) {
                        offer.module = Some((rank, kind, path.clone(), target.into()));
                    }
                }
            }
        }
        offers
    }

    /// The `__init__` of a directory, in suffix order. To Python 2 an extension alone makes no package, but is loaded where
    /// a source or bytecode stands beside it.
    fn initialiser(&self, directory: &ImagePath, id: NodeId) -> Option<(ModuleKind, ImagePath, NodeId)> {
        let has = |name: &[u8]| {
            let child = self.tree.child(id, name).and_then(|child| self.follow(&directory.join(name), child));
            child.is_some_and(|target| self.tree.node(target).is_file())
        };
        if self.rules == Rules::Python2 && !has(b"__init__.py") && !has(b"__init__.pyc") {
            return None;
        }
        self.suffixes.iter().find_map(|(suffix, kind)| {
            let name = format!("__init__{suffix}");
            let child = self.tree.child(id, name.as_bytes())?;
            let path = directory.join(&name);
            let target = self.follow(&path, child)?;
            self.tree.node(target).is_file().then_some((*kind, path, target))
        })
    }

    /// The node itself, or what a symbolic link leads to.
    fn follow(&self, path: &ImagePath, id: NodeId) -> Option<NodeId> {
        let node = self.tree.node(id);
        if node.is_directory() || node.is_file() {
            return Some(id);
        }
        Some(self.tree.resolve(path).ok()?.node)
    }

    /// The names that a file has as a module, with the ranks of their suffixes: `foomodule.so` is `foo` and `foomodule` to
    /// Python 2.
    fn stems<'n>(&self, file_name: &'n str) -> impl Iterator<Item = (&'n str, usize, ModuleKind)> {
        self.suffixes.iter().enumerate().filter_map(move |(rank, (suffix, kind))| {
            let stem = file_name.strip_suffix(suffix.as_str())?;
            (is_name(stem) && stem != "__init__").then_some((stem, rank, *kind))
        })
    }
}

/// Whether `import_module` can name it: Django's `0001_initial` is loaded like that, though no statement can say so.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains('.')
}

/// Whether an import statement can name it.
fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first == '_' || first.is_alphabetic())
        && characters.all(|character| character == '_' || character.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::{FoundModule, modules_on_path};
    use crate::{
        facts::ModuleKind,
        image::ImagePath,
        introspect::{
            runtime::{Implementation, Runtime},
            test_tree::TestTree,
        },
    };

    fn python_3_11() -> Runtime {
        Runtime {
            implementation: Implementation::CPython,
            major: 3,
            minor: 11,
            free_threaded: false,
            soabi: None,
            architecture: "amd64".to_owned(),
        }
    }

    fn find(tree: &TestTree, path: &[&str]) -> Vec<FoundModule> {
        let path: Vec<_> = path.iter().map(|entry| ImagePath::new(entry).expect("valid")).collect();
        modules_on_path(tree.tree(), &path, &python_3_11()).0
    }

    fn shown(modules: &[FoundModule]) -> Vec<String> {
        modules
            .iter()
            .map(|module| {
                let file = module.file.as_ref().map_or(String::new(), |(path, _)| format!(" {path}"));
                format!("{} {:?}{file}", module.name, module.kind)
            })
            .collect()
    }

    #[test]
    fn package_beats_extension_beats_source_beats_bytecode_in_one_directory() {
        let mut tree = TestTree::new();
        for file in ["/a/m/__init__.py", "/a/m.py", "/a/n.so", "/a/n.py", "/a/o.py", "/a/o.pyc", "/a/p.pyc"] {
            tree.empty(file);
        }
        assert_eq!(
            shown(&find(&tree, &["/a"])),
            ["m Package /a/m/__init__.py", "n Extension /a/n.so", "o Source /a/o.py", "p Bytecode /a/p.pyc"]
        );
    }

    #[test]
    fn first_entry_with_a_regular_module_wins_over_an_earlier_namespace() {
        let mut tree = TestTree::new();
        for file in ["/a/x/deep.py", "/b/x.py", "/c/x/__init__.py"] {
            tree.empty(file);
        }
        assert_eq!(shown(&find(&tree, &["/a", "/b", "/c"])), ["x Source /b/x.py"]);
    }

    #[test]
    fn namespace_portions_merge_and_empty_ones_are_left_out() {
        let mut tree = TestTree::new();
        for file in ["/a/ns/one.py", "/b/ns/two.py", "/a/data/readme.txt", "/a/venv/pyvenv.cfg", "/a/venv/bin/activate_this.py"]
        {
            tree.empty(file);
        }
        assert_eq!(
            shown(&find(&tree, &["/a", "/b"])),
            ["ns Namespace", "ns.one Source /a/ns/one.py", "ns.two Source /b/ns/two.py"]
        );
    }

    #[test]
    fn what_cannot_be_imported_is_no_module() {
        let mut tree = TestTree::new();
        for file in [
            "/a/with-dash.py",
            "/a/1st.py",
            "/a/__pycache__/m.cpython-311.pyc",
            "/a/foo.dist-info/METADATA",
            "/a/stub.pyi",
            "/a/other.cpython-310-x86_64-linux-gnu.so",
            "/a/good.cpython-311-x86_64-linux-gnu.so",
            "/a/m.py/keep.txt",
        ] {
            tree.empty(file);
        }
        tree.symlink("/a/broken.py", "nowhere.py");
        tree.empty("/a/no-name/deep.py");
        tree.empty("/a/0-name/__init__.py");
        assert_eq!(
            shown(&find(&tree, &["/a"])),
            [
                "0-name Package /a/0-name/__init__.py",
                "1st Source /a/1st.py",
                "good Extension /a/good.cpython-311-x86_64-linux-gnu.so",
                "with-dash Source /a/with-dash.py"
            ]
        );
    }

    #[test]
    fn python_2_has_no_namespaces_and_its_own_endings() {
        let mut tree = TestTree::new();
        for file in ["/a/ns/x.py", "/a/p/__init__.so", "/a/q/__init__.py", "/a/q/__init__.so", "/a/foomodule.so", "/a/foo.py"] {
            tree.empty(file);
        }
        let runtime = Runtime { major: 2, minor: 7, ..python_3_11() };
        let path = [ImagePath::new("/a").expect("valid")];
        assert_eq!(
            shown(&modules_on_path(tree.tree(), &path, &runtime).0),
            ["foo Extension /a/foomodule.so", "foomodule Extension /a/foomodule.so", "q Extension /a/q/__init__.so"]
        );
    }

    #[test]
    fn directories_that_link_to_each_other_do_not_multiply() {
        let mut tree = TestTree::new();
        for one in 0..8 {
            tree.empty(&format!("/a/d{one}/__init__.py"));
            for other in (0..8).filter(|other| *other != one) {
                tree.symlink(&format!("/a/d{one}/d{other}"), &format!("../d{other}"));
            }
        }
        assert!(find(&tree, &["/a"]).len() < 8 * 8 * 16 * 2);
    }

    #[test]
    fn a_link_back_to_a_parent_ends() {
        let mut tree = TestTree::new();
        tree.empty("/a/pkg/__init__.py");
        tree.symlink("/a/pkg/again", "../pkg");
        let found = find(&tree, &["/a"]);
        assert_eq!(shown(&found), ["pkg Package /a/pkg/__init__.py", "pkg.again Package /a/pkg/again/__init__.py"]);
        assert_eq!(found[1].kind, ModuleKind::Package);
    }
}
