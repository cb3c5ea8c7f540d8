//! A page before it has a format: headings, paragraphs, lists, tables; never a policy's tree.

use crate::diagnostic::Severity;

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Inline {
    /// Words.
    Text(String),
    /// Words that stand out.
    Strong(String),
    /// As it stands in a policy.
    Code(String),
    /// An address of the web.
    Address(String),
    /// Words that lead to a heading of this page.
    Place(String, String),
}

/// A part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// A heading: its level, its name, what a place on the page leads to it by.
    Heading(u8, String, String),
    /// The heading of a rule.
    Rule(String, Severity, String),
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A list.
    List(Vec<Vec<Inline>>),
    /// A table: its head, and rows of cells.
    Table(Vec<&'static str>, Vec<Vec<Vec<Inline>>>),
    /// A piece of a policy.
    Source(String),
}

pub(super) fn text(words: impl Into<String>) -> Inline {
    Inline::Text(words.into())
}

pub(super) fn code(words: impl Into<String>) -> Inline {
    Inline::Code(words.into())
}

/// How severe a rule is, as a word.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// Documentation as its author wrote it: paragraphs, lists whose items begin with `-`, words between backticks, addresses.
pub(super) fn prose(documentation: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut pending: Vec<String> = Vec::new();
    let mut items: Vec<Vec<Inline>> = Vec::new();
    for line in documentation.lines().chain([""]) {
        let item = line.trim_start().strip_prefix("- ");
        if line.trim().is_empty() || item.is_some() {
            finish(&mut pending, &mut items, &mut blocks);
        }
        match item {
            Some(item) => pending.push(format!("- {item}")),
            None if line.trim().is_empty() => {
                if !items.is_empty() {
                    blocks.push(Block::List(std::mem::take(&mut items)));
                }
            }
            None => pending.push(line.trim().to_owned()),
        }
    }
    blocks
}

/// Ends a paragraph or an item of a list; a list ends where something else begins.
fn finish(pending: &mut Vec<String>, items: &mut Vec<Vec<Inline>>, blocks: &mut Vec<Block>) {
    let whole = std::mem::take(pending).join(" ");
    if whole.is_empty() {
        return;
    }
    match whole.strip_prefix("- ") {
        Some(item) => items.push(inline(item)),
        None => {
            if !items.is_empty() {
                blocks.push(Block::List(std::mem::take(items)));
            }
            blocks.push(Block::Paragraph(inline(&whole)));
        }
    }
}

/// One line: words between backticks, and addresses.
pub(super) fn inline(line: &str) -> Vec<Inline> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((inside, after)) = after.split_once('`') else { break };
        addresses(before, &mut pieces);
        pieces.push(code(inside));
        rest = after;
    }
    addresses(rest, &mut pieces);
    pieces
}

/// Only addresses of the web lead anywhere: others could run something.
pub(super) fn is_address(word: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| word.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
}

fn addresses(words: &str, pieces: &mut Vec<Inline>) {
    let mut plain = String::new();
    for word in words.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let address = bare.trim_end_matches(['.', ',', ';', ':', ')', '!', '?', '>']);
        let start = address.trim_start_matches(['(', '<']);
        if !is_address(start) {
            plain.push_str(word);
            continue;
        }
        let before = address.len() - start.len();
        plain.push_str(word.get(..before).unwrap_or(""));
        pieces.extend((!plain.is_empty()).then(|| text(std::mem::take(&mut plain))));
        pieces.push(Inline::Address(start.to_owned()));
        plain.push_str(word.get(address.len()..).unwrap_or(""));
    }
    pieces.extend((!plain.is_empty()).then(|| text(plain)));
}

#[cfg(test)]
mod tests {
    use super::{Block, Inline, code, prose, text};

    #[test]
    fn documentation_has_paragraphs_lists_and_addresses() {
        let found = prose("One `a` and\n(https://a.example/x).\n\nTwo:\n- b\n  c\n- javascript://d\nend");
        let address = Inline::Address("https://a.example/x".into());
        let expected = [
            Block::Paragraph(vec![text("One "), code("a"), text(" and ("), address, text(").")]),
            Block::Paragraph(vec![text("Two:")]),
            Block::List(vec![vec![text("b c")], vec![text("javascript://d end")]]),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_lone_backtick_is_a_backtick() {
        assert_eq!(prose("a ` b"), [Block::Paragraph(vec![text("a ` b")])]);
    }
}
