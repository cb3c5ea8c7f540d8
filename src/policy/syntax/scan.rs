//! One linear pass over a policy's text: words, brackets, strings, comments, depth; never the grammar itself.
//!
//! The parser works on pieces (items, clauses) that this pass finds, so that one error does not hide the next.

use super::ast::Region;
use super::words::ITEM_WORDS;

/// Deepest nesting of brackets and quantifiers: the parser and all that walks the tree recurse no deeper.
pub const MAX_DEPTH: usize = 64;

/// A piece of the text, as far as splitting needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where.
    pub region: Region,
    /// Whether only white space stands before it on its line.
    pub first_on_line: bool,
    /// Whether nothing stands before it on its line.
    pub first_column: bool,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Letters, digits, `_`.
    Word,
    /// `(`, `[`, `{`.
    Open(u8),
    /// `)`, `]`, `}`.
    Close(u8),
    /// `"..."`.
    Text,
    /// Anything else.
    Mark(u8),
}

/// What is wrong at this level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// A string that its line does not end.
    UnterminatedText(Region),
    /// A bracket that is never closed.
    Unclosed(Region),
    /// A bracket that closes nothing.
    Unmatched(Region),
    /// Deeper than `MAX_DEPTH`.
    TooDeep(Region),
    /// A rule's body that nothing opens.
    Unopened(Region),
    /// A character that cannot be seen, or that makes its line read otherwise than it is.
    Invisible(Region),
}

impl Problem {
    /// Where.
    pub fn region(&self) -> Region {
        match self {
            Self::UnterminatedText(region)
            | Self::Unclosed(region)
            | Self::Unmatched(region)
            | Self::TooDeep(region)
            | Self::Unopened(region)
            | Self::Invisible(region) => *region,
        }
    }
}

/// What the pass found.
#[derive(Debug, Default)]
pub struct Scan {
    /// Every token.
    pub tokens: Vec<Token>,
    /// Every comment.
    pub comments: Vec<Region>,
    /// What is wrong, in order.
    pub problems: Vec<Problem>,
    /// Top-level items, as ranges of tokens.
    pub items: Vec<std::ops::Range<usize>>,
}

/// Runs the pass.
pub fn scan(text: &str) -> Scan {
    let mut scan = Scan::default();
    tokenise(text, &mut scan);
    split(text, &mut scan);
    let start = byte_order_mark(text);
    let invisible = text.char_indices().filter(|(at, character)| *at >= start && is_invisible(*character));
    let regions = invisible.map(|(at, character)| Region { start: at, end: at + character.len_utf8() });
    scan.problems.extend(regions.take(MAX_DEPTH).map(Problem::Invisible));
    scan.problems.sort_by_key(Problem::region);
    scan
}

/// The bytes of a mark that some editors put before a text.
fn byte_order_mark(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

/// Control characters, and those that reorder or join what stands around them: a reviewer would read another policy.
fn is_invisible(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\r' | '\t')
        || matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn tokenise(text: &str, scan: &mut Scan) {
    let bytes = text.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let (mut at, mut fresh, mut line_start) = (byte_order_mark(text), true, byte_order_mark(text));
    while at < bytes.len() {
        let start = at;
        let kind = match byte(at) {
            b'\n' => {
                (at, fresh, line_start) = (at + 1, true, at + 1);
                continue;
            }
            b' ' | b'\t' | b'\r' => {
                at += 1;
                continue;
            }
            b'/' if byte(at + 1) == b'/' => {
                at = memchr::memchr(b'\n', bytes.get(at..).unwrap_or_default()).map_or(bytes.len(), |end| at + end);
                let end = start + text.get(start..at).map_or(0, |comment| comment.trim_end().len());
                scan.comments.push(Region { start, end });
                continue;
            }
            b'"' => {
                at = text_end(bytes, at);
                if byte(at) == b'"' {
                    at += 1;
                } else {
                    scan.problems.push(Problem::UnterminatedText(Region { start, end: at }));
                }
                TokenKind::Text
            }
            open @ (b'(' | b'[' | b'{') => {
                at += 1;
                TokenKind::Open(open)
            }
            close @ (b')' | b']' | b'}') => {
                at += 1;
                TokenKind::Close(close)
            }
            first if first.is_ascii_alphanumeric() || first == b'_' => {
                while byte(at).is_ascii_alphanumeric() || byte(at) == b'_' {
                    at += 1;
                }
                TokenKind::Word
            }
            other => {
                at += 1;
                while at < bytes.len() && !text.is_char_boundary(at) {
                    at += 1;
                }
                TokenKind::Mark(other)
            }
        };
        scan.tokens.push(Token {
            kind,
            region: Region { start, end: at },
            first_on_line: fresh,
            first_column: start == line_start,
        });
        fresh = false;
    }
}

/// The closing quote of the string that starts at `start`, or the end of its line.
fn text_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            Some(b'\\') if bytes.get(at + 1).is_some_and(|next| *next != b'\n') => at += 2,
            None | Some(b'"' | b'\n') => return at.min(bytes.len()),
            Some(_) => at += 1,
        }
    }
}

