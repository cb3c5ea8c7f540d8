//! A waiver whose names are resolved, ready to be asked; and how its day lies to another; never what it takes.

use globset::GlobMatcher;
use jiff::civil::Date;

use super::{
    check::resolved::{Node, Side},
    outcome::ClausePlace,
};
use crate::diagnostic::Span;

/// A resolved waiver.
#[derive(Debug, Clone)]
pub(crate) struct Waiver {
    /// Package and name of the rule.
    pub(crate) rule: String,
    /// The rule's short name.
    pub(crate) name: String,
    /// Which violations: several of one kind are alternatives, those of different kinds must all hold.
    pub(crate) only: Vec<Only>,
    /// Which targets: all of these must hold.
    pub(crate) conditions: Vec<Node>,
    /// Variables of the conditions in all.
    pub(crate) slots: usize,
    /// Whether the conditions need the image's configuration.
    pub(crate) needs_image: bool,
    /// Who answers for it.
    pub(crate) owner: String,
    /// Why.
    pub(crate) reason: String,
    /// The last day on which it is in force.
    pub(crate) expires: Date,
    /// How many violations it may take.
    pub(crate) at_most: Option<u64>,
    /// Where its day stands.
    pub(crate) expires_at: Span,
    /// `max_waiver_days`: how long it may last.
    pub(crate) longest: Option<Longest>,
    /// Where it stands.
    pub(crate) place: ClausePlace,
}

/// How long a waiver may last.
#[derive(Debug, Clone)]
pub(crate) struct Longest {
    /// Days from the day of the run.
    pub(crate) days: i64,
    /// Where the parameter is defined.
    pub(crate) defined: Span,
}

/// Which violations a waiver takes.
#[derive(Debug, Clone)]
pub(crate) enum Only {
    /// Imports of one of the second side by one of the first.
    Import(Side, Side),
    /// Those in these modules.
    Module(Side),
    /// Those at these paths.
    Path(Vec<GlobMatcher>),
    /// Those with these subjects.
    Subject(Vec<GlobMatcher>),
}

impl Waiver {
    /// Days from a day to the last one on which it is in force; negative where that has passed.
    pub(crate) fn days_left(&self, today: Date) -> i64 {
        today.until(self.expires).map_or(i64::MIN, |span| i64::from(span.get_days()))
    }

    /// How long it may last, where it lasts longer from this day on.
    pub(crate) fn too_long(&self, today: Date) -> Option<&Longest> {
        self.longest.as_ref().filter(|longest| self.days_left(today) > longest.days)
    }

    /// What waivers are sorted by: all that tells them apart, so that their order in files never matters.
    pub(crate) fn key(&self) -> impl Ord + '_ {
        (&self.rule, self.expires, &self.owner, &self.reason, &self.place)
    }
}

/// So many days, in words.
pub(crate) fn days(number: i64) -> String {
    if number == 1 { "1 day".to_owned() } else { format!("{number} days") }
}
