//! Strong Kleene logic with reasons; never values.

use crate::policy::outcome::Evidence;

/// Most reasons that are kept: the first ones tell enough.
const MAX_REASONS: usize = 8;

/// True, false, or not to be told: why.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Truth {
    /// It is so.
    True,
    /// It is not so.
    False,
    /// It may be so.
    Unknown(Vec<Evidence>),
}

impl Truth {
    /// Negation.
    pub(crate) fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            unknown @ Self::Unknown(_) => unknown,
        }
    }

    /// Conjunction; the right side is asked only where it matters.
    pub(crate) fn and(self, right: impl FnOnce() -> Self) -> Self {
        match self {
            Self::False => Self::False,
            Self::True => right(),
            Self::Unknown(mut reasons) => match right() {
                Self::False => Self::False,
                Self::True => Self::Unknown(reasons),
                Self::Unknown(more) => {
                    add(&mut reasons, more);
                    Self::Unknown(reasons)
                }
            },
        }
    }

    /// Disjunction; the right side is asked only where it matters.
    pub(crate) fn or(self, right: impl FnOnce() -> Self) -> Self {
        self.not().and(|| right().not()).not()
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// Adds reasons that are not there yet.
pub(crate) fn add(reasons: &mut Vec<Evidence>, more: Vec<Evidence>) {
    for reason in more {
        if reasons.len() < MAX_REASONS && !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth;
    use crate::policy::outcome::Evidence;

    fn unknown(text: &str) -> Truth {
        Truth::Unknown(vec![Evidence { text: text.into(), path: None, line: None, layer: None }])
    }

    /// -1, 0, 1 for false, unknown, true: Kleene's tables are minimum, maximum and sign.
    fn number(truth: &Truth) -> i32 {
        match truth {
            Truth::False => -1,
            Truth::Unknown(_) => 0,
            Truth::True => 1,
        }
    }

    #[test]
    fn the_tables_are_minimum_maximum_and_sign() {
        let all = || [Truth::False, unknown("x"), Truth::True];
        for left in all() {
            assert_eq!(number(&left.clone().not()), -number(&left));
            for right in all() {
                assert_eq!(number(&left.clone().and(|| right.clone())), number(&left).min(number(&right)));
                assert_eq!(number(&left.clone().or(|| right.clone())), number(&left).max(number(&right)));
            }
        }
    }

    #[test]
    fn reasons_of_both_sides_are_kept_once() {
        let Truth::Unknown(reasons) = unknown("a").and(|| unknown("b")).or(|| unknown("a")) else { panic!("unknown") };
        assert_eq!(reasons.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }
}
