//! The policy language: text to validators to verdicts; sees the schema and facts only.

mod architecture;
mod check;
mod compile;
mod compiled;
mod evaluate;
mod format;
pub mod library;
mod outcome;
#[cfg(test)]
mod reference;
mod shape;
#[cfg(test)]
mod slips;
pub mod syntax;

pub use compiled::{Compiled, PolicyIdentity, PolicyText, compile};
pub use format::{Unformatted, format};
pub use outcome::{ClausePlace, Evaluation, Evidence, RuleMetadata, RuleOutcome, Subject, Violation, ViolationCertainty};
