//! The names of one environment as numbers: its modules, and what they import that is no module there; never their meaning.

use std::{
    collections::{HashMap, hash_map::Entry},
    ops::Range,
};

use rayon::prelude::*;

use crate::{
    facts::{Environment, ImportEdge, Module},
    policy::{
        check::resolved::{Class, Side},
        compile::automaton::{Matcher, StateId},
    },
};

/// A name's number. Names are numbered in their order, so what lies below a package follows it without a gap.
pub(super) type NodeId = u32;

/// What is not in the environment.
const OUTSIDE: NodeId = NodeId::MAX;

/// Modules at a time that one thread resolves.
const CHUNK: usize = 1024;

/// Every name of one environment.
pub(super) struct Nodes<'a> {
    /// The environment.
    pub(super) environment: &'a Environment,
    names: Vec<&'a str>,
    modules: Vec<Option<&'a Module>>,
    /// The group of each.
    groups: Vec<u32>,
    /// What the names of a group have in common: all that patterns and classes can tell of them.
    kinds: Vec<Group>,
    /// Where the edges of each begin in `targets`.
    rows: Vec<u32>,
    targets: Vec<NodeId>,
    by_pattern: Vec<Vec<u32>>,
    by_class: [Vec<u32>; 3],
    /// Patterns that some module matches.
    inhabited: Vec<bool>,
    /// How many modules before each name no earlier environment holds.
    fresh: Vec<u32>,
    /// The number of each module in the run, which it has in every environment; of other names none means anything.
    numbers: Vec<u32>,
    /// The modules in the order of their numbers.
    numbered: Vec<NodeId>,
    /// Modules that earlier environments hold, but as another owner's, ascending: with the classes that they have had.
    renewed: Vec<(NodeId, Classes)>,
}

/// Some of the classes.
pub(super) type Classes = Vec<Class>;

/// Modules of earlier environments, by name and file, with the classes that they have had: one that two environments share is one
/// subject, whosever it is in each of them.
pub(super) type Seen<'a> = HashMap<(&'a str, Option<&'a str>), (u32, Class, Classes)>;

/// Names that patterns and classes do not tell apart.
pub(super) struct Group {
    /// The automaton's state.
    pub(super) state: StateId,
    /// Their class; none outside of the environment.
    pub(super) class: Option<Class>,
    /// Those names, ascending.
    pub(super) nodes: Vec<NodeId>,
}

impl<'a> Nodes<'a> {
    /// Numbers the names of an environment, and runs each once through the automaton; `patterns` is how many there are.
    pub(super) fn new(environment: &'a Environment, matcher: &mut Matcher<'_>, patterns: usize, seen: &mut Seen<'a>) -> Self {
        let mut sorted: Vec<&'a Module> = environment.modules.iter().collect();
        sorted.sort_by(|left, right| left.name.cmp(&right.name));
        let (mut targets, outside) = resolve(&sorted);
        let mut nodes = Self {
            environment,
            names: Vec::with_capacity(sorted.len() + outside.len()),
            modules: Vec::with_capacity(sorted.len() + outside.len()),
            groups: Vec::new(),
            kinds: Vec::new(),
            rows: vec![0],
            targets: Vec::new(),
            by_pattern: vec![Vec::new(); patterns],
            by_class: Default::default(),
            inhabited: vec![false; patterns],
            fresh: vec![0],
            numbers: Vec::new(),
            numbered: Vec::new(),
            renewed: Vec::new(),
        };
        let mut place = vec![OUTSIDE; sorted.len() + outside.len()];
        let (mut inside, mut outer) = (sorted.iter().enumerate().peekable(), outside.iter().enumerate().peekable());
        loop {
            let is_inside = match (inside.peek(), outer.peek()) {
                (Some((_, module)), Some((_, name))) => module.name.as_str() < **name,
                (module, _) => module.is_some(),
            };
            let id = nodes.names.len() as NodeId;
            let last = nodes.rows.last().copied().unwrap_or(0);
            let (old, name, module) = if is_inside {
                let Some((old, module)) = inside.next() else { break };
                (old, module.name.as_str(), Some(*module))
            } else {
                let Some((old, name)) = outer.next() else { break };
                (sorted.len() + old, *name, None)
            };
            place.get_mut(old).into_iter().for_each(|place| *place = id);
            nodes.names.push(name);
            nodes.modules.push(module);
            nodes.rows.push(last + module.map_or(0, |module| module.edges.len() as u32));
        }
        for target in &mut targets {
            *target = place.get(*target as usize).copied().unwrap_or(OUTSIDE);
        }
        nodes.targets = targets;
        nodes.group(matcher);
        nodes.count(seen);
        nodes
    }

