//! The policy language: text to validators to verdicts; sees the schema and facts only.

mod check;
pub mod library;
mod outcome;
pub mod syntax;

pub use outcome::{ClausePlace, Evaluation, Evidence, RuleOutcome, Subject, Violation, ViolationCertainty};

/// A policy file: its name for messages, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyText {
    /// Such as `policies/imports.douane`.
    pub name: String,
    /// All of it.
    pub text: String,
}
