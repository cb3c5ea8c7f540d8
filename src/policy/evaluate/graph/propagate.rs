//! From which modules targets are reached, for all questions of a block in one pass; never along which way.
//!
//! A module reaches the targets among what it imports, and what those reach that stop nothing. Modules are taken in the order of their
//! components, so that what they import is decided before. Inside of a component what a stop holds back differs from question to
//! question: its modules are decided again until nothing changes, but only those whose imports have changed.
//! A chain never leads up again, so only components between the lowest target and the highest source of a block are looked at.

use super::{
    super::nodes::NodeId,
    bits::Bits,
    block::Block,
    build::{Arcs, Graph, Sight},
    span::{Span, Window},
};

/// What is reached from each node.
pub(super) struct Reach<'g> {
    /// The nodes that matter; what is told of nodes below is in their order.
    pub(super) window: Window<'g>,
    /// By node: the questions to which a target is reached.
    reached: Vec<Bits>,
    /// By node: the questions to which whatever imports it reaches a target.
    shown: Vec<Bits>,
}

struct Pass<'p, 'q> {
    block: &'p Block<'q>,
    arcs: &'p Arcs,
    sight: Sight,
    reach: Reach<'p>,
    /// Whether `shown` holds anything: most nodes show nothing, and need not be looked at.
    shows: Vec<bool>,
    /// When `shown` last changed, and when a node was last decided, inside of components.
    changed: Vec<u32>,
    clock: u32,
}

impl<'g> Reach<'g> {
    /// Decides all questions of a block, which lie in a span.
    pub(super) fn new(graph: &'g Graph<'_, '_>, block: &'g Block<'_>, sight: Sight, span: &Span) -> Self {
        let arcs = graph.arcs(sight);
        let window = Window::new(arcs.components(), span);
        let count = window.nodes().len();
        let blank = || vec![Bits::NONE; count];
        let reach = Self { window, reached: blank(), shown: blank() };
        let mut pass = Pass { block, arcs, sight, reach, shows: vec![false; count], changed: vec![0; count], clock: 0 };
        if sight == Sight::May {
            let all = Bits::first(block.questions.len());
            graph.anything.iter().for_each(|id| pass.seed(*id, all));
            (graph.nodes.len() as NodeId..).zip(&block.seeds).for_each(|(prefix, seed)| pass.seed(prefix, *seed));
        }
        for component in arcs.components().some(span.clone()) {
            match component {
                [node] => {
                    pass.decide(*node);
                }
                several => pass.settle(several),
            }
        }
        pass.reach
    }

    /// The questions to which a target is reached from a node.
    #[inline]
    pub(super) fn of(&self, node: NodeId) -> Bits {
        self.reached.get(self.window.place(node)).copied().unwrap_or_default()
    }
}

impl Pass<'_, '_> {
    fn seed(&mut self, node: NodeId, bits: Bits) {
        let at = self.reach.window.place(node);
        self.reach.reached.get_mut(at).into_iter().for_each(|reached| reached.add(&bits));
    }

    /// Decides a node by what it imports, and says whether what it shows has changed.
    fn decide(&mut self, node: NodeId) -> bool {
        let at = self.reach.window.place(node);
        let mut reached = self.reach.of(node);
        let exemptions = &self.block.exemptions;
        let counts_all = exemptions.is_empty();
        for (target, kinds) in self.arcs.of(node) {
            let place = self.reach.window.place(target);
            let shows = target != node && self.shows.get(place).is_some_and(|shows| *shows);
            let Some(shown) = self.reach.shown.get(place).filter(|_| shows) else { continue };
            match if counts_all { None } else { exemptions.of(node, target, kinds) } {
                None => reached.add(shown),
                Some(exempt) => reached.add(&shown.without(&exempt)),
            }
        }
        let cell = self.block.cell(node);
        let mut shown = reached.without(&cell.stop).or(&cell.target);
        if self.sight == Sight::May {
            shown.add(&cell.unsure);
        }
        let changes = self.reach.shown.get(at).is_some_and(|known| *known != shown);
        self.reach.reached.get_mut(at).into_iter().for_each(|place| *place = reached);
        if changes {
            self.reach.shown.get_mut(at).into_iter().for_each(|place| *place = shown);
            self.shows.get_mut(at).into_iter().for_each(|place| *place = true);
        }
        changes
    }

    /// Decides the nodes of a component until nothing changes.
    fn settle(&mut self, component: &[NodeId]) {
        let start = self.clock;
        let mut decided = vec![start; component.len()];
        let mut again = true;
        while std::mem::take(&mut again) {
            for (node, decided) in component.iter().zip(&mut decided) {
                let is_first = *decided == start;
                let changed = |node: NodeId| self.changed.get(self.reach.window.place(node));
                let is_due = || self.arcs.of(*node).any(|(target, _)| changed(target).is_some_and(|at| at > decided));
                if !is_first && !is_due() {
                    continue;
                }
                self.clock += 1;
                *decided = self.clock;
                if self.decide(*node) {
                    let place = self.reach.window.place(*node);
                    self.changed.get_mut(place).into_iter().for_each(|place| *place = self.clock);
                    again = true;
                }
            }
        }
    }
}
