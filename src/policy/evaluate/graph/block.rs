//! Questions in blocks: what each is about, as bits of modules that have the same ones; never the answers.
//!
//! Chains, layers and independence all ask one thing: from which sources does a chain lead to a target that passes no stop on its way?

use std::collections::HashMap;

use super::{
    super::nodes::{NodeId, Nodes},
    bits::Bits,
    build::{Graph, Sight},
    exempt::Exemptions,
    partition::{Order, Partition},
    span::{Reached, Span},
};
use crate::policy::{
    architecture::{Chain, Exempt},
    check::resolved::Side,
    compile::{Key, automaton::Matcher},
};

/// One question.
pub(super) struct Question<'q> {
    /// The assertion that asks it.
    pub(super) assertion: usize,
    /// What it asks.
    pub(super) asks: Asks<'q>,
    /// Where it lies in what surely is: nowhere where that cannot answer it.
    pub(super) must: Span,
    /// Where it lies in what may be, but for what is computed.
    pub(super) may: Reached,
}

/// What a question asks.
#[derive(Clone, Copy)]
pub(super) enum Asks<'q> {
    /// For a chain.
    Chain(&'q Chain),
    /// For chains from other parts to one of these.
    Part(&'q Partition<'q>, usize),
}

impl<'q> Question<'q> {
    /// Edges that do not count for it.
    pub(super) fn exempt(&self) -> &'q Exempt {
        match self.asks {
            Asks::Chain(chain) => &chain.exempt,
            Asks::Part(partition, _) => partition.exempt,
        }
    }
}

/// What modules are to the questions of a block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cell {
    /// Where chains begin.
    pub(super) source: Bits,
    /// Where they must not lead.
    pub(super) target: Bits,
    /// Where they may not lead either if the module is of a class, and that is not known.
    pub(super) unsure: Bits,
    /// What is not passed.
    pub(super) stop: Bits,
}

/// Some questions, and what every module is to them.
pub(super) struct Block<'q> {
    /// The questions, by their bits.
    pub(super) questions: &'q [Question<'q>],
    cells: Vec<Cell>,
    of: Vec<u32>,
    /// Edges that do not count.
    pub(super) exemptions: Exemptions,
    /// For each prefix of computed imports, the questions for whose targets it stands, although no module begins so.
    pub(super) seeds: Vec<Bits>,
}

/// What most modules are.
static NOTHING: Cell = Cell { source: Bits::NONE, target: Bits::NONE, unsure: Bits::NONE, stop: Bits::NONE };

