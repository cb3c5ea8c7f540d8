//! What a clause asks, in words; never whether it is so.

use super::page::{Inline, code, text};
use crate::policy::syntax::{
    ast::{
        Binding, ClauseKind, Exempt, Expression, File, Grouping, ImportBan, Layers, Name, OnUnknown, Patterns, Protected,
        Reach, Siblings, Structure, Template,
    },
    print_expression, print_template,
};

/// A clause in words; nothing for what stands elsewhere on the page.
pub(super) fn clause(file: &File, kind: &ClauseKind) -> Option<Vec<Inline>> {
    let asked = |word: &str, condition: &Expression, unless: Option<&Expression>| {
        let mut words = vec![text(format!("{word} ")), expression(file, condition)];
        if let Some(unless) = unless {
            words.extend([text(", unless "), expression(file, unless)]);
        }
        words
    };
    let mut words = match kind {
        ClauseKind::For(binding) => range(file, binding),
        ClauseKind::ForGroups(grouping) => groups(file, grouping),
        ClauseKind::Where(condition) => asked("Only where", condition, None),
        ClauseKind::Require(condition, unless) => asked("Must be so:", condition, unless.as_ref()),
        ClauseKind::Forbid(condition, unless) => asked("Must not be so:", condition, unless.as_ref()),
        ClauseKind::ForbidImport(ban) => import_ban(ban),
        ClauseKind::Protected(protected) => only_from(protected),
        ClauseKind::Layers(layers) => ordered(layers),
        ClauseKind::Independent(group) => {
            let mut words = modules(&group.modules);
            words.push(text(" must not import each other, nor through other modules"));
            exempt(&group.exempt, &mut words);
            words
        }
        ClauseKind::Acyclic(group) => {
            let mut words = vec![text("No cycle of imports among ")];
            words.extend(modules(&group.modules));
            exempt(&group.exempt, &mut words);
            words
        }
        ClauseKind::Structure(structure) => contract(structure),
        ClauseKind::Message(template) => said(file, "Says: ", template),
        ClauseKind::Help(template) => said(file, "What to do: ", template),
        ClauseKind::OnUnknown(choice) => vec![text(undecided(*choice))],
        ClauseKind::Alternative(alternative) => vec![
            text("One of several: alternative "),
            code(alternative.name.clone()),
            text(" of "),
            code(alternative.group.clone()),
        ],
        ClauseKind::Code(codes) => {
            let known = std::iter::once(&codes.missing).chain(&codes.different).chain(&codes.unknown);
            let mut words = vec![text("Known as ")];
            listed(known.map(|one| code(one.clone())).collect(), &mut words);
            words
        }
        ClauseKind::Tags(_) | ClauseKind::Owner(_) | ClauseKind::Link(_) | ClauseKind::Param(_) => return None,
    };
    if let Some(Inline::Text(first)) = words.first_mut() {
        *first = capitalised(first);
    }
    words.push(text("."));
    Some(words)
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What an undecided verdict counts as.
pub(super) fn undecided(choice: OnUnknown) -> &'static str {
    match choice {
        OnUnknown::Fail => "What cannot be settled fails",
        OnUnknown::Warn => "What cannot be settled is shown, and fails nothing",
        OnUnknown::Pass => "What cannot be settled passes",
    }
}

fn expression(file: &File, expression: &Expression) -> Inline {
    code(print_expression(file, expression))
}

/// A message without its quotes: its values stand in braces.
fn said(file: &File, word: &str, template: &Template) -> Vec<Inline> {
    let written = print_template(file, template);
    let bare = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(&written);
    let bare = bare.replace("{{", "{").replace("}}", "}").replace("\\\"", "\"").replace("\\n", " ").replace("\\\\", "\\");
    let mut words = vec![text(word)];
    words.extend(super::page::inline(&bare));
    words
}

fn range(file: &File, binding: &Binding) -> Vec<Inline> {
    let mut words =
        vec![text("Judges every "), code(binding.variable.text.clone()), text(" of "), expression(file, &binding.relation)];
    if let Some(condition) = &binding.condition {
        words.extend([text(" where "), expression(file, condition)]);
    }
    words
}

fn groups(file: &File, grouping: &Grouping) -> Vec<Inline> {
    let mut words = vec![
        text("Judges groups of "),
        expression(file, &grouping.relation),
        text(": those with the same "),
        expression(file, &grouping.by),
        text(" (of each "),
        code(grouping.element.text.clone()),
        text(") are "),
        code(grouping.items.text.clone()),
        text(", what they have in common is "),
        code(grouping.key.text.clone()),
    ];
    if let Some(condition) = &grouping.condition {
        words.extend([text(", where "), expression(file, condition)]);
    }
    words
}

