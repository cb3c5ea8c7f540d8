//! The modules of a tree that holds nothing but sources, as an import from its roots would find them; never an environment's.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use smol_str::{SmolStr, format_smolstr};

use crate::{
    extract::FileFacts,
    facts::{Completeness, Gap, ModuleKind, PythonSource, parents},
    filesystem::{NodeId, Tree},
    image::ImagePath,
};

use super::{
    finder::{FoundModule, find_modules},
    placement::PlacedModule,
    second_names::without_second_names,
    survey::Survey,
};

/// Files that say that the directory they lie in is a project's.
const PROJECT_FILES: [&[u8]; 3] = [b"pyproject.toml", b"setup.py", b"setup.cfg"];

/// The modules of a tree of sources.
#[derive(Debug)]
pub struct Sources {
    /// Every module, sorted by name; its file is a path of the tree.
    pub modules: Vec<PlacedModule>,
    /// Whether `modules` holds all.
    pub complete: Completeness,
    /// Files that do not parse.
    pub gaps: Vec<Gap>,
}

/// Finds every module of a tree: its root is on the path, and before it every project in it (its `src`, where it
/// has one). A file that no import finds there, such as a script with a `.` in its name or the second of two `tests`, is listed
/// under a name made of its path: nothing that can run is left out.
pub fn sources(tree: &Tree) -> Sources {
    let suffixes: Vec<(String, ModuleKind)> = [".abi3.so", ".so"]
        .map(|suffix| (suffix.to_owned(), ModuleKind::Extension))
        .into_iter()
        .chain([(".py".to_owned(), ModuleKind::Source)])
        .collect();
    let (found, complete) = find_modules(tree, &roots(tree), &suffixes);
    // What lies below `src` is found with and without it.
    let mut found = without_second_names(found, |_| true);
    let known: HashSet<NodeId> = found.iter().filter_map(|module| Some(module.file.as_ref()?.1.node)).collect();
    let mut names: HashSet<SmolStr> = found.iter().map(|module| module.name.clone()).collect();
    for (path, node) in tree.walk() {
        if known.contains(&node) || !tree.node(node).is_file() {
            continue;
        }
        let Some((name, kind)) = name_of_path(&path) else { continue };
        if names.insert(name.clone()) {
            let missing = parents(&name).map(SmolStr::new).filter(|parent| names.insert(parent.clone()));
            found.extend(missing.map(|name| FoundModule::new(name, ModuleKind::Namespace, None)));
            found.push(FoundModule::new(name, kind, Some((path, node.into()))));
        }
    }
    found.sort_by(|left, right| left.name.cmp(&right.name));
    let modules = found.into_iter().map(|module| placed(tree, module)).collect();
    Sources { modules, complete, gaps: Survey::of(tree).gaps }
}

/// Where imports start: the projects of the tree, the outermost first, then its root.
fn roots(tree: &Tree) -> Vec<ImagePath> {
    let mut projects: BTreeMap<(usize, ImagePath), ImagePath> = BTreeMap::new();
    for (path, node) in tree.walk() {
        if !PROJECT_FILES.contains(&path.file_name()) || !tree.node(node).is_file() {
            continue;
        }
        let Some(project) = path.parent() else { continue };
        // A package's own test data may hold projects, and they are no packages either.
        if tree.get(&project.join("__init__.py")).is_some() {
            continue;
        }
        let root = bare_source(tree, &project).unwrap_or_else(|| project.clone());
        projects.entry((project.components().count(), project)).or_insert(root);
    }
    let mut roots: Vec<ImagePath> = projects.into_values().collect();
    // A bare `src` is one as well, without a file that says so.
    for root in bare_source(tree, &ImagePath::root()).into_iter().chain([ImagePath::root()]) {
        if !roots.contains(&root) {
            roots.push(root);
        }
    }
    roots
}

