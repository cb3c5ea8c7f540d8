//! All that a report of one checked target needs; never how it is shown.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    finding::{Finding, FindingVerdict, findings},
    scan_summary::ScanSummary,
    verdict::{RuleVerdict, Verdict},
    waiver::{Waiver, waivers},
};
use crate::{
    diagnostic::Severity,
    facts::{Gap, Inventory, Target},
    policy::{Evaluation, RuleOutcome, ViolationCertainty},
};

/// The version of this document's form; raised when a field changes its meaning or goes.
pub const REPORT_SCHEMA_VERSION: u32 = 1;

/// What checking one target came to.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CheckReport {
    /// The version of this document's form.
    pub schema_version: u32,
    /// The version of douane that made it.
    pub douane: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether unknown findings, rules that matched nothing, waivers that want mending and gaps fail.
    pub strict: bool,
    /// The settings file that was used.
    pub settings: Option<String>,
    /// What was checked.
    pub target: Target,
    /// What was looked at; `null` where the scan could not be completed.
    pub scanned: Option<ScanSummary>,
    /// Why the scan could not be completed.
    pub error: Option<ScanFailure>,
    /// The policies, sorted by package.
    pub policies: Vec<PolicyIdentity>,
    /// The numbers.
    pub totals: Totals,
    /// Every rule, sorted by identity.
    pub rules: Vec<RuleSummary>,
    /// Every finding, sorted, without repeats.
    pub findings: Vec<Finding>,
    /// What became of every waiver, sorted by rule and day.
    pub waivers: Vec<Waiver>,
    /// What could not be read, sorted, without repeats.
    pub gaps: Vec<Gap>,
    /// How long it took. Not in any machine-readable report: those are the same run after run.
    #[serde(skip)]
    pub elapsed: Duration,
}

/// Why a scan could not be completed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ScanFailure {
    /// A stable kebab-case word for what happened, such as `digest-mismatch`.
    pub code: String,
    /// What happened.
    pub message: String,
    /// What led to it, the nearest cause first.
    pub causes: Vec<String>,
}

impl ScanFailure {
    /// A failure with all that led to it.
    pub fn of(code: &str, error: &dyn std::error::Error) -> Self {
        let causes = std::iter::successors(error.source(), |cause| cause.source());
        Self { code: code.to_owned(), message: error.to_string(), causes: causes.map(ToString::to_string).collect() }
    }
}

/// A policy that took part, by name and content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct PolicyIdentity {
    /// Its package.
    pub package: String,
    /// The file's name, or the library file's.
    pub name: String,
    /// SHA-256 of its text: `sha256:...`.
    pub digest: String,
}

/// The numbers of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Totals {
    /// Certain findings of rules of severity `error` that are not waived; so with all that follow.
    pub errors: usize,
    /// Certain findings of rules of severity `warning`.
    pub warnings: usize,
    /// Certain findings of rules of severity `note`.
    pub notes: usize,
    /// Findings that cannot be settled and count as failures.
    pub unknown_failing: usize,
    /// Findings that cannot be settled and do not count as failures.
    pub unknown_shown: usize,
    /// Findings that are waived.
    pub waived: usize,
    /// Waivers that are expired, over-used, too long, stale or undecided.
    pub waivers_to_mend: usize,
    /// Rules that every subject keeps.
    pub rules_passed: usize,
    /// Rules that matched nothing.
    pub rules_vacuous: usize,
}

/// What one rule came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RuleSummary {
    /// Package and name.
    pub rule: String,
    /// The short name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its severity.
    pub severity: Severity,
    /// What it came to.
    pub verdict: RuleVerdict,
    /// How many subjects were looked at.
    pub subjects: u64,
    /// How many of its findings are waived.
    pub waived: usize,
    /// What it is about, in its author's words.
    pub tags: Vec<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where more is said of it.
    pub links: Vec<String>,
}

/// How much a run lets pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strictness {
    /// What a rule leaves open is shown.
    #[default]
    Ordinary,
    /// Unknown findings, rules that matched nothing, waivers that want mending and gaps fail.
    Strict,
}

/// What is known of a run beside its facts.
#[derive(Debug, Clone, Default)]
pub struct RunContext {
    /// The policies that took part.
    pub policies: Vec<PolicyIdentity>,
    /// How much it lets pass.
    pub strictness: Strictness,
    /// The settings file that was used.
    pub settings: Option<String>,
    /// How long it took.
    pub elapsed: Duration,
}

