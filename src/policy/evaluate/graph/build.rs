//! The import graph of one environment: which edges count, surely and perhaps; never what rules ask of it.
//!
//! The facts say what a statement loads, packages on the way included. In the graph such a parent counts as any other target, for its
//! code runs too; but not the packages that the importing module lies in itself, which have been loaded before it: `from . import models`
//! in a module of `acme.web` is an edge to `acme.web.models` and none to `acme.web`, and two modules of a package that import each other's
//! neighbours make no cycle through the package. Where the statement names such a package itself, `import acme.web` or `from . import
//! NAME` for a name that is no module, the edge counts. Where it cannot be told whether NAME is a module, the edge may be.

use std::{
    collections::{BTreeMap, HashMap},
    sync::OnceLock,
};

use smol_str::{SmolStr, format_smolstr};

use super::{
    super::{
        beyond::{Beyond, beyond, is_read},
        nodes::{NodeId, Nodes},
    },
    components::Components,
};
use crate::facts::{Certainty, Import, ImportEdge, ImportKind, Module, ModuleKind, parents};

/// Kinds of import as bits.
pub(super) type Kinds = u8;

/// The kind of what no rule can ignore: a computed import.
pub(super) const COMPUTED: Kinds = 1 << 7;

/// Edges in rows, one for each pair of names.
#[derive(Debug, Default)]
pub(super) struct Arcs {
    rows: Vec<u32>,
    targets: Vec<NodeId>,
    kinds: Vec<Kinds>,
    components: OnceLock<Components>,
    reverse: OnceLock<Box<Arcs>>,
}

impl Arcs {
    /// The targets of a node, ascending, and how they are imported.
    pub(super) fn of(&self, node: NodeId) -> impl Iterator<Item = (NodeId, Kinds)> + '_ {
        let row = |at: usize| self.rows.get(at).copied().unwrap_or_default() as usize;
        let range = row(node as usize)..row(node as usize + 1);
        let targets = self.targets.get(range.clone()).unwrap_or_default();
        targets.iter().copied().zip(self.kinds.get(range).unwrap_or_default().iter().copied())
    }

    /// Its components.
    pub(super) fn components(&self) -> &Components {
        self.components.get_or_init(|| Components::new(&self.rows, &self.targets))
    }

    /// The same edges, from what is imported to what imports it.
    pub(super) fn reverse(&self) -> &Arcs {
        self.reverse.get_or_init(|| {
            let count = self.rows.len().saturating_sub(1);
            let mut ends = vec![0_u32; count + 1];
            for target in &self.targets {
                ends.get_mut(*target as usize + 1).into_iter().for_each(|end| *end += 1);
            }
            let mut sum = 0;
            for end in &mut ends {
                sum += *end;
                *end = sum;
            }
            let mut next = ends.clone();
            let blank = self.targets.len();
            let mut reverse = Self { rows: ends, targets: vec![0; blank], kinds: vec![0; blank], ..Self::default() };
            let edges = (0..count as NodeId).flat_map(|id| self.of(id).map(move |(target, kinds)| (id, target, kinds)));
            for (source, target, kinds) in edges {
                let Some(place) = next.get_mut(target as usize) else { continue };
                reverse.targets.get_mut(*place as usize).into_iter().for_each(|slot| *slot = source);
                reverse.kinds.get_mut(*place as usize).into_iter().for_each(|slot| *slot = kinds);
                *place += 1;
            }
            Box::new(reverse)
        })
    }

    fn push(&mut self, row: &BTreeMap<NodeId, Kinds>) {
        self.targets.extend(row.keys());
        self.kinds.extend(row.values());
        self.end();
    }

    fn end(&mut self) {
        self.rows.push(self.targets.len() as u32);
    }
}

/// The beginning of computed targets: a node of its own, from which edges lead to all names that begin so.
#[derive(Debug)]
pub(super) struct Prefix {
    /// The text.
    pub(super) text: SmolStr,
    /// The names that begin with it.
    pub(super) names: std::ops::Range<NodeId>,
}

