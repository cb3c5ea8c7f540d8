//! Which modules patterns have in common, by the patterns alone; never the modules of an image.

use super::super::resolved::{Class, ModulePattern, Segment, Side};

/// A side of a ban: its patterns and classes.
#[derive(Debug, Clone)]
pub(super) struct Modules<'r> {
    pub(super) patterns: Vec<&'r ModulePattern>,
    pub(super) classes: &'r [Class],
}

impl<'r> Modules<'r> {
    /// What a side names.
    pub(super) fn of(side: &'r Side, patterns: &'r [ModulePattern]) -> Self {
        Self { patterns: side.patterns.iter().filter_map(|number| patterns.get(*number)).collect(), classes: &side.classes }
    }

    /// Whether both name the same in the same order.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.patterns == other.patterns && self.classes == other.classes
    }

    /// Whether every module of the other side surely is one of this.
    pub(super) fn cover(&self, other: &Self) -> bool {
        let all = self.patterns.iter().any(|pattern| pattern.segments == [Segment::Rest]);
        let patterns = other.patterns.iter().all(|other| self.patterns.iter().any(|own| covers(own, other)));
        all || patterns && other.classes.iter().all(|class| self.classes.contains(class))
    }

    /// Whether a module may be one of both sides: what a class holds is known only of an image.
    pub(super) fn may_meet(&self, other: &Self) -> bool {
        let mixed = |one: &Self, two: &Self| !one.classes.is_empty() && !two.patterns.is_empty();
        let patterns = self.patterns.iter().any(|own| other.patterns.iter().any(|other| meet(own, other)));
        patterns || mixed(self, other) || mixed(other, self) || self.classes.iter().any(|class| other.classes.contains(class))
    }
}

/// Whether every name of the second pattern is one of the first.
fn covers(wide: &ModulePattern, narrow: &ModulePattern) -> bool {
    compare(&pieces(wide), &pieces(narrow), Question::Covers, &|wide, narrow| {
        compare(&letters(wide), &letters(narrow), Question::Covers, &|one, two| one == two)
    })
}

/// Whether some name is one of both patterns.
fn meet(one: &ModulePattern, two: &ModulePattern) -> bool {
    compare(&pieces(one), &pieces(two), Question::Meet, &|one, two| {
        compare(&letters(one), &letters(two), Question::Meet, &|one, two| one == two)
    })
}

/// A part of a pattern: segments of a name, or letters of a segment.
enum Piece<T> {
    /// Any number of any.
    Any,
    /// One of these.
    One(T),
}

/// What is asked of two patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Covers,
    Meet,
}

fn pieces(pattern: &ModulePattern) -> Vec<Piece<&Segment>> {
    let piece = |segment| match segment {
        &Segment::Rest => Piece::Any,
        one => Piece::One(one),
    };
    pattern.segments.iter().map(piece).collect()
}

fn letters(segment: &Segment) -> Vec<Piece<char>> {
    let mut letters = Vec::new();
    match segment {
        Segment::Rest => letters.push(Piece::Any),
        Segment::Name(name) => letters.extend(name.chars().map(Piece::One)),
        Segment::Like(parts) => {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    letters.push(Piece::Any);
                }
                letters.extend(part.chars().map(Piece::One));
            }
        }
    }
    letters
}

/// Answers for all beginnings of two patterns, from their ends: as many steps as their lengths multiplied.
fn compare<T>(first: &[Piece<T>], second: &[Piece<T>], question: Question, same: &dyn Fn(&T, &T) -> bool) -> bool {
    let is_any = |piece: &Piece<T>| matches!(piece, Piece::Any);
    // The answers for what is left of the first pattern, by what is left of the second.
    let mut below: Vec<bool> = Vec::new();
    for row in (0..=first.len()).rev() {
        let mut answers = vec![false; second.len() + 1];
        for column in (0..=second.len()).rev() {
            let at = |answers: &[bool], column: usize| answers.get(column).copied().unwrap_or(false);
            let answer = match (first.get(row), second.get(column)) {
                (None, None) => true,
                (None, Some(other)) => question == Question::Meet && is_any(other) && at(&answers, column + 1),
                (Some(Piece::Any), other) => at(&below, column) || other.is_some() && at(&answers, column + 1),
                (Some(_), None) => false,
                (Some(_), Some(Piece::Any)) => question == Question::Meet && (at(&answers, column + 1) || at(&below, column)),
                (Some(Piece::One(one)), Some(Piece::One(two))) => same(one, two) && at(&below, column + 1),
            };
            if let Some(slot) = answers.get_mut(column) {
                *slot = answer;
            }
        }
        below = answers;
    }
    below.first().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::{covers, meet};
    use crate::policy::check::pattern::parse;

    fn pattern(text: &str) -> crate::policy::check::resolved::ModulePattern {
        parse(text).expect("a pattern")
    }

    #[test]
    fn patterns_cover_each_other() {
        for (wide, narrow) in
            [("**", "a.b"), ("a.**", "a"), ("a.**", "a.*.c"), ("a.*", "a.b*"), ("**.tests.**", "a.tests"), ("a*", "ab*c")]
        {
            assert!(covers(&pattern(wide), &pattern(narrow)), "{wide} {narrow}");
            assert!(!covers(&pattern(narrow), &pattern(wide)), "{narrow} {wide}");
        }
        assert!(!covers(&pattern("a.*"), &pattern("a.**")));
    }

    #[test]
    fn patterns_meet() {
        for (one, two, do_meet) in [
            ("a.**", "a.b", true),
            ("a.**", "b.**", false),
            ("**.tests", "a.*", true),
            ("a*", "*b", true),
            ("ab*", "b*", false),
            ("a.*", "a", false),
            ("a.**", "**.b", true),
        ] {
            assert_eq!(meet(&pattern(one), &pattern(two)), do_meet, "{one} {two}");
            assert_eq!(meet(&pattern(two), &pattern(one)), do_meet, "{two} {one}");
        }
    }
}
