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
    pub(super) fn first(count: usize) -> Self {
        let mut bits = Self::default();
        (0..count.min(WIDTH)).for_each(|bit| bits.set(bit));
        bits
    }

    /// Adds a question.
    pub(super) fn set(&mut self, bit: usize) {
        if let Some(word) = self.0.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }

    /// Whether a question is there.
    pub(super) fn has(&self, bit: usize) -> bool {
        self.0.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    /// Adds those of another.
    pub(super) fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    /// Those that are not in another.
    pub(super) fn without(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= !other);
        self
    }

    /// Those that are in another too.
    pub(super) fn and(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= other);
        self
    }

    /// Those of both.
    pub(super) fn or(mut self, other: &Self) -> Self {
        self.add(other);
        self
    }

    /// Whether none is there.
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Those that are there, ascending.
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
