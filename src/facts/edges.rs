//! The modules that a module's imports name, in its environment: the direct edges of the import graph; never paths through it.

use std::collections::{BTreeMap, HashMap, HashSet};

use smol_str::{SmolStr, format_smolstr};

use super::{
    Certainty, ImportEdge, PythonSource,
    dotted::{absolute, parents},
};

/// What an environment offers to imports.
#[derive(Debug, Default)]
pub(crate) struct ImportIndex<'a> {
    /// Every module of the environment by name, with its source.
    modules: HashMap<&'a str, &'a PythonSource>,
    /// Top-level names of the standard library, found or not.
    standard_library: HashSet<&'static str>,
}

/// The edges of one module, and whether a relative import leads out of its package.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Edges {
    /// Sorted and without repeats.
    pub(crate) edges: Vec<ImportEdge>,
    /// Line of the first relative import that goes beyond the top-level package.
    pub(crate) beyond_top: Option<u32>,
}

impl<'a> ImportIndex<'a> {
    /// An index of the modules of one environment.
    pub(crate) fn new(
        modules: impl IntoIterator<Item = (&'a str, &'a PythonSource)>,
        standard_library: HashSet<&'static str>,
    ) -> Self {
        Self { modules: modules.into_iter().collect(), standard_library }
    }

    /// What the imports of the module `name` name.
    pub(crate) fn edges(&self, name: &str, is_package: bool, source: &PythonSource) -> Edges {
        let mut targets: BTreeMap<(SmolStr, u32), Certainty> = BTreeMap::new();
        let mut beyond_top = None;
        for (position, import) in (0_u32..).zip(&source.imports) {
            let Some(target) = absolute(name, is_package, import) else {
                beyond_top = beyond_top.or(Some(import.line));
                continue;
            };
            let mut add = |target: SmolStr, certainty: Certainty| {
                let known = targets.entry((target, position)).or_insert(certainty);
                *known = (*known).min(certainty);
            };
            for named in parents(&target).chain([&*target]).filter(|named| !named.is_empty()) {
                add(SmolStr::new(named), Certainty::Must);
            }
            for taken in import.names.iter().filter(|taken| *taken != "*") {
                if let Some(certainty) = self.submodule(&target, taken) {
                    add(format_smolstr!("{target}.{taken}"), certainty);
                }
            }
        }
        let edges = targets.into_iter().map(|((target, import), certainty)| ImportEdge { target, import, certainty }).collect();
        Edges { edges, beyond_top }
    }

    /// Whether `from package import name` names the module `package.name`.
    fn submodule(&self, package: &str, name: &str) -> Option<Certainty> {
        let module = format_smolstr!("{package}.{name}");
        let Some(source) = self.modules.get(package) else {
            if self.modules.contains_key(module.as_str()) {
                return Some(Certainty::Must);
            }
            let top = package.split('.').next().unwrap_or_default();
            return (!self.standard_library.contains(top)).then_some(Certainty::May);
        };
        if !self.modules.contains_key(module.as_str()) {
            return None;
        }
        // An attribute of that name comes before the module.
        Some(if may_bind(source, package, name) { Certainty::May } else { Certainty::Must })
    }
}

/// Whether a package may have the attribute `name` other than by importing its own submodule.
fn may_bind(source: &PythonSource, package: &str, name: &str) -> bool {
    let defined = |function: &SmolStr| function == name || function == "__getattr__";
    source.functions.iter().any(|function| defined(&function.name))
        || source.classes.iter().any(|class| class.name == name)
        || source.variables.iter().any(|variable| variable.name == name)
        || source.imports.iter().any(|import| {
            let own = absolute(package, true, import).is_some_and(|target| target == package);
            let takes = import.names.iter().any(|taken| taken == "*" || (taken == name && !own));
            let binds = import.names.is_empty() && import.level == 0 && import.target.split('.').next() == Some(name);
            takes || binds
        })
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::HashSet;

    use super::{Edges, ImportIndex};
    use crate::facts::{Certainty, Function, Import, ImportKind, PythonSource};

    pub(crate) fn import(level: u32, target: &str, names: &[&str]) -> Import {
        Import {
            target: target.into(),
            names: names.iter().map(|name| (*name).into()).collect(),
            bound: Vec::new(),
            level,
            line: 1,
            column: 1,
            width: 1,
            kind: ImportKind::TopLevel,
            text: "".into(),
        }
    }

    pub(crate) fn source(imports: Vec<Import>) -> PythonSource {
        PythonSource { imports, ..PythonSource::default() }
    }

    fn resolve(name: &str, is_package: bool, import: Import) -> Edges {
        let empty = PythonSource::default();
        let function = Function {
            name: "shadowed".into(),
            parameters: Vec::new(),
            returns: None,
            decorators: Vec::new(),
            is_async: false,
            line: 1,
            conditional: false,
        };
        let package = PythonSource { functions: vec![function], ..source(vec![super::tests::import(1, "", &["sub"])]) };
        let modules = [("a", &package), ("a.sub", &empty), ("a.shadowed", &empty), ("a.sub.deep", &empty), ("os", &empty)];
        ImportIndex::new(modules, HashSet::from(["os", "tkinter"])).edges(name, is_package, &source(vec![import]))
    }

    fn shown(edges: &Edges) -> Vec<String> {
        edges
            .edges
            .iter()
            .map(|edge| if edge.certainty == Certainty::May { format!("{}?", edge.target) } else { edge.target.to_string() })
            .collect()
    }

    #[test]
    fn a_dotted_import_loads_its_parents() {
        assert_eq!(shown(&resolve("m", false, import(0, "a.sub.deep", &[]))), ["a", "a.sub", "a.sub.deep"]);
    }

    #[test]
    fn from_import_names_a_submodule_where_there_is_one() {
        assert_eq!(shown(&resolve("m", false, import(0, "a", &["sub", "attribute"]))), ["a", "a.sub"]);
        assert_eq!(shown(&resolve("m", false, import(0, "a", &["shadowed"]))), ["a", "a.shadowed?"]);
        assert_eq!(shown(&resolve("m", false, import(0, "os", &["path"]))), ["os"]);
    }

    #[test]
    fn from_an_absent_package_only_may_name_a_submodule() {
        assert_eq!(shown(&resolve("m", false, import(0, "gone", &["x", "*"]))), ["gone", "gone.x?"]);
        assert_eq!(shown(&resolve("m", false, import(0, "tkinter", &["x"]))), ["tkinter"]);
    }

    #[test]
    fn relative_imports_count_from_the_package() {
        assert_eq!(shown(&resolve("a.sub", false, import(1, "", &["shadowed"]))), ["a", "a.shadowed?"]);
        assert_eq!(shown(&resolve("a", true, import(1, "sub", &[]))), ["a", "a.sub"]);
        assert_eq!(shown(&resolve("a.sub.deep", false, import(2, "sub", &["deep"]))), ["a", "a.sub", "a.sub.deep"]);
    }

    #[test]
    fn a_relative_import_beyond_the_top_is_noted() {
        let edges = resolve("a", true, import(2, "x", &[]));
        assert_eq!((edges.edges.len(), edges.beyond_top), (0, Some(1)));
    }
}