/// Finds items and brackets that do not match. An item's word in the first column ends whatever is still open: a brace was forgotten.
fn split(text: &str, scan: &mut Scan) {
    let mut open: Vec<(u8, Region, usize)> = Vec::new();
    let mut quantifiers = 0_usize;
    let mut reported_depth = false;
    let mut item_start: Option<usize> = None;
    for (index, token) in scan.tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Word => {
                let word = text.get(token.region.start..token.region.end).unwrap_or("");
                let starts_item = token.first_on_line && ITEM_WORDS.contains(&word);
                if starts_item && (open.is_empty() || (token.first_column && word != "on" && followed_by_word(scan, index))) {
                    // INVARIANT: only the outermost is reported, one forgotten brace is one error.
                    scan.problems.extend(open.first().map(|(_, region, _)| Problem::Unclosed(*region)));
                    open.clear();
                    scan.items.extend(item_start.map(|start| start..index));
                    (item_start, reported_depth, quantifiers) = (Some(index), false, 0);
                } else if matches!(word, "any" | "all") {
                    quantifiers += 1;
                } else if matches!(word, "require" | "forbid" | "where" | "for" | "rule") && open.len() <= 1 {
                    quantifiers = 0;
                }
            }
            TokenKind::Open(bracket) => open.push((bracket, token.region, quantifiers)),
            TokenKind::Close(bracket) => match open.iter().rposition(|(opened, _, _)| closes(*opened, bracket)) {
                None => {
                    let start = item_start.unwrap_or(index);
                    let problem = unopened(text, scan, start..index).unwrap_or(Problem::Unmatched(token.region));
                    let item = scan.tokens.get(start).map_or(0, |token| token.region.start);
                    // What a text without an end has swallowed may have been its partner.
                    let swallowed =
                        |problem: &Problem| matches!(problem, Problem::UnterminatedText(text) if text.start >= item);
                    if !scan.problems.iter().any(swallowed) {
                        scan.problems.push(problem);
                    }
                }
                Some(at) => {
                    scan.problems.extend(open.get(at + 1).map(|(_, region, _)| Problem::Unclosed(*region)));
                    quantifiers = open.get(at).map_or(0, |(_, _, before)| *before);
                    open.truncate(at);
                }
            },
            TokenKind::Text | TokenKind::Mark(_) => {}
        }
        let ended = open.is_empty() && token.first_on_line && token.kind != TokenKind::Mark(b'.');
        if let Some(start) =
            item_start.filter(|start| ended && one_line(text, scan, *start).is_some_and(|length| index >= start + length))
        {
            scan.items.push(start..index);
            item_start = Some(index);
        }
        if item_start.is_none() {
            item_start = Some(index);
        }
        if open.len() + quantifiers > MAX_DEPTH && !reported_depth {
            scan.problems.push(Problem::TooDeep(token.region));
            reported_depth = true;
        }
    }
    scan.problems.extend(open.first().map(|(_, region, _)| Problem::Unclosed(*region)));
    scan.items.extend(item_start.map(|start| start..scan.tokens.len()));
}

