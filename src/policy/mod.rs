//! The policy language: text to validators to verdicts; sees the schema and facts only.

mod outcome;
pub mod syntax;

pub use outcome::{ClausePlace, Evaluation, Evidence, RuleOutcome, Subject, Violation, ViolationCertainty};
