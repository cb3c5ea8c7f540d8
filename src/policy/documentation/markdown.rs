//! A page as Markdown; never HTML in it: what a policy says is text.

use super::page::{Block, Inline, severity};

/// The page.
pub(super) fn markdown(blocks: &[Block]) -> String {
    let mut page = String::new();
    for block in blocks {
        if !page.is_empty() {
            page.push('\n');
        }
        match block {
            Block::Heading(level, name, _) => {
                page.push_str(&format!("{} {}\n", "#".repeat(usize::from(*level)), code_or_text(name)));
            }
            Block::Rule(name, level, _) => page.push_str(&format!("### `{name}` ({})\n", severity(*level))),
            Block::Paragraph(pieces) => page.push_str(&format!("{}\n", line(pieces))),
            Block::List(items) => items.iter().for_each(|item| page.push_str(&format!("- {}\n", line(item)))),
            Block::Table(head, rows) => {
                page.push_str(&format!("| {} |\n|{}\n", head.join(" | "), " --- |".repeat(head.len())));
                for row in rows {
                    let cells: Vec<String> = row.iter().map(|cell| line(cell).replace('|', "\\|")).collect();
                    page.push_str(&format!("| {} |\n", cells.join(" | ")));
                }
            }
            Block::Source(source) => {
                let fence = "`".repeat(longest_run(source).max(2) + 1);
                page.push_str(&format!("{fence}douane\n{}\n{fence}\n", source.trim_end()));
            }
        }
    }
    page
}

fn line(pieces: &[Inline]) -> String {
    let pieces = pieces.iter().map(|piece| match piece {
        Inline::Text(words) => escaped(words),
        Inline::Strong(words) => format!("**{}**", escaped(words)),
        Inline::Code(words) => code(words),
        Inline::Address(address) => format!("<{}>", address.replace(['<', '>'], "")),
        // Where a heading leads to differs between readers of Markdown.
        Inline::Place(words, _) => code(words),
    });
    pieces.collect()
}

fn code_or_text(name: &str) -> String {
    if name.contains('.') { code(name) } else { escaped(name) }
}

/// A code span: what holds backticks stands between more of them.
fn code(words: &str) -> String {
    match longest_run(words) {
        0 => format!("`{words}`"),
        run => {
            let fence = "`".repeat(run + 1);
            format!("{fence} {words} {fence}")
        }
    }
}

fn longest_run(words: &str) -> usize {
    words.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

/// Text in which nothing means anything to Markdown.
fn escaped(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for letter in words.chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '&' | '~') {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}
