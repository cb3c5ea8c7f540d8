//! Golden reports of waived findings and of waivers that want mending.

use jiff::civil::date;

use crate::{
    diagnostic::Severity,
    finding::{CheckReport, Strictness, Verdict},
    policy::{ClausePlace, Evaluation, Evidence, RuleOutcome, Violation, Waived, WaiverOutcome, WaiverStatus},
    report::human::tests::{broken, context, inventory, rule, undecided, written},
};

fn waived(reason: &str, days_left: i64, line: u32) -> Waived {
    Waived {
        owner: "reports@acme.example".into(),
        reason: reason.into(),
        expires: date(2026, 11, 1).checked_add(jiff::ToSpan::days(days_left)).expect("a day"),
        days_left,
        clause: ClausePlace {
            file: "waivers.douane".into(),
            line,
            column: 1,
            width: 15,
            text: "waive no-pickle {  // until the migration".into(),
        },
    }
}

fn taken(violation: Violation, reason: &str, days_left: i64) -> Violation {
    Violation { waived: Some(waived(reason, days_left, 3)), ..violation }
}

fn outcome(status: WaiverStatus, reason: &str, days_left: i64, line: u32) -> WaiverOutcome {
    let (matched, waived_ones) = match status {
        WaiverStatus::Stale => (0, 0),
        WaiverStatus::OverUsed => (5, 3),
        WaiverStatus::Loose => (1, 1),
        _ => (2, 0),
    };
    WaiverOutcome {
        rule: "acme.platform/no-pickle".into(),
        name: "no-pickle".into(),
        waiver: waived(reason, days_left, line),
        status,
        matched,
        waived: waived_ones,
        at_most: Some(3),
    }
}

fn judged(rules: Vec<RuleOutcome>, waivers: Vec<WaiverOutcome>, strictness: Strictness) -> CheckReport {
    CheckReport::new(&inventory(), &Evaluation { rules, waivers }, context(strictness))
}

/// The report without what was looked at.
fn told(report: &CheckReport) -> String {
    let text = written(report);
    text.split_once("\n\n").map_or(text.clone(), |(_, rest)| rest.to_owned())
}

