//! Runs the grammar over one item at a time, and over one clause at a time where an item fails; never stops at the first error.

use std::{ops::Range, sync::Arc};

use pest::{Parser, iterators::Pair};
use pest_derive::Parser;

use super::{
    ast::{File, Region},
    errors,
    lower::Lowering,
    scan::{Problem, Scan, Token, TokenKind, scan},
    words::{ITEM_WORDS, begins_clause, supported_instead},
};
use crate::diagnostic::{Diagnostic, SourceText};

/// The parser that pest derives from the grammar.
#[derive(Parser)]
#[grammar = "../grammar/policy.pest"]
pub(super) struct PolicyParser;

/// The largest policy file, in bytes.
const MAX_TEXT: usize = 4 << 20;

/// Reads a policy: what could be read of it, and everything that is wrong.
pub fn parse(source: &Arc<SourceText>) -> (File, Vec<Diagnostic>) {
    let text = source.text.as_str();
    let mut file = File::new(source);
    file.unread = text.len() > MAX_TEXT;
    let mut parsing = Parsing { text, scan: Scan::default(), lowering: Lowering::new(file) };
    if parsing.lowering.file.unread {
        let region = Region { start: 0, end: text.len().min(1) };
        parsing.lowering.report(errors::too_large(MAX_TEXT), region);
        return parsing.lowering.finish();
    }
    parsing.scan = scan(text);
    parsing.lowering.file.comments.clone_from(&parsing.scan.comments);
    for problem in parsing.scan.problems.clone() {
        let diagnostic = errors::problem(&parsing.lowering.file, problem);
        parsing.lowering.diagnostics.push(diagnostic);
    }
    for item in parsing.scan.items.clone() {
        parsing.item(item);
    }
    parsing.lowering.finish()
}

/// The package of a policy and those that it uses; the rest of the text is not read.
pub fn header(source: &Arc<SourceText>) -> File {
    let text = source.text.as_str();
    let mut parsing = Parsing { text, scan: Scan::default(), lowering: Lowering::new(File::new(source)) };
    if text.len() <= MAX_TEXT {
        parsing.scan = scan(text);
        for item in parsing.scan.items.clone() {
            if matches!(parsing.word(item.start).as_str(), "package" | "use") {
                parsing.item(item);
            }
        }
    }
    parsing.lowering.finish().0
}

struct Parsing<'a> {
    text: &'a str,
    scan: Scan,
    lowering: Lowering,
}

impl<'a> Parsing<'a> {
    fn item(&mut self, item: Range<usize>) {
        let Some(region) = self.region(item.clone()) else { return };
        let first = self.word(item.start);
        if let Some(instead) = supported_instead(&first) {
            if let Some(token) = self.scan.tokens.get(item.start) {
                self.lowering.report(errors::not_yet(&first, instead), token.region);
            }
            return;
        }
        self.lowering.file.package_damaged |= first == "package";
        if let (Some(message), Some(token)) = (errors::misspelt_item(&first), self.scan.tokens.get(item.start))
            && !ITEM_WORDS.contains(&first.as_str())
        {
            self.lowering.report(message, token.region);
            self.lowering.file.broken.insert(self.word(item.start + 1));
            return;
        }
        if !self.has_problem(region) {
            match self.grammar(Rule::items, region) {
                Ok(pairs) => {
                    for pair in pairs {
                        self.lowering.item(pair, region.start);
                    }
                    return;
                }
                Err(error) if first != "rule" => {
                    let diagnostic = errors::expected(&self.lowering.file, &error, region);
                    self.lowering.diagnostics.push(diagnostic);
                }
                Err(_) => {}
            }
        }
        if first == "rule" {
            self.damaged_rule(item);
        } else {
            self.lowering.file.broken.insert(self.word(item.start + 1));
        }
    }

