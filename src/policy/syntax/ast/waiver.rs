//! The tree of waivers; never whether one is in force.

use jiff::civil::Date;

use super::{Expression, Name, Patterns, Region};

/// `waive rule { ... }`. What it must have and lacks is for the checker to say.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// The rule, perhaps with its package: `acme.platform/python-floor`.
    pub rule: Name,
    /// Which findings; all without one.
    pub only: Vec<Only>,
    /// Which targets.
    pub condition: Vec<Expression>,
    /// Who answers for it.
    pub owner: Option<Name>,
    /// Why.
    pub reason: Option<Name>,
    /// The last day on which it is in force.
    pub expires: Option<(Date, Region)>,
    /// How many findings it may take.
    pub at_most: Option<(i64, Region)>,
    /// Whether a part of it could not be read: then it is not reported that something is missing.
    pub damaged: bool,
    /// All of it.
    pub region: Region,
}

/// Which findings a waiver takes.
#[derive(Debug, Clone)]
pub enum Only {
    /// `only import A -> B`.
    Import(Patterns, Patterns),
    /// `only module A`: findings in these modules.
    Module(Patterns),
    /// `only path "..."`: findings at these paths.
    Path(Vec<Name>),
    /// `only subject "..."`: findings with these subjects.
    Subject(Vec<Name>),
}
