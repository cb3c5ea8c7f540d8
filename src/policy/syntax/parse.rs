//! Runs the grammar over one item at a time, and hands on the items that fail; never stops at the first error.

use std::{ops::Range, sync::Arc};

use pest::{Parser, iterators::Pair};
use pest_derive::Parser;

use super::{
    ast::{File, Region},
    errors,
    lower::Lowering,
    pieces::Body,
    scan::{Problem, Scan, Token, scan},
    words::{ITEM_WORDS, supported_instead},
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
    for problem in parsing.scan.problems.iter().filter(|problem| !matches!(problem, Problem::Unmatched(_))) {
        parsing.lowering.add_with(|file| errors::problem(file, *problem));
    }
    for item in std::mem::take(&mut parsing.scan.items) {
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
        for item in std::mem::take(&mut parsing.scan.items) {
            if matches!(parsing.word(item.start), "package" | "use") {
                parsing.item(item);
            }
        }
    }
    parsing.lowering.finish().0
}

/// A policy on its way from text to tree.
pub(super) struct Parsing<'a> {
    text: &'a str,
    pub(super) scan: Scan,
    pub(super) lowering: Lowering,
}

impl<'a> Parsing<'a> {
    /// Reads an item; a bracket that closes nothing is told where nothing else explains it.
    fn item(&mut self, item: Range<usize>) {
        let before = self.lowering.told();
        let region = self.region(item.clone()).unwrap_or_default();
        self.read(item);
        let problems = self.problems(region).to_vec();
        if self.lowering.told() == before && problems.iter().all(|problem| matches!(problem, Problem::Unmatched(_))) {
            for problem in problems {
                self.lowering.add_with(|file| errors::problem(file, problem));
            }
        }
    }

    fn read(&mut self, item: Range<usize>) {
        let Some(region) = self.region(item.clone()) else { return };
        let first = self.word(item.start);
        if let Some(instead) = supported_instead(first) {
            if let Some(token) = self.scan.tokens.get(item.start) {
                self.lowering.report(errors::not_yet(first, instead), token.region);
            }
            return;
        }
        self.lowering.file.package_damaged |= first == "package";
        if let (Some(message), Some(token)) = (errors::misspelt_item(first), self.scan.tokens.get(item.start))
            && !ITEM_WORDS.contains(&first)
        {
            self.lowering.report(message, token.region);
            self.breaks(&item);
            return;
        }
        let mut error = None;
        if !self.has_problem(region) {
            match self.grammar(Rule::items, region) {
                Ok(pairs) => {
                    for pair in pairs {
                        self.lowering.item(pair, region.start);
                    }
                    return;
                }
                Err(found) => error = Some(errors::expected(&self.lowering.file, &found, region)),
            }
        }
        match first {
            "rule" => self.damaged_item(Body::Rule, item, error),
            "waive" => self.damaged_item(Body::Waiver, item, error),
            "test" => self.damaged_item(Body::Test, item, error),
            _ => {
                self.lowering.add(error);
                self.breaks(&item);
            }
        }
    }

    /// What the grammar makes of a region.
    pub(super) fn grammar(&self, rule: Rule, region: Region) -> Result<Vec<Pair<'a, Rule>>, Box<pest::error::Error<Rule>>> {
        Self::accepts(rule, self.text.get(region.start..region.end).unwrap_or(""))
    }

    /// What the grammar makes of a text.
    pub(super) fn accepts(rule: Rule, text: &str) -> Result<Vec<Pair<'_, Rule>>, Box<pest::error::Error<Rule>>> {
        let mut pairs = PolicyParser::parse(rule, text).map_err(Box::new)?;
        Ok(pairs
            .next()
            .map(|pair| pair.into_inner().filter(|inner| inner.as_rule() != Rule::EOI).collect())
            .unwrap_or_default())
    }

    pub(super) fn region(&self, tokens: Range<usize>) -> Option<Region> {
        let last = tokens.end.checked_sub(1).filter(|last| *last >= tokens.start)?;
        let (first, last) = (self.scan.tokens.get(tokens.start)?, self.scan.tokens.get(last)?);
        Some(Region { start: first.region.start, end: last.region.end })
    }

    /// The text of a token.
    pub(super) fn word(&self, index: usize) -> &'a str {
        let region = self.scan.tokens.get(index).map(|token| token.region).unwrap_or_default();
        self.text.get(region.start..region.end).unwrap_or("")
    }

    /// What the scan found in a region.
    pub(super) fn problems(&self, region: Region) -> &[Problem] {
        let before = |place: usize| self.scan.problems.partition_point(|problem| problem.region().start < place);
        self.scan.problems.get(before(region.start)..before(region.end)).unwrap_or_default()
    }

    pub(super) fn has_problem(&self, region: Region) -> bool {
        !self.problems(region).is_empty()
    }

    /// Whether a bracket has no partner.
    pub(super) fn is_lone(&self, index: usize) -> bool {
        self.scan.lone.binary_search(&index).is_ok()
    }

    /// The brackets without a partner among these tokens.
    pub(super) fn lone(&self, tokens: &Range<usize>) -> impl Iterator<Item = &Token> {
        let before = |place: usize| self.scan.lone.partition_point(|index| *index < place);
        let lone = self.scan.lone.get(before(tokens.start)..before(tokens.end)).unwrap_or_default();
        lone.iter().filter_map(|index| self.scan.tokens.get(*index))
    }
}
