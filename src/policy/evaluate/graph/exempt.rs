//! Which edges do not count for which questions of a block; never whether an edge is there.

use std::collections::HashMap;

use super::{
    super::nodes::NodeId,
    bits::Bits,
    build::{Graph, Kinds, bit},
};
use crate::policy::{
    architecture::Exempt,
    check::resolved::{Class, Side},
    compile::automaton::Matcher,
};

/// Sets of kinds that a rule can ignore.
const KINDS: usize = 64;

/// Edges that do not count, by question.
#[derive(Default)]
pub(super) struct Exemptions {
    /// The questions for which all kinds of a set are ignored; empty where no question ignores any.
    ignored: Vec<Bits>,
    /// The questions that except an edge.
    excepted: HashMap<(NodeId, NodeId), Bits>,
    /// Whether a module has excepted edges.
    sources: Vec<bool>,
    /// Exceptions that matched: assertion and place.
    pub(super) matched: Vec<(usize, usize)>,
}

/// Both sides of an exception, as what they name.
type Pair<'e> = (&'e [usize], &'e [Class], &'e [usize], &'e [Class]);

/// An exception of some questions.
struct Shared<'e> {
    from: &'e Side,
    to: &'e Side,
    bits: Bits,
    places: Vec<(usize, usize)>,
}

impl Exemptions {
    /// The exemptions of questions: each with its bit and its assertion.
    pub(super) fn new<'e>(
        graph: &Graph<'_, '_>,
        matcher: &Matcher<'_>,
        questions: impl Iterator<Item = (usize, usize, &'e Exempt)>,
    ) -> Self {
        let mut exemptions = Self::default();
        let mut by_kind: Vec<(Kinds, Bits)> = Vec::new();
        let mut shared: HashMap<Pair<'e>, Shared<'e>> = HashMap::new();
        for (question, assertion, exempt) in questions {
            let kinds = exempt.ignoring.iter().fold(0, |kinds, kind| kinds | bit(*kind));
            match by_kind.iter_mut().find(|(known, _)| *known == kinds) {
                _ if kinds == 0 => {}
                Some((_, bits)) => bits.set(question),
                None => {
                    let mut bits = Bits::default();
                    bits.set(question);
                    by_kind.push((kinds, bits));
                }
            }
            for (place, (from, to, _)) in exempt.exceptions.iter().enumerate() {
                let pair = (&from.patterns[..], &from.classes[..], &to.patterns[..], &to.classes[..]);
                let same = shared.entry(pair).or_insert_with(|| Shared { from, to, bits: Bits::default(), places: Vec::new() });
                same.bits.set(question);
                if same.places.last() != Some(&(assertion, place)) {
                    same.places.push((assertion, place));
                }
            }
        }
        if !by_kind.is_empty() {
            let all = |set: Kinds| {
                let ignoring = by_kind.iter().filter(|(kinds, _)| set & !kinds == 0);
                ignoring.fold(Bits::default(), |all, (_, bits)| all.or(bits))
            };
            exemptions.ignored = (0..KINDS as Kinds).map(all).collect();
        }
        for exception in shared.into_values() {
            exemptions.except(graph, matcher, exception);
        }
        exemptions
    }

    /// Finds the edges of an exception from the side that holds fewer modules.
    fn except(&mut self, graph: &Graph<'_, '_>, matcher: &Matcher<'_>, exception: Shared<'_>) {
        use super::build::Sight;
        let nodes = graph.nodes;
        let (from, to) = (nodes.side(exception.from), nodes.side(exception.to));
        let mut matched = false;
        let mut add = |source: NodeId, target: NodeId| {
            matched = true;
            self.excepted.entry((source, target)).or_default().add(&exception.bits);
            self.sources.resize(nodes.len(), false);
            self.sources.get_mut(source as usize).into_iter().for_each(|has| *has = true);
        };
        if from.len() <= to.len() {
            for source in from {
                let targets = graph.arcs(Sight::May).of(source).map(|(target, _)| target);
                targets
                    .filter(|target| (*target as usize) < nodes.len())
                    .filter(|target| nodes.holds(matcher, exception.to, nodes.group_of(*target)))
                    .for_each(|target| add(source, target));
            }
        } else {
            for target in to {
                let sources = graph.importers(target).map(|(source, _)| source);
                sources
                    .filter(|source| nodes.holds(matcher, exception.from, nodes.group_of(*source)))
                    .for_each(|source| add(source, target));
            }
        }
        if matched {
            self.matched.extend(exception.places);
        }
    }

    /// Whether every edge counts for every question.
    pub(super) fn is_empty(&self) -> bool {
        self.ignored.is_empty() && self.excepted.is_empty()
    }

    /// Whether some edge is excepted.
    pub(super) fn has_exceptions(&self) -> bool {
        !self.excepted.is_empty()
    }

    /// The questions for which an edge does not count; none where it counts for all, as most do.
    pub(super) fn of(&self, source: NodeId, target: NodeId, kinds: Kinds) -> Option<Bits> {
        let ignored = self.ignored.get(kinds as usize).filter(|bits| !bits.is_empty());
        let excepted = match self.sources.get(source as usize) {
            Some(true) => self.excepted.get(&(source, target)),
            _ => None,
        };
        match (ignored, excepted) {
            (Some(ignored), Some(excepted)) => Some(ignored.or(excepted)),
            (one, other) => one.or(other).copied(),
        }
    }

    /// Whether an edge counts for a question.
    pub(super) fn counts(&self, (source, target): (NodeId, NodeId), kinds: Kinds, question: usize) -> bool {
        self.of(source, target, kinds).is_none_or(|exempt| !exempt.has(question))
    }
}