#[test]
fn a_waived_finding_is_folded_and_counted() {
    let violations = vec![taken(broken("shop.a", 1), "SEC-4412: msgpack migration", 37)];
    let report = judged(vec![rule("no-pickle", Severity::Error, violations)], Vec::new(), Strictness::Strict);
    assert_eq!(report.verdict, Verdict::Pass);
    insta::assert_snapshot!(told(&report), @r##"
waived: found, and not counted as failures
  no-pickle: 1 finding, SEC-4412: msgpack migration
      reports@acme.example, expires in 37 days (2026-12-08)

1 waived (SEC-4412, expires in 37 days) · 0 of 1 rules passed, from 1 policy
PASS, with 1 waived, in 0.9 s
"##);
}

#[test]
fn waived_findings_stand_beside_those_that_count() {
    let reason = "SEC-4419: the cache is rewritten in the first quarter, and unpickles only what it has pickled itself";
    let violations = vec![
        taken(broken("shop.a", 1), "SEC-4412: msgpack migration", 1),
        taken(broken("shop.b", 1), "SEC-4412: msgpack migration", 1),
        taken(undecided("shop.c", 1), reason, 90),
        broken("shop.d", 1),
        undecided("shop.e", 1),
    ];
    let report = judged(vec![rule("no-pickle", Severity::Error, violations)], Vec::new(), Strictness::Ordinary);
    insta::assert_snapshot!(told(&report), @r##"
error[no-pickle]: Untrusted bytes are never unpickled
   --> /srv/app/shop/d.py:1:8  in layer 1: COPY src /srv/app
    |
  1 | import pickle
    |        ^^^^^^ `shop.d` imports `pickle`
    = reached from the entry point: shop.main -> shop.jobs -> shop.infra.store
    |
   ::: policies/imports.douane:14:25
    |
 14 |   forbid import own -> {pickle, marshal, shelve.**}
    |                         ------ forbidden here
    = fix: use shop.serde.loads

unknown: not to be settled from what is there, and not counted as failures
  no-pickle
      1 module: the target of an import is computed when the program runs
          /srv/app/shop/e.py:1

waived: found, and not counted as failures
  no-pickle: 2 findings, SEC-4412: msgpack migration
      reports@acme.example, expires tomorrow (2026-11-02)
  no-pickle: 1 finding, SEC-4419: the cache is rewritten in the first quarter, and unpickles
      only what it has pickled itself
      reports@acme.example, expires in 90 days (2027-01-30)

1 error, 1 not to be settled, 3 waived (2 waivers, the first expires tomorrow) · 0 of 1 rules
  passed, from 1 policy
FAIL in 0.9 s
"##);
}

#[test]
fn waivers_that_want_mending_are_warnings_with_their_place() {
    let unclear = Evidence { text: "the package database is damaged".into(), path: None, line: None, layer: None };
    let waivers = vec![
        outcome(WaiverStatus::Stale, "SEC-9", 30, 120),
        outcome(WaiverStatus::Expired, "SEC-4412: msgpack migration", -12, 3),
        outcome(WaiverStatus::OverUsed, &"SEC-2: a reason that takes more than the line has room for ".repeat(2), 3, 14),
        outcome(WaiverStatus::TooLong(90), "SEC-3", 120, 20),
        outcome(WaiverStatus::Undecided(vec![unclear]), "SEC-5", 20, 30),
        outcome(WaiverStatus::Loose, "SEC-6", 20, 40),
        outcome(WaiverStatus::InForce, "SEC-7", 20, 50),
        outcome(WaiverStatus::NotForThisTarget, "SEC-8", 20, 60),
    ];
    let rules = || vec![rule("no-pickle", Severity::Error, Vec::new())];
    insta::assert_snapshot!(told(&judged(rules(), waivers.clone(), Strictness::Ordinary)), @r##"
warning[expired-waiver]: the waiver of `no-pickle` expired 12 days ago: 2 findings count again
   --> waivers.douane:3:1
    |
  3 | waive no-pickle {  // until the migration
    | ^^^^^^^^^^^^^^^ SEC-4412: msgpack migration
    = owner: reports@acme.example
    = fix: mend what it took, or agree on a later day

warning[over-used-waiver]: the waiver of `no-pickle` may take 3 findings, and 5 match: 2 count
   --> waivers.douane:14:1
    |
 14 | waive no-pickle {  // until the migration
    | ^^^^^^^^^^^^^^^
    = SEC-2: a reason that takes more than the line has room for SEC-2: a reason that takes more
      than the line has room for
    = owner: reports@acme.example
    = fix: mend 2 of them, or agree on `at most 5`

warning[too-long-waiver]: the waiver of `no-pickle` lasts 30 days longer than allowed: 2 findings count
   --> waivers.douane:20:1
    |
 20 | waive no-pickle {  // until the migration
    | ^^^^^^^^^^^^^^^ SEC-3
    = owner: reports@acme.example
    = fix: let it end after at most 90 days, as `max_waiver_days` says: `expires 2027-01-30`

warning[undecided-waiver]: whether the waiver of `no-pickle` is for this target cannot be told: 2 findings count
   --> waivers.douane:30:1
    |
 30 | waive no-pickle {  // until the migration
    | ^^^^^^^^^^^^^^^ SEC-5
    = the package database is damaged
    = owner: reports@acme.example
    = fix: ask in `where` for what is always known, such as `image.reference`

warning[stale-waiver]: the waiver of `no-pickle` matched nothing
    --> waivers.douane:120:1
     |
 120 | waive no-pickle {  // until the migration
     | ^^^^^^^^^^^^^^^ SEC-9
     = owner: reports@acme.example
     = fix: remove it if what it was for is mended, else correct what it is limited to

note[loose-waiver]: the waiver of `no-pickle` may take 3 findings, and 1 is left
   --> waivers.douane:40:1
    = fix: lower it: `at most 1`

5 waivers to mend · 1 of 1 rules passed, from 1 policy
PASS, with 5 waivers to mend, in 0.9 s
"##);
    let strict = judged(rules(), waivers, Strictness::Strict);
    assert_eq!(strict.verdict, Verdict::Fail);
    assert!(told(&strict).ends_with("FAIL in 0.9 s (--strict counts 5 waivers to mend)\n"), "{}", told(&strict));
}

#[test]
fn many_of_one_status_are_folded() {
    let waivers = (1..=15).map(|line| outcome(WaiverStatus::Stale, "SEC-9", 30, line)).collect();
    insta::assert_snapshot!(told(&judged(Vec::new(), waivers, Strictness::Ordinary)), @r##"
warning[stale-waiver]: the waiver of `no-pickle` matched nothing
   --> waivers.douane:1:1
    |
  1 | waive no-pickle {  // until the migration
    | ^^^^^^^^^^^^^^^ SEC-9
    = owner: reports@acme.example
    = fix: remove it if what it was for is mended, else correct what it is limited to

warning[stale-waiver]: the waiver of `no-pickle` matched nothing
   --> waivers.douane:2:1
    |
  2 | waive no-pickle {  // until the migration
    | ^^^^^^^^^^^^^^^ SEC-9
    = owner: reports@acme.example
    = fix: remove it if what it was for is mended, else correct what it is limited to

warning[stale-waiver]: the waiver of `no-pickle` matched nothing
   --> waivers.douane:3:1
    |
  3 | waive no-pickle {  // until the migration
    | ^^^^^^^^^^^^^^^ SEC-9
    = owner: reports@acme.example
    = fix: remove it if what it was for is mended, else correct what it is limited to
    |
   ... and 12 more like it:
       waivers.douane:4   the waiver of `no-pickle` matched nothing
       waivers.douane:5   the waiver of `no-pickle` matched nothing
       waivers.douane:6   the waiver of `no-pickle` matched nothing
       waivers.douane:7   the waiver of `no-pickle` matched nothing
       waivers.douane:8   the waiver of `no-pickle` matched nothing
       waivers.douane:9   the waiver of `no-pickle` matched nothing
       waivers.douane:10  the waiver of `no-pickle` matched nothing
       waivers.douane:11  the waiver of `no-pickle` matched nothing
       waivers.douane:12  the waiver of `no-pickle` matched nothing
       waivers.douane:13  the waiver of `no-pickle` matched nothing
       and 2 more like it: -o json=FILE has them all

15 waivers to mend · 0 of 0 rules passed, from 1 policy
PASS, with 15 waivers to mend, in 0.9 s
"##);
}

#[test]
fn nothing_in_a_waiver_steers_the_terminal() {
    let evil = "\u{1b}]0;owned\u{7}\u{202e}";
    let mut outcome = outcome(WaiverStatus::Expired, evil, -1, 1);
    outcome.waiver.owner = evil.into();
    outcome.waiver.clause.text = evil.into();
    let violations = vec![taken(broken("a", 1), evil, 1)];
    let text = written(&judged(vec![rule("r", Severity::Error, violations)], vec![outcome], Strictness::Ordinary));
    assert!(text.contains("\\x1b]0;owned\\x07\\u{202e}"));
    assert!(
        text.chars().all(|character| character == '\n' || !(character.is_control() || character == '\u{202e}')),
        "{text:?}"
    );
}

#[test]
fn code_owner_and_links_stand_below_the_fix() {
    let mut outcome = rule("no-pickle", Severity::Error, vec![broken("shop.a", 1)]);
    outcome.violations[0].code = Some("SEC-101".into());
    outcome.metadata.owner = Some("security@acme.example".into());
    outcome.metadata.links = vec!["https://wiki.acme.example/pickle".into(), "https://peps.python.org".into()];
    let text = told(&judged(vec![outcome], Vec::new(), Strictness::Ordinary));
    let fix = text.split_once("    = fix").map_or("", |(_, rest)| rest);
    insta::assert_snapshot!(fix, @r##"
: use shop.serde.loads
    = code: SEC-101
    = owner: security@acme.example
    = more: https://wiki.acme.example/pickle
    = more: https://peps.python.org

1 error · 0 of 1 rules passed, from 1 policy
FAIL in 0.9 s
"##);
}
