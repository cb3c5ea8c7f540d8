//! One finding, which stands on its own, and how evaluations become findings; never the verdict of the run.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{check_report::Strictness, fingerprint::Fingerprint, waiver::FindingWaiver};
use crate::{
    diagnostic::Severity,
    facts::Layer,
    policy::{ClausePlace, Evaluation, Evidence, RuleOutcome, Subject, Violation, ViolationCertainty},
};

/// A subject that breaks a rule, or may break it, with all that a report says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// A stable name: the same while the finding is the same, whatever lines move.
    pub fingerprint: Fingerprint,
    /// The rule's package and name: `douane.imports/no-unsafe-deserialisation`.
    pub rule: String,
    /// The rule's short name.
    pub name: String,
    /// The rule's title.
    pub title: String,
    /// The rule's severity.
    pub severity: Severity,
    /// What the policy's author calls this mistake, such as ImportSpy's `S101`.
    pub code: Option<String>,
    /// Whether the rule is surely broken.
    pub verdict: FindingVerdict,
    /// Whether this finding fails the run: only severity `error` does, and an unknown one only where the rule or `--strict`
    /// says so; a waived one never.
    pub fails: bool,
    /// The waiver that takes it.
    pub waived: Option<FindingWaiver>,
    /// How many findings it stands for, where it is more than itself: modules beyond a limit are counted, and not told one by one.
    #[serde(skip_serializing_if = "is_one")]
    pub stands_for: u64,
    /// Why, in one sentence.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What was judged.
    pub subject: FindingSubject,
    /// Where it is inside the image.
    pub location: Option<Location>,
    /// The layer that brought it.
    pub layer: Option<FindingLayer>,
    /// What the verdict rests on, the most telling first.
    pub evidence: Vec<FindingEvidence>,
    /// The clause of the policy.
    pub clause: Clause,
}

/// Whether a rule is surely broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingVerdict {
    /// The facts break the rule.
    Fail,
    /// The facts do not decide.
    Unknown,
}

/// What was judged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct FindingSubject {
    /// The kind of record: `image`, `interpreter`, `distribution`, `module`...
    pub kind: String,
    /// Its identity within the image.
    pub identity: String,
}

/// A place inside the image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Location {
    /// The file.
    pub path: String,
    /// 1-based line.
    pub line: Option<u32>,
    /// 1-based column, in characters.
    pub column: Option<u32>,
    /// Characters to underline.
    pub width: Option<u32>,
    /// The source line.
    pub text: Option<String>,
}

/// The layer that brought a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct FindingLayer {
    /// From 0 at the bottom.
    pub index: u32,
    /// Digest of the blob.
    pub digest: String,
    /// The instruction that made it.
    pub created_by: Option<String>,
}

/// One fact that a verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct FindingEvidence {
    /// The fact, as a sentence.
    pub text: String,
    /// The file inside the image.
    pub path: Option<String>,
    /// 1-based line.
    pub line: Option<u32>,
    /// The index of the layer.
    pub layer: Option<u32>,
}

/// Where in a policy a clause stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, JsonSchema)]
pub struct Clause {
    /// The policy file's name.
    pub file: String,
    /// 1-based line.
    pub line: u32,
    /// 1-based column, in characters.
    pub column: u32,
    /// Characters to underline.
    pub width: u32,
    /// The line's text.
    pub text: String,
}

impl From<&ClausePlace> for Clause {
    fn from(place: &ClausePlace) -> Self {
        Self { file: place.file.clone(), line: place.line, column: place.column, width: place.width, text: place.text.clone() }
    }
}

impl From<&Evidence> for FindingEvidence {
    fn from(evidence: &Evidence) -> Self {
        Self { text: evidence.text.clone(), path: evidence.path.clone(), line: evidence.line, layer: evidence.layer }
    }
}

/// The findings of an evaluation: sorted by rule, verdict and place, without repeats, each with its fingerprint. Neither their
/// order nor their fingerprints depend on waivers.
pub fn findings(evaluation: &Evaluation, layers: &[Layer], strictness: Strictness) -> Vec<Finding> {
    let mut findings: Vec<Finding> = evaluation
        .rules
        .iter()
        .flat_map(|rule| rule.violations.iter().map(move |violation| finding(rule, violation, layers, strictness)))
        .collect();
    findings.sort_by(|left, right| order(left).cmp(&order(right)));
    findings.dedup();
    let mut repeats: HashMap<Fingerprint, usize> = HashMap::new();
    for finding in &mut findings {
        let first = Fingerprint::of(finding, 0);
        let repeat = repeats.entry(first.clone()).or_insert(0);
        finding.fingerprint = if *repeat == 0 { first } else { Fingerprint::of(finding, *repeat) };
        *repeat += 1;
        finding.fails &= finding.waived.is_none();
    }
    findings
}