impl<'q> Block<'q> {
    /// Lays out a block of questions of one sort.
    pub(super) fn new(
        nodes: &Nodes<'_>,
        matcher: &Matcher<'_>,
        questions: &'q [Question<'q>],
        exemptions: Exemptions,
        seeds: Vec<Bits>,
    ) -> Self {
        let mut block = Self { questions, cells: vec![NOTHING], of: Vec::with_capacity(nodes.len()), exemptions, seeds };
        if questions.iter().any(|question| matches!(question.asks, Asks::Chain(_))) {
            block.chains(nodes, matcher);
        } else {
            block.parts(nodes);
        }
        block
    }

    /// What a module is to the questions; prefixes are nothing to any.
    pub(super) fn cell(&self, node: NodeId) -> &Cell {
        self.of.get(node as usize).and_then(|cell| self.cells.get(*cell as usize)).unwrap_or(&NOTHING)
    }

    /// The questions whose chains end at a module: at a target, or at a module that is passed and may import one unseen.
    pub(super) fn ends(&self, graph: &Graph<'_, '_>, node: NodeId, sight: Sight) -> Bits {
        let cell = self.cell(node);
        match sight {
            Sight::Must => cell.target,
            Sight::May => self.unread(graph, node).without(&cell.stop).or(&cell.target).or(&cell.unsure),
        }
    }

    /// The questions whose targets a module may import although no edge of it says so.
    fn unread(&self, graph: &Graph<'_, '_>, node: NodeId) -> Bits {
        if graph.is_anything(node) {
            return Bits::first(self.questions.len());
        }
        let seeds = graph.computed(node).iter().filter_map(|prefix| self.seeds.get(*prefix as usize));
        seeds.fold(Bits::NONE, |all, seed| all.or(seed))
    }

    /// Chains: a cell for each group that they name.
    fn chains(&mut self, nodes: &Nodes<'_>, matcher: &Matcher<'_>) {
        let mut named: HashMap<Key, Cell> = HashMap::new();
        let mut outside = Bits::default();
        for (bit, question) in self.questions.iter().enumerate() {
            let Asks::Chain(chain) = question.asks else { continue };
            for key in keys(&chain.from) {
                let cell = named.entry(key).or_default();
                cell.source.set(bit);
                cell.stop.set(bit);
            }
            for key in keys(&chain.to) {
                let cell = named.entry(key).or_default();
                cell.target.set(bit);
                cell.stop.set(bit);
            }
            keys(&chain.via).for_each(|key| named.entry(key).or_default().stop.set(bit));
            if !chain.to.classes.is_empty() {
                outside.set(bit);
            }
        }
        let mut by_pattern = vec![0_u32; nodes.patterns()];
        let mut by_class = [0_u32; 3];
        let mut merged = vec![NOTHING];
        for (key, cell) in named {
            let place = match key {
                Key::Pattern(pattern) => by_pattern.get_mut(pattern),
                Key::Class(class) => by_class.get_mut(class as usize),
            };
            place.into_iter().for_each(|place| *place = merged.len() as u32);
            merged.push(cell);
        }
        let mut group_cells = Vec::with_capacity(nodes.groups().len());
        for group in nodes.groups() {
            let patterns = matcher.patterns(group.state).iter().filter_map(|pattern| by_pattern.get(*pattern));
            let class = group.class.and_then(|class| by_class.get(class as usize));
            let mut cell = NOTHING;
            for part in patterns.chain(class).filter(|place| **place != 0).filter_map(|place| merged.get(*place as usize)) {
                cell.source.add(&part.source);
                cell.target.add(&part.target);
                cell.stop.add(&part.stop);
            }
            if group.class.is_none() {
                cell.unsure = outside.without(&cell.target);
            }
            group_cells.push(if cell == NOTHING { 0 } else { self.cells.len() as u32 });
            if cell != NOTHING {
                self.cells.push(cell);
            }
        }
        self.of.extend(nodes.ids().map(|id| group_cells.get(nodes.group_of(id) as usize).copied().unwrap_or_default()));
    }

    /// Parts: a cell for each run of names that no part begins or ends in.
    fn parts(&mut self, nodes: &Nodes<'_>) {
        let mut events: Vec<(NodeId, bool, Cell)> = Vec::new();
        let mut of_partition: Vec<(&Partition<'_>, Vec<(usize, usize)>)> = Vec::new();
        for (bit, question) in self.questions.iter().enumerate() {
            let Asks::Part(partition, part) = question.asks else { continue };
            match of_partition.last_mut().filter(|(last, _)| std::ptr::eq(*last, partition)) {
                Some((_, parts)) => parts.push((bit, part)),
                None => of_partition.push((partition, vec![(bit, part)])),
            }
        }
        for (partition, asked) in &of_partition {
            let mut whole = Cell::default();
            asked.iter().for_each(|(bit, _)| whole.stop.set(*bit));
            let mut of_part: Vec<Cell> = vec![whole; partition.parts.len()];
            for (bit, part) in asked {
                of_part.get_mut(*part).into_iter().for_each(|cell| cell.target.set(*bit));
            }
            for (part, cell) in of_part.iter_mut().enumerate() {
                match partition.order {
                    Order::Independent => cell.source = cell.stop.without(&cell.target),
                    Order::Rows(_) => {
                        let sources = asked.iter().filter(|(_, target)| partition.reason(part, *target).is_some());
                        sources.for_each(|(bit, _)| cell.source.set(*bit));
                    }
                }
            }
            for (range, part) in &partition.stretches {
                let cell = of_part.get(*part).copied().unwrap_or_default();
                events.push((range.start, true, cell));
                events.push((range.end, false, cell));
            }
        }
        events.sort_by_key(|(at, begins, _)| (*at, *begins));
        let mut now = NOTHING;
        let mut at = 0;
        for same in events.chunk_by(|left, right| left.0 == right.0) {
            let Some((place, ..)) = same.first() else { continue };
            self.run(&now, place - at);
            at = *place;
            for (_, begins, cell) in same {
                let change = |bits: &mut Bits, by: &Bits| *bits = if *begins { bits.or(by) } else { bits.without(by) };
                change(&mut now.source, &cell.source);
                change(&mut now.target, &cell.target);
                change(&mut now.stop, &cell.stop);
            }
        }
        self.run(&now, nodes.len() as NodeId - at);
    }

    /// So many names more that are alike.
    fn run(&mut self, cell: &Cell, names: NodeId) {
        let number = if *cell == NOTHING { 0 } else { self.cells.len() };
        if number != 0 && names > 0 {
            self.cells.push(*cell);
        }
        self.of.extend((0..names).map(|_| number as u32));
    }
}

fn keys(side: &Side) -> impl Iterator<Item = Key> + '_ {
    side.patterns.iter().copied().map(Key::Pattern).chain(side.classes.iter().copied().map(Key::Class))
}
