//! The shortest chains that answer a question; never searched where the answer is no.
//!
//! A chain from one source is searched from the source, where it is near. Where many sources break a rule, one search from its targets
//! serves them all. Both yield the same chain: of the shortest ones the first by names.

use std::collections::{BTreeMap, HashSet, VecDeque};

use super::{
    super::nodes::NodeId,
    bits::Bits,
    block::{Asks, Block},
    build::{COMPUTED, Graph, Kinds, Sight},
    propagate::Reach,
};

/// So many sources of a question are searched one by one.
const FEW: usize = 4;

/// A chain of imports.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Witness {
    /// The question, by its place in its block.
    pub(super) question: usize,
    /// How sure the chain is.
    pub(super) sight: Sight,
    /// The modules from the source on.
    pub(super) path: Vec<NodeId>,
    /// What is at the end.
    pub(super) end: End,
}

/// What a chain leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The target: the last module of the path.
    Target,
    /// The last module of the path imports what is not known.
    Unread,
}

/// Searches of one block.
struct Searcher<'s, 'q, 'n, 'a> {
    graph: &'s Graph<'n, 'a>,
    block: &'s Block<'q>,
    reach: &'s Reach,
    sight: Sight,
    /// The search that saw a node, and from where it came or how far it is.
    seen: Vec<(u32, u32)>,
    search: u32,
    /// Modules that end a chain of any question, ascending.
    ends: Vec<NodeId>,
}

impl<'s, 'q, 'n, 'a> Searcher<'s, 'q, 'n, 'a> {
    fn new(graph: &'s Graph<'n, 'a>, block: &'s Block<'q>, reach: &'s Reach, sight: Sight) -> Self {
        let seen = vec![(0, 0); graph.nodes.len() + graph.prefixes.len()];
        let is_end = |node: &NodeId| {
            let cell = block.cell(*node);
            let is_unsure = || !cell.unsure.is_empty() || graph.is_anything(*node) || !graph.computed(*node).is_empty();
            !cell.target.is_empty() || sight == Sight::May && is_unsure()
        };
        let ends = graph.nodes.ids().filter(is_end).collect();
        Self { graph, block, reach, sight, seen, search: 0, ends }
    }

    /// The chains of several sources. None for a source that is its own only target.
    fn find_all(&mut self, question: usize, sources: &[NodeId], found: &mut Vec<Witness>) {
        // A module on both sides is no target for itself, but it is for others: it needs a search of its own.
        let is_both = |source: &NodeId| self.block.cell(*source).target.has(question);
        let (both, plain): (Vec<NodeId>, Vec<NodeId>) = sources.iter().partition(|source| is_both(source));
        let (single, shared) = if plain.len() <= FEW { (plain.as_slice(), &[][..]) } else { (&[][..], plain.as_slice()) };
        for source in both.iter().chain(single) {
            found.extend(self.search_from(question, *source));
        }
        if !shared.is_empty() {
            self.measure(question, shared);
            let chains: Vec<_> = shared.iter().map(|source| (*source, self.descend(question, *source))).collect();
            for (source, chain) in chains {
                // A computed import that an exception allows is measured all the same: then another chain is to be found.
                found.extend(chain.or_else(|| self.search_from(question, source)));
            }
        }
    }

    /// The shortest chain from a source.
    fn search_from(&mut self, question: usize, source: NodeId) -> Option<Witness> {
        self.search += 1;
        self.see(source, source);
        if self.is_unread(question, source) {
            return Some(self.witness(question, vec![source], End::Unread));
        }
        let mut queue = VecDeque::from([source]);
        while let Some(node) = queue.pop_front() {
            for (target, kinds) in self.imported(node) {
                if self.seen(target).is_some() {
                    continue;
                }
                let end = self.end(question, target);
                if end.is_none() && !self.leads_on(question, target) || !self.counts(question, (node, target), kinds) {
                    continue;
                }
                self.see(target, node);
                if let Some(end) = end {
                    let mut path = vec![target];
                    while let Some(before) = path.last().filter(|at| **at != source).and_then(|at| self.seen(*at)) {
                        path.push(before);
                    }
                    path.reverse();
                    return Some(self.witness(question, path, end));
                }
                queue.push_back(target);
            }
        }
        None
    }

