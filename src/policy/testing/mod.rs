//! Tests of policies in the language itself: given facts, what rules make of them, what was expected; never a real image.

mod coverage;
#[cfg(test)]
mod expectation_tests;
mod expectations;
mod facts;
mod forms;
mod members;
mod modules;
mod pattern;
mod python;
mod suite;
#[cfg(test)]
mod tests;
mod values;
mod verdict;

pub use coverage::{ClauseCoverage, ClauseKind, Coverage, RuleCoverage};
pub use suite::{Suite, TODAY, TestOutcome, Tested};