    fn group(&mut self, matcher: &mut Matcher<'_>) {
        let mut numbers: HashMap<(StateId, Option<Class>), u32> = HashMap::new();
        let mut last = None;
        let mut package: Option<(&str, StateId)> = None;
        for (id, (name, module)) in (0..).zip(self.names.iter().zip(&self.modules)) {
            // What lies in one package comes in a row: only the last segment differs.
            let state = match name.rsplit_once('.') {
                Some((parent, segment)) => {
                    let known = package.filter(|(same, _)| *same == parent);
                    let (_, state) = *package.insert(known.unwrap_or_else(|| (parent, matcher.run(parent))));
                    matcher.next(state, segment)
                }
                None => matcher.run(name),
            };
            let key = (state, module.map(|module| Class::from(module.owner)));
            let group = match last {
                Some((same, group)) if same == key => group,
                _ => *numbers.entry(key).or_insert(self.kinds.len() as u32),
            };
            last = Some((key, group));
            self.groups.push(group);
            match self.kinds.get_mut(group as usize) {
                Some(kind) => kind.nodes.push(id),
                None => self.kinds.push(Group { state: key.0, class: key.1, nodes: vec![id] }),
            }
        }
        for (number, group) in (0..).zip(&self.kinds) {
            for pattern in matcher.patterns(group.state) {
                self.by_pattern.get_mut(*pattern).into_iter().for_each(|groups| groups.push(number));
                let inhabited = self.inhabited.get_mut(*pattern);
                inhabited.into_iter().for_each(|inhabited| *inhabited |= group.class.is_some());
            }
            let of_class = group.class.and_then(|class| self.by_class.get_mut(class as usize));
            of_class.into_iter().for_each(|groups| groups.push(number));
        }
    }

    fn count(&mut self, seen: &mut Seen<'a>) {
        let mut sum = 0;
        for (id, module) in (0..).zip(&self.modules) {
            let mut number = 0;
            if let Some(module) = module {
                let class = Class::from(module.owner);
                let next = seen.len() as u32;
                self.numbered.push(id);
                match seen.entry((&module.name, module.file.as_deref())) {
                    Entry::Vacant(place) => {
                        place.insert((next, class, Vec::new()));
                        number = next;
                        sum += 1;
                    }
                    Entry::Occupied(mut place) => {
                        let (known, first, others) = place.get_mut();
                        number = *known;
                        if *first != class && !others.contains(&class) {
                            self.renewed.push((id, std::iter::once(*first).chain(others.iter().copied()).collect()));
                            others.push(class);
                        }
                    }
                }
            }
            self.fresh.push(sum);
            self.numbers.push(number);
        }
        let numbers = &self.numbers;
        self.numbered.sort_by_key(|id| numbers.get(*id as usize));
    }

    /// The number of a module in the run.
    pub(super) fn number(&self, id: NodeId) -> Option<u32> {
        self.numbers.get(id as usize).copied()
    }

    /// The modules in the order of their numbers.
    pub(super) fn numbered(&self) -> &[NodeId] {
        &self.numbered
    }

    /// Modules that earlier environments hold, but as another owner's: the group, and the classes that they have had.
    pub(super) fn renewed(&self) -> impl Iterator<Item = (&Group, &[Class])> {
        let group = |id: NodeId| self.kinds.get(self.group_of(id) as usize);
        self.renewed.iter().filter_map(move |(id, classes)| Some((group(*id)?, classes.as_slice())))
    }

    /// How many of these names are modules that no earlier environment holds.
    pub(super) fn fresh(&self, range: &Range<NodeId>) -> u64 {
        let before = |id: NodeId| self.fresh.get(id as usize).copied().unwrap_or_default();
        u64::from(before(range.end).saturating_sub(before(range.start)))
    }

    /// Whether some module lies on a side.
    pub(super) fn has_module(&self, side: &Side) -> bool {
        side.patterns.iter().any(|pattern| self.is_inhabited(*pattern))
            || side.classes.iter().any(|class| self.by_class.get(*class as usize).is_some_and(|groups| !groups.is_empty()))
    }

    /// Whether some module matches a pattern.
    pub(super) fn is_inhabited(&self, pattern: usize) -> bool {
        self.inhabited.get(pattern).is_some_and(|inhabited| *inhabited)
    }

    /// How many names there are.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// Every number.
    pub(super) fn ids(&self) -> Range<NodeId> {
        0..self.names.len() as NodeId
    }