impl CheckReport {
    /// The report of a target that was scanned.
    pub fn new(inventory: &Inventory, evaluation: &Evaluation, context: RunContext) -> Self {
        let findings = findings(evaluation, &inventory.layers, context.strictness);
        let mut rules: Vec<_> = evaluation.rules.iter().map(rule_summary).collect();
        rules.sort_by(|left, right| left.rule.cmp(&right.rule));
        let mut gaps = inventory.gaps.clone();
        gaps.sort();
        gaps.dedup();
        let waivers = waivers(evaluation, context.strictness);
        let totals = totals(&findings, &rules, &waivers);
        let mut report = Self {
            verdict: verdict(&findings, &totals, &gaps, context.strictness),
            scanned: Some(ScanSummary::new(inventory)),
            totals,
            rules,
            findings,
            waivers,
            gaps,
            ..Self::empty(inventory.target.clone(), context)
        };
        report.policies.sort();
        report
    }

    /// The report of a target that could not be scanned.
    pub fn not_scanned(reference: &str, failure: ScanFailure, context: RunContext) -> Self {
        let target = Target { reference: reference.to_owned(), ..Target::default() };
        Self { error: Some(failure), ..Self::empty(target, context) }
    }

    /// What a rule came to, by its package and name.
    pub fn rule(&self, identity: &str) -> Option<&RuleSummary> {
        let at = self.rules.binary_search_by(|rule| rule.rule.as_str().cmp(identity)).ok()?;
        self.rules.get(at)
    }

    /// Nothing is known yet: an error until a scan says otherwise.
    fn empty(target: Target, context: RunContext) -> Self {
        Self {
            schema_version: REPORT_SCHEMA_VERSION,
            douane: env!("CARGO_PKG_VERSION").to_owned(),
            verdict: Verdict::Error,
            strict: context.strictness == Strictness::Strict,
            settings: context.settings,
            target,
            scanned: None,
            error: None,
            policies: context.policies,
            totals: Totals::default(),
            rules: Vec::new(),
            findings: Vec::new(),
            waivers: Vec::new(),
            gaps: Vec::new(),
            elapsed: context.elapsed,
        }
    }
}

fn rule_summary(outcome: &RuleOutcome) -> RuleSummary {
    let waived = outcome.violations.iter().filter(|violation| violation.waived.is_some()).count();
    let mut counting = outcome.violations.iter().filter(|violation| violation.waived.is_none()).peekable();
    let is_open = counting.peek().is_some();
    let verdict = if counting.any(|violation| violation.certainty == ViolationCertainty::Broken) {
        RuleVerdict::Fail
    } else if is_open {
        RuleVerdict::Unknown
    } else if waived > 0 {
        RuleVerdict::Waived
    } else if outcome.subjects == 0 {
        RuleVerdict::Vacuous
    } else {
        RuleVerdict::Pass
    };
    RuleSummary {
        rule: outcome.rule.clone(),
        name: outcome.name.clone(),
        title: outcome.title.clone(),
        severity: outcome.severity,
        verdict,
        subjects: outcome.subjects,
        waived,
        tags: outcome.metadata.tags.clone(),
        owner: outcome.metadata.owner.clone(),
        links: outcome.metadata.links.clone(),
    }
}

fn totals(findings: &[Finding], rules: &[RuleSummary], waivers: &[Waiver]) -> Totals {
    let mut totals = Totals::default();
    for finding in findings {
        let counter = match (finding.verdict, finding.severity) {
            _ if finding.waived.is_some() => &mut totals.waived,
            (FindingVerdict::Fail, Severity::Error) => &mut totals.errors,
            (FindingVerdict::Fail, Severity::Warning) => &mut totals.warnings,
            (FindingVerdict::Fail, Severity::Note) => &mut totals.notes,
            (FindingVerdict::Unknown, _) if finding.fails => &mut totals.unknown_failing,
            (FindingVerdict::Unknown, _) => &mut totals.unknown_shown,
        };
        *counter += usize::try_from(finding.stands_for).unwrap_or(usize::MAX);
    }
    totals.waivers_to_mend = waivers.iter().filter(|waiver| waiver.severity == Some(Severity::Warning)).count();
    totals.rules_passed = rules.iter().filter(|rule| rule.verdict == RuleVerdict::Pass).count();
    totals.rules_vacuous = rules.iter().filter(|rule| rule.verdict == RuleVerdict::Vacuous).count();
    totals
}

fn verdict(findings: &[Finding], totals: &Totals, gaps: &[Gap], strictness: Strictness) -> Verdict {
    let strict = strictness == Strictness::Strict;
    let broken = findings.iter().any(|finding| finding.fails && finding.verdict == FindingVerdict::Fail);
    if broken || (strict && (totals.rules_vacuous > 0 || totals.waivers_to_mend > 0)) {
        Verdict::Fail
    } else if totals.unknown_failing > 0 || gaps.iter().any(Gap::may_hide) || (strict && !gaps.is_empty()) {
        Verdict::Unknown
    } else {
        Verdict::Pass
    }
}
