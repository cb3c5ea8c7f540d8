//! The counts, the gaps and the verdict: what a run came to; never a clean verdict over gaps.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use crate::{
    facts::Gap,
    finding::{CheckReport, RuleVerdict, Verdict},
    report::{
        layout::{cut, listed, listed_up_to, wrap},
        look::{Look, paint},
        quantity::{counted, duration, grouped},
        sanitise::sanitise,
    },
};

/// Places that are shown for each kind of gap.
const MOST_PLACES: usize = 2;
/// Rules that matched nothing and are named.
const MOST_VACUOUS: usize = 6;

pub(super) fn write(look: &Look, report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    if let Some(failure) = &report.error {
        let message = sanitise(&failure.message);
        let lines = wrap(&message, look.width.saturating_sub(7));
        let title = format!("error[{}]", sanitise(&failure.code));
        writeln!(out, "{}: {}", paint(look.palette.error, title), lines.first().map_or("", String::as_str))?;
        for line in lines.iter().skip(1) {
            writeln!(out, "       {line}")?;
        }
        for cause in &failure.causes {
            writeln!(out, "  because: {}", sanitise(cause))?;
        }
    } else {
        write_wrapped(look, &counts(report), "  ", out)?;
        write_vacuous(look, report, out)?;
        write_gaps(look, &report.gaps, out)?;
    }
    write_verdict(look, report, out)
}

/// `3 errors, 1 unknown, 1 waived (SEC-4412, expires in 37 days) · 41 of 44 rules passed`.
fn counts(report: &CheckReport) -> String {
    let totals = &report.totals;
    let found = [(totals.errors, "error"), (totals.warnings, "warning"), (totals.notes, "note")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| counted(number, word))
        .chain((totals.unknown_failing > 0).then(|| format!("{} unknown", grouped(totals.unknown_failing))))
        .chain((totals.unknown_shown > 0).then(|| format!("{} not to be settled", grouped(totals.unknown_shown))))
        .chain(super::waivers::count(report))
        .chain((totals.waivers_to_mend > 0).then(|| to_mend(totals.waivers_to_mend)))
        .collect::<Vec<_>>();
    let found = if found.is_empty() { "nothing found".to_owned() } else { found.join(", ") };
    let passed = format!("{} of {} rules passed", grouped(totals.rules_passed), grouped(report.rules.len()));
    let policies = format!("from {}", counted(report.policies.len(), "policy"));
    match report.policies.len() {
        0 => format!("{found} · {passed}"),
        _ => format!("{found} · {passed}, {policies}"),
    }
}

fn write_vacuous(look: &Look, report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    let vacuous: Vec<String> = report
        .rules
        .iter()
        .filter(|rule| rule.verdict == RuleVerdict::Vacuous)
        .map(|rule| sanitise(&rule.name).into_owned())
        .collect();
    if vacuous.is_empty() {
        return Ok(());
    }
    let text = format!("{} matched nothing: {}", counted(vacuous.len(), "rule"), listed_up_to(&vacuous, MOST_VACUOUS));
    write_wrapped(look, &text, "  ", out)
}

/// One gap with its reason; several folded by their kind, the most frequent first.
pub(in crate::report) fn write_gaps(look: &Look, gaps: &[Gap], out: &mut dyn Write) -> io::Result<()> {
    if let [gap] = gaps {
        let text = format!("{}: {} {}", counted(1, "gap"), sanitise(&gap.place), why(gap));
        return write_wrapped(look, &text, "  ", out);
    }
    if gaps.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}:", counted(gaps.len(), "gap"))?;
    let mut kinds: BTreeMap<&str, Vec<&Gap>> = BTreeMap::new();
    for gap in gaps {
        kinds.entry(&gap.code).or_default().push(gap);
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(code, gaps)| (std::cmp::Reverse(gaps.len()), *code));
    for (code, gaps) in kinds {
        let text = match gaps.as_slice() {
            [gap] => format!("{} {}", sanitise(&gap.place), why(gap)),
            _ => {
                let places: Vec<String> = gaps.iter().map(|gap| sanitise(&gap.place).into_owned()).collect();
                format!("{}: {}", kind(code, gaps.len()), listed_up_to(&places, MOST_PLACES))
            }
        };
        for (index, line) in wrap(&text, look.width.saturating_sub(4)).iter().enumerate() {
            writeln!(out, "{}{line}", if index == 0 { "  " } else { "    " })?;
        }
    }
    Ok(())
}

