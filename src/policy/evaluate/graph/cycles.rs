//! Cycles of imports among the modules of a rule; never chains between sides.

use std::collections::{HashMap, HashSet, VecDeque, hash_map::Entry};

use super::{
    super::{
        beyond::{absolute, unread},
        found::{Found, Hit},
        nodes::NodeId,
    },
    build::{Graph, Sight},
    components::Components,
    exempt::Exemptions,
    words::{place, steps},
};
use crate::policy::{
    architecture::Acyclic,
    check::resolved::{AssertionKind, Class},
    compile::{Plan, automaton::Matcher},
    outcome::{Subject, ViolationCertainty},
};

/// Most modules of a cycle that a message names; the evidence names all.
const NAMED: usize = 6;

/// A cycle, from its first module back to it.
#[derive(Clone)]
struct Cycle {
    sight: Sight,
    path: Vec<NodeId>,
}

/// The part of a graph that may lie on cycles.
struct Searcher<'s, 'n, 'a> {
    graph: &'s Graph<'n, 'a>,
    exemptions: Exemptions,
    /// Modules, and with what may be the prefixes of computed imports, ascending.
    nodes: Vec<NodeId>,
    sight: Sight,
}

/// Judges everything that must have no cycles.
pub(super) fn judge<'a>(plan: &Plan, matcher: &Matcher<'_>, graph: &Graph<'_, 'a>, found: &mut Found<'a>) {
    let mut known: HashMap<(&[usize], &[Class]), Vec<Cycle>> = HashMap::new();
    let mut suspects: Option<Vec<bool>> = None;
    for number in 0..plan.imports.len() {
        let Some(AssertionKind::Acyclic(acyclic)) = plan.over_imports(number) else { continue };
        let suspects = suspects.get_or_insert_with(|| on_cycles(graph));
        let exemptions = Exemptions::new(graph, matcher, std::iter::once((0, number, &acyclic.exempt)));
        exemptions.matched.iter().for_each(|(number, exception)| found.except(*number, *exception));
        let side = (&acyclic.modules.patterns[..], &acyclic.modules.classes[..]);
        let cycles = match known.get(&side).filter(|_| exemptions.is_empty()) {
            Some(cycles) => cycles.clone(),
            None => {
                let is_plain = exemptions.is_empty();
                let cycles = cycles(graph, acyclic, exemptions, suspects);
                if is_plain {
                    known.insert(side, cycles.clone());
                }
                cycles
            }
        };
        for cycle in cycles {
            hit(graph, acyclic, &cycle).into_iter().for_each(|hit| found.add(number, hit));
        }
        unread_modules(graph, matcher, (number, acyclic), found);
    }
}

/// The nodes that lie on any cycle at all, whatever a rule speaks of: few, and only they need be looked at again.
fn on_cycles(graph: &Graph<'_, '_>) -> Vec<bool> {
    let arcs = graph.arcs(Sight::May);
    let mut suspects = vec![false; graph.nodes.len() + graph.prefixes.len()];
    for component in arcs.components().iter() {
        let is_cycle = |node: &NodeId| component.len() > 1 || arcs.of(*node).any(|(target, _)| target == *node);
        for node in component.iter().filter(|node| is_cycle(node)) {
            suspects.get_mut(*node as usize).into_iter().for_each(|suspect| *suspect = true);
        }
    }
    suspects
}

fn cycles(graph: &Graph<'_, '_>, acyclic: &Acyclic, exemptions: Exemptions, suspects: &[bool]) -> Vec<Cycle> {
    let is_suspect = |node: &NodeId| suspects.get(*node as usize).is_some_and(|suspect| *suspect);
    let nodes: Vec<NodeId> = graph.nodes.side(&acyclic.modules).into_iter().filter(is_suspect).collect();
    if nodes.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut searcher = Searcher { graph, exemptions, nodes, sight: Sight::Must };
    let mut surely = HashSet::new();
    for component in searcher.components() {
        found.extend(component.first().and_then(|first| searcher.shortest(*first, &component)));
        surely.extend(component);
    }
    if graph.is_unsure() {
        searcher.sight = Sight::May;
        let count = graph.nodes.len() as NodeId;
        searcher.nodes.extend((count..).take(graph.prefixes.len()).filter(is_suspect));
        for component in searcher.components() {
            // What a sure cycle holds is told already.
            let first = component.iter().find(|node| !surely.contains(*node) && **node < count);
            found.extend(first.and_then(|first| searcher.shortest(*first, &component)));
        }
    }
    found
}

