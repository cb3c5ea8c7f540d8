//! The policy language: text to validators to verdicts; sees the schema and facts only.

mod check;
mod compile;
mod compiled;
mod evaluate;
pub mod library;
mod outcome;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod slips;
pub mod syntax;

pub use compiled::{Compiled, PolicyIdentity, PolicyText, compile};
pub use outcome::{ClausePlace, Evaluation, Evidence, RuleOutcome, Subject, Violation, ViolationCertainty};