/// What is wrong at a place: `does not parse (line 1: expected a parameter name)`.
fn why(gap: &Gap) -> String {
    let reason = cut(&sanitise(&gap.reason), 240);
    match gap.code.as_str() {
        "python-syntax" if !reason.contains("parse") => format!("does not parse ({reason})"),
        _ => format!("({}): {reason}", sanitise(&gap.code)),
    }
}

/// `12 files do not parse`.
fn kind(code: &str, number: usize) -> String {
    let number = grouped(number);
    match code {
        "python-syntax" => format!("{number} files do not parse"),
        "python-encoding" => format!("{number} files are in no known encoding"),
        _ => format!("{number} × {}", sanitise(code)),
    }
}

/// `PASS, with 2 warnings and 3 gaps, in 0.9 s`.
fn write_verdict(look: &Look, report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    let (word, style) = match report.verdict {
        Verdict::Pass => ("PASS", look.palette.good),
        Verdict::Fail => ("FAIL", look.palette.error),
        Verdict::Unknown => ("UNKNOWN", look.palette.unknown),
        Verdict::Error => ("ERROR", look.palette.error),
    };
    write!(out, "{}", paint(style, word))?;
    let took = duration(report.elapsed);
    match report.verdict {
        Verdict::Pass => match reservations(report).as_slice() {
            [] => writeln!(out, " in {took}"),
            with => writeln!(out, ", with {}, in {took}", paint(look.palette.warning, listed(with))),
        },
        Verdict::Fail => writeln!(out, " in {took}{}", strict_reasons(report)),
        Verdict::Unknown => {
            let hiding = report.gaps.iter().filter(|gap| gap.may_hide()).count();
            let hiding =
                if hiding > 0 { format!(", and {} may hide something", counted(hiding, "gap")) } else { String::new() };
            let reasons = strict_reasons(report);
            writeln!(out, " in {took}: nothing is broken for certain, but not all is settled{hiding}{reasons}")
        }
        Verdict::Error => writeln!(out, " after {took}: the scan could not be completed, and nothing was checked"),
    }
}

/// What a pass does not say.
fn reservations(report: &CheckReport) -> Vec<String> {
    let totals = &report.totals;
    let mut with = Vec::new();
    if !report.rules.is_empty() && totals.rules_vacuous == report.rules.len() {
        with.push("nothing that any rule speaks of".to_owned());
    }
    if totals.warnings > 0 {
        with.push(counted(totals.warnings, "warning"));
    }
    if totals.unknown_shown > 0 {
        with.push(format!("{} not settled", grouped(totals.unknown_shown)));
    }
    if totals.waived > 0 {
        with.push(format!("{} waived", grouped(totals.waived)));
    }
    if totals.waivers_to_mend > 0 {
        with.push(to_mend(totals.waivers_to_mend));
    }
    if !report.gaps.is_empty() {
        with.push(counted(report.gaps.len(), "gap"));
    }
    with
}

/// What fails only because of `--strict`.
fn strict_reasons(report: &CheckReport) -> String {
    if !report.strict {
        return String::new();
    }
    let mut reasons = Vec::new();
    if report.totals.rules_vacuous > 0 {
        reasons.push(format!("{} that matched nothing", counted(report.totals.rules_vacuous, "rule")));
    }
    if report.totals.waivers_to_mend > 0 {
        reasons.push(to_mend(report.totals.waivers_to_mend));
    }
    if !report.gaps.is_empty() {
        reasons.push(counted(report.gaps.len(), "gap"));
    }
    match reasons.as_slice() {
        [] => String::new(),
        reasons => format!(" (--strict counts {})", listed(reasons)),
    }
}

fn to_mend(number: usize) -> String {
    format!("{} to mend", counted(number, "waiver"))
}

fn write_wrapped(look: &Look, text: &str, indent: &str, out: &mut dyn Write) -> io::Result<()> {
    for (index, line) in wrap(text, look.width.saturating_sub(indent.len())).iter().enumerate() {
        writeln!(out, "{}{line}", if index == 0 { "" } else { indent })?;
    }
    Ok(())
}
