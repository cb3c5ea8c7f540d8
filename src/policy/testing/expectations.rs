//! What tests expect: which rule they mean, and whether it came to that; never evaluating a rule.

use std::collections::BTreeSet;

use super::{
    pattern::{Star, concerns, is_like},
    verdict::{Came, Judged},
};
use crate::{
    diagnostic::{Diagnostic, Severity},
    policy::{
        outcome::Violation,
        syntax::{
            ast::{Expectation, ExpectedVerdict, File, Name, Region, Test},
            words::nearest,
        },
    },
};

/// Most violations that a message names.
const MOST: usize = 4;

/// An expectation whose rule is known.
#[derive(Debug)]
pub(super) struct Expected {
    /// Package and name.
    pub(super) rule: String,
    verdict: ExpectedVerdict,
    at: Option<Name>,
    message: Option<Name>,
    region: Region,
}

/// The rules of a run by package and name.
pub(super) struct Known<'a> {
    pub(super) rules: BTreeSet<&'a str>,
}

impl Known<'_> {
    /// The expectations of a test; what is wrong with them is reported.
    pub(super) fn expectations(&self, file: &File, test: &Test, found: &mut Vec<Diagnostic>) -> Vec<Expected> {
        if test.expectations.is_empty() {
            let message = format!("the test `{}` expects nothing", test.title.text);
            found.push(
                Diagnostic::new("empty-test", Severity::Error, message)
                    .label(file.span(test.title.region), "says what is given and not what is to come of it")
                    .help("add `expect rule fails`, or `passes`, `unknown`, `vacuous`, `waived`"),
            );
        }
        test.expectations.iter().filter_map(|expectation| self.expectation(file, expectation, found)).collect()
    }

    fn expectation(&self, file: &File, expectation: &Expectation, found: &mut Vec<Diagnostic>) -> Option<Expected> {
        let rule = self.rule(file, &expectation.rule, found)?;
        let misplaced = match (expectation.verdict, &expectation.at, &expectation.message) {
            (ExpectedVerdict::Vacuous, Some(at), _) => Some((at, "a rule is vacuous as a whole", "remove `at`")),
            (ExpectedVerdict::Vacuous | ExpectedVerdict::Passes, _, Some(message)) => {
                Some((message, "a rule that is kept says nothing", "remove `message`"))
            }
            _ => None,
        };
        if let Some((name, message, help)) = misplaced {
            let diagnostic = Diagnostic::new("misplaced-clause", Severity::Error, message);
            found.push(diagnostic.label(file.span(name.region), "has no meaning here").help(help));
            return None;
        }
        let (at, message) = (expectation.at.clone(), expectation.message.clone());
        Some(Expected { rule, verdict: expectation.verdict, at, message, region: expectation.region })
    }

    /// The rule that a name means: with its package, or one of the file's package, or one of a package that it uses.
    fn rule(&self, file: &File, name: &Name, found: &mut Vec<Diagnostic>) -> Option<String> {
        let written = name.text.as_str();
        if self.rules.contains(written) {
            return Some(written.to_owned());
        }
        let visible: Vec<&str> = file.package.iter().chain(&file.uses).map(|package| package.text.as_str()).collect();
        let named = visible.iter().map(|package| format!("{package}/{written}"));
        if let Some(rule) = named.into_iter().find(|rule| self.rules.contains(rule.as_str())) {
            return Some(rule);
        }
        let package = |rule: &str| rule.rsplit_once('/').map_or("", |(package, _)| package).to_owned();
        let short = |rule: &'_ str| rule.rsplit_once('/').map_or(rule.len(), |(package, _)| package.len() + 1);
        let elsewhere = self.rules.iter().find(|rule| rule.get(short(rule)..) == Some(written));
        let seen = self.rules.iter().filter(|rule| visible.contains(&package(rule).as_str()));
        let near = nearest(written, seen.clone().filter_map(|rule| rule.get(short(rule)..)))
            .or_else(|| nearest(written, self.rules.iter().copied()));
        let help = match (elsewhere, near) {
            (Some(rule), _) => format!("write `use {}`, or name it whole: `{rule}`", package(rule)),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) => {
                let known: Vec<&str> = seen.filter_map(|rule| rule.get(short(rule)..)).collect();
                match known.as_slice() {
                    [] => "name the rule's package with `use`".to_owned(),
                    known => format!("known are {}", super::values::listed(known)),
                }
            }
        };
        found.push(
            Diagnostic::new("unknown-rule", Severity::Error, format!("there is no rule `{written}`"))
                .label(file.span(name.region), "not known here")
                .help(help),
        );
        None
    }
}

