//! The findings of one rule, each with where it is, why, and what to do; repeats are folded, never lost.

use std::io::{self, Write};

use super::group::Group;
use crate::{
    facts::REDACTED,
    finding::{Clause, Finding, FindingVerdict, Location},
    report::{
        excerpt::Excerpt,
        instruction::shortened,
        layout::{columns, cut, padded, wrap},
        look::{Look, paint},
        quantity::{counted, grouped},
        sanitise::sanitise,
    },
};

/// Findings of one clause that are shown in full.
const MOST_OF_A_CLAUSE: usize = 3;
/// Findings of one rule that are shown in full.
const MOST_OF_A_RULE: usize = 6;
/// Findings of one rule that are then listed, one a line.
const MOST_LISTED: usize = 10;
/// Evidence that is shown of one finding.
const MOST_EVIDENCE: usize = 6;
/// The least columns worth giving to a text that may be cut.
const LEAST_COLUMNS: usize = 24;

pub(super) fn write(look: &Look, group: &Group<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_title(look, group, out)?;
    let gutter = gutter(group);
    let drawing = Drawing { look, gutter };
    let mut budget = MOST_OF_A_RULE;
    let mut repeats = Vec::new();
    for findings in &group.clauses {
        let full = MOST_OF_A_CLAUSE.min(budget).min(findings.len());
        budget -= full;
        let (shown, folded) = findings.split_at_checked(full).unwrap_or((findings, &[]));
        repeats.extend(folded);
        for (index, finding) in shown.iter().enumerate() {
            if index > 0 {
                drawing.write_bar(out)?;
            }
            drawing.write_finding(finding, out)?;
        }
        if let Some(first) = shown.first() {
            drawing.write_clause(&first.clause, out)?;
            drawing.write_help_and_code(first, out)?;
        }
    }
    if let Some(owner) = group.owner {
        drawing.write_labelled("owner: ", &sanitise(owner), out)?;
    }
    for link in group.links {
        drawing.write_labelled("more: ", &sanitise(link), out)?;
    }
    drawing.write_repeats(&repeats, out)
}

/// `error[no-debuggers]: No debugger ships · 5 findings`.
fn write_title(look: &Look, group: &Group<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (word, style) = match (group.verdict, group.severity) {
        (FindingVerdict::Unknown, _) => ("unknown", look.palette.unknown),
        (FindingVerdict::Fail, crate::diagnostic::Severity::Error) => ("error", look.palette.error),
        (FindingVerdict::Fail, crate::diagnostic::Severity::Warning) => ("warning", look.palette.warning),
        (FindingVerdict::Fail, crate::diagnostic::Severity::Note) => ("note", look.palette.note),
    };
    let code = paint(style, format!("{word}[{}]", sanitise(group.name)));
    write!(out, "{code}{}", paint(look.palette.strong, format!(": {}", sanitise(group.title))))?;
    let number: u64 = group.clauses.iter().flatten().map(|finding| finding.stands_for).sum();
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    if number > 1 {
        write!(out, "{}", paint(look.palette.dim, format!(" · {}", counted(number, "finding"))))?;
    }
    writeln!(out)
}

/// Columns of the line numbers, so that the bars of a whole group stand in one column.
fn gutter(group: &Group<'_>) -> usize {
    let lines = group.clauses.iter().flat_map(|findings| {
        let places = findings.iter().take(MOST_OF_A_CLAUSE).filter_map(|finding| finding.location.as_ref()?.line);
        places.chain(findings.first().map(|finding| finding.clause.line))
    });
    let widest = lines.max().unwrap_or(0);
    (widest.to_string().len() + 1).max(3)
}

/// What drawing one group needs.
pub(super) struct Drawing<'look> {
    /// How it looks.
    pub(super) look: &'look Look,
    /// Columns of the line numbers.
    pub(super) gutter: usize,
}