impl Searcher<'_, '_, '_> {
    /// The targets of a node that count, among those that are looked at.
    fn targets(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let counts = move |(target, kinds): &(NodeId, u8)| {
            self.nodes.binary_search(target).is_ok() && self.exemptions.counts((node, *target), *kinds, 0)
        };
        self.graph.arcs(self.sight).of(node).filter(counts).map(|(target, _)| target)
    }

    /// The components that hold a cycle of imports, each ascending. A module that may compute its own name makes none.
    fn components(&self) -> Vec<Vec<NodeId>> {
        let (mut rows, mut targets) = (vec![0_u32], Vec::new());
        for node in &self.nodes {
            targets.extend(self.targets(*node).filter_map(|target| self.nodes.binary_search(&target).ok()).map(|at| at as u32));
            rows.push(targets.len() as u32);
        }
        let count = self.graph.nodes.len();
        let is_cycle = |component: &Vec<NodeId>| {
            let mut modules = component.iter().filter(|node| (**node as usize) < count);
            match (modules.next(), modules.next()) {
                (Some(_), Some(_)) => true,
                (Some(only), None) => self.targets(*only).any(|target| target == *only),
                _ => false,
            }
        };
        let components = Components::new(&rows, &targets);
        let named = components.iter().map(|component| {
            let mut nodes: Vec<NodeId> = component.iter().filter_map(|at| self.nodes.get(*at as usize)).copied().collect();
            nodes.sort_unstable();
            nodes
        });
        let mut found: Vec<Vec<NodeId>> = named.filter(is_cycle).collect();
        found.sort();
        found
    }

    /// What a module imports inside of a component, ascending; what it may compute stands for itself.
    fn imported(&self, node: NodeId, component: &[NodeId]) -> Vec<NodeId> {
        let count = self.graph.nodes.len() as NodeId;
        let is_inside = |target: &NodeId| *target < count && component.binary_search(target).is_ok();
        let mut imported: Vec<NodeId> = self.targets(node).filter(is_inside).collect();
        let computed = if self.sight == Sight::May { self.graph.computed(node) } else { &[] };
        for prefix in computed.iter().filter_map(|prefix| self.graph.prefixes.get(*prefix as usize)) {
            let start = component.partition_point(|member| *member < prefix.names.start);
            let end = component.partition_point(|member| *member < prefix.names.end);
            imported.extend(component.get(start..end).unwrap_or_default().iter().filter(|member| **member != node));
        }
        imported.sort_unstable();
        imported
    }

    /// The shortest cycle through a module of a component, of several the first by names.
    fn shortest(&self, first: NodeId, component: &[NodeId]) -> Option<Cycle> {
        let mut from: HashMap<NodeId, NodeId> = HashMap::new();
        let mut queue = VecDeque::from([first]);
        while let Some(node) = queue.pop_front() {
            for target in self.imported(node, component) {
                if target == first {
                    let mut path = vec![first, node];
                    while let Some(before) = path.last().filter(|at| **at != first).and_then(|at| from.get(at)) {
                        path.push(*before);
                    }
                    path.reverse();
                    return Some(Cycle { sight: self.sight, path });
                }
                if let Entry::Vacant(unseen) = from.entry(target) {
                    unseen.insert(node);
                    queue.push_back(target);
                }
            }
        }
        None
    }
}

fn hit<'a>(graph: &Graph<'_, 'a>, acyclic: &Acyclic, cycle: &Cycle) -> Option<Hit<'a>> {
    let nodes = graph.nodes;
    let first = *cycle.path.first()?;
    let module = nodes.module(first)?;
    let is_sure = cycle.sight == Sight::Must;
    let name = |node: &NodeId| format!("`{}`", nodes.name(*node));
    let message = match (&cycle.path[..], is_sure) {
        ([only, _], true) => format!("{} imports itself", name(only)),
        ([only, _], false) => format!("{} may import itself", name(only)),
        (path, _) => {
            let length = path.len() - 1;
            let mut shown: Vec<String> = path.iter().take(NAMED).map(name).collect();
            if length >= NAMED {
                shown.push(format!("{} more", length - NAMED));
                shown.retain(|part| part != "0 more");
                shown.push(name(&first));
            }
            let verb = if is_sure { "is" } else { "may be" };
            format!("{} {verb} a cycle of imports", shown.join(" -> "))
        }
    };
    let at = place(nodes, &cycle.path, &acyclic.exempt)?;
    Some(Hit {
        certainty: if is_sure { ViolationCertainty::Broken } else { ViolationCertainty::Undecided },
        subject: Subject { kind: "module", identity: module.name.to_string(), ..at },
        module: Some((nodes.environment, module)),
        target: None,
        message,
        evidence: steps(nodes, &cycle.path, &acyclic.exempt),
        stands_for: 1,
        source: nodes.number(first),
    })
}

/// Modules of a rule that may import anything: each may close a cycle with what imports it.
fn unread_modules<'a>(
    graph: &Graph<'_, 'a>,
    matcher: &Matcher<'_>,
    (number, acyclic): (usize, &Acyclic),
    found: &mut Found<'a>,
) {
    let nodes = graph.nodes;
    let matches = |id: NodeId| nodes.holds(matcher, &acyclic.modules, nodes.group_of(id));
    let unread_ones: Vec<NodeId> = graph.anything.iter().copied().filter(|id| matches(*id)).collect();
    if let [only] = unread_ones[..] {
        let imports_it = |source: NodeId| source != only && matches(source);
        let may_compute = || {
            let covers = |prefix: &u32| graph.prefixes.get(*prefix as usize).is_some_and(|prefix| prefix.names.contains(&only));
            nodes.ids().any(|id| graph.computed(id).iter().any(covers) && imports_it(id))
        };
        if !graph.importers(only).any(|(source, _)| imports_it(source)) && !may_compute() {
            return;
        }
    }
    for id in unread_ones {
        let Some(module) = nodes.module(id) else { continue };
        let is_meant = |prefix: &str| absolute(module, prefix).is_none_or(|prefix| prefix.is_empty());
        let reasons = unread(nodes.environment, module, |import| is_meant(&import.prefix));
        let Some((subject, evidence)) = reasons else { continue };
        let hit = Hit {
            certainty: ViolationCertainty::Undecided,
            subject,
            module: Some((nodes.environment, module)),
            target: None,
            message: format!("not everything that `{}` imports is known", module.name),
            evidence,
            stands_for: 1,
            source: nodes.number(id),
        };
        found.add(number, hit);
    }
}
