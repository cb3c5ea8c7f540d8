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
    hooks::{Hook, Turn, asked},
    offer::{Location, Offer, Place},
    runtime::Runtime,
    settled::Settled,
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
    /// The files that would be the module were it not there, in the order in which the finder would come to them.
    pub(crate) hides: Vec<(ImagePath, Origin)>,
}

impl FoundModule {
    /// One that hides nothing.
    pub(crate) fn new(name: impl Into<SmolStr>, kind: ModuleKind, file: Option<(ImagePath, Origin)>) -> Self {
        Self { name: name.into(), kind, file, hides: Vec::new() }
    }
}

/// What is found for one name over all directories.
enum Hit {
    Package(Vec<Location>, ModuleKind, ImagePath, Origin),
    Module(ModuleKind, ImagePath, Origin),
    Namespace(Vec<Location>),
}

/// The hit for each name, and the files that it hides.
type Hits = BTreeMap<String, (Option<Hit>, Vec<(ImagePath, Origin)>)>;

/// Whose rules are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rules {
    Python2,
    Python3,
    /// From 3.14 on a directory of an archive is one though the archive has no entry for it.
    Python3_14,
}

/// Finds every module on `path`, whose entries may be missing, links or files, and every one that a hook has, by the rules of one
/// runtime.
pub(crate) fn modules_on_path(
    tree: &Tree,
    path: &[ImagePath],
    hooks: &[Hook],
    runtime: &Runtime,
    settled: &Settled,
) -> (Vec<FoundModule>, Completeness) {
    let rules = match (runtime.major, runtime.minor) {
        (2, _) => Rules::Python2,
        (3, ..14) => Rules::Python3,
        _ => Rules::Python3_14,
    };
    find(tree, path, hooks, &runtime.suffixes(), rules, settled)
}

/// Finds every module on `path` by the rules of Python 3, with file name endings in the order in which the finder tries them.
pub(crate) fn find_modules(
    tree: &Tree,
    path: &[ImagePath],
    suffixes: &[(String, ModuleKind)],
) -> (Vec<FoundModule>, Completeness) {
    find(tree, path, &[], suffixes, Rules::Python3, &Settled::default())
}

