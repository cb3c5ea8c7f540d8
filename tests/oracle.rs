//! The compiled validators against a naive evaluator of the same language, on inventories and policies made by chance.
//!
//! The naive one is written from the language reference (`grammar/README.md`), by plain recursion over the syntax tree, and shares
//! nothing with the evaluator but the facts and their schema. `DOUANE_ORACLE_CASES=100000` asks for more cases than the few
//! hundred of an ordinary run.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

#[path = "oracle/architecture.rs"]
mod architecture;
#[path = "oracle/ban.rs"]
mod ban;
#[path = "oracle/chance.rs"]
mod chance;
#[path = "oracle/conditions.rs"]
mod conditions;
#[path = "oracle/expressions.rs"]
mod expressions;
#[path = "oracle/graph.rs"]
mod graph;
#[path = "oracle/identity.rs"]
mod identity;
#[path = "oracle/inventories.rs"]
mod inventories;
#[path = "oracle/matching.rs"]
mod matching;
#[path = "oracle/meaning.rs"]
mod meaning;
#[path = "oracle/policies.rs"]
mod policies;
#[path = "oracle/program.rs"]
mod program;
#[path = "oracle/regressions.rs"]
mod regressions;
#[path = "oracle/rule.rs"]
mod rule;
#[path = "oracle/truth.rs"]
mod truth;
#[path = "oracle/value.rs"]
mod value;
#[path = "oracle/verdict.rs"]
mod verdict;

use std::{cell::RefCell, collections::BTreeSet};

use douane::{
    diagnostic::{Style, render},
    facts::Inventory,
    policy::{Evaluation, PolicyText, RuleOutcome, Violation, ViolationCertainty, compile},
};
use jiff::civil::{Date, date};
use proptest::{
    collection::vec,
    prelude::any,
    test_runner::{Config, TestCaseError, TestError, TestRunner},
};

use chance::Chance;
use meaning::World;
use policies::About;
use program::Program;
use rule::Judged;
use verdict::{Place, Verdict};

const TODAY: Date = date(2026, 11, 1);
/// Cases of an ordinary run.
const CASES: u32 = 256;

/// What rules have come to: cases that are all alike would prove nothing.
#[derive(Debug, Default, Clone, Copy)]
struct Variety {
    rules: u32,
    vacuous: u32,
    kept: u32,
    broken: u32,
    undecided: u32,
}

impl Variety {
    fn note(&mut self, outcome: &RuleOutcome) {
        let has = |certainty| outcome.violations.iter().any(|violation| violation.certainty == certainty);
        let (broken, undecided) = (has(ViolationCertainty::Broken), has(ViolationCertainty::Undecided));
        self.rules += 1;
        self.vacuous += u32::from(outcome.subjects == 0);
        self.kept += u32::from(outcome.subjects > 0 && !broken && !undecided);
        self.broken += u32::from(broken);
        self.undecided += u32::from(undecided);
    }

    fn add(&mut self, other: Self) {
        self.rules += other.rules;
        self.vacuous += other.vacuous;
        self.kept += other.kept;
        self.broken += other.broken;
        self.undecided += other.undecided;
    }

    /// Every verdict comes up in at least one of twenty rules.
    fn is_wide(&self) -> bool {
        [self.vacuous, self.kept, self.broken, self.undecided].iter().all(|count| count * 20 > self.rules)
    }
}

/// What the rules of a case have come to; what both make of it, where they differ.
fn difference(texts: &[PolicyText], inventory: &Inventory) -> Result<Variety, String> {
    let all: String = texts.iter().map(|text| format!("--- {}\n{}", text.name, text.text)).collect();
    let compiled = compile(texts, &[]).map_err(|errors| {
        let errors: Vec<String> = errors.iter().map(|error| render(error, Style::Plain)).collect();
        format!("{all}does not compile:\n{}", errors.join("\n"))
    })?;
    let evaluation = compiled.evaluate(inventory, TODAY);
    repeats(&evaluation).map_err(|told| format!("{all}{told}"))?;
    let program = Program::new(texts);
    let world = World { program: &program, inventory, today: TODAY };
    let (mut wrong, mut variety) = (String::new(), Variety::default());
    for file in &program.files {
        for rule in &file.rules {
            let package = file.package.as_ref().map_or("", |package| &package.text);
            let name = format!("{package}/{}", rule.name.text);
            let outcome = evaluation.rules.iter().find(|outcome| outcome.rule == name);
            let outcome = outcome.ok_or_else(|| format!("{all}{name} was not evaluated"))?;
            variety.note(outcome);
            for told in disagreement(&world.rule(file, rule), outcome) {
                wrong += &format!("{name}: {told}\n");
            }
        }
    }
    if wrong.is_empty() { Ok(variety) } else { Err(format!("{all}{wrong}")) }
}