/// The fewest tokens of an item that ends with its line, so that what follows is not taken for a part of it.
fn one_line(text: &str, scan: &Scan, start: usize) -> Option<usize> {
    let region = scan.tokens.get(start)?.region;
    match text.get(region.start..region.end)? {
        "edition" | "package" | "use" => Some(2),
        "on" => Some(3),
        _ => None,
    }
}

/// A rule whose `{` was forgotten: the last thing on its first line.
fn unopened(text: &str, scan: &Scan, item: std::ops::Range<usize>) -> Option<Problem> {
    let tokens = scan.tokens.get(item)?;
    let first = tokens.first().filter(|token| text.get(token.region.start..token.region.end) == Some("rule"))?;
    let last = tokens.iter().skip(1).take_while(|token| !token.first_on_line).last().unwrap_or(first);
    let opens = tokens.iter().any(|token| token.kind == TokenKind::Open(b'{'));
    (!opens).then_some(Problem::Unopened(last.region))
}

fn closes(open: u8, close: u8) -> bool {
    matches!((open, close), (b'(', b')') | (b'[', b']') | (b'{', b'}'))
}

fn followed_by_word(scan: &Scan, index: usize) -> bool {
    scan.tokens.get(index + 1).is_some_and(|next| next.kind == TokenKind::Word)
}

#[cfg(test)]
mod tests {
    use super::{Problem, scan};

    fn pieces(text: &str) -> Vec<&str> {
        let scan = scan(text);
        scan.items
            .iter()
            .filter_map(|item| text.get(scan.tokens[item.start].region.start..scan.tokens[item.end - 1].region.end))
            .collect()
    }

    #[test]
    fn items_end_where_the_next_begins() {
        assert_eq!(
            pieces("edition 1 // x\npackage a\nrule x error \"rule\" {\n}\n"),
            ["edition 1", "package a", "rule x error \"rule\" {\n}"]
        );
    }

    #[test]
    fn a_forgotten_brace_is_one_error() {
        let found = scan("rule a error \"\" {\n  require (true\nrule b error \"\" {\n}\n");
        assert_eq!(found.items.len(), 2);
        assert!(matches!(found.problems[..], [Problem::Unclosed(region)] if region.start == 16));
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        assert!(scan("rule a error \"{\" { // (\n}").problems.is_empty());
    }

    #[test]
    fn a_clause_in_the_first_column_is_no_item() {
        let rule = "rule a error \"\" {\nrequire true\non unknown fail\n}";
        assert_eq!(pieces(rule), [rule]);
    }

    #[test]
    fn what_follows_a_package_is_no_part_of_it() {
        assert_eq!(pieces("edition 1\npackage a.b\nlet x\nrule x"), ["edition 1", "package a.b", "let x", "rule x"]);
    }

    #[test]
    fn what_cannot_be_seen_is_found_everywhere_but_before_the_text() {
        assert!(scan("\u{feff}rule // ü\t\r\n").problems.is_empty());
        for text in ["// a\u{202e}b", "rule \"\u{2066}\"", "a\0", "a\u{feff}"] {
            assert!(matches!(scan(text).problems[..], [Problem::Invisible(_)]), "{text:?}");
        }
    }

    #[test]
    fn depth_is_bounded_in_brackets_and_quantifiers() {
        assert!(matches!(scan(&"(".repeat(3000)).problems[..], [Problem::Unclosed(_), Problem::TooDeep(_)]));
        assert!(scan(&"any x in y: ".repeat(65)).problems.iter().any(|problem| matches!(problem, Problem::TooDeep(_))));
        assert!(scan(&"require any x in y: z\n".repeat(65)).problems.is_empty());
    }
}
