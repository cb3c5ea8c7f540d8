//! How far modules are from the ends of their chains, for many questions of a block in one pass for each step; never along which way.
//!
//! Where many modules break rules, a search for each of them would cost far more than finding out that they do.

use super::{
    super::nodes::NodeId,
    bits::Bits,
    block::Block,
    build::{Graph, Sight},
    propagate::Reach,
};

/// Most steps that are measured: each takes as much memory as all nodes. Longer chains are few, and searched one by one.
const MOST: usize = 12;

/// A question and a source of it.
pub(super) type Asked = (usize, NodeId);

/// What is so many steps from the end of a chain.
pub(super) struct Levels<'l> {
    reach: &'l Reach<'l>,
    /// By number of steps and node: the questions for which a chain that comes to the node ends so many steps further on, and not earlier.
    shown: Vec<Vec<Bits>>,
    /// Sources, and the steps of their shortest chains.
    pub(super) found: Vec<(Asked, usize)>,
    /// Sources whose chains are longer than what was measured.
    pub(super) left: Vec<Asked>,
}

impl<'l> Levels<'l> {
    /// Measures until the chains of all these are known.
    pub(super) fn new(
        graph: &Graph<'_, '_>,
        block: &Block<'_>,
        (reach, sight): (&'l Reach<'l>, Sight),
        asked: Vec<Asked>,
    ) -> Self {
        let mut questions = Bits::NONE;
        asked.iter().for_each(|(question, _)| questions.set(*question));
        let count = graph.nodes.len() as NodeId;
        let end = |node: &NodeId| {
            if *node < count { block.ends(graph, *node, sight).and(&questions) } else { Bits::NONE }
        };
        let nodes = reach.window.nodes();
        let mut first: Vec<Bits> = nodes.iter().map(end).collect();
        let mut levels = Self { reach, shown: Vec::new(), found: Vec::new(), left: asked };
        levels.pass_on(graph, sight, &mut first);
        levels.shown.push(first);
        let mut reached = vec![Bits::NONE; nodes.len()];
        for steps in 1..=MOST {
            if levels.left.is_empty() || !levels.step(graph, block, sight, &questions, &mut reached) {
                break;
            }
            let is_found = |(question, source): &Asked| {
                let place = reach.window.place(*source);
                reached.get(place).is_some_and(|bits| bits.has(*question))
            };
            let (found, left) = std::mem::take(&mut levels.left).into_iter().partition::<Vec<_>, _>(is_found);
            levels.found.extend(found.into_iter().map(|asked| (asked, steps)));
            levels.left = left;
        }
        levels
    }

    /// Takes one step more, from what the last one came to; says whether that led anywhere.
    fn step(&mut self, graph: &Graph<'_, '_>, block: &Block<'_>, sight: Sight, questions: &Bits, reached: &mut [Bits]) -> bool {
        let Some(before) = self.shown.last() else { return false };
        let (arcs, window, count) = (graph.arcs(sight), &self.reach.window, graph.nodes.len() as NodeId);
        // Most modules are as many steps away as others near by: a look at these is cheap, one at their questions is not.
        let is_new: Vec<bool> = before.iter().map(|bits| !bits.is_empty()).collect();
        let counts_all = block.exemptions.is_empty();
        let mut after = vec![Bits::NONE; before.len()];
        let mut leads = false;
        for ((node, reached), after) in window.nodes().iter().copied().zip(reached).zip(&mut after) {
            if node >= count {
                continue;
            }
            let mut more = Bits::NONE;
            let mut has_more = false;
            for (target, kinds) in arcs.of(node) {
                let place = window.place(target);
                let (Some(true), Some(shown)) = (is_new.get(place), before.get(place)) else { continue };
                if target == node {
                    continue;
                }
                has_more = true;
                match if counts_all { None } else { block.exemptions.of(node, target, kinds) } {
                    None => more.add(shown),
                    Some(exempt) => more.add(&shown.without(&exempt)),
                }
            }
            if !has_more {
                continue;
            }
            let more = more.and(&self.reach.of(node).and(questions).without(reached));
            leads |= !more.is_empty();
            reached.add(&more);
            *after = more.without(&block.cell(node).stop);
        }
        self.pass_on(graph, sight, &mut after);
        self.shown.push(after);
        leads
    }

    /// Whether a chain that comes to a node ends so many steps further on.
    pub(super) fn leads(&self, question: usize, node: NodeId, steps: usize) -> bool {
        let place = self.reach.window.place(node);
        self.shown.get(steps).and_then(|level| level.get(place)).is_some_and(|bits| bits.has(question))
    }

    /// A prefix is no step of its own: it stands for the names that begin so. Those inside of others come after them.
    fn pass_on(&self, graph: &Graph<'_, '_>, sight: Sight, shown: &mut [Bits]) {
        if sight == Sight::Must {
            return;
        }
        let (count, window) = (graph.nodes.len() as NodeId, &self.reach.window);
        for prefix in (count..count + graph.prefixes.len() as NodeId).rev() {
            let targets = graph.arcs(sight).of(prefix).filter_map(|(target, _)| shown.get(window.place(target)));
            let all = targets.fold(Bits::NONE, |all, bits| all.or(bits));
            shown.get_mut(window.place(prefix)).into_iter().for_each(|place| *place = all);
        }
    }
}
