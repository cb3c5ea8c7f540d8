//! A rule in kernel terms: `for`, `where`, `require`, `forbid`; never a form that the language does not have.

use std::collections::BTreeSet;

use super::{
    make::{patterns, word},
    nothing,
    structure::{self, there, whole, whole_side},
};
use crate::policy::syntax::{
    ast::{Clause, ClauseKind, Exempt, File, Group, ImportBan, Layers, Patterns, Protected, Reach, Region, Rule, Siblings},
    print,
};

/// Most letters in a line of a comment.
const WIDEST: usize = 100;

/// Clauses that say the same as one of the rule's, and what they leave out.
struct Piece {
    note: Option<String>,
    clauses: Vec<ClauseKind>,
    /// Whether they range over modules by a `for`, so that they need a rule of their own.
    apart: bool,
}

impl Piece {
    fn exact(clauses: Vec<ClauseKind>) -> Self {
        Self { note: None, clauses, apart: false }
    }
}

/// The rule in kernel terms as the text of a policy: one rule, or several where a `for` stands for itself.
pub(super) fn kernel(rule: &Rule) -> String {
    let (mut frame, mut pieces) = (Vec::new(), Vec::new());
    for clause in &rule.clauses {
        match &clause.kind {
            ClauseKind::For(_)
            | ClauseKind::ForGroups(_)
            | ClauseKind::Where(_)
            | ClauseKind::OnUnknown(_)
            | ClauseKind::Param(_) => frame.push(clause.kind.clone()),
            kind => pieces.extend(piece(kind)),
        }
    }
    let mut texts: Vec<String> = Vec::new();
    let mut exact = pieces.iter().filter(|piece| !piece.apart).peekable();
    if exact.peek().is_some() {
        let pieces: Vec<&Piece> = exact.collect();
        texts.push(written(rule, &frame, &pieces));
    }
    texts.extend(pieces.iter().filter(|piece| piece.apart).map(|piece| written(rule, &frame, &[piece])));
    texts.join("\n")
}

fn written(rule: &Rule, frame: &[ClauseKind], pieces: &[&Piece]) -> String {
    let kinds = pieces.iter().flat_map(|piece| &piece.clauses);
    let clause = |kind: &ClauseKind| Clause { kind: kind.clone(), region: Region::default() };
    // Conditions stand after the `for` that they are about, and both before what is asked.
    let is_for = |kind: &&ClauseKind| matches!(kind, ClauseKind::For(_));
    let clauses = kinds.clone().filter(is_for).chain(frame).chain(kinds.clone().filter(|kind| !is_for(kind)));
    let rule = Rule { clauses: clauses.map(clause).collect(), documentation: String::new(), ..rule.clone() };
    let notes = pieces.iter().filter_map(|piece| piece.note.as_ref()).map(|note| remark(note));
    notes.collect::<String>() + &print(&File { rules: vec![rule], ..nothing() })
}

/// A comment, in lines that can be read.
fn remark(note: &str) -> String {
    let (mut lines, mut line) = (String::new(), String::from("//"));
    for word in note.split_whitespace() {
        if line.len() + word.len() >= WIDEST {
            lines.push_str(&std::mem::replace(&mut line, String::from("//")));
            lines.push('\n');
        }
        line.push(' ');
        line.push_str(word);
    }
    lines + &line + "\n"
}

/// A clause that judges, in kernel terms; nothing for what the rule says of itself.
fn piece(kind: &ClauseKind) -> Option<Piece> {
    Some(match kind {
        ClauseKind::Protected(asked) => Piece::exact(vec![protected(asked)]),
        ClauseKind::Layers(asked) => layers(asked),
        ClauseKind::Independent(group) => independent(group),
        ClauseKind::Structure(asked) => {
            Piece { note: Some(structure::NOTE.to_owned()), clauses: structure::clauses(asked), apart: true }
        }
        ClauseKind::Require(..) | ClauseKind::Forbid(..) | ClauseKind::ForbidImport(_) | ClauseKind::Acyclic(_) => {
            Piece::exact(vec![kind.clone()])
        }
        _ => return None,
    })
}

/// Everybody's imports but those of the permitted, and the protected modules' own.
fn protected(asked: &Protected) -> ClauseKind {
    let mut exempt = asked.exempt.clone();
    let region = Region::default();
    exempt.exceptions.push((asked.importers.clone(), asked.modules.clone(), region));
    exempt.exceptions.push((asked.modules.clone(), asked.modules.clone(), region));
    let from = patterns(["**".to_owned()]);
    ClauseKind::ForbidImport(ImportBan { from, to: asked.modules.clone(), reach: Reach::Direct, via: None, exempt })
}