/// The import graph of an environment. Nodes from `nodes.len()` on are prefixes.
pub(super) struct Graph<'n, 'a> {
    /// Its names.
    pub(super) nodes: &'n Nodes<'a>,
    must: Arcs,
    may: Option<Arcs>,
    /// What edges beyond the known ones begin with.
    pub(super) prefixes: Vec<Prefix>,
    /// The prefixes of modules, by their places in `prefixes`.
    computed: HashMap<NodeId, Vec<u32>>,
    /// Modules that may import anything, ascending.
    pub(super) anything: Vec<NodeId>,
}

/// Which of the two graphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// What surely is.
    Must,
    /// What may be.
    May,
}

impl<'n, 'a> Graph<'n, 'a> {
    /// Builds the graph.
    pub(super) fn new(nodes: &'n Nodes<'a>) -> Self {
        let mut graph = Self {
            nodes,
            must: Arcs { rows: vec![0], ..Arcs::default() },
            may: None,
            prefixes: Vec::new(),
            computed: HashMap::new(),
            anything: Vec::new(),
        };
        let mut beginnings: BTreeMap<SmolStr, Vec<NodeId>> = BTreeMap::new();
        let mut perhaps: BTreeMap<NodeId, BTreeMap<NodeId, Kinds>> = BTreeMap::new();
        for id in nodes.ids() {
            let Some(module) = nodes.module(id) else {
                graph.must.end();
                continue;
            };
            for (edge, target) in nodes.edges(id) {
                let Some(certainty) = standing(module, edge) else { continue };
                let kind = kind(module, edge);
                if certainty == Certainty::May {
                    *perhaps.entry(id).or_default().entry(target).or_default() |= kind;
                    continue;
                }
                graph.must.add(target, kind);
            }
            graph.must.end();
            if is_read(module) {
                continue;
            }
            match beyond(module) {
                Beyond::Nothing => {}
                Beyond::Anything => graph.anything.push(id),
                Beyond::Beginning(prefixes) => {
                    for prefix in prefixes {
                        for parent in parents(&prefix).filter(|parent| !contains(parent, &module.name)) {
                            let target = nodes.find(parent);
                            target.map(|target| perhaps.entry(id).or_default().insert(target, COMPUTED));
                        }
                        beginnings.entry(prefix).or_default().push(id);
                    }
                }
            }
        }
        graph.beginnings(beginnings);
        if !perhaps.is_empty() || !graph.prefixes.is_empty() {
            graph.may = Some(graph.perhaps(&perhaps));
        }
        graph
    }

    fn beginnings(&mut self, beginnings: BTreeMap<SmolStr, Vec<NodeId>>) {
        for (place, (text, modules)) in (0..).zip(beginnings) {
            let names = self.nodes.beginning(&text);
            self.prefixes.push(Prefix { text, names });
            for module in modules {
                self.computed.entry(module).or_default().push(place);
            }
        }
    }

    fn perhaps(&self, perhaps: &BTreeMap<NodeId, BTreeMap<NodeId, Kinds>>) -> Arcs {
        let mut arcs = Arcs { rows: vec![0], ..Arcs::default() };
        let count = self.nodes.len() as NodeId;
        for id in self.nodes.ids() {
            let (more, computed) = (perhaps.get(&id), self.computed(id));
            if more.is_none() && computed.is_empty() {
                for (target, kinds) in self.must.of(id) {
                    arcs.add(target, kinds);
                }
                arcs.end();
                continue;
            }
            let mut row: BTreeMap<NodeId, Kinds> = self.must.of(id).collect();
            for (target, kinds) in more.into_iter().flatten() {
                *row.entry(*target).or_default() |= kinds;
            }
            row.extend(computed.iter().map(|prefix| (count + prefix, COMPUTED)));
            arcs.push(&row);
        }
        // INVARIANT: ranges of names that begin alike lie in each other or apart, so each name needs an edge from the innermost only, and
        // the sorted prefixes come outermost first.
        let mut at = 0;
        while let Some(prefix) = self.prefixes.get(at) {
            let mut row = BTreeMap::new();
            let (mut next, mut inner) = (prefix.names.start, at + 1);
            while let Some(below) = self.prefixes.get(inner).filter(|below| below.text.starts_with(prefix.text.as_str())) {
                if below.names.start >= next {
                    row.extend((next..below.names.start).map(|name| (name, COMPUTED)));
                    row.insert(count + inner as NodeId, COMPUTED);
                    next = below.names.end;
                }
                inner += 1;
            }
            row.extend((next..prefix.names.end).map(|name| (name, COMPUTED)));
            arcs.push(&row);
            at += 1;
        }
        arcs
    }

