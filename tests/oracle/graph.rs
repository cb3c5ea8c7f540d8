//! The import graph of one environment, edge by edge, and plain searches in it; in two kinds: what surely is, and what may be.

use std::collections::{BTreeMap, BTreeSet};

use douane::{
    facts::{
        Certainty, Environment, Import, ImportEdge, Module, ModuleKind,
        schema::{Kind, Record, Value, fields},
    },
    policy::syntax::ast::{Exempt, Patterns},
};

use crate::ban::{could_be, kind_of, lies_in, owner};

/// One edge.
#[derive(Debug, Clone)]
struct Edge {
    target: String,
    /// How it is imported; a computed import is of no kind that a rule can ignore.
    kind: Option<String>,
    sure: bool,
}

/// What a module may import beside its edges.
enum Beyond {
    Nothing,
    Beginning(Vec<String>),
    Anything,
}

/// The graph of an environment.
pub struct Graph<'a> {
    pub environment: &'a Environment,
    edges: BTreeMap<&'a str, Vec<Edge>>,
    /// The beginnings of what modules compute.
    beginnings: BTreeMap<&'a str, Vec<String>>,
    /// Modules that may import anything.
    anything: BTreeSet<&'a str>,
}

/// Which edges count, and how those of computed imports do.
#[derive(Clone, Copy)]
pub struct View<'e> {
    pub exempt: &'e Exempt,
    /// Whether edges count that only may be.
    pub unsure: bool,
    /// Whether exceptions speak of computed imports too: the reference leaves it open.
    pub excepts_computed: bool,
}

/// Where a search leads.
#[derive(Debug, Default)]
pub struct Reached {
    /// Targets at the ends of chains.
    pub targets: BTreeSet<String>,
    /// Whether a module on the way may import a target that no edge tells of.
    pub unread: bool,
}

/// What a search looks for.
pub struct Search<'s> {
    pub is_target: &'s dyn Fn(&str) -> bool,
    pub is_stop: &'s dyn Fn(&str) -> bool,
    /// The side whose names a computed import could name, although nothing in the environment begins so.
    pub to: Option<&'s Patterns>,
}

impl<'a> Graph<'a> {
    pub fn new(environment: &'a Environment) -> Self {
        let mut graph = Self { environment, edges: BTreeMap::new(), beginnings: BTreeMap::new(), anything: BTreeSet::new() };
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for module in &environment.modules {
            names.insert(&module.name);
            names.extend(module.edges.iter().map(|edge| edge.target.as_str()));
        }
        for module in &environment.modules {
            let own = graph.edges.entry(&module.name).or_default();
            for edge in &module.edges {
                let Some(certainty) = standing(module, edge) else { continue };
                let (kind, sure) = (Some(kind_of(module, edge)), certainty == Certainty::Must);
                own.push(Edge { target: edge.target.to_string(), kind, sure });
            }
            match beyond(environment, module) {
                Beyond::Nothing => {}
                Beyond::Anything => {
                    graph.anything.insert(&module.name);
                }
                Beyond::Beginning(beginnings) => {
                    let begins = |name: &&&str| beginnings.iter().any(|beginning| name.starts_with(beginning));
                    let on_the_way = |name: &&&str| {
                        beginnings.iter().any(|beginning| beginning.starts_with(&format!("{name}.")))
                            && !holds(name, &module.name)
                    };
                    // A module that may compute its own name is no cycle.
                    let is_other = |name: &&&str| **name != module.name;
                    for target in names.iter().filter(|name| is_other(name) && (begins(name) || on_the_way(name))) {
                        own.push(Edge { target: (*target).to_owned(), kind: None, sure: false });
                    }
                    graph.beginnings.insert(&module.name, beginnings);
                }
            }
        }
        graph
    }

    /// A module of the environment.
    pub fn module(&self, name: &str) -> Option<&'a Module> {
        self.environment.modules.iter().find(|module| module.name == name)
    }

    /// Every name: modules, and what they import that is none.
    pub fn names(&self) -> BTreeSet<String> {
        let targets = self.environment.modules.iter().flat_map(|module| &module.edges).map(|edge| edge.target.to_string());
        self.environment.modules.iter().map(|module| module.name.to_string()).chain(targets).collect()
    }

    pub fn is_anything(&self, name: &str) -> bool {
        self.anything.contains(name)
    }

    /// Whether a name lies on a side, as a module of the environment or by its name alone.
    pub fn lies_in(&self, side: &Patterns, name: &str) -> Option<bool> {
        lies_in(side, name, owner(self.environment, name))
    }

    /// What a module imports, as a view has it.
    pub fn imported(&self, name: &str, view: View<'_>) -> BTreeSet<String> {
        let counts = |edge: &&Edge| {
            let is_ignored =
                edge.kind.as_ref().is_some_and(|kind| view.exempt.ignoring.iter().any(|ignored| ignored.text == *kind));
            let excepts = |from: &Patterns, to: &Patterns| {
                self.lies_in(from, name) == Some(true) && self.lies_in(to, &edge.target) == Some(true)
            };
            let can_be_excepted = edge.kind.is_some() || view.excepts_computed;
            let is_excepted = can_be_excepted && view.exempt.exceptions.iter().any(|(from, to, _)| excepts(from, to));
            (edge.sure || view.unsure) && !is_ignored && !is_excepted
        };
        self.edges.get(name).into_iter().flatten().filter(counts).map(|edge| edge.target.clone()).collect()
    }

    /// All that chains from a module lead to.
    pub fn search(&self, source: &str, search: &Search<'_>, view: View<'_>) -> Reached {
        let mut reached = Reached::default();
        let mut seen = BTreeSet::from([source.to_owned()]);
        let mut waiting = vec![source.to_owned()];
        while let Some(name) = waiting.pop() {
            let names_target = |beginning: &String| search.to.is_some_and(|to| could_be(to, beginning));
            let computes = || self.beginnings.get(name.as_str()).is_some_and(|all| all.iter().any(names_target));
            reached.unread |= view.unsure && (self.is_anything(&name) || computes());
            for target in self.imported(&name, view) {
                if (search.is_target)(&target) && target != source {
                    reached.targets.insert(target);
                } else if !(search.is_stop)(&target) && seen.insert(target.clone()) {
                    waiting.push(target);
                }
            }
        }
        reached
    }
}

