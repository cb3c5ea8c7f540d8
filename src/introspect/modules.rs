//! The modules of one environment with their sources, owners and import edges; never those of another.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use rayon::prelude::*;
use smol_str::SmolStr;

use crate::{
    extract::FileFacts,
    facts::{Environment, Fact, Gap, ImportIndex, Module, ModuleKind, Owner, PythonSource},
    filesystem::Tree,
    image::ImagePath,
};

use super::{
    archive::Origin,
    context::Context,
    distributions::distributions,
    environments::FoundEnvironment,
    finder::{FoundModule, modules_on_path},
    hooks::Hook,
    integrity::{unowned, verify},
    ownership::Ownership,
    package_files::PackageFiles,
    second_names::without_second_names,
    settled::Settled,
    stdlib_names::{builtin_modules, standard_library},
    survey::gap,
    vendored::vendored,
};

/// Everything of an environment, and the distributions in it that could not be read.
pub(crate) fn environment(
    tree: &Tree,
    packages: &PackageFiles<'_>,
    found: &FoundEnvironment<'_>,
    context: &Context<'_>,
) -> (Environment, Vec<Gap>) {
    let (mut all, mut gaps) = distributions(tree, &found.path.entries, packages);
    let script_directory = found.entry_point.as_ref().and_then(|entry_point| entry_point.script_directory.as_ref());
    let search: Vec<ImagePath> = script_directory.into_iter().chain(&found.path.entries).cloned().collect();
    let builtin = builtin(tree, found);
    let settled = settled(found, &builtin, script_directory);
    let mapped = found.path.mapped.iter();
    let hooks: Vec<Hook> = mapped.map(|(file, hook)| Hook::new(tree, file, hook, found.runtime)).collect();
    let (mut on_path, mut complete) = modules_on_path(tree, &search, &hooks, found.runtime, &settled);
    if script_directory.is_some() {
        on_path = without_names_through_namespaces(on_path);
    }
    if let Some(script) = found.entry_point.as_ref().and_then(|entry_point| entry_point.script.as_ref()) {
        add_script(tree, script, &mut on_path);
    }
    for source in [&found.path.complete, &found.path.hooks] {
        complete.lacks_all(source);
    }
    if found.runtime.major == 2 {
        complete.lacks("which modules are compiled into a Python 2 is not known exactly");
    }
    let modules = with_builtin(builtin, on_path);
    let ownership = Ownership::of(tree, packages, &all, &found.installation);
    let modules = describe(tree, found, &modules, &ownership, &mut gaps);
    all.par_iter_mut().for_each(|distribution| verify(tree, context.gaps, context.integrity, distribution));
    let (unowned, unowned_complete) = unowned(tree, packages, &found.path.entries, &all, context.integrity);
    let (shadowed, counted): (Vec<_>, Vec<_>) = all.into_iter().partition(|found| found.shadowed);
    let environment = Environment {
        interpreter: found.interpreter.path.to_string(),
        prefix: found.prefix.to_string(),
        kind: found.kind,
        entry_point: found.entry_point.as_ref().is_some_and(|entry_point| entry_point.sure),
        path: found.path.entries.iter().map(ToString::to_string).collect(),
        path_complete: found.path.complete.clone(),
        distributions: counted.into_iter().map(|found| found.facts).collect(),
        modules,
        modules_complete: complete,
        shadowed: shadowed.into_iter().map(|found| found.facts).collect(),
        unowned,
        unowned_complete,
    };
    (environment, gaps)
}

/// The script that the image runs, as `__main__` where no import finds it: `my.tool.py`, or a name without an ending.
fn add_script(tree: &Tree, script: &ImagePath, modules: &mut Vec<FoundModule>) {
    let Some(node) = tree.get(script).filter(|id| tree.node(*id).is_file()) else { return };
    if modules.iter().any(|module| module.file.as_ref().is_some_and(|(_, known)| *known == node.into())) {
        return;
    }
    modules.retain(|module| module.name != "__main__");
    modules.push(FoundModule::new("__main__", ModuleKind::Source, Some((script.clone(), node.into()))));
}

