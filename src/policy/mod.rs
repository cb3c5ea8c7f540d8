//! The policy language: text to validators to verdicts; sees the schema and facts only.

mod architecture;
mod check;
pub mod codes;
mod compile;
mod compiled;
mod contract;
mod documentation;
mod evaluate;
mod explanation;
mod format;
pub mod library;
mod outcome;
mod parameter;
#[cfg(test)]
mod reference;
mod settings;
mod shape;
#[cfg(test)]
mod slips;
mod starting;
pub mod syntax;
pub mod testing;
mod tree;
mod unmatched;
mod waiver;

pub use compiled::{
    Compiled, DataFiles, NoDataFiles, PolicyIdentity, PolicyText, compile, compile_contract, compile_with, package_and_uses,
};
pub use contract::{Needs, convert, starter};
pub use documentation::{PackagePage, PageFormat, pages, write_pages};
pub use explanation::{NotExplained, RuleExplanation, explain_rule};
pub use format::{Unformatted, format};
pub use outcome::{
    ClausePlace, Evaluation, Evidence, RuleMetadata, RuleOutcome, Subject, Violation, ViolationCertainty, Waived,
    WaiverOutcome, WaiverStatus,
};
pub use parameter::{GivenParam, GivenValue, Piece, Undeclared};
pub use settings::{Settings, settings};
pub use starting::beginning;
pub(crate) use waiver::days;