/// Whether a name is a module, or a package that it lies in.
pub fn holds(package: &str, module: &str) -> bool {
    module == package || module.starts_with(&format!("{package}."))
}

/// Whether an edge counts, and how surely: one to a package that the module lies in is implied, unless the statement names it.
fn standing(module: &Module, edge: &ImportEdge) -> Option<Certainty> {
    if !holds(&edge.target, &module.name) {
        return Some(edge.certainty);
    }
    let import = &module.source.imports[edge.import as usize];
    let named = base(module, import);
    if edge.target != named {
        // A package on the way to what is named; or a name that is taken from a package, and named so.
        return if holds(&edge.target, &named) { None } else { Some(edge.certainty) };
    }
    // `from T import n1, n2` names T itself, unless every name is a module of its own.
    let taken = |name: &str| {
        let full = format!("{named}.{name}");
        module.edges.iter().find(|other| other.import == edge.import && other.target == full).map(|other| other.certainty)
    };
    let names: Vec<Option<Certainty>> = import.names.iter().map(|name| taken(name)).collect();
    if names.is_empty() || names.contains(&None) {
        Some(edge.certainty)
    } else if names.contains(&Some(Certainty::May)) {
        Some(Certainty::May)
    } else {
        None
    }
}

/// The full name of what a statement names.
fn base(module: &Module, import: &Import) -> String {
    let segments: Vec<&str> = module.name.split('.').collect();
    let up = (import.level as usize).saturating_sub(usize::from(module.kind == ModuleKind::Package));
    let own = if import.level == 0 { &[][..] } else { &segments[..segments.len() - up] };
    own.iter().copied().chain(import.target.split('.').filter(|part| !part.is_empty())).collect::<Vec<_>>().join(".")
}

/// What a module may import beside its edges.
fn beyond(environment: &Environment, module: &Module) -> Beyond {
    let source = &module.source;
    let imports = fields(Kind::Module).iter().find(|field| field.name == "imports").expect("a field");
    let Value::List(_, lacks) = (imports.get)(Record::Module(environment, module)) else { panic!("imports are a list") };
    if source.error.is_some() || lacks.len() > usize::from(!source.computed_imports.is_empty()) {
        return Beyond::Anything;
    }
    let mut beginnings = Vec::new();
    for import in &source.computed_imports {
        match absolute(module, &import.prefix) {
            Some(beginning) if !beginning.is_empty() => beginnings.push(beginning),
            _ => return Beyond::Anything,
        }
    }
    if beginnings.is_empty() { Beyond::Nothing } else { Beyond::Beginning(beginnings) }
}

/// The beginning of a computed name, with leading dots resolved; none where they lead out of the top-level package.
pub fn absolute(module: &Module, prefix: &str) -> Option<String> {
    let rest = prefix.trim_start_matches('.');
    let level = prefix.len() - rest.len();
    if level == 0 {
        return Some(prefix.to_owned());
    }
    let segments: Vec<&str> = module.name.split('.').collect();
    let kept = segments.len().checked_sub(level - usize::from(module.kind == ModuleKind::Package))?;
    (kept > 0).then(|| format!("{}.{rest}", segments[..kept].join(".")))
}

/// The modules on cycles, in tangles: modules that reach each other, and modules that import themselves.
pub fn tangles(graph: &Graph<'_>, side: &Patterns, view: View<'_>) -> Vec<BTreeSet<String>> {
    let meant: Vec<String> = graph.names().into_iter().filter(|name| graph.lies_in(side, name) == Some(true)).collect();
    let is_outside = |name: &str| !meant.iter().any(|meant| meant == name);
    let reaches = |from: &str| {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![from.to_owned()];
        while let Some(name) = waiting.pop() {
            for target in graph.imported(&name, view).into_iter().filter(|target| !is_outside(target)) {
                if seen.insert(target.clone()) {
                    waiting.push(target);
                }
            }
        }
        seen
    };
    let all: BTreeMap<&String, BTreeSet<String>> = meant.iter().map(|name| (name, reaches(name))).collect();
    let mut tangles: Vec<BTreeSet<String>> = Vec::new();
    for (name, reached) in &all {
        let mutual = reached.iter().filter(|other| other != name && all.get(other).is_some_and(|back| back.contains(*name)));
        let mut tangle: BTreeSet<String> = mutual.cloned().collect();
        if tangle.is_empty() && !graph.imported(name, view).contains(*name) {
            continue;
        }
        tangle.insert((*name).clone());
        if !tangles.contains(&tangle) {
            tangles.push(tangle);
        }
    }
    tangles
}