fn import_ban(ban: &ImportBan) -> Vec<Inline> {
    let mut words = modules(&ban.from);
    words.push(text(match ban.reach {
        Reach::Direct => " must not import ",
        Reach::Chain => " must not reach by imports, through however many modules, ",
    }));
    words.extend(one_of(&ban.to));
    if let Some(via) = &ban.via {
        words.push(text(", but through "));
        words.extend(modules(via));
    }
    exempt(&ban.exempt, &mut words);
    words
}

fn only_from(protected: &Protected) -> Vec<Inline> {
    let mut words = vec![text("Nobody but ")];
    words.extend(modules(&protected.importers));
    words.push(text(" may import "));
    words.extend(modules(&protected.modules));
    exempt(&protected.exempt, &mut words);
    words
}

fn ordered(layers: &Layers) -> Vec<Inline> {
    let mut words = vec![text("Layers")];
    if let Some(containers) = &layers.containers {
        words.push(text(" in "));
        words.extend(modules(containers));
    }
    words.push(text(", from the highest: "));
    for (index, row) in layers.rows.iter().enumerate() {
        if index > 0 {
            words.push(text(", above "));
        }
        let names = row.layers.iter().map(|layer| code(layer.name.text.clone())).collect();
        listed(names, &mut words);
        let of_several = match row.siblings {
            Siblings::Independent if row.layers.len() > 1 => " (which must not import each other)",
            _ => "",
        };
        let closed = if row.closed { " (which nothing above reaches past)" } else { "" };
        words.push(text(format!("{of_several}{closed}")));
        let only = row.layers.len() == 1;
        let optional: Vec<_> =
            row.layers.iter().filter(|layer| layer.optional).map(|layer| code(layer.name.text.clone())).collect();
        if only && !optional.is_empty() {
            words.push(text(" (which may be missing)"));
        } else if !optional.is_empty() {
            words.push(text(" (of which may be missing: "));
            listed(optional, &mut words);
            words.push(text(")"));
        }
    }
    words.push(text("; what is lower must not import what is higher, nor through other modules"));
    exempt(&layers.exempt, &mut words);
    words
}

fn contract(structure: &Structure) -> Vec<Inline> {
    let mut words = vec![text("Every module of ")];
    words.extend(modules(&structure.modules));
    words.push(text(" must have what the rule lists"));
    words
}

/// Modules by name and by class: all of them.
fn modules(patterns: &Patterns) -> Vec<Inline> {
    named(patterns, " and ")
}

/// Any of them.
fn one_of(patterns: &Patterns) -> Vec<Inline> {
    named(patterns, " or ")
}

fn named(patterns: &Patterns, last: &str) -> Vec<Inline> {
    let one = |name: &Name| match name.text.as_str() {
        "own" => text("the team's own code"),
        "third_party" => text("installed packages"),
        "stdlib" => text("the standard library"),
        "**" => text("any module"),
        pattern => code(pattern),
    };
    let mut words = Vec::new();
    joined(patterns.patterns.iter().map(one).collect(), last, &mut words);
    words
}

/// What does not count.
fn exempt(exempt: &Exempt, words: &mut Vec<Inline>) {
    for (index, (from, to, _)) in exempt.exceptions.iter().enumerate() {
        words.push(text(if index == 0 { "; allowed all the same: " } else { "; " }));
        words.extend(modules(from));
        words.push(text(" importing "));
        words.extend(modules(to));
    }
    if !exempt.ignoring.is_empty() {
        words.push(text("; not counted: imports "));
        let kinds = exempt.ignoring.iter().map(|kind| text(ignored(&kind.text)));
        listed(kinds.collect(), words);
    }
}

fn ignored(kind: &str) -> &str {
    match kind {
        "top_level" => "at the top of a module",
        "conditional" => "under a condition",
        "guarded" => "guarded against failure",
        "function" => "inside functions",
        "type_checking" => "for type checkers alone",
        "dynamic" => "by calls",
        other => other,
    }
}

/// `a, b and c`.
fn listed(pieces: Vec<Inline>, words: &mut Vec<Inline>) {
    joined(pieces, " and ", words);
}

fn joined(pieces: Vec<Inline>, last: &str, words: &mut Vec<Inline>) {
    let count = pieces.len();
    for (index, piece) in pieces.into_iter().enumerate() {
        if index > 0 {
            words.push(text(if index + 1 == count { last } else { ", " }));
        }
        words.push(piece);
    }
}
