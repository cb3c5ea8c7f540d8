//! The shortest chain that answers a question for one source; never searched where the answer is no.

use std::collections::VecDeque;

use super::{
    super::nodes::NodeId,
    bits::Bits,
    block::{Asks, Block},
    build::{COMPUTED, Graph, Kinds, Sight},
    propagate::Reach,
};

/// A chain of imports.
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
pub(super) struct Searcher<'s, 'q, 'n, 'a> {
    graph: &'s Graph<'n, 'a>,
    block: &'s Block<'q>,
    reach: &'s Reach,
    sight: Sight,
    /// The search that saw a node, and from where it came.
    seen: Vec<(u32, NodeId)>,
    search: u32,
    queue: VecDeque<NodeId>,
}

impl<'s, 'q, 'n, 'a> Searcher<'s, 'q, 'n, 'a> {
    /// Searches in what surely is, or may be.
    pub(super) fn new(graph: &'s Graph<'n, 'a>, block: &'s Block<'q>, reach: &'s Reach, sight: Sight) -> Self {
        let seen = vec![(0, 0); graph.nodes.len()];
        Self { graph, block, reach, sight, seen, search: 0, queue: VecDeque::new() }
    }

    /// The shortest chain from a source, of several the first by names. None where the source is its own only target.
    pub(super) fn find(&mut self, question: usize, source: NodeId) -> Option<Witness> {
        self.search += 1;
        self.queue.clear();
        self.queue.push_back(source);
        self.see(source, source);
        if self.is_unread(question, source) {
            return Some(self.witness(question, source, source, End::Unread));
        }
        let (graph, count) = (self.graph, self.graph.nodes.len());
        while let Some(node) = self.queue.pop_front() {
            let arcs = graph.arcs(self.sight);
            for (target, kinds) in arcs.of(node).filter(|(target, _)| (*target as usize) < count) {
                if let Some(end) = self.step(question, node, target, kinds) {
                    return Some(self.witness(question, source, target, end));
                }
            }
            let computed = if self.sight == Sight::May { graph.computed(node) } else { &[] };
            for prefix in computed.iter().filter_map(|prefix| graph.prefixes.get(*prefix as usize)) {
                for target in prefix.names.clone() {
                    if let Some(end) = self.step(question, node, target, COMPUTED) {
                        return Some(self.witness(question, source, target, end));
                    }
                }
            }
        }
        None
    }

    /// Takes one edge; yields what is at its end where the chain is complete.
    fn step(&mut self, question: usize, node: NodeId, target: NodeId, kinds: Kinds) -> Option<End> {
        if self.seen.get(target as usize).is_none_or(|(search, _)| *search == self.search) {
            return None;
        }
        let cell = self.block.cell(target);
        let is_target = cell.target.has(question) || self.sight == Sight::May && cell.unsure.has(question);
        let leads_on = !cell.stop.has(question) && self.reach.of(target).has(question);
        if !is_target && !leads_on {
            return None;
        }
        let exemptions = &self.block.exemptions;
        if !exemptions.is_empty() && exemptions.of(node, target, kinds).has(question) {
            return None;
        }
        self.see(target, node);
        if is_target {
            return Some(End::Target);
        }
        if self.is_unread(question, target) {
            return Some(End::Unread);
        }
        self.queue.push_back(target);
        None
    }

    /// Whether a module may import a target that is no edge of it.
    fn is_unread(&self, question: usize, node: NodeId) -> bool {
        let seeded = |prefix: &u32| self.block.seeds.get(*prefix as usize).is_some_and(|seed: &Bits| seed.has(question));
        self.sight == Sight::May && (self.graph.is_anything(node) || self.graph.computed(node).iter().any(seeded))
    }

    fn see(&mut self, node: NodeId, from: NodeId) {
        let search = self.search;
        self.seen.get_mut(node as usize).into_iter().for_each(|seen| *seen = (search, from));
    }

    fn witness(&self, question: usize, source: NodeId, last: NodeId, end: End) -> Witness {
        let mut path = vec![last];
        let mut at = last;
        while at != source {
            let Some((_, before)) = self.seen.get(at as usize) else { break };
            at = *before;
            path.push(at);
        }
        path.reverse();
        Witness { question, sight: self.sight, path, end }
    }
}

/// Every answer to the questions of a block that is yes, or may be: one that may be is told once for each module and assertion, and
/// not where a sure one is.
pub(super) fn answers(graph: &Graph<'_, '_>, block: &Block<'_>) -> Vec<Witness> {
    let mut found = Vec::new();
    let mut told = std::collections::HashSet::new();
    let mut ask = |sight: Sight, found: &mut Vec<Witness>| {
        let reach = Reach::new(graph, block, sight);
        let mut searcher = Searcher::new(graph, block, &reach, sight);
        for node in graph.nodes.ids().filter(|node| graph.nodes.module(*node).is_some()) {
            for question in block.cell(node).source.and(&reach.of(node)).iter() {
                let asked = block.questions.get(question).map(|question| (question.assertion, node));
                if sight == Sight::May && asked.is_none_or(|asked| told.contains(&asked)) {
                    continue;
                }
                if let Some(witness) = searcher.find(question, node) {
                    told.extend(asked);
                    found.push(witness);
                }
            }
        }
    };
    if block.questions.iter().any(|question| question.can_break) {
        ask(Sight::Must, &mut found);
    }
    let has_classes = block.questions.iter().any(|question| match question.asks {
        Asks::Chain(chain) => !chain.to.classes.is_empty(),
        Asks::Part(..) => false,
    });
    if graph.is_unsure() || has_classes {
        ask(Sight::May, &mut found);
    }
    found
}