/// One finding, as yet as if it were not waived.
fn finding(rule: &RuleOutcome, violation: &Violation, layers: &[Layer], strictness: Strictness) -> Finding {
    let undecided = violation.certainty == ViolationCertainty::Undecided;
    let counts = violation.fails || (undecided && strictness == Strictness::Strict);
    let subject = &violation.subject;
    Finding {
        fingerprint: Fingerprint::default(),
        rule: rule.rule.clone(),
        name: rule.name.clone(),
        title: rule.title.clone(),
        severity: rule.severity,
        code: violation.code.clone(),
        verdict: if undecided { FindingVerdict::Unknown } else { FindingVerdict::Fail },
        fails: counts && rule.severity == Severity::Error,
        waived: violation.waived.as_ref().map(FindingWaiver::from),
        stands_for: violation.stands_for,
        message: violation.message.clone(),
        help: violation.help.clone(),
        subject: FindingSubject { kind: subject.kind.to_owned(), identity: subject.identity.clone() },
        location: location(subject),
        layer: subject.layer.map(|index| layer(index, layers)),
        evidence: violation.evidence.iter().map(FindingEvidence::from).collect(),
        clause: (&violation.clause).into(),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_one(count: &u64) -> bool {
    *count == 1
}

fn location(subject: &Subject) -> Option<Location> {
    Some(Location {
        path: subject.path.clone()?,
        line: subject.line,
        column: subject.column,
        width: subject.width,
        text: subject.text.clone(),
    })
}

fn layer(index: u32, layers: &[Layer]) -> FindingLayer {
    let layer = layers.iter().find(|layer| layer.index == index);
    FindingLayer {
        index,
        digest: layer.map(|layer| layer.digest.clone()).unwrap_or_default(),
        created_by: layer.and_then(|layer| layer.created_by.clone()),
    }
}

/// What findings are sorted by: all that tells them apart, so that the order never depends on where they came from.
fn order(finding: &Finding) -> impl Ord + '_ {
    (
        (&finding.rule, finding.verdict, !finding.fails),
        (&finding.location, &finding.subject, &finding.clause),
        (&finding.message, &finding.help, &finding.evidence, &finding.layer),
    )
}

#[cfg(test)]
mod tests {
    use super::{Finding, findings};
    use crate::{
        diagnostic::Severity,
        finding::Strictness,
        policy::{ClausePlace, Evaluation, RuleOutcome, Subject, Violation, ViolationCertainty},
    };

    fn import(module: &str, line: u32, imported: &str) -> Violation {
        Violation {
            certainty: ViolationCertainty::Broken,
            fails: true,
            subject: Subject {
                kind: "module",
                identity: module.into(),
                path: Some(format!("/srv/{module}.py")),
                line: Some(line),
                column: Some(8),
                width: Some(imported.len() as u32),
                text: Some(format!("import {imported}")),
                layer: None,
            },
            message: format!("`{module}` imports `{imported}`"),
            help: None,
            evidence: Vec::new(),
            clause: ClausePlace::default(),
            code: None,
            waived: None,
            stands_for: 1,
        }
    }

    fn judge(severity: Severity, violations: Vec<Violation>, strictness: Strictness) -> Vec<Finding> {
        let rule = RuleOutcome {
            rule: "test/rule".into(),
            name: "rule".into(),
            severity,
            title: String::new(),
            documentation: String::new(),
            metadata: crate::policy::RuleMetadata::default(),
            subjects: 9,
            violations,
        };
        findings(&Evaluation { rules: vec![rule], ..Evaluation::default() }, &[], strictness)
    }

    fn fingerprints(violations: Vec<Violation>) -> Vec<String> {
        let findings = judge(Severity::Error, violations, Strictness::Ordinary);
        findings.iter().map(|finding| finding.fingerprint.to_string()).collect()
    }

    #[test]
    fn fingerprints_outlive_moved_lines_and_reworded_messages() {
        let mut moved = import("a", 70, "pickle");
        moved.message = "another wording".into();
        assert_eq!(fingerprints(vec![import("a", 1, "pickle")]), fingerprints(vec![moved]));
    }

    #[test]
    fn fingerprints_tell_subjects_and_source_apart() {
        let names = fingerprints(vec![import("a", 1, "pickle"), import("a", 2, "marshal"), import("b", 1, "pickle")]);
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), 3);
        assert!(names.iter().all(|name| name.len() == 32));
    }

    #[test]
    fn the_same_import_twice_has_two_fingerprints_in_any_order() {
        let forwards = fingerprints(vec![import("a", 1, "pickle"), import("a", 9, "pickle")]);
        let backwards = fingerprints(vec![import("a", 9, "pickle"), import("a", 1, "pickle")]);
        assert_eq!(forwards, backwards);
        assert_ne!(forwards[0], forwards[1]);
    }

    #[test]
    fn two_clauses_on_one_subject_without_a_place_are_two_findings() {
        let clause = |text: &str, line| {
            let mut violation = import("a", 1, "pickle");
            violation.subject.path = None;
            violation.clause = ClausePlace { file: "p".into(), line, column: 3, width: 90, text: text.into() };
            violation
        };
        let names = fingerprints(vec![clause("  require user != 0", 3), clause("  require labels", 4)]);
        assert_ne!(names[0], names[1]);
        assert_eq!(names[0], fingerprints(vec![clause("  require  user  !=  0", 30)])[0]);
    }

    #[test]
    fn repeats_are_told_once() {
        let twice = judge(Severity::Error, vec![import("a", 1, "pickle"), import("a", 1, "pickle")], Strictness::Ordinary);
        assert_eq!(twice.len(), 1);
    }

    #[test]
    fn only_errors_fail_even_when_strict() {
        for severity in [Severity::Note, Severity::Warning] {
            assert!(!judge(severity, vec![import("a", 1, "pickle")], Strictness::Strict)[0].fails);
        }
    }

    #[test]
    fn what_cannot_be_settled_fails_when_strict() {
        let undecided = || Violation { certainty: ViolationCertainty::Undecided, fails: false, ..import("a", 1, "x") };
        assert!(!judge(Severity::Error, vec![undecided()], Strictness::Ordinary)[0].fails);
        assert!(judge(Severity::Error, vec![undecided()], Strictness::Strict)[0].fails);
    }
}
