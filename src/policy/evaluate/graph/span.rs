//! Where questions lie in the order of components: chains lead from later ones to earlier ones; never what the answers are.

use std::{collections::HashMap, ops::Range};

use super::{
    super::nodes::{NodeId, Nodes},
    build::{Graph, Sight},
    components::Components,
    partition::Partition,
};
use crate::policy::{
    architecture::Chain,
    check::resolved::{Class, Side},
};

/// Components by their numbers: empty where no chain can lead from a source to an end.
pub(super) type Span = Range<u32>;

/// No component.
pub(super) const EMPTY: Span = 0..0;

/// Names that are summed up as one, so that long stretches cost little.
const CHUNK: usize = 64;

/// Both spans together.
pub(super) fn join(left: &Span, right: &Span) -> Span {
    match (left.is_empty(), right.is_empty()) {
        (true, _) => right.clone(),
        (_, true) => left.clone(),
        (false, false) => left.start.min(right.start)..left.end.max(right.end),
    }
}

/// The nodes of a span, numbered from its first one on.
pub(super) struct Window<'g> {
    components: &'g Components,
    span: Span,
    start: u32,
}

impl<'g> Window<'g> {
    /// The nodes of a span.
    pub(super) fn new(components: &'g Components, span: &Span) -> Self {
        Self { components, span: span.clone(), start: components.start(span.start) }
    }

    /// Those nodes, in their order.
    pub(super) fn nodes(&self) -> &'g [NodeId] {
        self.components.nodes(&self.span)
    }

    /// A node's number among them; beyond them all for others.
    #[inline]
    pub(super) fn place(&self, node: NodeId) -> usize {
        self.components.place(node).wrapping_sub(self.start) as usize
    }
}

/// Where a question lies.
#[derive(Debug, Clone)]
pub(super) struct Reached {
    ends: Span,
    sources: Span,
}

impl Reached {
    /// From the lowest end to the highest source: empty where all sources lie lower than that.
    pub(super) fn span(&self) -> Span {
        if self.ends.is_empty() || self.sources.is_empty() || self.ends.start >= self.sources.end {
            return EMPTY;
        }
        self.ends.start..self.sources.end
    }

    /// The same with more that chains end at.
    pub(super) fn with(&self, more: &Span) -> Self {
        Self { ends: join(&self.ends, more), sources: self.sources.clone() }
    }
}

/// Finds the spans of questions in one of the graphs.
pub(super) struct Spans<'g, 'a> {
    nodes: &'g Nodes<'a>,
    components: &'g Components,
    sight: Sight,
    groups: Vec<Span>,
    chunks: Vec<Span>,
    /// What modules that may import anything span: they end chains of any question.
    anything: Span,
    known: HashMap<(&'g [usize], &'g [Class]), Span>,
}

impl<'g, 'a> Spans<'g, 'a> {
    /// The spans of names.
    pub(super) fn new(graph: &'g Graph<'_, 'a>, sight: Sight) -> Self {
        let (nodes, components) = (graph.nodes, graph.arcs(sight).components());
        let all = |ids: &mut dyn Iterator<Item = NodeId>| ids.fold(EMPTY, |all, id| join(&all, &components.span(id)));
        let groups = nodes.groups().iter().map(|group| all(&mut group.nodes.iter().copied())).collect();
        let starts = nodes.ids().step_by(CHUNK);
        let chunks = starts.map(|start| all(&mut (start..nodes.ids().end.min(start + CHUNK as NodeId)))).collect();
        let anything = match sight {
            Sight::Must => EMPTY,
            Sight::May => all(&mut graph.anything.iter().copied()),
        };
        Self { nodes, components, sight, groups, chunks, anything, known: HashMap::new() }
    }

    /// Where a chain lies.
    pub(super) fn chain(&mut self, chain: &'g Chain) -> Reached {
        let sources = self.side(&chain.from);
        let ends = match self.sight {
            // Whatever lies outside of the environment may be of a class.
            Sight::May if !chain.to.classes.is_empty() => 0..u32::MAX,
            _ => self.side(&chain.to),
        };
        Reached { ends: join(&ends, &self.anything), sources }
    }

    /// Where the parts of a partition lie as targets.
    pub(super) fn parts(&self, partition: &Partition<'_>) -> Vec<Reached> {
        let mut parts = vec![EMPTY; partition.parts.len()];
        let mut sources = EMPTY;
        for (range, part) in &partition.stretches {
            let span = self.stretch(range);
            sources = join(&sources, &span);
            parts.get_mut(*part).into_iter().for_each(|known| *known = join(known, &span));
        }
        let ends = parts.iter().map(|ends| join(ends, &self.anything));
        ends.map(|ends| Reached { ends, sources: sources.clone() }).collect()
    }

    fn side(&mut self, side: &'g Side) -> Span {
        let key = (&side.patterns[..], &side.classes[..]);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let groups = self.nodes.side_groups(side);
        let spans = groups.iter().filter_map(|group| self.groups.get(*group as usize));
        let span = spans.fold(EMPTY, |all, span| join(&all, span));
        self.known.insert(key, span.clone());
        span
    }

    fn stretch(&self, range: &Range<NodeId>) -> Span {
        let (mut at, mut span) = (range.start, EMPTY);
        while at < range.end {
            let whole = (at as usize).is_multiple_of(CHUNK) && at + CHUNK as NodeId <= range.end;
            let (step, more) = if whole {
                (CHUNK as NodeId, self.chunks.get(at as usize / CHUNK).cloned().unwrap_or(EMPTY))
            } else {
                (1, self.components.span(at))
            };
            span = join(&span, &more);
            at += step;
        }
        span
    }
}
