//! Findings of one rule that are told together; never those that are folded into one line.

use crate::{
    diagnostic::Severity,
    finding::{CheckReport, Finding, FindingVerdict},
};

/// Findings of one rule and one verdict.
pub(super) struct Group<'report> {
    /// The rule's short name.
    pub(super) name: &'report str,
    /// The rule's title.
    pub(super) title: &'report str,
    /// The rule's severity.
    pub(super) severity: Severity,
    /// Whether it is broken, or cannot be settled.
    pub(super) verdict: FindingVerdict,
    /// Who answers for the rule.
    pub(super) owner: Option<&'report str>,
    /// Where more is said of it.
    pub(super) links: &'report [String],
    /// Its findings by the clause that they break; never empty.
    pub(super) clauses: Vec<Vec<&'report Finding>>,
}

/// Whether a finding is folded: it cannot be settled, and does not fail the run.
pub(super) fn is_folded(finding: &Finding) -> bool {
    finding.verdict == FindingVerdict::Unknown && !finding.fails && finding.waived.is_none()
}

/// The findings that are shown, grouped: broken errors first, then what cannot be settled and fails, warnings, notes.
pub(super) fn groups(report: &CheckReport) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let is_shown = |finding: &&Finding| !is_folded(finding) && finding.waived.is_none();
    let mut shown: Vec<&Finding> = report.findings.iter().filter(is_shown).collect();
    shown.sort_by_key(|finding| (rank(finding), &finding.rule));
    for finding in shown {
        let last = groups.last_mut().filter(|group| {
            group.clauses.iter().flatten().next().is_some_and(|first| first.rule == finding.rule)
                && group.verdict == finding.verdict
        });
        match last {
            Some(group) => add(group, finding),
            None => groups.push(Group {
                owner: report.rule(&finding.rule).and_then(|rule| rule.owner.as_deref()),
                links: report.rule(&finding.rule).map_or(&[], |rule| &rule.links),
                name: &finding.name,
                title: &finding.title,
                severity: finding.severity,
                verdict: finding.verdict,
                clauses: vec![vec![finding]],
            }),
        }
    }
    groups
}

fn add<'report>(group: &mut Group<'report>, finding: &'report Finding) {
    let same = |other: &&Finding| other.clause == finding.clause && other.help == finding.help;
    match group.clauses.iter_mut().find(|findings| findings.first().is_some_and(same)) {
        Some(findings) => findings.push(finding),
        None => group.clauses.push(vec![finding]),
    }
}

fn rank(finding: &Finding) -> u8 {
    match (finding.verdict, finding.severity) {
        (FindingVerdict::Fail, Severity::Error) => 0,
        (FindingVerdict::Unknown, _) => 1,
        (FindingVerdict::Fail, Severity::Warning) => 2,
        (FindingVerdict::Fail, Severity::Note) => 3,
    }
}
