//! What a run says of its waivers, and what waived findings count for.

use jiff::civil::date;

use crate::{
    diagnostic::Severity,
    facts::{Inventory, Target},
    finding::{CheckReport, RuleVerdict, RunContext, Strictness, Verdict, WaiverState},
    policy::{
        ClausePlace, Evaluation, Evidence, RuleMetadata, RuleOutcome, Subject, Violation, ViolationCertainty, Waived,
        WaiverOutcome, WaiverStatus,
    },
};

fn waived(days_left: i64) -> Waived {
    Waived {
        owner: "a@acme".into(),
        reason: "T-1: soon".into(),
        expires: date(2027, 3, 31),
        days_left,
        clause: ClausePlace { file: "w.douane".into(), line: 3, column: 1, width: 7, text: "waive r {".into() },
    }
}

fn outcome(status: WaiverStatus, matched: u64, waived_ones: u64) -> WaiverOutcome {
    let days_left = if status == WaiverStatus::Expired { -12 } else { 40 };
    WaiverOutcome {
        rule: "p/r".into(),
        name: "r".into(),
        waiver: waived(days_left),
        status,
        matched,
        waived: waived_ones,
        at_most: Some(3),
    }
}

fn violation(line: u32, waived: Option<Waived>) -> Violation {
    Violation {
        certainty: ViolationCertainty::Broken,
        fails: true,
        subject: Subject {
            kind: "module",
            identity: "a".into(),
            path: Some("/a.py".into()),
            line: Some(line),
            column: Some(8),
            width: Some(6),
            text: Some("import pickle".into()),
            layer: None,
        },
        message: "no".into(),
        help: None,
        evidence: Vec::new(),
        clause: ClausePlace::default(),
        code: Some("S101".into()),
        waived,
        stands_for: 1,
    }
}

fn undecided(waived: Option<Waived>) -> Violation {
    Violation { certainty: ViolationCertainty::Undecided, fails: true, ..violation(9, waived) }
}

fn report(violations: Vec<Violation>, waivers: Vec<WaiverOutcome>, strictness: Strictness) -> CheckReport {
    let inventory = Inventory { schema_version: 1, target: Target::default(), ..Inventory::default() };
    let metadata = RuleMetadata { tags: vec!["t".into()], owner: Some("o@acme".into()), links: vec!["https://l".into()] };
    let rule = RuleOutcome {
        rule: "p/r".into(),
        name: "r".into(),
        severity: Severity::Error,
        title: String::new(),
        documentation: String::new(),
        metadata,
        subjects: 9,
        violations,
    };
    let context = RunContext { strictness, ..RunContext::default() };
    CheckReport::new(&inventory, &Evaluation { rules: vec![rule], waivers }, context)
}

#[test]
fn waived_findings_never_fail_and_are_counted() {
    for strictness in [Strictness::Ordinary, Strictness::Strict] {
        let report = report(vec![violation(1, Some(waived(4))), undecided(Some(waived(4)))], Vec::new(), strictness);
        assert_eq!(report.verdict, Verdict::Pass);
        assert_eq!((report.totals.waived, report.totals.errors, report.totals.unknown_failing), (2, 0, 0));
        assert_eq!((report.rules[0].verdict, report.rules[0].waived), (RuleVerdict::Waived, 2));
        assert!(report.findings.iter().all(|finding| !finding.fails && finding.waived.is_some()));
    }
}

#[test]
fn what_is_not_waived_decides_what_a_rule_comes_to() {
    let verdict = |violations| report(violations, Vec::new(), Strictness::Ordinary).rules[0].verdict;
    assert_eq!(verdict(vec![violation(1, Some(waived(4))), violation(2, None)]), RuleVerdict::Fail);
    assert_eq!(verdict(vec![violation(1, Some(waived(4))), undecided(None)]), RuleVerdict::Unknown);
}

#[test]
fn waivers_change_neither_fingerprints_nor_order() {
    let findings = |first: Option<Waived>, second: Option<Waived>| {
        let report = report(vec![violation(1, first), violation(2, second)], Vec::new(), Strictness::Ordinary);
        let told = report.findings.iter().map(|finding| (finding.location.clone(), finding.fingerprint.clone()));
        told.collect::<Vec<_>>()
    };
    let plain = findings(None, None);
    assert_ne!(plain[0].1, plain[1].1);
    assert_eq!(findings(Some(waived(4)), None), plain);
    assert_eq!(findings(None, Some(waived(4))), plain);
}

