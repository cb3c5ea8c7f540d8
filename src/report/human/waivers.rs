//! What waivers took, folded, and the waivers that want mending, each with its place; never a waived finding in full.

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use super::{finding::Drawing, unsettled::write_wrapped};
use crate::{
    diagnostic::Severity,
    finding::{CheckReport, Finding, FindingWaiver, Waiver, WaiverState},
    report::{
        layout::{columns, cut, padded},
        look::{Look, paint},
        quantity::{counted, grouped},
        sanitise::sanitise,
    },
};

/// Waivers of one status that are shown in full.
const MOST_OF_A_STATUS: usize = 3;
/// Waivers that are then listed, one a line; also of those that took something.
const MOST_LISTED: usize = 10;
/// Columns that a reason may take in the line of counts.
const LONGEST_REASON: usize = 40;

/// The waivers that want mending or can be tightened: warnings first, those of one status together.
pub(super) fn write_to_mend(look: &Look, report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    let mut statuses: BTreeMap<WaiverState, Vec<&Waiver>> = BTreeMap::new();
    for waiver in report.waivers.iter().filter(|waiver| waiver.severity.is_some()) {
        statuses.entry(waiver.status).or_default().push(waiver);
    }
    for waivers in statuses.into_values() {
        let full = waivers.iter().take(MOST_OF_A_STATUS);
        let widest = full.clone().map(|waiver| waiver.clause.line).max().unwrap_or(0);
        let drawing = Drawing { look, gutter: (widest.to_string().len() + 1).max(3) };
        for waiver in full {
            writeln!(out)?;
            write_waiver(&drawing, waiver, out)?;
        }
        write_repeats(&drawing, waivers.get(MOST_OF_A_STATUS..).unwrap_or_default(), out)?;
    }
    Ok(())
}

/// `warning[expired-waiver]: the waiver of ... expired 12 days ago`, its place, reason, owner, and what to do; of a note less.
fn write_waiver(drawing: &Drawing<'_>, waiver: &Waiver, out: &mut dyn Write) -> io::Result<()> {
    let (look, clause) = (drawing.look, &waiver.clause);
    let severity = waiver.severity.unwrap_or(Severity::Note);
    let word = if severity == Severity::Note { "note" } else { "warning" };
    let code = paint(look.palette.severity(severity), format!("{word}[{}-waiver]", status(waiver.status)));
    writeln!(out, "{code}{}", paint(look.palette.strong, format!(": {}", sanitise(&waiver.message))))?;
    let arrow = paint(look.palette.gutter, format!("{}-->", " ".repeat(drawing.gutter)));
    writeln!(out, "{arrow} {}:{}:{}", sanitise(&clause.file), clause.line, clause.column)?;
    if severity != Severity::Note {
        drawing.write_bar(out)?;
        let reason = sanitise(&waiver.reason);
        let excerpt = drawing.excerpt(&clause.text, clause.column, clause.width);
        if !drawing.write_excerpt(clause.line, &excerpt, ('^', look.palette.severity(severity)), &reason, out)? {
            drawing.write_note(&reason, out)?;
        }
        for evidence in &waiver.evidence {
            drawing.write_note(&sanitise(&evidence.text), out)?;
        }
        drawing.write_labelled("owner: ", &sanitise(&waiver.owner), out)?;
    }
    match &waiver.help {
        Some(help) => drawing.write_labelled("fix: ", &sanitise(help), out),
        None => Ok(()),
    }
}

