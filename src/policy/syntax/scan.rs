//! One linear pass over a policy's text: words, brackets, strings, comments, depth; never the grammar itself.
//!
//! The parser works on pieces (items, clauses) that this pass finds, so that one error does not hide the next.

use std::ops::Range;

use super::ast::Region;
use super::words::{CLAUSE_WORDS, ITEM_WORDS, nearest};

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
    pub items: Vec<Range<usize>>,
    /// Brackets without a partner, as tokens, in order.
    pub lone: Vec<usize>,
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
    let mut splitting = Splitting {
        text,
        unterminated: scan.problems.iter().map(|problem| problem.region().start).collect(),
        ahead: scan.tokens.len(),
        tokens: std::mem::take(&mut scan.tokens),
        open: Vec::new(),
        counts: [0; 3],
        inside: 0..0,
        found: std::mem::take(scan),
    };
    splitting.run();
    *scan = Scan { tokens: splitting.tokens, ..splitting.found };
}

/// The pass over the tokens that finds items and brackets.
struct Splitting<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    /// Where texts without an end begin.
    unterminated: Vec<usize>,
    /// What is open: the token and the quantifiers before it.
    open: Vec<(usize, usize)>,
    /// How much is open of each kind: what closes nothing is found without a search.
    counts: [usize; 3],
    /// Tokens that are known to stand inside of what is open.
    inside: Range<usize>,
    /// How many tokens may still be looked at ahead of their turn.
    ahead: usize,
    found: Scan,
}

