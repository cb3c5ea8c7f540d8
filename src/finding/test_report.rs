//! All that a report of policy tests needs; never how it is shown.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::check_report::REPORT_SCHEMA_VERSION;
use crate::{
    diagnostic::{Diagnostic, LineIndex},
    policy::testing::{ClauseCoverage, ClauseKind, Coverage, RuleCoverage, TestOutcome, Tested},
};

/// What running policy tests came to.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TestReport {
    /// The version of this document's form.
    pub schema_version: u32,
    /// The version of douane that made it.
    pub douane: String,
    /// The verdict.
    pub verdict: TestVerdict,
    /// The settings file that was used.
    pub settings: Option<String>,
    /// The numbers.
    pub totals: TestTotals,
    /// Every test that ran, in the order of the files and of the tests in them.
    pub tests: Vec<TestSummary>,
    /// What the tests have seen of the rules.
    pub coverage: CoverageSummary,
    /// How long it took. Not in any machine-readable report: those are the same run after run.
    #[serde(skip)]
    pub elapsed: Duration,
}

/// What tests came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TestVerdict {
    /// Everything came as expected.
    Pass,
    /// An expectation was not met.
    Fail,
}

/// How many tests there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct TestTotals {
    /// Tests that ran.
    pub tests: usize,
    /// Those that passed.
    pub passed: usize,
    /// Those that failed.
    pub failed: usize,
    /// Those that the filter left out.
    pub skipped: usize,
    /// Expectations of the tests that ran.
    pub expectations: usize,
}

/// One test.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TestSummary {
    /// Its title.
    pub title: String,
    /// The package of its file.
    pub package: String,
    /// The file.
    pub file: String,
    /// 1-based line.
    pub line: u32,
    /// What it came to.
    pub verdict: TestVerdict,
    /// How many expectations it has.
    pub expectations: usize,
    /// One for each that is not met.
    pub failures: Vec<TestFailure>,
}

/// An expectation that is not met.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TestFailure {
    /// What the rule came to.
    pub message: String,
    /// What was expected.
    pub expected: String,
    /// 1-based line of the expectation.
    pub line: u32,
    /// What the rule found, and what that rests on.
    pub notes: Vec<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// The same for people, with its places.
    #[serde(skip)]
    pub diagnostic: Diagnostic,
}

/// What tests have seen of rules.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CoverageSummary {
    /// Rules that tests have seen both broken and kept.
    pub rules_covered: usize,
    /// Outcomes of clauses that tests have seen: of `require`, `forbid` and `where` both, of an exception that it excepts.
    pub outcomes_covered: usize,
    /// Outcomes in all.
    pub outcomes: usize,
    /// The outcomes that were seen, of a hundred, rounded down.
    pub percent: usize,
    /// Every rule, sorted by identity.
    pub rules: Vec<RuleCoverageSummary>,
}

/// What tests have seen of a rule.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RuleCoverageSummary {
    /// Package and name.
    pub rule: String,
    /// Whether some test saw it broken.
    pub fails: bool,
    /// Whether some test saw it kept.
    pub passes: bool,
    /// Whether some test saw it left open.
    pub unknown: bool,
    /// What no test has shown of its clauses.
    pub missing: Vec<MissingOutcome>,
}

/// What no test has shown of a clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MissingOutcome {
    /// `assertion`, `condition` or `exception`.
    pub kind: String,
    /// The clause on one line.
    pub clause: String,
    /// The file.
    pub file: String,
    /// 1-based line.
    pub line: u32,
    /// What was never seen, such as `is never broken`.
    pub missing: String,
}

impl TestReport {
    /// The report of tests that ran.
    pub fn new(tested: &Tested, settings: Option<String>, elapsed: Duration) -> Self {
        let tests: Vec<TestSummary> = tested.tests.iter().map(TestSummary::new).collect();
        let failed = tests.iter().filter(|test| test.verdict == TestVerdict::Fail).count();
        Self {
            schema_version: REPORT_SCHEMA_VERSION,
            douane: env!("CARGO_PKG_VERSION").to_owned(),
            verdict: if failed == 0 { TestVerdict::Pass } else { TestVerdict::Fail },
            settings,
            totals: TestTotals {
                tests: tests.len(),
                passed: tests.len() - failed,
                failed,
                skipped: tested.skipped,
                expectations: tests.iter().map(|test| test.expectations).sum(),
            },
            tests,
            coverage: CoverageSummary::new(&tested.coverage),
            elapsed,
        }
    }
}

impl TestSummary {
    fn new(test: &TestOutcome) -> Self {
        Self {
            title: test.title.clone(),
            package: test.package.clone(),
            file: test.file.clone(),
            line: test.line,
            verdict: if test.failures.is_empty() { TestVerdict::Pass } else { TestVerdict::Fail },
            expectations: test.expectations,
            failures: test.failures.iter().map(TestFailure::new).collect(),
        }
    }
}

impl TestFailure {
    fn new(diagnostic: &Diagnostic) -> Self {
        let label = diagnostic.labels.first();
        let place = label.map(|label| &label.span);
        let line = place.map_or(1, |span| LineIndex::new(&span.source.text).line_column(&span.source.text, span.start).line);
        Self {
            message: diagnostic.message.clone(),
            expected: label.map(|label| label.text.clone()).unwrap_or_default(),
            line,
            notes: diagnostic.notes.clone(),
            help: diagnostic.help.clone(),
            diagnostic: diagnostic.clone(),
        }
    }
}

impl CoverageSummary {
    fn new(coverage: &Coverage) -> Self {
        let (outcomes_covered, outcomes) = coverage.outcomes();
        Self {
            rules_covered: coverage.rules.iter().filter(|rule| rule.is_whole()).count(),
            outcomes_covered,
            outcomes,
            percent: coverage.percent(),
            rules: coverage.rules.iter().map(RuleCoverageSummary::new).collect(),
        }
    }
}

impl RuleCoverageSummary {
    fn new(rule: &RuleCoverage) -> Self {
        Self {
            rule: rule.rule.clone(),
            fails: rule.fails,
            passes: rule.passes,
            unknown: rule.unknown,
            missing: rule.clauses.iter().filter_map(MissingOutcome::of).collect(),
        }
    }
}

impl MissingOutcome {
    fn of(clause: &ClauseCoverage) -> Option<Self> {
        let kind = match clause.kind {
            ClauseKind::Assertion => "assertion",
            ClauseKind::Condition => "condition",
            ClauseKind::Exception => "exception",
        };
        clause.missing().map(|missing| Self {
            kind: kind.to_owned(),
            clause: clause.text.clone(),
            file: clause.file.clone(),
            line: clause.line,
            missing: missing.to_owned(),
        })
    }
}
