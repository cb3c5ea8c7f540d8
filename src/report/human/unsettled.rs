//! What no rule could settle and no rule counts as a failure: told by its cause, once for all rules left open; never hidden.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use super::{finding::short_place, group::is_folded};
use crate::{
    finding::Finding,
    report::{
        layout::{listed_up_to, wrap},
        look::{Look, paint},
        quantity::counted,
        sanitise::sanitise,
    },
};

/// Causes that are told.
const MOST_CAUSES: usize = 8;
/// Places that are shown for each cause.
const MOST_PLACES: usize = 3;
/// Reasons of one finding that are told.
const MOST_REASONS: usize = 2;

pub(super) fn write(look: &Look, findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let folded: Vec<&Finding> = findings.iter().filter(|finding| is_folded(finding)).collect();
    if folded.is_empty() {
        return Ok(());
    }
    let head = "not to be settled from what is there, and not counted as failures";
    writeln!(out, "\n{}{}", paint(look.palette.unknown, "unknown"), paint(look.palette.strong, format!(": {head}")))?;
    let mut causes = unsettled(&folded);
    let all = causes.len();
    causes.truncate(MOST_CAUSES);
    for same in causes.chunk_by(|left, right| left.names == right.names) {
        let names = same.first().map_or_else(String::new, |first| first.names.join(", "));
        write_wrapped(look, &names, [2, 4], look.palette.strong, out)?;
        for Unsettled { cause, places, .. } in same {
            write_wrapped(look, cause, [6, 8], anstyle::Style::new(), out)?;
            if !places.is_empty() {
                write_wrapped(look, &listed_up_to(places, MOST_PLACES), [10, 10], look.palette.dim, out)?;
            }
        }
    }
    match all.checked_sub(MOST_CAUSES) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(out, "  and {}: -o json=FILE has them all", counted(more, "other cause")),
    }
}

/// Text with the indents of its first line and of the others.
pub(super) fn write_wrapped(
    look: &Look,
    text: &str,
    [first, others]: [usize; 2],
    style: anstyle::Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (index, line) in wrap(text, look.width.saturating_sub(others).max(30)).iter().enumerate() {
        let indent = if index == 0 { first } else { others };
        writeln!(out, "{}{}", " ".repeat(indent), paint(style, line))?;
    }
    Ok(())
}

/// Rules that cannot be settled for the same subjects and the same cause.
struct Unsettled {
    cause: String,
    places: Vec<String>,
    names: Vec<String>,
}

fn unsettled(folded: &[&Finding]) -> Vec<Unsettled> {
    let mut all: Vec<Unsettled> = Vec::new();
    for rule in folded.chunk_by(|left, right| left.rule == right.rule) {
        let Some(name) = rule.first().map(|finding| sanitise(&finding.name).into_owned()) else { continue };
        let mut alike: Vec<((&str, String), Vec<&Finding>)> = Vec::new();
        for finding in rule {
            let key = (finding.subject.kind.as_str(), general(&told(finding)));
            match alike.iter_mut().find(|(other, _)| *other == key) {
                Some((_, findings)) => findings.push(finding),
                None => alike.push((key, vec![finding])),
            }
        }
        for ((kind, general), findings) in alike {
            let (cause, places) = (cause(kind, &general, &findings), places(&findings));
            match all.iter_mut().find(|other| other.cause == cause && other.places == places) {
                Some(other) => other.names.push(name.clone()),
                None => all.push(Unsettled { cause, places, names: vec![name.clone()] }),
            }
        }
    }
    // Stable: causes that leave the same rules open stand together, in the order in which they were met.
    let order: Vec<Vec<String>> = all.iter().map(|one| one.names.clone()).collect();
    all.sort_by_key(|one| order.iter().position(|names| *names == one.names));
    all
}

/// Every place once, in order; the target as a whole is none.
fn places(findings: &[&Finding]) -> Vec<String> {
    let somewhere = findings.iter().filter(|finding| finding.location.is_some() || finding.subject.kind != "image");
    somewhere.map(|finding| short_place(finding)).collect::<BTreeSet<_>>().into_iter().collect()
}

/// `37 modules: the target of an import is computed when the program runs`.
fn cause(kind: &str, general: &str, findings: &[&Finding]) -> String {
    let texts: BTreeSet<String> = findings.iter().map(|finding| told(finding)).collect();
    // One text is told as it is; of several, what they have in common.
    let text = match texts.first() {
        Some(only) if texts.len() == 1 => only,
        _ => general,
    };
    if kind == "image" {
        return sanitise(text).into_owned();
    }
    let subjects: BTreeSet<_> = findings.iter().map(|finding| &finding.subject).collect();
    format!("{}: {}", counted(subjects.len(), &sanitise(&kind.replace('_', " "))), sanitise(text))
}

/// Why a finding is not settled. What is lacking of a whole environment or image is in its message.
fn told(finding: &Finding) -> String {
    let mut reasons: Vec<&str> = Vec::new();
    for evidence in &finding.evidence {
        if !reasons.contains(&evidence.text.as_str()) {
            reasons.push(&evidence.text);
        }
    }
    let more = if reasons.len() > MOST_REASONS { ", and other reasons" } else { "" };
    reasons.truncate(MOST_REASONS);
    let reasons = format!("{}{more}", reasons.join("; "));
    match finding.subject.kind.as_str() {
        _ if reasons.is_empty() => finding.message.clone(),
        "environment" | "image" => format!("{}: {reasons}", finding.message),
        _ => reasons,
    }
}

/// What reasons that differ by a place or a name have in common: of a path its last name, of any other name nothing, and no details
/// of a syntax error.
fn general(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(index, part)| match part.strip_prefix('/') {
        _ if index % 2 == 0 => part,
        Some(path) => path.rsplit('/').next().unwrap_or_default(),
        None => "...",
    });
    let text = parts.collect::<Vec<_>>().join("`");
    match text.split_once("does not parse: ") {
        Some((before, _)) => format!("{before}does not parse"),
        None => text,
    }
}
