//! The policies of the library, rule by rule: what each accepts, rejects and leaves open, on inventories made in code.
//!
//! A rule without a case that it accepts and a case that it rejects fails here.

#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "library/contents.rs"]
mod contents;
#[path = "library/facts.rs"]
mod facts;
#[path = "library/image.rs"]
mod image;
#[path = "library/imports.rs"]
mod imports;
#[path = "library/platform.rs"]
mod platform;
#[path = "library/python.rs"]
mod python;

use std::collections::BTreeSet;

use douane::{
    facts::Inventory,
    policy::{Compiled, PolicyText, RuleOutcome, ViolationCertainty, compile, library},
};
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 24);

/// What a rule makes of an inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// There is something to judge, and nothing wrong with it.
    Accepted,
    /// There is nothing to judge.
    NotJudged,
    /// These messages, each certain.
    Rejected(&'static [&'static str]),
    /// These messages, none certain, and no failure.
    Open(&'static [&'static str]),
    /// These messages, none certain, and a failure all the same.
    OpenAndFailing(&'static [&'static str]),
}

/// One rule over one inventory.
struct Case {
    rule: &'static str,
    behaviour: &'static str,
    inventory: Inventory,
    expected: Expected,
}

fn case(rule: &'static str, behaviour: &'static str, inventory: Inventory, expected: Expected) -> Case {
    Case { rule, behaviour, inventory, expected }
}

fn cases() -> Vec<Case> {
    [contents::cases(), image::cases(), imports::cases(), platform::cases(), python::cases()].into_iter().flatten().collect()
}

fn whole_library(params: &[(String, String)]) -> Compiled {
    compile(&library::all(), params).expect("the library compiles")
}

fn outcome(compiled: &Compiled, rule: &str, inventory: &Inventory) -> RuleOutcome {
    let evaluation = compiled.evaluate(inventory, TODAY);
    evaluation.rules.into_iter().find(|outcome| outcome.rule == rule).unwrap_or_else(|| panic!("there is no rule {rule}"))
}

/// What is not as expected.
fn complaint(outcome: &RuleOutcome, expected: Expected) -> Option<String> {
    let (messages, certainty, fails) = match expected {
        Expected::Accepted if outcome.subjects == 0 => return Some("nothing was judged".into()),
        Expected::NotJudged if outcome.subjects > 0 => return Some(format!("{} subjects were judged", outcome.subjects)),
        Expected::Accepted | Expected::NotJudged => (&[][..], ViolationCertainty::Broken, true),
        Expected::Rejected(messages) => (messages, ViolationCertainty::Broken, true),
        Expected::Open(messages) => (messages, ViolationCertainty::Undecided, false),
        Expected::OpenAndFailing(messages) => (messages, ViolationCertainty::Undecided, true),
    };
    let found: BTreeSet<_> = outcome.violations.iter().map(|one| (one.message.as_str(), one.certainty, one.fails)).collect();
    let wanted: BTreeSet<_> = messages.iter().map(|message| (*message, certainty, fails)).collect();
    (found != wanted).then(|| format!("found {found:?}"))
}

#[test]
fn every_case_is_judged_as_its_behaviour_says() {
    let compiled = whole_library(&[]);
    let complaints: Vec<String> = cases()
        .iter()
        .filter_map(|case| {
            let found = complaint(&outcome(&compiled, case.rule, &case.inventory), case.expected)?;
            Some(format!("{}: {}\n  expected {:?}\n  {found}", case.rule, case.behaviour, case.expected))
        })
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_rule_has_a_case_that_it_accepts_and_one_that_it_rejects() {
    let cases = cases();
    let has =
        |rule: &str, expected: fn(&Expected) -> bool| cases.iter().any(|case| case.rule == rule && expected(&case.expected));
    for identity in whole_library(&[]).identities() {
        for name in &identity.rules {
            let rule = format!("{}/{name}", identity.package);
            assert!(has(&rule, |expected| *expected == Expected::Accepted), "nothing shows what {rule} accepts");
            assert!(has(&rule, |expected| matches!(expected, Expected::Rejected(_))), "nothing shows what {rule} rejects");
        }
    }
}

#[test]
fn every_rejection_says_what_to_do_about_it() {
    let compiled = whole_library(&[]);
    for case in cases().iter().filter(|case| matches!(case.expected, Expected::Rejected(_))) {
        for violation in outcome(&compiled, case.rule, &case.inventory).violations {
            assert!(violation.help.is_some_and(|help| help.len() > 10), "{}: {}", case.rule, case.behaviour);
        }
    }
}

#[test]
fn a_clean_image_keeps_every_rule_without_a_warning() {
    let (evaluation, warnings) = whole_library(&[]).evaluate_with_warnings(&facts::clean(), TODAY);
    assert!(warnings.is_empty(), "{warnings:?}");
    for rule in evaluation.rules {
        assert_eq!((rule.subjects > 0, rule.violations.len()), (true, 0), "{}", rule.rule);
    }
}

#[test]
fn parameters_move_the_lines() {
    let three_ten = facts::with(|inventory| inventory.interpreters = vec![facts::interpreter("CPython", "3.10.13")]);
    let floor = |params: &[(String, String)]| {
        outcome(&whole_library(params), "douane.python/supported-python", &three_ten).violations.len()
    };
    assert_eq!(floor(&[]), 1);
    assert_eq!(floor(&[("floor".into(), "3.10".into())]), 0);
    assert_eq!(floor(&[("douane.python.floor".into(), "3.9".into())]), 0);
}

#[test]
fn the_readme_names_every_rule_and_its_examples_compile() {
    const README: &str = include_str!("../policies/README.md");
    for text in library::all() {
        let parameters =
            text.text.lines().filter_map(|line| line.strip_prefix("param ")?.split_once(':').map(|(name, _)| name));
        for name in parameters {
            assert!(README.contains(&format!("`{name}`")), "the parameter {name} of {} is not told", text.name);
        }
    }
    for identity in whole_library(&[]).identities() {
        assert!(README.contains(&format!("## `{}`", identity.package)), "{}", identity.package);
        for rule in &identity.rules {
            assert!(README.contains(&format!("| `{rule}` |")), "{rule} is not told");
        }
    }
    let examples: Vec<&str> = README.split("```douane\n").skip(1).filter_map(|rest| Some(rest.split_once("```")?.0)).collect();
    assert_eq!(examples.len(), 1);
    for text in examples {
        let example = PolicyText { name: "policies/README.md".into(), text: text.into() };
        assert_eq!(compile(&[example], &[]).expect("the example compiles").warnings(), []);
    }
}