/// The `src` of a project, where it is no package itself.
fn bare_source(tree: &Tree, project: &ImagePath) -> Option<ImagePath> {
    let source = project.join("src");
    let id = tree.get(&source)?;
    (tree.node(id).is_directory() && tree.child(id, b"__init__.py").is_none()).then_some(source)
}

/// The name that a path would have if every part of it could be a module's.
fn name_of_path(path: &ImagePath) -> Option<(SmolStr, ModuleKind)> {
    let below = path.as_str()?.trim_start_matches('/');
    let (stem, kind) = match below.strip_suffix(".py") {
        Some(stem) => (stem, ModuleKind::Source),
        // `_speed.cpython-311-x86_64-linux-gnu.so`, built in place.
        None => (below.strip_suffix(".so")?.split_once(".cpython-")?.0, ModuleKind::Extension),
    };
    let (stem, kind) = match stem.strip_suffix("/__init__") {
        Some(package) => (package, ModuleKind::Package),
        None => (stem, kind),
    };
    let mut name = SmolStr::default();
    for part in stem.split('/') {
        name = if name.is_empty() { identifier(part) } else { format_smolstr!("{name}.{}", identifier(part)) };
    }
    Some((name, kind))
}

/// A file's name as a module's: what cannot stand in one becomes `_`.
pub fn identifier(stem: &str) -> SmolStr {
    let name: String = stem.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '_' }).collect();
    if name.starts_with(|first: char| first.is_ascii_digit()) || name.is_empty() {
        format_smolstr!("_{name}")
    } else {
        SmolStr::new(name)
    }
}

fn placed(tree: &Tree, module: FoundModule) -> PlacedModule {
    let node = module.file.as_ref().map(|(_, origin)| tree.node(origin.node));
    let source = match node.and_then(|node| node.facts.as_ref()) {
        Some(FileFacts::Python(source)) => Arc::clone(source),
        _ if node.is_none() => Arc::default(),
        facts => {
            let mut source = PythonSource::default();
            source.imports_complete.lacks(match facts {
                Some(FileFacts::Unread(reason)) => SmolStr::new(reason),
                _ if module.kind == ModuleKind::Extension => {
                    SmolStr::new_static("an extension module: what it imports is compiled into it")
                }
                _ => SmolStr::new_static("the file was not read"),
            });
            Arc::new(source)
        }
    };
    PlacedModule { name: module.name, kind: module.kind, file: module.file.map(|(path, _)| path.to_string()), source }
}

#[cfg(test)]
mod tests {
    use super::sources;
    use crate::introspect::test_tree::TestTree;

    fn found(files: &[&str]) -> Vec<String> {
        let mut tree = TestTree::new();
        files.iter().for_each(|file| {
            tree.empty(file);
        });
        let modules = sources(tree.tree()).modules;
        modules.iter().map(|module| format!("{} {}", module.name, module.file.as_deref().unwrap_or("-"))).collect()
    }

    #[test]
    fn what_lies_in_src_is_imported_without_it() {
        assert_eq!(
            found(&["/src/shop/__init__.py", "/src/shop/cart.py", "/tests/test_cart.py", "/setup.py"]),
            [
                "setup /setup.py",
                "shop /src/shop/__init__.py",
                "shop.cart /src/shop/cart.py",
                "tests -",
                "tests.test_cart /tests/test_cart.py"
            ]
        );
    }

    #[test]
    fn projects_in_one_repository_are_each_on_the_path_and_no_file_is_lost() {
        assert_eq!(
            found(&[
                "/a/pyproject.toml",
                "/a/src/one/__init__.py",
                "/a/tests/__init__.py",
                "/b/pyproject.toml",
                "/b/two.py",
                "/b/tests/__init__.py",
                "/b/tests/test_two.py",
                "/tools/1-make.py",
            ]),
            [
                "a -",
                "a.tests /a/tests/__init__.py",
                "one /a/src/one/__init__.py",
                "tests /b/tests/__init__.py",
                "tests.test_two /b/tests/test_two.py",
                "tools -",
                "tools.1-make /tools/1-make.py",
                "two /b/two.py"
            ]
        );
    }
}
