//! What no rule could settle and no rule counts as a failure: one line for each rule; never hidden.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use super::{finding::short_place, group::is_folded};
use crate::{
    finding::Finding,
    report::{
        layout::{columns, listed_up_to, padded, wrap},
        look::{Look, paint},
        quantity::counted,
        sanitise::sanitise,
    },
};

/// Places that are shown for each rule.
const MOST_PLACES: usize = 3;

/// Columns that the names of rules may take before the rest of a line is pushed out of line.
const WIDEST_NAME: usize = 36;

pub(super) fn write(look: &Look, findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let folded: Vec<&Finding> = findings.iter().filter(|finding| is_folded(finding)).collect();
    if folded.is_empty() {
        return Ok(());
    }
    let rules: Vec<&[&Finding]> = folded.chunk_by(|left, right| left.rule == right.rule).collect();
    let head = "not to be settled from the image, and not counted as failures";
    writeln!(out, "\n{}{}", paint(look.palette.unknown, "unknown"), paint(look.palette.strong, format!(": {head}")))?;
    let names: Vec<String> = rules.iter().map(|rule| name(rule)).collect();
    let widest = names.iter().map(|name| columns(name)).max().unwrap_or(0).min(WIDEST_NAME);
    let indent = " ".repeat(widest + 5);
    let room = look.width.saturating_sub(widest + 5).max(30);
    let mut before: Vec<String> = Vec::new();
    for (rule, name) in rules.iter().zip(&names) {
        let places = places(rule);
        let mut text = format!("{}: {}", subjects(rule), reason(rule));
        if places == before {
            text.push_str(" (the same places)");
        }
        for (index, line) in wrap(&text, room).iter().enumerate() {
            match index {
                0 => writeln!(out, "  {}   {line}", padded(name, widest))?,
                _ => writeln!(out, "{indent}{line}")?,
            }
        }
        if places != before {
            for line in wrap(&listed_up_to(&places, MOST_PLACES), room) {
                writeln!(out, "{indent}{}", paint(look.palette.dim, line))?;
            }
        }
        before = places;
    }
    Ok(())
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
