//! The shortest chains that answer a question; never searched where the answer is no.
//!
//! A chain from one source is searched from the source. Where there are many, all are measured together. Both yield the same chain: of
//! the shortest ones the first by names.

use std::collections::{BTreeMap, HashSet, VecDeque};

use super::{
    super::{modules::Modules, nodes::NodeId},
    bits::Bits,
    block::Block,
    build::{COMPUTED, Graph, Kinds, Sight},
    levels::{Asked, Levels},
    open::{Limits, Open},
    propagate::Reach,
    span::Span,
};

/// So many sources are searched one by one.
const FEW: usize = 128;

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
    reach: &'s Reach<'s>,
    sight: Sight,
    /// The search that saw a node, and from where it came.
    seen: Vec<(u32, NodeId)>,
    search: u32,
}

impl<'s, 'q, 'n, 'a> Searcher<'s, 'q, 'n, 'a> {
    fn new(graph: &'s Graph<'n, 'a>, block: &'s Block<'q>, reach: &'s Reach<'s>, sight: Sight) -> Self {
        let seen = vec![(0, 0); graph.nodes.len()];
        Self { graph, block, reach, sight, seen, search: 0 }
    }

    /// The chains of sources. None for a source that is its own only target.
    fn find_all(&mut self, asked: Vec<Asked>, found: &mut Vec<Witness>) {
        let is_unread = |(question, source): &Asked| self.is_unread(*question, *source);
        let (unread, asked): (Vec<Asked>, Vec<Asked>) = asked.into_iter().partition(is_unread);
        found.extend(unread.into_iter().map(|(question, source)| self.witness(question, vec![source], End::Unread)));
        // A module on both sides is no target for itself, but it is for others: it needs a search of its own.
        let is_both = |(question, source): &Asked| self.block.cell(*source).target.has(*question);
        let (mut single, mut shared): (Vec<Asked>, Vec<Asked>) = asked.into_iter().partition(is_both);
        if self.sight == Sight::Must && !single.is_empty() {
            let several = self.several_targets();
            single.retain(|(question, _)| several.has(*question));
        }
        if shared.len() <= FEW {
            single.append(&mut shared);
        } else {
            let levels = Levels::new(self.graph, self.block, (self.reach, self.sight), shared);
            for ((question, source), steps) in &levels.found {
                match self.descend(&levels, *question, *source, *steps) {
                    Some(witness) => found.push(witness),
                    // A computed import that an exception allows is measured all the same: then another chain is to be found.
                    None => single.push((*question, *source)),
                }
            }
            single.extend(levels.left);
        }
        found.extend(single.into_iter().filter_map(|(question, source)| self.search_from(question, source)));
    }

    /// Questions with more than one target: a source that is the only one has no chain to it, and a search would see all that it reaches.
    fn several_targets(&self) -> Bits {
        let (mut one, mut several) = (Bits::NONE, Bits::NONE);
        for node in self.reach.window.nodes() {
            let target = self.block.cell(*node).target;
            several.add(&one.and(&target));
            one.add(&target);
        }
        several
    }

    /// The shortest chain from a source.
    fn search_from(&mut self, question: usize, source: NodeId) -> Option<Witness> {
        self.search += 1;
        self.see(source, source);
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

    /// The shortest chain from a source that was measured.
    fn descend(&self, levels: &Levels, question: usize, source: NodeId, steps: usize) -> Option<Witness> {
        let (mut path, mut at) = (vec![source], source);
        for left in (0..steps).rev() {
            let fits = |target: NodeId, kinds| {
                target != at && levels.leads(question, target, left) && self.counts(question, (at, target), kinds)
            };
            let (target, _) = self.imported(at).find(|(target, kinds)| fits(*target, *kinds))?;
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

/// What a block has found.
pub(super) struct Answered {
    /// Chains that are told.
    pub(super) told: Vec<Witness>,
    /// Modules that have chains as well, by assertion and how sure they are.
    pub(super) counted: Vec<(usize, Sight, Modules)>,
}

/// Every answer to the questions of a block that is yes, or may be: one that may be is told once for each module and assertion, and
/// not where a sure one is. The spans are where the questions lie in what surely is, and in what may be.
pub(super) fn answers(graph: &Graph<'_, '_>, block: &Block<'_>, (must, may): (&Span, &Span), limits: &Limits) -> Answered {
    let mut found = Answered { told: Vec::new(), counted: Vec::new() };
    for (sight, span) in [(Sight::Must, must), (Sight::May, may)] {
        if !span.is_empty() {
            ask(graph, block, (sight, span), limits, &mut found);
        }
    }
    found
}

fn ask(graph: &Graph<'_, '_>, block: &Block<'_>, (sight, span): (Sight, &Span), limits: &Limits, found: &mut Answered) {
    let assertion = |question: usize| block.questions.get(question).map(|question| question.assertion);
    let reach = Reach::new(graph, block, sight, span);
    let open = Open::new(graph, block, (&reach, sight), limits, found);
    let of = |(question, source): &Asked| assertion(*question).map(|assertion| (assertion, *source));
    let mut searcher = Searcher::new(graph, block, &reach, sight);
    searcher.find_all(open.now, &mut found.told);
    // Where a source has no chain to the first target that was asked for, it may have one to another.
    let told: HashSet<_> = found.told.iter().filter_map(|witness| of(&(witness.question, *witness.path.first()?))).collect();
    let later = open.later.into_iter().filter(|asked| of(asked).is_some_and(|of| !told.contains(&of)));
    searcher.find_all(later.collect(), &mut found.told);
    found.counted.extend(open.counted);
}