    /// A rule that does not parse as a whole: the header and each clause on its own.
    fn damaged_rule(&mut self, item: Range<usize>) {
        let before = self.lowering.diagnostics.len();
        let reported = self.region(item.clone()).is_some_and(|region| self.has_problem(region));
        let is_open = |token: &Token| token.kind == TokenKind::Open(b'{');
        let tokens = self.scan.tokens.get(item.clone()).unwrap_or_default();
        let Some(open) = tokens.iter().position(is_open).map(|index| item.start + index) else {
            self.lowering.file.broken.insert(self.word(item.start + 1));
            if let Some(region) = self.region(item).filter(|_| !reported)
                && let Err(error) = self.grammar(Rule::items, region)
            {
                let diagnostic = errors::expected(&self.lowering.file, &error, region);
                self.lowering.diagnostics.push(diagnostic);
            }
            return;
        };
        let header = self.region(item.start..open + 1).unwrap_or_default();
        let mut rule = None;
        if !self.has_problem(header) || self.only_unclosed(header) {
            match self.grammar(Rule::rule_header, header) {
                Ok(pairs) => rule = self.lowering.rule_header(pairs, header.start),
                Err(error) => {
                    self.lowering.file.broken.insert(self.word(item.start + 1));
                    let diagnostic = errors::expected(&self.lowering.file, &error, header);
                    self.lowering.diagnostics.push(diagnostic);
                }
            }
        }
        let mut clauses = Vec::new();
        for piece in self.clause_pieces(open + 1..item.end) {
            let Some(region) = self.region(piece.clone()) else { continue };
            let first = self.word(piece.start);
            if let (Some(instead), Some(token)) = (supported_instead(&first), self.scan.tokens.get(piece.start)) {
                self.lowering.report(errors::not_yet(&first, instead), token.region);
            } else if !self.has_problem(region) {
                match self.grammar(Rule::clauses, region) {
                    Ok(pairs) => clauses.extend(pairs.into_iter().filter_map(|pair| self.lowering.clause(pair, region.start))),
                    Err(error) => {
                        let diagnostic = errors::expected(&self.lowering.file, &error, region);
                        self.lowering.diagnostics.push(diagnostic);
                        self.lowering.file.broken.extend(self.variable(piece.start));
                    }
                }
            } else {
                self.lowering.file.broken.extend(self.variable(piece.start));
            }
        }
        self.lowering.damaged_rule(rule, clauses);
        // INVARIANT: a rule that does not parse yields an error, even where each of its pieces parses.
        if self.lowering.diagnostics.len() == before && !reported {
            let region = self.region(item).unwrap_or_default();
            if let Err(error) = self.grammar(Rule::items, region) {
                let diagnostic = errors::expected(&self.lowering.file, &error, region);
                self.lowering.diagnostics.push(diagnostic);
            }
        }
    }

    /// The variable that a clause would bring into force: what uses it is not wrong too.
    fn variable(&self, clause: usize) -> Option<String> {
        let first = self.word(clause);
        (first.to_lowercase().starts_with("for") && first != "forbid").then(|| self.word(clause + 1))
    }

    /// The clauses of a rule's body: each begins with a clause's word at the start of a line, outside of brackets.
    fn clause_pieces(&self, body: Range<usize>) -> Vec<Range<usize>> {
        let mut pieces = Vec::new();
        let (mut depth, mut awaited, mut start) = (0_usize, 0_usize, None);
        for index in body.clone() {
            let Some(token) = self.scan.tokens.get(index) else { break };
            match token.kind {
                TokenKind::Open(_) => depth += 1,
                TokenKind::Close(_) if depth == 0 => {
                    pieces.extend(start.take().map(|start| start..index));
                    return pieces;
                }
                TokenKind::Close(_) => depth -= 1,
                TokenKind::Mark(b':') if depth == 0 => awaited = awaited.saturating_sub(1),
                TokenKind::Word => {
                    let word = self.word(index);
                    // These never stand inside brackets: there, a bracket was forgotten.
                    let surely = matches!(word.as_str(), "for" | "require" | "forbid" | "message" | "help" | "on");
                    if token.first_on_line
                        && (surely || depth == 0 && begins_clause(&word) && !(word == "where" && awaited > 0))
                    {
                        pieces.extend(start.replace(index).map(|start| start..index));
                        (awaited, depth) = (0, 0);
                    } else if depth == 0 && matches!(word.as_str(), "any" | "all") {
                        awaited += 1;
                    }
                }
                TokenKind::Text | TokenKind::Mark(_) => {}
            }
            start = start.or(Some(index));
        }
        pieces.extend(start.map(|start| start..body.end));
        pieces
    }

    fn grammar(&self, rule: Rule, region: Region) -> Result<Vec<Pair<'a, Rule>>, Box<pest::error::Error<Rule>>> {
        let piece = self.text.get(region.start..region.end).unwrap_or("");
        let mut pairs = PolicyParser::parse(rule, piece).map_err(Box::new)?;
        Ok(pairs
            .next()
            .map(|pair| pair.into_inner().filter(|inner| inner.as_rule() != Rule::EOI).collect())
            .unwrap_or_default())
    }

    fn region(&self, tokens: Range<usize>) -> Option<Region> {
        let last = tokens.end.checked_sub(1)?;
        let (first, last) = (self.scan.tokens.get(tokens.start)?, self.scan.tokens.get(last)?);
        Some(Region { start: first.region.start, end: last.region.end })
    }

    fn word(&self, index: usize) -> String {
        let region = self.scan.tokens.get(index).map(|token| token.region).unwrap_or_default();
        self.text.get(region.start..region.end).unwrap_or("").to_owned()
    }

    fn has_problem(&self, region: Region) -> bool {
        self.scan.problems.iter().any(|problem| (region.start..region.end).contains(&problem.region().start))
    }

    fn only_unclosed(&self, region: Region) -> bool {
        let inside = |problem: &&Problem| (region.start..region.end).contains(&problem.region().start);
        self.scan.problems.iter().filter(inside).all(|problem| matches!(problem, Problem::Unclosed(_)))
    }
}