fn chain(from: &str, to: &str, others: Vec<String>, exempt: &Exempt) -> ClauseKind {
    let via = (!others.is_empty()).then(|| patterns(others));
    let (from, to) = (whole_side(from), whole_side(to));
    ClauseKind::ForbidImport(ImportBan { from, to, reach: Reach::Chain, via, exempt: exempt.clone() })
}

/// A ban for each pair of layers of which one must not reach the other, and the layers that must be there.
fn layers(asked: &Layers) -> Piece {
    let mut clauses = Vec::new();
    let mut note = None;
    let containers: Vec<Option<&str>> = match &asked.containers {
        Some(containers) => containers.patterns.iter().map(|container| Some(container.text.as_str())).collect(),
        None => vec![None],
    };
    let pairs = pairs(asked);
    for container in containers {
        let is_open = container.is_some_and(is_open);
        if is_open {
            note = Some("near to the rule: each module that holds the layers is judged for itself".to_owned());
        }
        let full = |name: &str| container.map_or_else(|| name.to_owned(), |container| format!("{container}.{name}"));
        let all: Vec<&str> = asked.rows.iter().flat_map(|row| &row.layers).map(|layer| layer.name.text.as_str()).collect();
        if !is_open {
            let needed = asked.rows.iter().flat_map(|row| &row.layers).filter(|layer| !layer.optional);
            clauses.extend(needed.map(|layer| there(&full(&layer.name.text))));
        }
        for (from, to) in &pairs {
            let others = all.iter().filter(|other| *other != from && *other != to).map(|other| whole(&full(other)));
            clauses.push(chain(&full(from), &full(to), others.collect(), &asked.exempt));
        }
    }
    Piece { note, clauses, apart: false }
}

/// Which layer must not reach which: lower ones higher ones, siblings each other, and what is above a closed row what is below.
fn pairs(asked: &Layers) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for (low, row) in asked.rows.iter().enumerate() {
        for layer in &row.layers {
            let higher = asked.rows.iter().take(low).flat_map(|row| &row.layers);
            found.extend(higher.map(|higher| (layer.name.text.as_str(), higher.name.text.as_str())));
            if row.siblings == Siblings::Independent {
                let siblings = row.layers.iter().filter(|sibling| sibling.name.text != layer.name.text);
                found.extend(siblings.map(|sibling| (layer.name.text.as_str(), sibling.name.text.as_str())));
            }
        }
        if row.closed {
            for above in asked.rows.iter().take(low).flat_map(|row| &row.layers) {
                let below = asked.rows.iter().skip(low + 1).flat_map(|row| &row.layers);
                found.extend(below.map(|below| (above.name.text.as_str(), below.name.text.as_str())));
            }
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|pair| seen.insert(*pair));
    found
}

/// A ban for each pair of members; of members that only an image tells, one ban that comes near.
fn independent(group: &Group) -> Piece {
    let members: Vec<&str> = group.modules.patterns.iter().map(|member| member.text.as_str()).collect();
    if members.iter().any(|member| is_open(member)) {
        let side = Patterns {
            patterns: members
                .iter()
                .map(|member| word(if is_class(member) { (*member).to_owned() } else { whole(member) }))
                .collect(),
            region: Region::default(),
        };
        let ban = ImportBan { from: side.clone(), to: side, reach: Reach::Chain, via: None, exempt: group.exempt.clone() };
        let note = "near to the rule: forbidden between two different modules that the patterns match, each with all below it, and not \
                    within one of them; a chain through a third one is for that one to answer";
        return Piece { note: Some(note.to_owned()), clauses: vec![ClauseKind::ForbidImport(ban)], apart: false };
    }
    let mut clauses = Vec::new();
    for from in &members {
        for to in members.iter().filter(|to| *to != from) {
            let others = members.iter().filter(|other| *other != from && *other != to).map(|other| whole(other));
            clauses.push(chain(from, to, others.collect(), &group.exempt));
        }
    }
    Piece::exact(clauses)
}

fn is_class(pattern: &str) -> bool {
    matches!(pattern, "own" | "third_party" | "stdlib")
}

/// Whether only an image tells which modules a pattern means.
fn is_open(pattern: &str) -> bool {
    pattern.contains('*') || is_class(pattern)
}