    /// What a module imports, or may, ascending: names alone, with what its computed imports stand for.
    fn imported(&self, node: NodeId) -> Box<dyn Iterator<Item = (NodeId, Kinds)> + 's> {
        let (graph, count) = (self.graph, self.graph.nodes.len() as NodeId);
        let arcs = graph.arcs(self.sight).of(node).filter(move |(target, _)| *target < count);
        let computed = if self.sight == Sight::May { graph.computed(node) } else { &[] };
        if computed.is_empty() {
            return Box::new(arcs);
        }
        // A target that is known may be computed too: where the known import does not count, the other does.
        let mut all: BTreeMap<NodeId, Kinds> = BTreeMap::new();
        for prefix in computed.iter().filter_map(|prefix| graph.prefixes.get(*prefix as usize)) {
            all.extend(prefix.names.clone().filter(|name| *name != node).map(|name| (name, COMPUTED)));
        }
        arcs.for_each(|(target, kinds)| *all.entry(target).or_default() |= kinds);
        Box::new(all.into_iter())
    }

    /// Measures how far nodes are from the end of a chain, until all of these sources are measured.
    fn measure(&mut self, question: usize, sources: &[NodeId]) {
        self.search += 1;
        let (graph, count) = (self.graph, self.graph.nodes.len() as NodeId);
        let reverse = graph.arcs(self.sight).reverse();
        let mut left: HashSet<NodeId> = sources.iter().copied().collect();
        let ends = |node: &NodeId| self.end(question, *node).is_some();
        let mut level: Vec<NodeId> = self.ends.iter().copied().filter(ends).collect();
        level.iter().for_each(|node| self.see(*node, 0));
        sources.iter().filter(|source| self.is_unread(question, **source)).for_each(|source| {
            left.remove(source);
        });
        let mut distance = 0;
        while !level.is_empty() && !left.is_empty() {
            let mut next = Vec::new();
            while let Some(node) = level.pop() {
                for (source, kinds) in reverse.of(node) {
                    let counts = || node >= count || self.counts(question, (source, node), kinds);
                    if self.seen(source).is_some() || !counts() {
                        continue;
                    }
                    if source >= count {
                        // A prefix is no step of its own: it stands for the names that begin so.
                        self.see(source, distance);
                        level.push(source);
                        continue;
                    }
                    let is_source = left.remove(&source);
                    if is_source || self.leads_on(question, source) {
                        self.see(source, distance + 1);
                        next.push(source);
                    }
                }
            }
            distance += 1;
            level = next;
            level.retain(|node| !self.block.cell(*node).stop.has(question));
        }
    }

    /// The shortest chain from a source that was measured.
    fn descend(&self, question: usize, source: NodeId) -> Option<Witness> {
        if self.is_unread(question, source) {
            return Some(self.witness(question, vec![source], End::Unread));
        }
        let (mut path, mut at) = (vec![source], source);
        let mut distance = self.seen(source)?;
        while distance > 0 {
            distance -= 1;
            let fits = |target: &NodeId| match (distance, self.end(question, *target)) {
                (0, end) => end.is_some(),
                (_, Some(_)) => false,
                _ => self.seen(*target) == Some(distance) && self.leads_on(question, *target),
            };
            let mut imported = self.imported(at);
            let (target, _) = imported.find(|(target, kinds)| fits(target) && self.counts(question, (at, *target), *kinds))?;
            path.push(target);
            at = target;
        }
        let end = self.end(question, at)?;
        Some(self.witness(question, path, end))
    }

    /// Whether an edge counts for a question.
    fn counts(&self, question: usize, edge: (NodeId, NodeId), kinds: Kinds) -> bool {
        let exemptions = &self.block.exemptions;
        exemptions.is_empty() || exemptions.counts(edge, kinds, question)
    }

    /// What a chain ends with at a module, if it does.
    fn end(&self, question: usize, node: NodeId) -> Option<End> {
        let cell = self.block.cell(node);
        if cell.target.has(question) || self.sight == Sight::May && cell.unsure.has(question) {
            return Some(End::Target);
        }
        (!cell.stop.has(question) && self.is_unread(question, node)).then_some(End::Unread)
    }

    /// Whether a chain can pass a module.
    fn leads_on(&self, question: usize, node: NodeId) -> bool {
        !self.block.cell(node).stop.has(question) && self.reach.of(node).has(question)
    }

    /// Whether a module may import a target that is no edge of it.
    fn is_unread(&self, question: usize, node: NodeId) -> bool {
        let seeded = |prefix: &u32| self.block.seeds.get(*prefix as usize).is_some_and(|seed: &Bits| seed.has(question));
        self.sight == Sight::May && (self.graph.is_anything(node) || self.graph.computed(node).iter().any(seeded))
    }

    fn seen(&self, node: NodeId) -> Option<u32> {
        let (search, value) = self.seen.get(node as usize)?;
        (*search == self.search).then_some(*value)
    }

    fn see(&mut self, node: NodeId, value: u32) {
        let search = self.search;
        self.seen.get_mut(node as usize).into_iter().for_each(|seen| *seen = (search, value));
    }

    fn witness(&self, question: usize, path: Vec<NodeId>, end: End) -> Witness {
        Witness { question, sight: self.sight, path, end }
    }
}

/// Every answer to the questions of a block that is yes, or may be: one that may be is told once for each module and assertion, and
/// not where a sure one is.
pub(super) fn answers(graph: &Graph<'_, '_>, block: &Block<'_>) -> Vec<Witness> {
    let mut found = Vec::new();
    if block.questions.iter().any(|question| question.can_break) {
        ask(graph, block, Sight::Must, &mut found);
    }
    let has_classes = block.questions.iter().any(|question| match question.asks {
        Asks::Chain(chain) => !chain.to.classes.is_empty(),
        Asks::Part(..) => false,
    });
    if graph.is_unsure() || has_classes {
        ask(graph, block, Sight::May, &mut found);
    }
    found
}

fn ask(graph: &Graph<'_, '_>, block: &Block<'_>, sight: Sight, found: &mut Vec<Witness>) {
    let assertion = |question: usize| block.questions.get(question).map(|question| question.assertion);
    let mut told: HashSet<(usize, NodeId)> = HashSet::new();
    for witness in &*found {
        told.extend(assertion(witness.question).zip(witness.path.first().copied()));
    }
    let reach = Reach::new(graph, block, sight);
    let mut asked: BTreeMap<usize, Vec<NodeId>> = BTreeMap::new();
    for node in graph.nodes.ids().filter(|node| graph.nodes.module(*node).is_some()) {
        for question in block.cell(node).source.and(&reach.of(node)).iter() {
            asked.entry(question).or_default().push(node);
        }
    }
    let mut searcher = Searcher::new(graph, block, &reach, sight);
    for (question, mut sources) in asked {
        let Some(assertion) = assertion(question) else { continue };
        if sight == Sight::May {
            sources.retain(|source| !told.contains(&(assertion, *source)));
        }
        let before = found.len();
        searcher.find_all(question, &sources, found);
        told.extend(found.iter().skip(before).filter_map(|witness| Some((assertion, *witness.path.first()?))));
    }
}