/// What both make of a rule, where they differ.
fn disagreement(judged: &Judged<'_>, outcome: &RuleOutcome) -> Vec<String> {
    let (ours, theirs) = (&judged.outcome, verdict::compiled(outcome, &judged.graph_lines));
    let mut wrong = Vec::new();
    let same_count = match ours.subjects {
        Some(subjects) => theirs.subjects == Some(subjects),
        None => theirs.subjects > Some(0),
    };
    if !same_count {
        wrong.push(format!("{:?} subjects, compiled {:?}", ours.subjects, theirs.subjects));
    }
    let places: BTreeSet<&Place> = ours.verdicts.keys().chain(theirs.verdicts.keys()).collect();
    for place in places {
        let (own, other) = (ours.verdicts.get(place), theirs.verdicts.get(place));
        let is_open = own.is_none() && ours.open.contains(place) && !matches!(other, Some(Verdict::Broken));
        if own != other && !is_open {
            wrong.push(format!("{place:?} is {own:?}, compiled {other:?}"));
        }
    }
    // Where several chains begin at a module any of them may be told, but it has to be one.
    for violation in outcome.violations.iter().filter(|violation| violation.subject.kind == "import") {
        let Some(ends) = judged.ends.get(&verdict::place(violation, &judged.graph_lines)) else { continue };
        let end = violation.subject.identity.split(" -> ").nth(1).unwrap_or_default().to_owned();
        let is_sure = violation.certainty == ViolationCertainty::Broken;
        if !ends.contains(&(is_sure, end.clone())) && (is_sure || !ends.contains(&(true, end))) {
            wrong.push(format!("no chain leads from {:?}", violation.subject.identity));
        }
    }
    wrong
}

/// No subject has two verdicts by one clause.
fn repeats(evaluation: &Evaluation) -> Result<(), String> {
    for rule in &evaluation.rules {
        for (at, violation) in rule.violations.iter().enumerate() {
            let again = |other: &&Violation| other.subject == violation.subject && other.clause == violation.clause;
            if rule.violations[at + 1..].iter().any(|other| again(&other)) {
                return Err(format!("{} tells {:?} twice", rule.rule, violation.subject));
            }
        }
    }
    Ok(())
}

/// Runs a property over inventories and policies made by chance, and shrinks what fails.
fn holds(property: impl Fn(&mut Chance<'_>, &mut Chance<'_>, &[Vec<u16>]) -> Result<Variety, String>) {
    let cases = std::env::var("DOUANE_ORACLE_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    let config = Config { cases, max_shrink_iters: 4_000, failure_persistence: None, ..Config::default() };
    let choices = (vec(any::<u16>(), 0..600), vec(any::<u16>(), 0..60), vec(vec(any::<u16>(), 0..100), 1..5));
    let variety = RefCell::new(Variety::default());
    let outcome = TestRunner::new(config).run(&choices, |(facts, definitions, rules)| {
        let case = property(&mut Chance::new(&facts), &mut Chance::new(&definitions), &rules);
        variety.borrow_mut().add(case.map_err(TestCaseError::fail)?);
        Ok(())
    });
    match outcome {
        Ok(()) => assert!(variety.borrow().is_wide(), "{variety:?}"),
        Err(TestError::Fail(reason, _)) => panic!("{reason}"),
        Err(error) => panic!("{error}"),
    }
}

/// A case: both must agree.
fn agrees(texts: &[PolicyText], inventory: &Inventory) -> Result<Variety, String> {
    difference(texts, inventory).map_err(|told| {
        let facts = serde_json::to_string(inventory).expect("an inventory is a document");
        format!("{told}\n{facts}")
    })
}

#[test]
fn compiled_validators_agree_with_the_meaning() {
    holds(|facts, definitions, rules| {
        agrees(&policies::policies(definitions, rules, About::Everything), &inventories::inventory(facts))
    });
}

#[test]
fn compiled_graphs_agree_with_plain_searches() {
    holds(|facts, definitions, rules| {
        agrees(&policies::policies(definitions, rules, About::Imports), &inventories::graph(facts))
    });
}
