//! Findings, their fingerprints and the verdict of a run; never how they are shown.

mod check_report;
#[expect(clippy::module_inception, reason = "the room is named for its main type")]
mod finding;
mod fingerprint;
mod scan_summary;
mod test_report;
mod verdict;
mod waiver;

pub use check_report::{
    CheckReport, PolicyIdentity, REPORT_SCHEMA_VERSION, RuleSummary, RunContext, ScanFailure, Strictness, Totals,
};
pub use finding::{Clause, Finding, FindingEvidence, FindingLayer, FindingSubject, FindingVerdict, Location, findings};
pub use fingerprint::Fingerprint;
pub use scan_summary::{EnvironmentSummary, OperatingSystemSummary, ScanSummary};
pub use test_report::{
    CoverageSummary, MissingOutcome, RuleCoverageSummary, TestFailure, TestReport, TestSummary, TestTotals, TestVerdict,
};
pub use verdict::{RuleVerdict, Verdict};
pub use waiver::{FindingWaiver, Waiver, WaiverState};
