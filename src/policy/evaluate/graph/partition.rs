//! Modules in parts that must not reach each other, as layers and independent modules are; never where the parts come from.

use std::ops::Range;

use super::super::nodes::{NodeId, Nodes};
use crate::policy::architecture::Exempt;

/// A container's layers, or the members of an independence.
pub(super) struct Partition<'p> {
    /// The assertion.
    pub(super) assertion: usize,
    /// Edges that do not count.
    pub(super) exempt: &'p Exempt,
    /// The parts.
    pub(super) parts: Vec<Part>,
    /// Stretches of names in one part, ascending, apart from each other.
    pub(super) stretches: Vec<(Range<NodeId>, usize)>,
    /// Which parts may reach which.
    pub(super) order: Order,
}

/// A layer or member.
pub(super) struct Part {
    /// Its module's name.
    pub(super) name: String,
    /// The row of its layer.
    pub(super) row: usize,
}

/// Which parts may reach which.
pub(super) enum Order {
    /// None may reach another.
    Independent,
    /// Higher rows may reach lower ones, but not past a closed one; the parts of one may reach each other or not.
    Rows(Vec<RowRule>),
}

/// What holds for a row.
pub(super) struct RowRule {
    pub(super) independent: bool,
    pub(super) closed: bool,
}

/// Why a part must not reach another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// They are independent.
    Independent,
    /// It is lower.
    Lower,
    /// A closed row lies between them.
    Past(usize),
}

impl Partition<'_> {
    /// Why a part must not reach another, if so.
    pub(super) fn reason(&self, from: usize, to: usize) -> Option<Reason> {
        if from == to {
            return None;
        }
        let Order::Rows(rows) = &self.order else { return Some(Reason::Independent) };
        let (from, to) = (self.parts.get(from)?.row, self.parts.get(to)?.row);
        match from.cmp(&to) {
            std::cmp::Ordering::Greater => Some(Reason::Lower),
            std::cmp::Ordering::Equal => rows.get(from)?.independent.then_some(Reason::Independent),
            std::cmp::Ordering::Less => {
                let between = (from + 1..to).find(|row| rows.get(*row).is_some_and(|row| row.closed));
                between.map(Reason::Past)
            }
        }
    }

    /// The part of a name.
    pub(super) fn part_of(&self, id: NodeId) -> Option<usize> {
        let after = self.stretches.partition_point(|(range, _)| range.start <= id);
        let (range, part) = self.stretches.get(after.checked_sub(1)?)?;
        range.contains(&id).then_some(*part)
    }
}

/// Cuts the names of parts into stretches: of parts that lie in each other, the innermost holds a name.
pub(super) fn stretches(nodes: &Nodes<'_>, parts: &[Part]) -> Vec<(Range<NodeId>, usize)> {
    let mut ranges: Vec<(Range<NodeId>, usize)> = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        ranges.extend(nodes.within(&part.name).map(|range| (range, number)));
    }
    // Where all that lies below a part is another part, both have the same range: the longer name is the inner one.
    let depth = |number: usize| parts.get(number).map_or(0, |part| part.name.len());
    ranges.sort_by_key(|(range, number)| (range.start, std::cmp::Reverse(range.end), depth(*number)));
    let mut cut: Vec<(Range<NodeId>, usize)> = Vec::new();
    let mut open: Vec<(Range<NodeId>, usize)> = Vec::new();
    let mut emit = |range: Range<NodeId>, number: usize| match cut.last_mut() {
        _ if range.is_empty() => {}
        Some((last, same)) if *same == number && last.end == range.start => last.end = range.end,
        _ => cut.push((range, number)),
    };
    let mut at = 0;
    for (range, number) in ranges {
        while let Some((outer, of)) = open.pop_if(|(outer, _)| outer.end <= range.start) {
            emit(at.max(outer.start)..outer.end, of);
            at = at.max(outer.end);
        }
        if let Some((outer, of)) = open.last() {
            emit(at.max(outer.start)..range.start, *of);
        }
        at = at.max(range.start);
        open.push((range, number));
    }
    while let Some((outer, of)) = open.pop() {
        emit(at.max(outer.start)..outer.end, of);
        at = at.max(outer.end);
    }
    cut
}