fn find(
    tree: &Tree,
    path: &[ImagePath],
    hooks: &[Hook],
    suffixes: &[(String, ModuleKind)],
    rules: Rules,
    settled: &Settled,
) -> (Vec<FoundModule>, Completeness) {
    let mut finder = Finder {
        tree,
        settled,
        hooks,
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
    settled: &'a Settled,
    hooks: &'a [Hook],
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
        let first = asked(self.hooks, self.tree, Turn::First, prefix);
        let turn = first.len();
        let mut last = asked(self.hooks, self.tree, Turn::Last, prefix);
        last.retain(|(_, place)| !locations.iter().any(|(_, known)| known == place));
        let locations = &[first, locations.to_vec(), last].concat();
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
        for (part, (hit, hides)) in self.merge(locations, turn, prefix.is_empty()) {
            let name = if prefix.is_empty() { SmolStr::new(&part) } else { format_smolstr!("{prefix}.{part}") };
            match hit {
                None if hides.is_empty() => {}
                // It comes from before the path, though the path holds files of its name.
                None => self.found.push(FoundModule { hides, ..FoundModule::new(name, ModuleKind::Builtin, None) }),
                Some(Hit::Module(kind, file, origin)) => {
                    count += 1;
                    self.found.push(FoundModule { name, kind, hides: hidden(hides, origin), file: Some((file, origin)) });
                }
                Some(Hit::Package(below, kind, file, origin)) => {
                    let kind = if kind == ModuleKind::Source { ModuleKind::Package } else { kind };
                    let hides = hidden(hides, origin);
                    self.found.push(FoundModule { name: name.clone(), kind, hides, file: Some((file, origin)) });
                    count += 1 + self.walk(&name, &below, ancestors);
                }
                Some(Hit::Namespace(portions)) => {
                    let before = self.found.len();
                    self.found.push(FoundModule::new(name.clone(), ModuleKind::Namespace, None));
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

    /// The first regular hit over all directories wins; namespace portions merge where there is none. The path begins at `start`.
    fn merge(&self, locations: &[Location], start: usize, is_top: bool) -> Hits {
        let mut hits = Hits::new();
        for (position, location) in locations.iter().enumerate() {
            for (name, offer) in self.offers(location) {
                let place = position.checked_sub(start).filter(|_| is_top);
                if place.is_some_and(|place| self.settled.bars(place, &location.0, &name)) {
                    if offer.package.is_some() || offer.module.is_some() {
                        hits.entry(name).or_default().1.extend(offer.files());
                    }
                    continue;
                }
                let (hit, hides) = hits.entry(name).or_default();
                match (offer, &mut *hit) {
                    // A namespace on the path is found: no hook behind it is asked.
                    (Offer { namespace: None, .. }, Some(Hit::Namespace(_)))
                        if position >= start && matches!(location.1, Place::Hook(..)) => {}
                    (offer, Some(Hit::Package(..) | Hit::Module(..))) => hides.extend(offer.files()),
                    (mut offer @ Offer { package: Some(_), .. }, _) => {
                        if let Some((at, kind, file, origin)) = offer.package.take() {
                            *hit = Some(Hit::Package(at, kind, file, origin));
                        }
                        hides.extend(offer.files());
                    }
                    (mut offer @ Offer { module: Some(_), .. }, _) => {
                        if let Some((_, kind, file, origin)) = offer.module.take() {
                            *hit = Some(Hit::Module(kind, file, origin));
                        }
                        hides.extend(offer.files());
                    }
                    (Offer { namespace: Some(found), .. }, Some(Hit::Namespace(portions))) => portions.extend(found),
                    (Offer { namespace: Some(found), .. }, None) => *hit = Some(Hit::Namespace(found)),
                    _ => {}
                }
            }
        }
        hits
    }

    /// What one directory offers.
    fn offers(&self, (directory, place): &Location) -> BTreeMap<String, Offer> {
        let id = match place {
            Place::Directory(id) => *id,
            Place::Hook(position, prefix) => {
                return self.hooks.get(*position).map(|hook| hook.offers(self.tree, prefix)).unwrap_or_default();
            }
            Place::Inside(inside) => {
                let mut offers = inside.offers(self.tree, directory, self.rules == Rules::Python3_14);
                for (name, offer) in &mut offers {
                    offer.namespace.take_if(|_| self.rules == Rules::Python2 || !is_identifier(name));
                }
                offers.retain(|name, _| is_name(name));
                return offers;
            }
        };
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
                match initialiser {
                    Some((kind, file, origin)) => {
                        offer.behind =
                            (kind == ModuleKind::Extension).then(|| self.file(&path, target, "__init__.py")).flatten();
                        offer.package = Some((vec![(path, Place::Directory(target))], kind, file, origin));
                    }
                    None if is_none || self.rules == Rules::Python2 => {}
                    None => offer.namespace = Some(vec![(path, Place::Directory(target))]),
                }
            } else if node.is_file() {
                for (stem, rank, kind) in self.stems(file_name) {
                    offers.entry(stem.to_owned()).or_default().file((rank, kind, path.clone(), target.into()));
                }
            }
        }
        offers.values_mut().for_each(Offer::settle);
        offers
    }

    /// The `__init__` of a directory, in suffix order. To Python 2 an extension alone makes no package, but is loaded where
    /// a source or bytecode stands beside it.
    fn initialiser(&self, directory: &ImagePath, id: NodeId) -> Option<(ModuleKind, ImagePath, Origin)> {
        let has = |name| self.file(directory, id, name).is_some();
        if self.rules == Rules::Python2 && !has("__init__.py") && !has("__init__.pyc") {
            return None;
        }
        self.suffixes.iter().find_map(|(suffix, kind)| {
            let (path, origin) = self.file(directory, id, &format!("__init__{suffix}"))?;
            Some((*kind, path, origin))
        })
    }

    /// A file in a directory, links followed.
    fn file(&self, directory: &ImagePath, id: NodeId, name: &str) -> Option<(ImagePath, Origin)> {
        let child = self.tree.child(id, name.as_bytes())?;
        let path = directory.join(name);
        let target = self.follow(&path, child)?;
        self.tree.node(target).is_file().then_some((path, target.into()))
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

/// What a module hides: each file once, and none that is its own under another name.
fn hidden(mut files: Vec<(ImagePath, Origin)>, own: Origin) -> Vec<(ImagePath, Origin)> {
    let mut known = vec![own];
    files.retain(|(_, origin)| {
        let is_new = !known.contains(origin);
        known.push(*origin);
        is_new
    });
    files
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
        introspect::{runtime::Runtime, settled::Settled, test_tree::TestTree},
    };

    fn find(tree: &TestTree, path: &[&str]) -> Vec<FoundModule> {
        let path: Vec<_> = path.iter().map(|entry| ImagePath::new(entry).expect("valid")).collect();
        modules_on_path(tree.tree(), &path, &[], &Runtime::cpython(3, 11), &Settled::default()).0
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
        let runtime = Runtime::cpython(2, 7);
        let path = [ImagePath::new("/a").expect("valid")];
        assert_eq!(
            shown(&modules_on_path(tree.tree(), &path, &[], &runtime, &Settled::default()).0),
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