#[test]
fn codes_and_what_a_rule_says_of_itself_are_kept() {
    let report = report(vec![violation(1, None)], Vec::new(), Strictness::Ordinary);
    assert_eq!(report.findings[0].code.as_deref(), Some("S101"));
    let rule = report.rule("p/r").expect("the rule");
    assert_eq!((rule.tags.as_slice(), rule.owner.as_deref()), (&["t".to_owned()][..], Some("o@acme")));
    assert_eq!(rule.links, ["https://l"]);
}

#[test]
fn only_what_wants_mending_fails_and_only_when_strict() {
    let unclear = Evidence { text: "unclear".into(), path: None, line: None, layer: None };
    for (status, state, mend) in [
        (WaiverStatus::Expired, WaiverState::Expired, true),
        (WaiverStatus::OverUsed, WaiverState::OverUsed, true),
        (WaiverStatus::TooLong(30), WaiverState::TooLong, true),
        (WaiverStatus::Undecided(vec![unclear]), WaiverState::Undecided, true),
        (WaiverStatus::Stale, WaiverState::Stale, true),
        (WaiverStatus::Loose, WaiverState::Loose, false),
        (WaiverStatus::InForce, WaiverState::InForce, false),
        (WaiverStatus::NotForThisTarget, WaiverState::NotForThisTarget, false),
    ] {
        for (strictness, fails) in [(Strictness::Ordinary, false), (Strictness::Strict, mend)] {
            let report = report(Vec::new(), vec![outcome(status.clone(), 0, 0)], strictness);
            assert_eq!((report.waivers[0].status, report.waivers[0].fails), (state, fails));
            assert_eq!(report.verdict, if fails { Verdict::Fail } else { Verdict::Pass }, "{status:?}");
            assert_eq!(report.totals.waivers_to_mend, usize::from(mend));
            assert_eq!(report.waivers[0].evidence.len(), usize::from(state == WaiverState::Undecided));
        }
    }
}

/// Severity, message and help of a waiver.
fn told(status: WaiverStatus, matched: u64, waived: u64) -> String {
    let report = report(Vec::new(), vec![outcome(status, matched, waived)], Strictness::Ordinary);
    let waiver = &report.waivers[0];
    format!("{:?}: {} ({})", waiver.severity, waiver.message, waiver.help.as_deref().unwrap_or("-"))
}

#[test]
fn each_status_says_what_to_do() {
    insta::assert_snapshot!(told(WaiverStatus::InForce, 3, 3), @"None: the waiver of `r` takes 3 findings (-)");
    insta::assert_snapshot!(told(WaiverStatus::Loose, 1, 1), @"Some(Note): the waiver of `r` may take 3 findings, and 1 is left (lower it: `at most 1`)");
    insta::assert_snapshot!(told(WaiverStatus::OverUsed, 5, 3), @"Some(Warning): the waiver of `r` may take 3 findings, and 5 match: 2 count (mend 2 of them, or agree on `at most 5`)");
    insta::assert_snapshot!(told(WaiverStatus::OverUsed, 4, 4), @"Some(Warning): the waiver of `r` may take 3 findings, and 4 match: other waivers take the rest (mend 1 of them, or agree on `at most 4`)");
    insta::assert_snapshot!(told(WaiverStatus::Expired, 2, 0), @"Some(Warning): the waiver of `r` expired 12 days ago: 2 findings count again (mend what it took, or agree on a later day)");
    insta::assert_snapshot!(told(WaiverStatus::Expired, 2, 2), @"Some(Warning): the waiver of `r` expired 12 days ago, and other waivers take what it would take (remove it)");
    insta::assert_snapshot!(told(WaiverStatus::Expired, 0, 0), @"Some(Warning): the waiver of `r` expired 12 days ago, and nothing matches it (remove it)");
    insta::assert_snapshot!(told(WaiverStatus::TooLong(30), 1, 0), @"Some(Warning): the waiver of `r` lasts 10 days longer than allowed: 1 finding counts (let it end after at most 30 days, as `max_waiver_days` says: `expires 2027-03-21`)");
    insta::assert_snapshot!(told(WaiverStatus::Undecided(Vec::new()), 2, 0), @"Some(Warning): whether the waiver of `r` is for this target cannot be told: 2 findings count (ask in `where` for what is always known, such as `image.reference`)");
    insta::assert_snapshot!(told(WaiverStatus::Stale, 0, 0), @"Some(Warning): the waiver of `r` matched nothing (remove it if what it was for is mended, else correct what it is limited to)");
    insta::assert_snapshot!(told(WaiverStatus::NotForThisTarget, 0, 0), @"None: the waiver of `r` is not for this target (-)");
}