/// The waivers that are not shown in full: one a line, then how many more there are.
fn write_repeats(drawing: &Drawing<'_>, repeats: &[&Waiver], out: &mut dyn Write) -> io::Result<()> {
    if repeats.is_empty() {
        return Ok(());
    }
    let indent = " ".repeat(drawing.gutter);
    drawing.write_bar(out)?;
    writeln!(out, "{}... and {} more like it:", paint(drawing.look.palette.gutter, &indent), grouped(repeats.len()))?;
    let place = |waiver: &Waiver| format!("{}:{}", sanitise(&waiver.clause.file), waiver.clause.line);
    let listed = || repeats.iter().take(MOST_LISTED);
    let widest = listed().map(|waiver| columns(&place(waiver))).max().unwrap_or(0);
    let left = drawing.look.width.saturating_sub(drawing.gutter + 6 + widest).max(LONGEST_REASON);
    for waiver in listed() {
        let message = paint(drawing.look.palette.dim, cut(&sanitise(&waiver.message), left));
        writeln!(out, "{indent}    {}  {message}", padded(&place(waiver), widest))?;
    }
    match repeats.len().checked_sub(MOST_LISTED) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(out, "{indent}    and {} more like it: -o json=FILE has them all", grouped(more)),
    }
}

/// Waived findings, a line for each rule and waiver: the one that ends first stands first.
pub(super) fn write_taken(look: &Look, report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    let mut taken: BTreeMap<(i64, &str, &FindingWaiver), (&Finding, usize)> = BTreeMap::new();
    for finding in &report.findings {
        let Some(waiver) = &finding.waived else { continue };
        taken.entry((waiver.days_left, finding.rule.as_str(), waiver)).or_insert((finding, 0)).1 += 1;
    }
    if taken.is_empty() {
        return Ok(());
    }
    let head = paint(look.palette.strong, ": found, and not counted as failures");
    writeln!(out, "\n{}{head}", paint(look.palette.note, "waived"))?;
    for ((days_left, _, waiver), (finding, number)) in taken.iter().take(MOST_LISTED) {
        let plain = anstyle::Style::new();
        let (name, reason) = (sanitise(&finding.name), sanitise(&waiver.reason));
        let what = format!("{name}: {}, {reason}", counted(*number, "finding"));
        let until = format!("{}, {} ({})", sanitise(&waiver.owner), expires(*days_left), waiver.expires);
        if columns(&what) + columns(&until) + 5 <= look.width {
            writeln!(out, "  {what} · {until}")?;
        } else {
            write_wrapped(look, &what, [2, 6], plain, out)?;
            write_wrapped(look, &until, [6, 6], plain, out)?;
        }
    }
    match taken.len().checked_sub(MOST_LISTED) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(out, "  and by {}: -o json=FILE has them all", counted(more, "other waiver")),
    }
}

/// `1 waived (SEC-4412, expires in 37 days)`.
pub(super) fn count(report: &CheckReport) -> Option<String> {
    let mut waivers: Vec<&FindingWaiver> = report.findings.iter().filter_map(|finding| finding.waived.as_ref()).collect();
    let number = grouped(waivers.len());
    waivers.sort_by_key(|waiver| (waiver.days_left, *waiver));
    waivers.dedup();
    let first = waivers.first()?;
    let end = expires(first.days_left);
    Some(match waivers.len() {
        1 => format!("{number} waived ({}, {end})", cut(&sanitise(ticket(&first.reason)), LONGEST_REASON)),
        several => format!("{number} waived ({}, the first {end})", counted(several, "waiver")),
    })
}

/// What a reason begins with, where that is a ticket or the like: `SEC-4412: msgpack migration`.
fn ticket(reason: &str) -> &str {
    match reason.split_once(": ") {
        Some((ticket, _)) if !ticket.is_empty() && !ticket.contains(char::is_whitespace) => ticket,
        _ => reason,
    }
}

fn expires(days_left: i64) -> String {
    match days_left {
        0 => "expires today".to_owned(),
        1 => "expires tomorrow".to_owned(),
        days => format!("expires in {days} days"),
    }
}

fn status(status: WaiverState) -> &'static str {
    match status {
        WaiverState::Expired => "expired",
        WaiverState::OverUsed => "over-used",
        WaiverState::TooLong => "too-long",
        WaiverState::Undecided => "undecided",
        WaiverState::Stale => "stale",
        WaiverState::Loose => "loose",
        WaiverState::InForce => "in-force",
        WaiverState::NotForThisTarget => "foreign",
    }
}