impl Drawing<'_> {
    fn write_finding(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        self.write_place(finding, out)?;
        self.write_bar(out)?;
        let style = match finding.verdict {
            FindingVerdict::Fail => self.look.palette.severity(finding.severity),
            FindingVerdict::Unknown => self.look.palette.unknown,
        };
        let message = sanitise(&finding.message);
        let drawn = finding.location.as_ref().and_then(source);
        let beside = match drawn {
            Some((line, text, column, width)) => {
                self.write_excerpt(line, &self.excerpt(text, column, width), ('^', style), &message, out)?
            }
            None => false,
        };
        if !beside {
            self.write_note(&message, out)?;
        }
        self.write_evidence(finding, out)?;
        if finding.verdict == FindingVerdict::Unknown {
            self.write_note("what cannot be settled counts as a failure here", out)?;
        }
        Ok(())
    }

    /// `   --> /srv/app/store.py:1:8  in layer 3: COPY src /srv/app`.
    fn write_place(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let place = place(finding);
        let arrow = paint(self.look.palette.gutter, format!("{}-->", " ".repeat(self.gutter)));
        write!(out, "{arrow} {place}")?;
        let Some(layer) = &finding.layer else { return writeln!(out) };
        let left = self.look.width.saturating_sub(self.gutter + 4 + columns(&place) + 2);
        let mut text = format!("in layer {}", layer.index);
        if let Some(created_by) = &layer.created_by {
            text = format!("{text}: {}", shortened(created_by));
        }
        if columns(&text) <= left {
            return writeln!(out, "  {}", paint(self.look.palette.dim, text));
        }
        let indent = self.gutter + 4;
        let text = cut(&text, self.look.width.saturating_sub(indent).max(LEAST_COLUMNS));
        writeln!(out, "\n{}{}", " ".repeat(indent), paint(self.look.palette.dim, text))
    }

    /// The policy's text, under `:::`.
    fn write_clause(&self, clause: &Clause, out: &mut dyn Write) -> io::Result<()> {
        if clause.file.is_empty() {
            return Ok(());
        }
        self.write_bar(out)?;
        let colons = paint(self.look.palette.gutter, format!("{}:::", " ".repeat(self.gutter)));
        writeln!(out, "{colons} {}:{}:{}", sanitise(&clause.file), clause.line, clause.column)?;
        self.write_bar(out)?;
        let column = usize::try_from(clause.column).unwrap_or(1).saturating_sub(1);
        let from = clause.text.char_indices().nth(column).and_then(|(at, _)| clause.text.get(at..));
        // The clause's own first word, else its line's.
        let mut words = from.into_iter().chain([clause.text.as_str()]).filter_map(|text| text.split_whitespace().next());
        let says = words.find_map(|word| match word {
            "forbid" => Some("forbidden here"),
            "require" => Some("required here"),
            _ => None,
        });
        let says = says.unwrap_or("by this clause");
        let mut excerpt = self.excerpt(&clause.text, clause.column, clause.width);
        if self.gutter + 3 + excerpt.offset + excerpt.width + 1 + columns(says) > self.look.width {
            // Of a clause that fills the line its first word is enough.
            excerpt.width = clause.text.split_whitespace().next().map_or(1, columns).min(excerpt.width);
        }
        self.write_excerpt(clause.line, &excerpt, ('-', self.look.palette.gutter), says, out)?;
        Ok(())
    }

    fn write_help_and_code(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        if let Some(help) = &finding.help {
            self.write_labelled("fix: ", &sanitise(help), out)?;
        }
        match &finding.code {
            Some(code) => self.write_labelled("code: ", &sanitise(code), out),
            None => Ok(()),
        }
    }

    fn write_evidence(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let here = finding.location.as_ref();
        // What the message says already is not said again.
        let telling: Vec<_> = finding.evidence.iter().filter(|evidence| !says(&finding.message, &evidence.text)).collect();
        for evidence in telling.iter().take(MOST_EVIDENCE) {
            let mut text = evidence.text.clone();
            let elsewhere = evidence.path.as_ref().filter(|path| {
                here.is_none_or(|here| here.path != **path || (evidence.line.is_some() && here.line != evidence.line))
                    && !text.contains(path.as_str())
            });
            if let Some(path) = elsewhere {
                let line = evidence.line.map(|line| format!(":{line}")).unwrap_or_default();
                text = format!("{text} ({path}{line})");
            }
            if let Some(layer) = evidence.layer.filter(|layer| finding.layer.as_ref().is_none_or(|of| of.index != *layer)) {
                text = format!("{text}, in layer {layer}");
            }
            self.write_note(&sanitise(&text), out)?;
        }
        match telling.len().checked_sub(MOST_EVIDENCE) {
            None | Some(0) => Ok(()),
            Some(more) => self.write_note(&format!("and {} more facts", grouped(more)), out),
        }
    }

    /// The findings that are not shown in full: one a line, then how many more there are.
    fn write_repeats(&self, repeats: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
        if repeats.is_empty() {
            return Ok(());
        }
        self.write_bar(out)?;
        let indent = " ".repeat(self.gutter);
        let head = format!("and {} more like it:", grouped(repeats.len()));
        writeln!(out, "{}... {head}", paint(self.look.palette.gutter, &indent))?;
        let listed: Vec<(String, String)> =
            repeats.iter().take(MOST_LISTED).map(|finding| (short_place(finding), told_briefly(finding))).collect();
        let widest = listed.iter().map(|(place, _)| columns(place)).max().unwrap_or(0).min(self.look.width / 2);
        for (place, message) in &listed {
            let taken = self.gutter + 4 + columns(place).max(widest) + 2;
            let left = self.look.width.saturating_sub(taken);
            if left < LEAST_COLUMNS {
                writeln!(out, "{indent}    {place}")?;
            } else {
                let message = paint(self.look.palette.dim, cut(message, left));
                writeln!(out, "{indent}    {}  {message}", padded(place, widest))?;
            }
        }
        match repeats.len().checked_sub(MOST_LISTED) {
            None | Some(0) => Ok(()),
            Some(more) => writeln!(out, "{indent}    and {} more like it: -o json=FILE has them all", grouped(more)),
        }
    }

    pub(super) fn excerpt(&self, text: &str, column: u32, width: u32) -> Excerpt {
        Excerpt::new(text, column, width, self.look.width.saturating_sub(self.gutter + 3).max(20))
    }

    /// A source line, its underline, and the label beside it where it fits: whether it did.
    pub(super) fn write_excerpt(
        &self,
        line: u32,
        excerpt: &Excerpt,
        (mark, style): (char, anstyle::Style),
        label: &str,
        out: &mut dyn Write,
    ) -> io::Result<bool> {
        let number = paint(self.look.palette.gutter, format!("{line:>width$} |", width = self.gutter));
        writeln!(out, "{number} {}", excerpt.line)?;
        let bar = paint(self.look.palette.gutter, format!("{}|", " ".repeat(self.gutter + 1)));
        let underline: String = std::iter::repeat_n(mark, excerpt.width).collect();
        let taken = self.gutter + 3 + excerpt.offset + excerpt.width + 1;
        let fits = taken + columns(label) <= self.look.width;
        let beside = if fits { format!("{underline} {label}") } else { underline };
        writeln!(out, "{bar} {}{}", " ".repeat(excerpt.offset), paint(style, beside))?;
        Ok(fits)
    }

    pub(super) fn write_bar(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", paint(self.look.palette.gutter, format!("{}|", " ".repeat(self.gutter + 1))))
    }

    /// `    = text`, wrapped.
    pub(super) fn write_note(&self, text: &str, out: &mut dyn Write) -> io::Result<()> {
        self.write_labelled("", text, out)
    }

    pub(super) fn write_labelled(&self, label: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let indent = self.gutter + 3 + columns(label);
        let lines = wrap(text, self.look.width.saturating_sub(indent).max(20));
        for (index, line) in lines.iter().enumerate() {
            if index == 0 {
                let sign = paint(self.look.palette.gutter, format!("{}=", " ".repeat(self.gutter + 1)));
                writeln!(out, "{sign} {}{line}", paint(self.look.palette.strong, label))?;
            } else {
                writeln!(out, "{}{line}", " ".repeat(indent))?;
            }
        }
        Ok(())
    }
}

