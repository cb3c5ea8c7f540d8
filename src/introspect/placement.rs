//! Source files put into an environment as if they stood first on its path; never reading them.

use std::{collections::HashSet, sync::Arc};

use smol_str::SmolStr;

use crate::facts::{Environment, Fact, ImportIndex, Module, ModuleKind, Owner, PythonSource, Shadowed};

/// A module to put into an environment.
#[derive(Debug, Clone)]
pub struct PlacedModule {
    /// Its full dotted name.
    pub name: SmolStr,
    /// What would be loaded.
    pub kind: ModuleKind,
    /// Where it stands; none for a directory without `__init__.py`.
    pub file: Option<String>,
    /// What its source says.
    pub source: Arc<PythonSource>,
}

impl PlacedModule {
    /// Whether modules can stand below it.
    pub fn is_package(&self) -> bool {
        matches!(self.kind, ModuleKind::Package | ModuleKind::Namespace)
    }
}

/// Puts modules into an environment as the team's own: they come before all of the same names but those that are compiled into the
/// interpreter, and a directory without `__init__.py` comes after everything.
pub fn place(environment: &mut Environment, placed: Vec<PlacedModule>) {
    let top = |name: &str| SmolStr::new(name.split('.').next().unwrap_or_default());
    let known: HashSet<SmolStr> = environment.modules.iter().map(|module| module.name.clone()).collect();
    let builtin: HashSet<SmolStr> = environment
        .modules
        .iter()
        .filter(|module| module.kind == ModuleKind::Builtin)
        .map(|module| module.name.clone())
        .collect();
    let placed: Vec<PlacedModule> = placed
        .into_iter()
        .filter(|module| !builtin.contains(&top(&module.name)) && (module.file.is_some() || !known.contains(&module.name)))
        .collect();
    // A top-level module or package of one's own hides the installed one with all that is below it.
    let hidden: HashSet<SmolStr> = placed
        .iter()
        .filter(|module| module.file.is_some() && !module.name.contains('.'))
        .map(|module| module.name.clone())
        .collect();
    let names: HashSet<SmolStr> = placed.iter().map(|module| module.name.clone()).collect();
    let hides = |placed: &PlacedModule| {
        let hidden = |module: &&Module| module.name == placed.name && placed.file.is_some() && !module.name.contains('.');
        environment.modules.iter().find(hidden).map(shadowed).unwrap_or_default()
    };
    let shadows: Vec<Vec<Shadowed>> = placed.iter().map(hides).collect();
    environment.modules.retain(|module| !hidden.contains(&top(&module.name)) && !names.contains(&module.name));
    let sources = environment.modules.iter().map(|module| (module.name.as_str(), module.source.as_ref()));
    let own = placed.iter().map(|module| (module.name.as_str(), module.source.as_ref()));
    let index = ImportIndex::new(sources.chain(own), HashSet::new());
    let modules: Vec<Module> = placed
        .iter()
        .zip(shadows)
        .map(|(module, shadows)| Module {
            name: module.name.clone(),
            kind: module.kind,
            file: module.file.clone(),
            owner: Owner::Own,
            distribution: None,
            layer: None,
            shadows,
            reachable: Fact::Unknown("it is not in what was scanned".into()),
            vendored: None,
            source: Arc::clone(&module.source),
            edges: index.edges(&module.name, module.is_package(), &module.source).edges,
        })
        .collect();
    environment.modules.extend(modules);
    environment.modules.sort_by(|left, right| left.name.cmp(&right.name));
}

/// What hides a module hides: its file, and what it hides itself.
fn shadowed(module: &Module) -> Vec<Shadowed> {
    let own = module.file.as_ref().map(|file| Shadowed { path: file.clone(), stdlib: module.owner == Owner::Stdlib });
    own.into_iter().chain(module.shadows.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{PlacedModule, place};
    use crate::{
        facts::edge_fixtures::{import, source},
        facts::{Completeness, Environment, EnvironmentKind, Fact, Module, ModuleKind, Owner, PythonSource},
    };

    fn module(name: &str, kind: ModuleKind) -> Module {
        Module {
            name: name.into(),
            kind,
            file: None,
            owner: Owner::Stdlib,
            distribution: None,
            layer: None,
            shadows: Vec::new(),
            reachable: Fact::Absent,
            vendored: None,
            source: Arc::default(),
            edges: Vec::new(),
        }
    }

    fn environment(modules: Vec<Module>) -> Environment {
        Environment {
            interpreter: "/usr/bin/python3".into(),
            prefix: "/usr".into(),
            kind: EnvironmentKind::System,
            entry_point: false,
            path: Vec::new(),
            path_complete: Completeness::Complete,
            distributions: Vec::new(),
            modules,
            ..Environment::default()
        }
    }

    fn placed(name: &str, file: Option<&str>, source: PythonSource) -> PlacedModule {
        let kind = if file.is_some() { ModuleKind::Source } else { ModuleKind::Namespace };
        PlacedModule { name: name.into(), kind, file: file.map(str::to_owned), source: Arc::new(source) }
    }

    #[test]
    fn what_hides_an_installed_module_says_so() {
        let mut hidden = module("random", ModuleKind::Source);
        hidden.file = Some("/usr/lib/python3.12/random.py".into());
        let mut environment = environment(vec![hidden]);
        place(&mut environment, vec![placed("random", Some("/shop/random.py"), source(vec![]))]);
        let hiding = &environment.modules[0];
        assert_eq!(
            hiding.shadows.iter().map(|shadowed| shadowed.path.as_str()).collect::<Vec<_>>(),
            ["/usr/lib/python3.12/random.py"]
        );
        assert!(hiding.shadows_stdlib());
    }

    #[test]
    fn own_modules_hide_installed_ones_and_no_builtin_ones() {
        let installed = [("a", ModuleKind::Package), ("a.b", ModuleKind::Source), ("sys", ModuleKind::Builtin)];
        let mut environment = environment(installed.map(|(name, kind)| module(name, kind)).into());
        let own = [
            placed("a", Some("/a.py"), source(vec![import(0, "sys", &[])])),
            placed("sys", Some("/sys.py"), PythonSource::default()),
        ];
        place(&mut environment, own.into());
        let shown: Vec<_> = environment.modules.iter().map(|module| (module.name.as_str(), module.owner)).collect();
        assert_eq!(shown, [("a", Owner::Own), ("sys", Owner::Stdlib)]);
        assert_eq!(environment.modules[0].edges[0].target, "sys");
    }

    #[test]
    fn a_directory_without_an_initialiser_hides_nothing() {
        let mut environment = environment(vec![module("a", ModuleKind::Package)]);
        place(&mut environment, vec![placed("a", None, PythonSource::default()), placed("p", None, PythonSource::default())]);
        let kinds: Vec<_> = environment.modules.iter().map(|module| module.kind).collect();
        assert_eq!(kinds, [ModuleKind::Package, ModuleKind::Namespace]);
    }
}
