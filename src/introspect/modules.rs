//! The modules of one environment with their sources, owners and import edges; never those of another.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use rayon::prelude::*;
use smol_str::SmolStr;

use crate::{
    extract::FileFacts,
    facts::{Completeness, Environment, Fact, Gap, ImportIndex, Module, ModuleKind, Owner, PythonSource},
    filesystem::Tree,
    image::ImagePath,
};

use super::{
    archive::Origin,
    distributions::distributions,
    environments::FoundEnvironment,
    finder::{FoundModule, modules_on_path},
    ownership::{Owned, Ownership},
    package_files::PackageFiles,
    stdlib_names::{builtin_modules, standard_library},
};

/// Everything of an environment, and the distributions in it that could not be read.
pub(crate) fn environment(tree: &Tree, packages: &PackageFiles<'_>, found: &FoundEnvironment<'_>) -> (Environment, Vec<Gap>) {
    let (all, gaps) = distributions(tree, &found.path.entries, packages);
    let script_directory = found.entry_point.as_ref().and_then(|entry_point| entry_point.script_directory.as_ref());
    let search: Vec<ImagePath> = script_directory.into_iter().chain(&found.path.entries).cloned().collect();
    let (mut on_path, mut complete) = modules_on_path(tree, &search, found.runtime);
    if script_directory.is_some() {
        on_path = without_second_names(on_path);
    }
    if let Some(script) = found.entry_point.as_ref().and_then(|entry_point| entry_point.script.as_ref()) {
        add_script(tree, script, &mut on_path);
    }
    for source in [&found.path.complete, &found.path.hooks] {
        if let Completeness::Incomplete(reasons) = source {
            reasons.iter().for_each(|reason| complete.lacks(reason.clone()));
        }
    }
    if found.runtime.major == 2 {
        complete.lacks("which modules are compiled into a Python 2 is not known exactly");
    }
    let modules = with_builtin(tree, found, on_path);
    let owners = Ownership::of(tree, packages, &all, &found.installation).owners(&modules);
    let modules = describe(tree, found, &modules, &owners);
    let environment = Environment {
        interpreter: found.interpreter.path.to_string(),
        prefix: found.prefix.to_string(),
        kind: found.kind,
        entry_point: found.entry_point.as_ref().is_some_and(|entry_point| entry_point.sure),
        path: found.path.entries.iter().map(ToString::to_string).collect(),
        path_complete: found.path.complete.clone(),
        distributions: all.into_iter().filter(|found| !found.shadowed).map(|found| found.facts).collect(),
        modules,
        modules_complete: complete,
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
    modules.push(FoundModule {
        name: SmolStr::new_static("__main__"),
        kind: ModuleKind::Source,
        file: Some((script.clone(), node.into())),
    });
}

/// The modules without those that are there only under a longer name: from a working directory above an entry of the path,
/// every module below that entry can be imported through a namespace as well (`app.shop` beside `shop`), which nobody does.
fn without_second_names(modules: Vec<FoundModule>) -> Vec<FoundModule> {
    let parts = |module: &FoundModule| module.name.split('.').count();
    let namespaces: HashSet<SmolStr> =
        modules.iter().filter(|module| module.kind == ModuleKind::Namespace).map(|module| module.name.clone()).collect();
    let mut fewest: HashMap<Origin, usize> = HashMap::new();
    for module in &modules {
        if let Some((_, origin)) = &module.file {
            let count = fewest.entry(*origin).or_insert(usize::MAX);
            *count = parts(module).min(*count);
        }
    }
    let is_first = |module: &FoundModule| {
        let Some((_, origin)) = &module.file else { return true };
        let top = module.name.split('.').next().unwrap_or_default();
        !namespaces.contains(top) || fewest.get(origin).is_none_or(|fewest| *fewest == parts(module))
    };
    let kept: Vec<FoundModule> = modules.into_iter().filter(is_first).collect();
    let inhabited: HashSet<SmolStr> = kept
        .iter()
        .filter(|module| module.kind != ModuleKind::Namespace)
        .flat_map(|module| module.name.match_indices('.').filter_map(|(end, _)| module.name.get(..end).map(SmolStr::new)))
        .collect();
    kept.into_iter().filter(|module| module.kind != ModuleKind::Namespace || inhabited.contains(&module.name)).collect()
}

/// The modules on the path, with those that are compiled in, which come first whatever the path holds.
fn with_builtin(tree: &Tree, found: &FoundEnvironment<'_>, on_path: Vec<FoundModule>) -> Vec<FoundModule> {
    let shared = found.installation.shared.as_ref().and_then(|directory| tree.resolve(directory).ok()).map(|directory| {
        tree.children(directory.node)
            .filter_map(|(name, _)| std::str::from_utf8(name).ok()?.split('.').next().map(str::to_owned))
            .collect::<HashSet<String>>()
    });
    let builtin = builtin_modules(found.runtime, shared.as_ref());
    let names: HashSet<&str> = builtin.iter().copied().collect();
    let mut modules: Vec<FoundModule> =
        on_path.into_iter().filter(|module| !names.contains(module.name.split('.').next().unwrap_or_default())).collect();
    modules.extend(builtin.into_iter().map(|name| FoundModule {
        name: SmolStr::new_static(name),
        kind: ModuleKind::Builtin,
        file: None,
    }));
    modules.sort_by(|left, right| left.name.cmp(&right.name));
    modules
}

fn describe(tree: &Tree, found: &FoundEnvironment<'_>, modules: &[FoundModule], owners: &[Owned]) -> Vec<Module> {
    let mut sources = Sources::default();
    let sources: Vec<Arc<PythonSource>> =
        modules.iter().zip(owners).map(|(module, (owner, _))| sources.of(tree, module, *owner)).collect();
    let names = modules.iter().map(|module| module.name.as_str());
    let index = ImportIndex::new(names.zip(sources.iter().map(AsRef::as_ref)), standard_library(found.runtime));
    modules
        .par_iter()
        .zip(&sources)
        .zip(owners)
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
                reachable: Fact::Absent,
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
    silent: Option<Arc<PythonSource>>,
    unread: HashMap<SmolStr, Arc<PythonSource>>,
    by_origin: HashMap<Origin, Arc<PythonSource>>,
}

impl Sources {
    fn of(&mut self, tree: &Tree, module: &FoundModule, owner: Owner) -> Arc<PythonSource> {
        // What is compiled into the interpreter, or ships with it, imports nothing but the standard library.
        let is_interpreters = owner == Owner::Stdlib && matches!(module.kind, ModuleKind::Builtin | ModuleKind::Extension);
        let Some((_, origin)) = module.file.as_ref().filter(|_| !is_interpreters) else {
            return Arc::clone(self.silent.get_or_insert_default());
        };
        if let Some(source) = origin.source(tree) {
            return Arc::clone(self.by_origin.entry(*origin).or_insert_with(|| Arc::clone(source)));
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
