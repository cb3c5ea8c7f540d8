//! Strongly connected components of a graph, what is imported before what imports it; never what a cycle means.

use std::ops::Range;

/// Components in an order in which every edge leads to the same or an earlier one.
#[derive(Debug, Default)]
pub(super) struct Components {
    members: Vec<u32>,
    ends: Vec<u32>,
    /// Where each node stands in `members`, and the number of its component.
    places: Vec<u32>,
    numbers: Vec<u32>,
}

/// Not visited yet.
const FRESH: u32 = 0;
/// In a component that is complete.
const DONE: u32 = u32::MAX;

/// Tarjan's algorithm without recursion.
struct Search<'g> {
    rows: &'g [u32],
    targets: &'g [u32],
    /// When a node was first seen, and the earliest that it reaches on the stack.
    seen: Vec<u32>,
    low: Vec<u32>,
    /// When a node was left.
    left: Vec<u32>,
    clock: u32,
    stack: Vec<u32>,
    found: Components,
}

impl Components {
    /// The components of a graph: the targets of node `n` are `targets[rows[n]..rows[n + 1]]`.
    pub(super) fn new(rows: &[u32], targets: &[u32]) -> Self {
        let count = rows.len().saturating_sub(1);
        let blank = || vec![FRESH; count];
        let (seen, low, left) = (blank(), blank(), blank());
        let mut search = Search { rows, targets, seen, low, left, clock: 0, stack: Vec::new(), found: Self::default() };
        for node in 0..count as u32 {
            if read(&search.seen, node) == FRESH {
                search.from(node);
            }
        }
        let mut found = search.found;
        (found.places, found.numbers) = (vec![0; count], vec![0; count]);
        let (mut place, mut start) = (0, 0);
        for (number, end) in (0..).zip(&found.ends) {
            for member in found.members.get(start as usize..*end as usize).unwrap_or_default() {
                write(&mut found.places, *member, place);
                write(&mut found.numbers, *member, number);
                place += 1;
            }
            start = *end;
        }
        found
    }

    /// Each component; inside of one, what was left first comes first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.some(0..self.ends.len() as u32)
    }

    /// The components with these numbers.
    pub(super) fn some(&self, numbers: Range<u32>) -> impl Iterator<Item = &[u32]> {
        numbers.filter_map(|number| self.members.get(self.start(number) as usize..self.start(number + 1) as usize))
    }

    /// The nodes of the components with these numbers.
    pub(super) fn nodes(&self, numbers: &Range<u32>) -> &[u32] {
        self.members.get(self.start(numbers.start) as usize..self.start(numbers.end) as usize).unwrap_or_default()
    }

    /// Where the nodes of a component begin.
    pub(super) fn start(&self, number: u32) -> u32 {
        number.checked_sub(1).map_or(0, |before| self.ends.get(before as usize).copied().unwrap_or(self.members.len() as u32))
    }

    /// Where a node stands among all.
    #[inline]
    pub(super) fn place(&self, node: u32) -> u32 {
        read(&self.places, node)
    }

    /// The number of a node's component, and no other.
    pub(super) fn span(&self, node: u32) -> Range<u32> {
        let number = read(&self.numbers, node);
        number..number + 1
    }
}

impl Search<'_> {
    fn enter(&mut self, node: u32, path: &mut Vec<(u32, u32)>) {
        self.clock += 1;
        write(&mut self.seen, node, self.clock);
        write(&mut self.low, node, self.clock);
        self.stack.push(node);
        path.push((node, read(self.rows, node)));
    }

    fn from(&mut self, start: u32) {
        let mut path = Vec::new();
        self.enter(start, &mut path);
        while let Some((node, at)) = path.last_mut() {
            let node = *node;
            if *at < read(self.rows, node + 1) {
                let target = read(self.targets, *at);
                *at += 1;
                match read(&self.seen, target) {
                    FRESH => self.enter(target, &mut path),
                    seen => lower(&mut self.low, node, seen),
                }
                continue;
            }
            path.pop();
            self.clock += 1;
            write(&mut self.left, node, self.clock);
            let low = read(&self.low, node);
            if let Some((parent, _)) = path.last() {
                lower(&mut self.low, *parent, low);
            }
            if low == read(&self.seen, node) {
                self.complete(node);
            }
        }
    }

    fn complete(&mut self, root: u32) {
        let start = self.found.members.len();
        while let Some(member) = self.stack.pop() {
            write(&mut self.seen, member, DONE);
            self.found.members.push(member);
            if member == root {
                break;
            }
        }
        let left = &self.left;
        if let Some(members) = self.found.members.get_mut(start..) {
            members.sort_unstable_by_key(|member| read(left, *member));
        }
        self.found.ends.push(self.found.members.len() as u32);
    }
}

fn read(list: &[u32], at: u32) -> u32 {
    list.get(at as usize).copied().unwrap_or(DONE)
}

fn write(list: &mut [u32], at: u32, value: u32) {
    list.get_mut(at as usize).into_iter().for_each(|place| *place = value);
}

fn lower(list: &mut [u32], at: u32, value: u32) {
    list.get_mut(at as usize).into_iter().for_each(|place| *place = (*place).min(value));
}

#[cfg(test)]
mod tests {
    use super::Components;

    #[test]
    fn what_is_imported_comes_first() {
        // 0 -> 1 <-> 2, 2 -> 3, 3 -> 3, 4 alone.
        let components = Components::new(&[0, 1, 2, 4, 5, 5], &[1, 2, 1, 3, 3]);
        let found: Vec<_> = components.iter().map(<[u32]>::to_vec).collect();
        assert_eq!(found, [vec![3], vec![2, 1], vec![0], vec![4]]);
        assert_eq!((0..5).map(|node| components.span(node).start).collect::<Vec<_>>(), [2, 1, 1, 0, 3]);
        assert_eq!((0..5).map(|node| components.place(node)).collect::<Vec<_>>(), [3, 2, 1, 0, 4]);
        assert_eq!(components.nodes(&(1..3)), [2, 1, 0]);
        assert_eq!(components.some(1..3).collect::<Vec<_>>(), [&[2, 1][..], &[0]]);
    }
}
