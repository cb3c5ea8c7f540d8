//! Strongly connected components of a graph, what is imported before what imports it; never what a cycle means.

/// Components in an order in which every edge leads to the same or an earlier one.
#[derive(Debug, Default)]
pub(super) struct Components {
    members: Vec<u32>,
    ends: Vec<u32>,
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
        search.found
    }

    /// Each component; inside of one, what was left first comes first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, end)| self.members.get(start as usize..*end as usize))
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
    }
}
