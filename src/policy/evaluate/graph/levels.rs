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
pub(super) struct Levels {
    /// By number of steps and node: the questions for which a chain that comes to the node ends that many steps further on, or earlier.
    shown: Vec<Vec<Bits>>,
    /// Sources, and the steps of their shortest chains.
    pub(super) found: Vec<(Asked, usize)>,
    /// Sources whose chains are longer than what was measured.
    pub(super) left: Vec<Asked>,
}

impl Levels {
    /// Measures until the chains of all these are known.
    pub(super) fn new(graph: &Graph<'_, '_>, block: &Block<'_>, reach: (&Reach, Sight), asked: Vec<Asked>) -> Self {
        let mut questions = Bits::NONE;
        asked.iter().for_each(|(question, _)| questions.set(*question));
        let end = |node: NodeId| block.ends(graph, node, reach.1).and(&questions);
        let mut first: Vec<Bits> = graph.nodes.ids().map(end).collect();
        first.resize(first.len() + graph.prefixes.len(), Bits::NONE);
        pass_on(graph, reach.1, &mut first);
        let mut levels = Self { shown: vec![first], found: Vec::new(), left: asked };
        let mut reached = vec![Bits::NONE; graph.nodes.len()];
        for steps in 1..=MOST {
            if levels.left.is_empty() || !levels.step(graph, block, reach, &questions, &mut reached) {
                break;
            }
            let is_found = |(question, source): &Asked| reached.get(*source as usize).is_some_and(|bits| bits.has(*question));
            let (found, left) = std::mem::take(&mut levels.left).into_iter().partition::<Vec<_>, _>(is_found);
            levels.found.extend(found.into_iter().map(|asked| (asked, steps)));
            levels.left = left;
        }
        levels
    }

    /// Takes one step more; says whether that led anywhere.
    fn step(
        &mut self,
        graph: &Graph<'_, '_>,
        block: &Block<'_>,
        (reach, sight): (&Reach, Sight),
        questions: &Bits,
        reached: &mut [Bits],
    ) -> bool {
        let Some(before) = self.shown.last() else { return false };
        let mut after = before.clone();
        let mut leads = false;
        for ((node, reached), after) in graph.nodes.ids().zip(reached).zip(&mut after) {
            let missing = reach.of(node).and(questions).without(reached);
            if missing.is_empty() {
                continue;
            }
            let mut more = Bits::NONE;
            for (target, kinds) in graph.arcs(sight).of(node).filter(|(target, _)| *target != node) {
                let Some(shown) = before.get(target as usize) else { continue };
                match block.exemptions.of(node, target, kinds) {
                    None => more.add(shown),
                    Some(exempt) => more.add(&shown.without(&exempt)),
                }
            }
            let more = more.and(&missing);
            leads |= !more.is_empty();
            reached.add(&more);
            after.add(&more.without(&block.cell(node).stop));
        }
        pass_on(graph, sight, &mut after);
        self.shown.push(after);
        leads
    }

    /// Whether a chain that comes to a node ends so many steps further on, or earlier.
    pub(super) fn leads(&self, question: usize, node: NodeId, steps: usize) -> bool {
        self.shown.get(steps).and_then(|level| level.get(node as usize)).is_some_and(|bits| bits.has(question))
    }
}

/// A prefix is no step of its own: it stands for the names that begin so. Those inside of others come after them.
fn pass_on(graph: &Graph<'_, '_>, sight: Sight, shown: &mut [Bits]) {
    if sight == Sight::Must {
        return;
    }
    let count = graph.nodes.len() as NodeId;
    for prefix in (count..count + graph.prefixes.len() as NodeId).rev() {
        let targets = graph.arcs(sight).of(prefix).filter_map(|(target, _)| shown.get(target as usize));
        let all = targets.fold(Bits::NONE, |all, bits| all.or(bits));
        shown.get_mut(prefix as usize).into_iter().for_each(|place| *place = all);
    }
}