/// The modules without those that are there only under a longer name: from a working directory above an entry of the path,
/// every module below that entry can be imported through a namespace as well (`app.shop` beside `shop`), which nobody does.
fn without_names_through_namespaces(modules: Vec<FoundModule>) -> Vec<FoundModule> {
    let namespaces: HashSet<SmolStr> =
        modules.iter().filter(|module| module.kind == ModuleKind::Namespace).map(|module| module.name.clone()).collect();
    without_second_names(modules, |name| namespaces.contains(name.split('.').next().unwrap_or_default()))
}

/// The modules that are compiled in, by what stands in the directory of shared modules.
fn builtin(tree: &Tree, found: &FoundEnvironment<'_>) -> Vec<&'static str> {
    let shared = found.installation.shared.as_ref().and_then(|directory| tree.resolve(directory).ok()).map(|directory| {
        tree.children(directory.node)
            .filter_map(|(name, _)| std::str::from_utf8(name).ok()?.split('.').next().map(str::to_owned))
            .collect::<HashSet<String>>()
    });
    builtin_modules(found.runtime, shared.as_ref())
}

/// What the path does not decide. Where no library was found, nothing says what an interpreter loads from it.
fn settled(found: &FoundEnvironment<'_>, builtin: &[&'static str], script_directory: Option<&ImagePath>) -> Settled {
    let installation = &found.installation;
    let library = [Some(&installation.library), installation.zip.as_ref()].into_iter().flatten().cloned().collect();
    if installation.found {
        Settled::new(found.runtime, builtin, library, script_directory.cloned())
    } else {
        Settled::builtin(builtin)
    }
}

/// The modules on the path, with those that are compiled in, which come first whatever the path holds.
fn with_builtin(builtin: Vec<&'static str>, mut modules: Vec<FoundModule>) -> Vec<FoundModule> {
    let known: HashSet<SmolStr> = modules.iter().map(|module| module.name.clone()).collect();
    let others = builtin.into_iter().filter(|name| !known.contains(*name));
    modules.extend(others.map(|name| FoundModule::new(SmolStr::new_static(name), ModuleKind::Builtin, None)));
    modules.sort_by(|left, right| left.name.cmp(&right.name));
    modules
}

fn describe(
    tree: &Tree,
    found: &FoundEnvironment<'_>,
    modules: &[FoundModule],
    ownership: &Ownership<'_>,
    gaps: &mut Vec<Gap>,
) -> Vec<Module> {
    let owners = ownership.owners(modules);
    let mut sources = Sources { major: found.runtime.major, minor: found.runtime.minor, ..Sources::default() };
    let texts: Vec<Arc<PythonSource>> =
        modules.iter().zip(&owners).map(|(module, (owner, _))| sources.of(tree, module, *owner)).collect::<Vec<_>>();
    gaps.append(&mut sources.gaps);
    let names = modules.iter().map(|module| module.name.as_str());
    let index = ImportIndex::new(names.zip(texts.iter().map(AsRef::as_ref)), standard_library(found.runtime));
    modules
        .par_iter()
        .zip(&texts)
        .zip(&owners)
        .map(|((module, source), (owner, distribution))| {
            let file = module.file.as_ref().map(|(path, _)| path);
            let is_package = module.kind == ModuleKind::Namespace || file.is_some_and(is_initialiser);
            let resolved = index.edges(&module.name, is_package, source);
            Module {
                name: module.name.clone(),
                kind: module.kind,
                file: file.map(ToString::to_string),
                owner: *owner,
                distribution: distribution.clone(),
                shadows: module.hides.iter().map(|(path, _)| ownership.shadowed(path)).collect(),
                reachable: Fact::Absent,
                vendored: vendored(tree, &module.name, file),
                layer: module.file.as_ref().and_then(|(_, origin)| tree.node(origin.node).layer),
                source: noting(source, resolved.beyond_top),
                edges: resolved.edges,
            }
        })
        .collect()
}

fn is_initialiser(file: &ImagePath) -> bool {
    file.file_name().starts_with(b"__init__.")
}

/// The source, with a note where a relative import leads nowhere.
fn noting(source: &Arc<PythonSource>, beyond_top: Option<u32>) -> Arc<PythonSource> {
    let Some(line) = beyond_top else { return Arc::clone(source) };
    let mut source = PythonSource::clone(source);
    source.imports_complete.lacks(format!("line {line}: a relative import goes beyond the top-level package"));
    Arc::new(source)
}

