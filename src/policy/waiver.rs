//! A waiver whose names are resolved, ready to be asked; never whether it is in force.

use globset::GlobMatcher;
use jiff::civil::Date;

use super::{
    check::resolved::{Node, Side},
    outcome::ClausePlace,
};

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
    /// `max_waiver_days`: how many days it may last from the day of the run.
    pub(crate) longest: Option<i64>,
    /// Where it stands.
    pub(crate) place: ClausePlace,
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
    /// What waivers are sorted by: all that tells them apart, so that their order in files never matters.
    pub(crate) fn key(&self) -> impl Ord + '_ {
        (&self.rule, self.expires, &self.owner, &self.reason, &self.place)
    }
}
