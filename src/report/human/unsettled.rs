//! What no rule could settle and no rule counts as a failure: rules with the same reasons told together; never hidden.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use super::{finding::short_place, group::is_folded};
use crate::{
    finding::Finding,
    report::{
        layout::{GLUE, listed_up_to, wrap},
        look::{Look, paint},
        quantity::counted,
        sanitise::sanitise,
    },
};

/// Places that are shown for each rule.
const MOST_PLACES: usize = 3;

/// Before what is said of a rule.
const INDENT: &str = "      ";

pub(super) fn write(look: &Look, findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let folded: Vec<&Finding> = findings.iter().filter(|finding| is_folded(finding)).collect();
    if folded.is_empty() {
        return Ok(());
    }
    let head = "not to be settled from what is there, and not counted as failures";
    writeln!(out, "\n{}{}", paint(look.palette.unknown, "unknown"), paint(look.palette.strong, format!(": {head}")))?;
    let room = look.width.saturating_sub(INDENT.len()).max(30);
    for Unsettled { names, subjects, reason, places } in unsettled(&folded) {
        let each = if names.len() > 1 { " each" } else { "" };
        let lines = wrap(&format!("{}{GLUE}· {subjects}{each}", names.join(", ")), look.width.saturating_sub(4));
        for (index, line) in lines.iter().enumerate() {
            writeln!(out, "{}{line}", if index == 0 { "  " } else { "    " })?;
        }
        for line in wrap(&reason, room) {
            writeln!(out, "{INDENT}{line}")?;
        }
        for line in wrap(&listed_up_to(&places, MOST_PLACES), room) {
            writeln!(out, "{INDENT}{}", paint(look.palette.dim, line))?;
        }
    }
    Ok(())
}

/// Rules that cannot be settled for the same subjects and the same reason.
struct Unsettled {
    names: Vec<String>,
    subjects: String,
    reason: String,
    places: Vec<String>,
}

fn unsettled(folded: &[&Finding]) -> Vec<Unsettled> {
    let mut all: Vec<Unsettled> = Vec::new();
    for rule in folded.chunk_by(|left, right| left.rule == right.rule) {
        let (subjects, reason, places) = (subjects(rule), reason(rule), places(rule));
        let same = |other: &&mut Unsettled| other.subjects == subjects && other.reason == reason && other.places == places;
        match all.iter_mut().find(same) {
            Some(other) => other.names.push(name(rule)),
            None => all.push(Unsettled { names: vec![name(rule)], subjects, reason, places }),
        }
    }
    all
}

fn name(rule: &[&Finding]) -> String {
    rule.first().map(|finding| sanitise(&finding.name).into_owned()).unwrap_or_default()
}

/// Every place once, in order.
fn places(rule: &[&Finding]) -> Vec<String> {
    rule.iter().map(|finding| short_place(finding)).collect::<BTreeSet<_>>().into_iter().collect()
}

/// `37 modules`: subjects, not findings, since one module may hold several computed imports.
fn subjects(rule: &[&Finding]) -> String {
    let distinct: BTreeSet<_> = rule.iter().map(|finding| &finding.subject).collect();
    let kinds: BTreeSet<_> = rule.iter().map(|finding| finding.subject.kind.as_str()).collect();
    let kind = match kinds.first() {
        Some(only) if kinds.len() == 1 => only.replace('_', " "),
        _ => "subject".to_owned(),
    };
    counted(distinct.len(), &sanitise(&kind))
}

/// The reason that most of the findings give.
fn reason(rule: &[&Finding]) -> String {
    let reasons: Vec<&str> = rule
        .iter()
        .map(|finding| finding.evidence.first().map_or(finding.message.as_str(), |evidence| evidence.text.as_str()))
        .collect();
    let distinct: BTreeSet<&str> = reasons.iter().copied().collect();
    let number = |reason: &str| reasons.iter().filter(|other| **other == reason).count();
    // Of equally frequent ones the first in the alphabet, so that the report is the same run after run.
    let most = distinct.iter().rev().copied().max_by_key(|reason| number(reason)).unwrap_or_default();
    let most_said = sanitise(most);
    match distinct.len() {
        0 | 1 => most_said.into_owned(),
        _ => format!("{most_said}, and other reasons"),
    }
}