    /// The edges that surely are, or may be.
    pub(super) fn arcs(&self, sight: Sight) -> &Arcs {
        match (sight, &self.may) {
            (Sight::May, Some(may)) => may,
            _ => &self.must,
        }
    }

    /// Whether more may be than surely is.
    pub(super) fn is_unsure(&self) -> bool {
        self.may.is_some() || !self.anything.is_empty()
    }

    /// The prefixes of a module's computed imports, by their places.
    pub(super) fn computed(&self, id: NodeId) -> &[u32] {
        self.computed.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Whether a module may import anything.
    pub(super) fn is_anything(&self, id: NodeId) -> bool {
        self.anything.binary_search(&id).is_ok()
    }

    /// The modules that import a name, or may.
    pub(super) fn importers(&self, id: NodeId) -> impl Iterator<Item = (NodeId, Kinds)> + '_ {
        let count = self.nodes.len() as NodeId;
        self.arcs(Sight::May).reverse().of(id).filter(move |(source, _)| *source < count)
    }
}

impl Arcs {
    /// Adds an edge to the last row; edges to one name follow each other.
    fn add(&mut self, target: NodeId, kinds: Kinds) {
        let start = self.rows.last().copied().unwrap_or_default() as usize;
        match (self.targets.get(start..).and_then(<[NodeId]>::last), self.kinds.last_mut()) {
            (Some(last), Some(known)) if *last == target => *known |= kinds,
            _ => {
                self.targets.push(target);
                self.kinds.push(kinds);
            }
        }
    }
}

/// Whether an edge counts, and how surely.
pub(super) fn standing(module: &Module, edge: &ImportEdge) -> Option<Certainty> {
    if !contains(&edge.target, &module.name) {
        return Some(edge.certainty);
    }
    let Some(import) = module.source.imports.get(edge.import as usize) else { return Some(edge.certainty) };
    let named = base(module, import);
    if named.len() > edge.target.len() {
        return None;
    }
    if named.len() < edge.target.len() || import.names.is_empty() {
        return Some(edge.certainty);
    }
    // `from T import n` is about T only where some `n` is no module of its own.
    let mut implied = Some(Certainty::Must);
    for name in &import.names {
        let of = module.edges.iter().find(|other| {
            let rest = other.target.strip_prefix(named.as_str()).and_then(|rest| rest.strip_prefix('.'));
            other.import == edge.import && rest == Some(name.as_str())
        });
        implied = implied.zip(of).map(|(implied, of)| implied.max(of.certainty));
    }
    match implied {
        None => Some(edge.certainty),
        Some(Certainty::Must) => None,
        Some(Certainty::May) => Some(Certainty::May),
    }
}

/// The module that a statement names.
fn base(module: &Module, import: &Import) -> SmolStr {
    if import.level == 0 {
        return import.target.clone();
    }
    let mut base = module.name.as_str();
    for _ in 0..import.level - u32::from(module.kind == ModuleKind::Package) {
        base = base.rsplit_once('.').map_or(base, |(parent, _)| parent);
    }
    if import.target.is_empty() { base.into() } else { format_smolstr!("{base}.{}", import.target) }
}

/// Whether a name is a package that a module lies in, or the module.
fn contains(package: &str, module: &str) -> bool {
    module.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn kind(module: &Module, edge: &ImportEdge) -> Kinds {
    module.source.imports.get(edge.import as usize).map_or(COMPUTED, |import| bit(import.kind))
}

/// A kind as a bit.
pub(super) fn bit(kind: ImportKind) -> Kinds {
    match kind {
        ImportKind::TopLevel => 1,
        ImportKind::Conditional => 1 << 1,
        ImportKind::Guarded => 1 << 2,
        ImportKind::Function => 1 << 3,
        ImportKind::TypeChecking => 1 << 4,
        ImportKind::Dynamic => 1 << 5,
    }
}
