//! Which sources of a block are searched for their chains, and which are only counted; never the search.
//!
//! That a chain is there is known before any is searched, but for few: a module on both sides may have none but to itself, and what is
//! computed none that no exception allows. These are searched in any case.

use std::collections::{HashMap, HashSet};

use super::{
    super::{
        modules::{Modules, share},
        nodes::NodeId,
    },
    bits::Bits,
    block::Block,
    build::{Graph, Sight},
    levels::Asked,
    propagate::Reach,
    witness::Answered,
};

/// How much is told.
pub(super) struct Limits {
    /// Most findings of one assertion that are equally sure.
    pub(super) each: usize,
    /// Most of all together.
    pub(super) most: usize,
    /// Assertions of which all is told.
    pub(super) whole: HashSet<usize>,
}

/// Sources with an open question.
pub(super) struct Open {
    /// Those to be searched first, by question.
    pub(super) now: Vec<Asked>,
    /// Of what may be those to be searched where another question of the same assertion has no chain.
    pub(super) later: Vec<Asked>,
    /// Those to be counted.
    pub(super) counted: Vec<(usize, Sight, Modules)>,
}

/// One assertion of a block.
#[derive(Default)]
struct Slot {
    assertion: usize,
    /// How many sources it has, or questions of sources.
    all: usize,
    told: usize,
    /// The last source that was looked at, and whether it is told of.
    seen: Option<NodeId>,
    is_told: bool,
    /// Sources that are told of already, or counted, more surely.
    known: Modules,
    counted: Modules,
}

impl Open {
    /// Divides the sources. What was found before is what surely is, when what may be is asked for.
    pub(super) fn new(
        graph: &Graph<'_, '_>,
        block: &Block<'_>,
        (reach, sight): (&Reach<'_>, Sight),
        limits: &Limits,
        found: &Answered,
    ) -> Self {
        let (mut slots, slot_of) = slots(graph, block, found);
        let nodes = graph.nodes;
        let is_inside = |node: &&NodeId| reach.window.place(**node) < reach.window.nodes().len();
        let sources = || nodes.numbered().iter().filter(is_inside).filter_map(|node| Some((*node, nodes.number(*node)?)));
        let is_searched = |question: usize, node: NodeId| {
            block.cell(node).target.has(question) || sight == Sight::May && block.exemptions.has_exceptions()
        };
        let mut open = Self { now: Vec::new(), later: Vec::new(), counted: Vec::new() };
        for is_counting in [true, false] {
            let all = slots.iter().map(|slot| slot.all).collect();
            let each = if is_counting { 0 } else { limits.each.min(share(all, limits.most)) };
            slots.iter_mut().for_each(|slot| slot.seen = None);
            for (node, number) in sources() {
                let bits: Bits = block.cell(node).source.and(&reach.of(node));
                for question in bits.iter() {
                    let Some(slot) = slot_of.get(question).and_then(|at| slots.get_mut(*at)) else { continue };
                    if sight == Sight::May && slot.known.has(number) {
                        continue;
                    }
                    let is_new = slot.seen.replace(node) != Some(node);
                    // What may be is one finding, whichever the target.
                    let is_first = sight == Sight::Must || is_new;
                    if is_counting {
                        slot.all += usize::from(is_first);
                        continue;
                    }
                    if is_new {
                        // All of a source or nothing: what is counted are sources.
                        slot.is_told = slot.told < each || limits.whole.contains(&slot.assertion);
                    }
                    if slot.is_told || is_searched(question, node) {
                        let list = if is_first { &mut open.now } else { &mut open.later };
                        list.push((question, node));
                    } else {
                        slot.counted.insert(number);
                    }
                    slot.told += usize::from(slot.is_told && is_first);
                }
            }
        }
        open.now.sort_unstable();
        open.later.sort_unstable();
        let counted = slots.into_iter().filter(|slot| slot.counted.len() > 0);
        open.counted.extend(counted.map(|slot| (slot.assertion, sight, slot.counted)));
        open
    }
}

/// The assertions of a block, and which one each question is of.
fn slots(graph: &Graph<'_, '_>, block: &Block<'_>, found: &Answered) -> (Vec<Slot>, Vec<usize>) {
    let mut places: HashMap<usize, usize> = HashMap::new();
    let mut slots: Vec<Slot> = Vec::new();
    let mut slot_of = Vec::new();
    for question in block.questions {
        let at = *places.entry(question.assertion).or_insert(slots.len());
        if at == slots.len() {
            slots.push(Slot { assertion: question.assertion, ..Slot::default() });
        }
        slot_of.push(at);
    }
    for witness in &found.told {
        let slot = slot_of.get(witness.question).and_then(|at| slots.get_mut(*at));
        let number = witness.path.first().and_then(|source| graph.nodes.number(*source));
        slot.zip(number).into_iter().for_each(|(slot, number)| slot.known.insert(number));
    }
    for (assertion, _, counted) in &found.counted {
        let slot = places.get(assertion).and_then(|at| slots.get_mut(*at));
        slot.into_iter().for_each(|slot| slot.known.add(counted.clone()));
    }
    (slots, slot_of)
}