impl Expected {
    /// What is not as expected.
    pub(super) fn failure(&self, file: &File, judged: &Judged<'_>) -> Option<Diagnostic> {
        let at = self.at.as_ref().map(|name| name.text.as_str());
        let here = |violation: &&Violation| at.is_none_or(|at| concerns(at, &violation.subject));
        let violations: Vec<&Violation> = judged.outcome.violations.iter().filter(here).collect();
        let came = Came::of(&violations, judged.outcome.subjects);
        let mistyped = at.is_some_and(|at| violations.is_empty() && !judged.knows(at));
        let as_expected = !mistyped
            && match self.verdict {
                ExpectedVerdict::Fails => came == Came::Fails,
                ExpectedVerdict::Passes => came == Came::Passes,
                ExpectedVerdict::Unknown => came == Came::Unknown,
                ExpectedVerdict::Vacuous => came == Came::Vacuous,
                ExpectedVerdict::Waived => came == Came::Waived,
            };
        let says = self.message.as_ref().map(|message| message.text.as_str());
        let said = says.is_none_or(|says| {
            let mut telling = violations.iter().filter(|violation| came.is_of(violation));
            telling.any(|violation| is_like(says, &violation.message, Star::Anything))
        });
        if as_expected && said {
            return None;
        }
        let name = &judged.outcome.name;
        let place = at.map(|at| format!(" at `{at}`")).unwrap_or_default();
        let (message, label) = match (mistyped, as_expected) {
            (true, _) => {
                let label = "neither a subject of the rule nor anything that is given".to_owned();
                (format!("nothing{place}: `{name}` judged no such thing"), label)
            }
            (_, true) => {
                (format!("`{name}` {}{place} as expected, and says something else", came.verb()), "not the message".to_owned())
            }
            (_, false) => {
                let label = format!("expected {}", wanted(self.verdict));
                (format!("`{name}` {}{place}", came.verb()), label)
            }
        };
        let region = if mistyped { self.at.as_ref().map_or(self.region, |at| at.region) } else { self.region };
        let mut diagnostic = Diagnostic::new("failed-expectation", Severity::Error, message).label(file.span(region), label);
        let elsewhere = violations.is_empty() && !judged.outcome.violations.is_empty();
        let shown = if elsewhere { judged.outcome.violations.iter().collect() } else { violations };
        diagnostic = judged.clauses(diagnostic, &shown, if elsewhere { " elsewhere" } else { " here" });
        for violation in shown.iter().take(MOST) {
            diagnostic = diagnostic.note(format!("{}{}", if elsewhere { "elsewhere, " } else { "" }, told(violation)));
        }
        if let Some(more) = shown.len().checked_sub(MOST).filter(|more| *more > 0) {
            diagnostic = diagnostic.note(format!("and {more} more"));
        }
        diagnostic.help = self.help(judged, came, mistyped);
        Some(diagnostic)
    }

    fn help(&self, judged: &Judged<'_>, came: Came, mistyped: bool) -> Option<String> {
        if let Some(at) = self.at.as_ref().filter(|_| mistyped) {
            let names = judged.names();
            return nearest(&at.text, names.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
        }
        match (self.verdict, came) {
            (ExpectedVerdict::Passes, Came::Vacuous) => Some("give the rule something to judge, or expect `vacuous`".into()),
            (ExpectedVerdict::Fails, Came::Vacuous) => Some("give the rule something to judge".into()),
            (ExpectedVerdict::Fails, Came::Unknown) => Some("give what settles it, or expect `unknown`".into()),
            _ => None,
        }
    }
}

fn wanted(verdict: ExpectedVerdict) -> &'static str {
    match verdict {
        ExpectedVerdict::Fails => "to fail",
        ExpectedVerdict::Passes => "to pass",
        ExpectedVerdict::Unknown => "to be left open",
        ExpectedVerdict::Vacuous => "to find nothing to judge",
        ExpectedVerdict::Waived => "to be waived",
    }
}

/// A violation with what it rests on.
fn told(violation: &Violation) -> String {
    let mut text = format!("{}: {}", violation.subject.identity, violation.message);
    if let Some(waived) = &violation.waived {
        text.push_str(&format!("\n  waived until {} by {}: {}", waived.expires, waived.owner, waived.reason));
    }
    for evidence in violation.evidence.iter().filter(|evidence| evidence.text != violation.message).take(3) {
        text.push_str("\n  because ");
        text.push_str(&evidence.text);
        if let Some(path) = &evidence.path {
            text.push_str(&format!(", {path}"));
            if let Some(line) = evidence.line {
                text.push_str(&format!(":{line}"));
            }
        }
    }
    text
}