    /// A name.
    pub(super) fn name(&self, id: NodeId) -> &'a str {
        self.names.get(id as usize).copied().unwrap_or_default()
    }

    /// The module of a name; none outside of the environment.
    pub(super) fn module(&self, id: NodeId) -> Option<&'a Module> {
        self.modules.get(id as usize).copied().flatten()
    }

    /// The group of a name.
    pub(super) fn group_of(&self, id: NodeId) -> u32 {
        self.groups.get(id as usize).copied().unwrap_or_default()
    }

    /// All groups.
    pub(super) fn groups(&self) -> &[Group] {
        &self.kinds
    }

    /// The edges of a module with the numbers of what they name.
    pub(super) fn edges(&self, id: NodeId) -> impl Iterator<Item = (&'a ImportEdge, NodeId)> + '_ {
        let start = self.rows.get(id as usize).copied().unwrap_or_default() as usize;
        let edges = self.module(id).map_or(&[][..], |module| &module.edges);
        let targets = self.targets.get(start..start + edges.len()).unwrap_or_default();
        edges.iter().zip(targets.iter().copied())
    }

    /// The number of a name.
    pub(super) fn find(&self, name: &str) -> Option<NodeId> {
        self.names.binary_search(&name).ok().map(|id| id as NodeId)
    }

    /// The names that begin with a text.
    pub(super) fn beginning(&self, prefix: &str) -> Range<NodeId> {
        let start = self.names.partition_point(|name| *name < prefix);
        let end = self.names.partition_point(|name| *name < prefix || name.starts_with(prefix));
        start as NodeId..end as NodeId
    }

    /// A module and all that lies below it.
    pub(super) fn within(&self, name: &str) -> impl Iterator<Item = Range<NodeId>> + use<> {
        // INVARIANT: `.` sorts before all that a name holds, so these ranges touch for every name that can be imported.
        let own = self.find(name).map(|id| id..id + 1);
        own.into_iter().chain([self.beginning(&format!("{name}."))]).filter(|range| !range.is_empty())
    }

    /// How many patterns there are.
    pub(super) fn patterns(&self) -> usize {
        self.by_pattern.len()
    }

    /// Whether a group lies on a side.
    pub(super) fn holds(&self, matcher: &Matcher<'_>, side: &Side, group: u32) -> bool {
        self.kinds.get(group as usize).is_some_and(|group| side.holds(matcher, group.state, group.class))
    }

    /// The groups on a side, ascending.
    pub(super) fn side_groups(&self, side: &Side) -> Vec<u32> {
        let by_pattern = side.patterns.iter().filter_map(|pattern| self.by_pattern.get(*pattern));
        let by_class = side.classes.iter().filter_map(|class| self.by_class.get(*class as usize));
        let mut groups: Vec<u32> = by_pattern.chain(by_class).flatten().copied().collect();
        if side.patterns.len() + side.classes.len() > 1 {
            groups.sort_unstable();
            groups.dedup();
        }
        groups
    }

    /// The names on a side, ascending.
    pub(super) fn side(&self, side: &Side) -> Vec<NodeId> {
        let groups = self.side_groups(side);
        let mut nodes: Vec<NodeId> =
            groups.iter().filter_map(|group| self.kinds.get(*group as usize)).flat_map(|group| &group.nodes).copied().collect();
        nodes.sort_unstable();
        nodes
    }
}

/// The targets of all edges of modules in their order: a module's place, or beyond those the place of a name outside, sorted.
fn resolve<'a>(modules: &[&'a Module]) -> (Vec<NodeId>, Vec<&'a str>) {
    let places: HashMap<&str, NodeId> = modules.iter().map(|module| module.name.as_str()).zip(0..).collect();
    let found: Vec<Vec<NodeId>> = modules
        .par_chunks(CHUNK)
        .map(|modules| {
            let mut targets = Vec::with_capacity(modules.iter().map(|module| module.edges.len()).sum());
            // Edges to one target follow each other.
            let mut last: Option<(&str, NodeId)> = None;
            for edge in modules.iter().flat_map(|module| &module.edges) {
                let target = edge.target.as_str();
                let place = match last.filter(|(same, _)| *same == target) {
                    Some((_, place)) => place,
                    None => places.get(target).copied().unwrap_or(OUTSIDE),
                };
                last = Some((target, place));
                targets.push(place);
            }
            targets
        })
        .collect();
    let mut targets = found.concat();
    let edges = || modules.iter().flat_map(|module| &module.edges);
    let outside = edges().zip(&targets).filter(|(_, target)| **target == OUTSIDE).map(|(edge, _)| edge.target.as_str());
    let mut outside: Vec<&'a str> = outside.collect();
    outside.par_sort_unstable();
    outside.dedup();
    let places: HashMap<&str, NodeId> = outside.iter().copied().zip(modules.len() as NodeId..).collect();
    for (edge, target) in edges().zip(&mut targets).filter(|(_, target)| **target == OUTSIDE) {
        *target = places.get(edge.target.as_str()).copied().unwrap_or(OUTSIDE);
    }
    (targets, outside)
}
