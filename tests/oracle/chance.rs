//! Choices out of a list of numbers: a shorter list, and smaller numbers, make a simpler case, so that cases shrink.

pub struct Chance<'c> {
    choices: &'c [u16],
    at: usize,
}

impl<'c> Chance<'c> {
    pub fn new(choices: &'c [u16]) -> Self {
        Self { choices, at: 0 }
    }

    /// A number below `count`; the simplest is 0, and so is every one after the last choice.
    pub fn below(&mut self, count: usize) -> usize {
        let choice = self.choices.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(choice) % count.max(1)
    }

    /// Whether something happens that does so in `times` of `of` cases.
    pub fn happens(&mut self, times: usize, of: usize) -> bool {
        self.below(of) >= of - times
    }

    /// One of these; the simplest comes first.
    pub fn one<'x, T: ?Sized>(&mut self, of: &[&'x T]) -> &'x T {
        of[self.below(of.len())]
    }

    /// One of these.
    pub fn pick<'x, T>(&mut self, of: &'x [T]) -> &'x T {
        &of[self.below(of.len())]
    }

    /// A few of what a function makes, at most so many.
    pub fn some<T>(&mut self, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.below(most + 3);
        let count = if count > most { count - most } else { count };
        (0..count).map(|_| make(self)).collect()
    }
}