/// What modules say, shared between those that say the same.
#[derive(Default)]
struct Sources {
    /// The version that is to parse them.
    major: u32,
    minor: u32,
    /// Files that it cannot parse, though another version could.
    gaps: Vec<Gap>,
    silent: Option<Arc<PythonSource>>,
    unread: HashMap<SmolStr, Arc<PythonSource>>,
    by_origin: HashMap<Origin, Arc<PythonSource>>,
}

impl Sources {
    fn of(&mut self, tree: &Tree, module: &FoundModule, owner: Owner) -> Arc<PythonSource> {
        // What is compiled into the interpreter, or ships with it, imports nothing but the standard library.
        let is_interpreters = owner == Owner::Stdlib && matches!(module.kind, ModuleKind::Builtin | ModuleKind::Extension);
        let Some((path, origin)) = module.file.as_ref().filter(|_| !is_interpreters) else {
            return Arc::clone(self.silent.get_or_insert_default());
        };
        if let Some(source) = origin.source(tree) {
            if let Some(known) = self.by_origin.get(origin) {
                return Arc::clone(known);
            }
            let mut source = Arc::clone(source);
            let refusal = if source.error.is_none() { source.syntax.refusal(self.major, self.minor) } else { None };
            // Files that no version parses are gaps already, but an archive's members are only here.
            let error = source.error.clone().filter(|_| origin.member.is_some());
            if let Some(error) = refusal.clone().or(error) {
                let layer = tree.node(origin.node).layer;
                self.gaps.push(gap(path, "python-syntax", error.to_string(), layer));
            }
            if let Some(error) = refusal {
                Arc::make_mut(&mut source).ends_with(error);
            }
            self.by_origin.insert(*origin, Arc::clone(&source));
            return source;
        }
        let reason = match (&tree.node(origin.node).facts, module.kind) {
            (_, ModuleKind::Extension) => SmolStr::new_static("an extension module: what it imports is compiled into it"),
            (_, ModuleKind::Bytecode) => SmolStr::new_static("there is only bytecode, no source"),
            (Some(FileFacts::Unread(reason)), _) => SmolStr::new(reason),
            _ => SmolStr::new_static("the file was not read"),
        };
        let made = self.unread.entry(reason.clone()).or_insert_with(|| {
            let mut source = PythonSource::default();
            source.imports_complete.lacks(reason);
            Arc::new(source)
        });
        Arc::clone(made)
    }
}

#[cfg(test)]
mod tests {
    use smol_str::SmolStr;

    use super::Sources;
    use crate::{
        extract::python::source,
        facts::{ModuleKind, Owner},
        image::ImagePath,
        introspect::{finder::FoundModule, survey::Survey, test_tree::TestTree},
    };

    /// Whether a version parses a source, and the gaps that it leaves.
    fn parsed(text: &str, major: u32, minor: u32) -> (bool, Vec<String>) {
        let mut tree = TestTree::new();
        let node = tree.python("/srv/a.py", source(text.as_bytes()));
        let path = ImagePath::new("/srv/a.py").expect("a path");
        let module = FoundModule {
            name: SmolStr::new("a"),
            kind: ModuleKind::Source,
            file: Some((path, node.into())),
            hides: Vec::new(),
        };
        let mut sources = Sources { major, minor, ..Sources::default() };
        let source = sources.of(tree.tree(), &module, Owner::Own);
        assert_eq!(source.error.is_some(), !source.imports_complete.is_complete());
        assert!(Survey::of(tree.tree()).gaps.is_empty(), "another version parses it");
        (source.error.is_none(), sources.gaps.into_iter().map(|gap| gap.reason).collect())
    }

    #[test]
    fn a_module_is_parsed_by_the_version_of_its_environment() {
        let told = |reason: &str| (false, vec![reason.to_owned()]);
        assert_eq!(parsed("print 'x'\n", 2, 7), (true, Vec::new()));
        assert!(!parsed("import a\nprint 'x'\n", 3, 11).0);
        assert_eq!(parsed("x = 1\n(y := x)\n", 3, 8), (true, Vec::new()));
        let needed = "line 2: an assignment expression (`:=`) needs Python 3.8: this is 3.7";
        assert_eq!(parsed("x = 1\n(y := x)\n", 3, 7), told(needed));
        assert_eq!(parsed("def f(*, a): pass\n", 2, 7), told("line 1: keyword-only parameters: Python 2 has none"));
    }
}
