//! Sets of modules by their numbers, and how many findings of each assertion are told; never what is found.

/// Modules by their numbers in a run.
#[derive(Debug, Clone, Default)]
pub(super) struct Modules(Vec<u64>);

impl Modules {
    /// Adds a module.
    pub(super) fn insert(&mut self, number: u32) {
        let word = number as usize / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0.get_mut(word).into_iter().for_each(|word| *word |= 1 << (number % 64));
    }

    /// Whether a module is there.
    pub(super) fn has(&self, number: u32) -> bool {
        self.0.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Adds those of another.
    pub(super) fn add(&mut self, mut other: Self) {
        if self.0.len() < other.0.len() {
            std::mem::swap(self, &mut other);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    /// Takes those of another out.
    pub(super) fn without(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= !other);
    }

    /// How many there are.
    pub(super) fn len(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}

/// How many of each can be told so that all together are no more than `most`: those that have less are told whole. At least one.
pub(super) fn share(mut counts: Vec<usize>, most: usize) -> usize {
    counts.sort_unstable();
    let mut left = most;
    for (at, count) in counts.iter().enumerate() {
        let each = left / (counts.len() - at);
        if *count > each {
            return each.max(1);
        }
        left -= count;
    }
    usize::MAX
}

#[cfg(test)]
mod tests {
    use super::{Modules, share};

    #[test]
    fn what_is_left_by_small_ones_goes_to_large_ones() {
        assert_eq!(share(vec![3, 100, 2, 50], 20), 7);
        assert_eq!(share(vec![3, 5], 8), usize::MAX);
        assert_eq!(share(vec![9; 4], 2), 1);
        assert_eq!(share(Vec::new(), 0), usize::MAX);
    }

    #[test]
    fn a_set_counts_each_module_once() {
        let (mut left, mut right) = (Modules::default(), Modules::default());
        [3, 64, 64, 200].into_iter().for_each(|number| left.insert(number));
        [64, 500].into_iter().for_each(|number| right.insert(number));
        assert_eq!((left.len(), left.has(64), left.has(65), left.has(9000)), (3, true, false, false));
        left.add(right.clone());
        assert_eq!(left.len(), 4);
        left.without(&right);
        assert_eq!((left.len(), left.has(200), left.has(64)), (2, true, false));
    }
}