impl Splitting<'_> {
    fn run(&mut self) {
        let mut quantifiers = 0_usize;
        let mut reported_depth = false;
        let mut item_start: Option<usize> = None;
        // Whether the item, a rule, still waits for its `{`.
        let mut awaits_brace = false;
        // Whether the item has closed its braces: what begins a line after that is no part of it.
        let mut done = false;
        for index in 0..self.tokens.len() {
            let Some(token) = self.tokens.get(index).copied() else { break };
            let was_done = done;
            match token.kind {
                TokenKind::Word => {
                    if self.starts_item(index, token) {
                        self.close_all();
                        self.found.items.extend(item_start.map(|start| start..index));
                        (item_start, reported_depth, quantifiers) = (Some(index), false, 0);
                        awaits_brace = self.word(index) == "rule";
                        done = false;
                    } else if matches!(self.word(index), "any" | "all") {
                        quantifiers += 1;
                    } else if matches!(self.word(index), "require" | "forbid" | "where" | "for" | "rule")
                        && self.open.len() <= 1
                    {
                        quantifiers = 0;
                    }
                }
                TokenKind::Open(bracket) => {
                    awaits_brace &= bracket != b'{';
                    self.open.push((index, quantifiers));
                    self.count(bracket, usize::saturating_add);
                }
                TokenKind::Close(bracket) => match self.opened(bracket) {
                    None => {
                        let start = item_start.unwrap_or(index);
                        self.found.lone.push(index);
                        // What a text without an end has swallowed may have been its partner.
                        if !self.swallowed(start, token) {
                            let unopened = if awaits_brace { self.unopened(start) } else { None };
                            self.found.problems.push(unopened.unwrap_or(Problem::Unmatched(token.region)));
                        }
                        awaits_brace = false;
                    }
                    Some(at) => {
                        self.forget(at + 1);
                        quantifiers = self.open.pop().map_or(0, |(_, before)| before);
                        self.count(bracket, usize::saturating_sub);
                        let braced = |start| matches!(self.word(start), "rule" | "waive" | "test");
                        done = bracket == b'}' && self.open.is_empty() && item_start.is_some_and(braced);
                    }
                },
                TokenKind::Text | TokenKind::Mark(_) => {}
            }
            let ended = self.open.is_empty() && token.first_on_line && token.kind != TokenKind::Mark(b'.');
            let is_over = |start: usize| {
                was_done && self.is_near_item(index) || self.one_line(start).is_some_and(|length| index >= start + length)
            };
            if let Some(start) = item_start.filter(|start| ended && *start < index && is_over(*start)) {
                self.found.items.push(start..index);
                (item_start, awaits_brace, done) = (Some(index), false, false);
            }
            if item_start.is_none() {
                item_start = Some(index);
            }
            if self.open.len() + quantifiers > MAX_DEPTH && !reported_depth {
                self.found.problems.push(Problem::TooDeep(token.region));
                reported_depth = true;
            }
        }
        self.close_all();
        self.found.items.extend(item_start.map(|start| start..self.tokens.len()));
        self.found.lone.sort_unstable();
    }

    fn word(&self, index: usize) -> &str {
        self.tokens.get(index).and_then(|token| self.text.get(token.region.start..token.region.end)).unwrap_or("")
    }

    /// Whether a word is a slip for one that begins an item.
    fn is_near_item(&self, index: usize) -> bool {
        nearest(self.word(index), ITEM_WORDS).is_some() && !CLAUSE_WORDS.contains(&self.word(index))
    }

    /// Whether an item begins here, where it may be that a brace before it was forgotten.
    fn starts_item(&mut self, index: usize, token: Token) -> bool {
        if !token.first_on_line || !ITEM_WORDS.contains(&self.word(index)) {
            return false;
        }
        if self.open.is_empty() {
            return true;
        }
        let begins = token.first_column
            && self.word(index) != "on"
            && self.tokens.get(index + 1).is_some_and(|next| match next.kind {
                TokenKind::Word => true,
                TokenKind::Text => self.word(index) == "test",
                _ => false,
            });
        begins && !self.stays_inside(index)
    }

    /// Whether an item without braces in the first column stands inside of what is open: what follows it goes on there.
    fn stays_inside(&mut self, index: usize) -> bool {
        if !matches!(self.word(index), "param" | "fn" | "data" | "use") {
            return false;
        }
        if self.inside.contains(&index) {
            return true;
        }
        let mut depth = 0_usize;
        for at in index + 1..self.tokens.len() {
            let Some(token) = self.tokens.get(at) else { break };
            // INVARIANT: the pass stays linear, however often the question comes up.
            let Some(left) = self.ahead.checked_sub(1) else { break };
            self.ahead = left;
            let decided = match token.kind {
                TokenKind::Open(_) => {
                    depth += 1;
                    None
                }
                TokenKind::Close(_) if depth == 0 => Some(true),
                TokenKind::Close(_) => {
                    depth -= 1;
                    None
                }
                TokenKind::Word if token.first_on_line => match self.word(at) {
                    "param" | "fn" | "data" | "use" => None,
                    word if token.first_column && ITEM_WORDS.contains(&word) && word != "on" => Some(false),
                    "given" | "expect" | "today" => Some(true),
                    word if depth == 0 && CLAUSE_WORDS.contains(&word) => Some(true),
                    _ => None,
                },
                _ => None,
            };
            if let Some(decided) = decided {
                self.inside = if decided { index..at } else { 0..0 };
                return decided;
            }
        }
        false
    }

    fn count(&mut self, bracket: u8, change: impl Fn(usize, usize) -> usize) {
        if let Some(count) = self.counts.get_mut(kind(bracket)) {
            *count = change(*count, 1);
        }
    }

    /// Where among what is open the partner of a closing bracket stands.
    fn opened(&self, bracket: u8) -> Option<usize> {
        self.counts.get(kind(bracket)).filter(|count| **count > 0)?;
        self.open.iter().rposition(|(opened, _)| {
            matches!(self.tokens.get(*opened), Some(Token { kind: TokenKind::Open(opened), .. }) if kind(*opened) == kind(bracket))
        })
    }

    /// Gives up what is open from a place on.
    // INVARIANT: only the outermost is reported, one forgotten bracket is one error.
    fn forget(&mut self, from: usize) {
        let mut outermost = None;
        for (index, _) in self.open.drain(from..) {
            let Some(token) = self.tokens.get(index) else { continue };
            outermost = outermost.or(Some(token.region));
            self.found.lone.push(index);
            if let TokenKind::Open(bracket) = token.kind
                && let Some(count) = self.counts.get_mut(kind(bracket))
            {
                *count = count.saturating_sub(1);
            }
        }
        self.found.problems.extend(outermost.map(Problem::Unclosed));
    }

    fn close_all(&mut self) {
        self.forget(0);
    }

    /// Whether a text without an end stands between the start of the item and a token.
    fn swallowed(&self, item: usize, token: Token) -> bool {
        let item = self.tokens.get(item).map_or(0, |token| token.region.start);
        let first = self.unterminated.partition_point(|start| *start < item);
        self.unterminated.get(first).is_some_and(|start| *start < token.region.start)
    }

    /// The fewest tokens of an item that ends with its line, so that what follows is not taken for a part of it.
    fn one_line(&self, start: usize) -> Option<usize> {
        match self.word(start) {
            "edition" | "package" | "use" => Some(2),
            "on" => Some(3),
            _ => None,
        }
    }

    /// A rule whose `{` was forgotten: the last thing on its first line.
    fn unopened(&self, start: usize) -> Option<Problem> {
        let tokens = self.tokens.get(start..)?;
        let first = tokens.first()?;
        let last = tokens.iter().skip(1).take_while(|token| !token.first_on_line).last().unwrap_or(first);
        Some(Problem::Unopened(last.region))
    }
}

/// The kind of a bracket, opening or closing.
fn kind(bracket: u8) -> usize {
    match bracket {
        b'(' | b')' => 0,
        b'[' | b']' => 1,
        _ => 2,
    }
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
