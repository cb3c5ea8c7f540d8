//! Which questions of a block: one bit for each; never what they ask.

/// Questions in a block: as many as one line of the processor's cache holds bits.
pub(super) const WIDTH: usize = 512;

/// One bit for each question of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(align(64))]
pub(super) struct Bits([u64; WIDTH / 64]);

impl Bits {
    /// No question.
    pub(super) const NONE: Self = Self([0; WIDTH / 64]);

    /// The first `count` questions.
    #[inline]
    pub(super) fn first(count: usize) -> Self {
        let mut bits = Self::default();
        for (word, before) in bits.0.iter_mut().zip((0..).step_by(64)) {
            let left = count.saturating_sub(before);
            *word = if left >= 64 { u64::MAX } else { (1 << left) - 1 };
        }
        bits
    }

    /// Adds a question.
    #[inline]
    pub(super) fn set(&mut self, bit: usize) {
        if let Some(word) = self.0.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }

    /// Whether a question is there.
    #[inline]
    pub(super) fn has(&self, bit: usize) -> bool {
        self.0.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    /// Adds those of another.
    #[inline]
    pub(super) fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    /// Those that are not in another.
    #[inline]
    pub(super) fn without(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= !other);
        self
    }

    /// Those that are in another too.
    #[inline]
    pub(super) fn and(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= other);
        self
    }

    /// Those of both.
    #[inline]
    pub(super) fn or(mut self, other: &Self) -> Self {
        self.add(other);
        self
    }

    /// Whether none is there.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Those that are there, ascending.
    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + use<'_> {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                left &= left.wrapping_sub(1);
                (bit < 64).then_some(at * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Bits, WIDTH};

    #[test]
    fn the_first_are_those_below_a_count() {
        for count in [0, 1, 63, 64, 65, WIDTH] {
            let bits = Bits::first(count);
            assert_eq!(bits.iter().collect::<Vec<_>>(), (0..count).collect::<Vec<_>>());
            assert!((0..WIDTH).all(|bit| bits.has(bit) == (bit < count)));
        }
    }
}