/// Whether a message says already what a fact says: in the same words, or (`floor` is 3.11) by its value. A value that is not
/// shown tells nothing.
fn says(message: &str, fact: &str) -> bool {
    let bare = |text: &str| text.replace('`', "");
    let value = fact.rsplit_once("` is ").map(|(_, value)| value);
    let words = |text: &str| -> Vec<String> {
        let apart = |letter: char| letter.is_whitespace() || "();,`\"'".contains(letter);
        text.split(apart).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    bare(message).contains(&bare(fact))
        || value.is_some_and(|value| value == REDACTED || words(message).iter().any(|word| word == value))
}

/// The message without the path at its beginning, which stands beside it.
fn told_briefly(finding: &Finding) -> String {
    let message = finding.message.as_str();
    let path = finding.location.as_ref().map_or("", |location| location.path.as_str());
    let rest = message.strip_prefix(path).map_or(message, str::trim_start);
    sanitise(rest).into_owned()
}

/// The line, text, column and width of a source excerpt.
fn source(location: &Location) -> Option<(u32, &str, u32, u32)> {
    let text = location.text.as_deref().filter(|text| !text.trim().is_empty())?;
    Some((location.line?, text, location.column.unwrap_or(1), location.width.unwrap_or(1)))
}

/// `/srv/app/store.py:1:8`, or the subject where it is in no file.
fn place(finding: &Finding) -> String {
    match &finding.location {
        Some(location) => {
            let column = location.line.and(location.column).map(|column| format!(":{column}")).unwrap_or_default();
            format!("{}{column}", path_and_line(location))
        }
        None => subject(finding),
    }
}

/// `/srv/app/store.py:1`, or the subject where it is in no file.
pub(super) fn short_place(finding: &Finding) -> String {
    finding.location.as_ref().map_or_else(|| subject(finding), path_and_line)
}

fn path_and_line(location: &Location) -> String {
    let line = location.line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("{}{line}", sanitise(&location.path))
}

fn subject(finding: &Finding) -> String {
    let subject = &finding.subject;
    match subject.kind.as_str() {
        "image" => "the image".to_owned(),
        kind => format!("{} {}", sanitise(&kind.replace('_', " ")), sanitise(&subject.identity)),
    }
}
