//! Items that do not parse as a whole: their header, their clauses, and the members, facts and layers in those, each on its
//! own; never a second error for one mistake.

use std::ops::Range;

use pest::iterators::Pair;

use super::{
    ast::Region,
    errors,
    parse::{Parsing, Rule},
    pieces::Body,
    scan::{MAX_DEPTH, Problem, TokenKind},
    words::supported_instead,
};
use crate::diagnostic::Diagnostic;

/// Clauses that parse, each with the place that its pairs count from.
type Clauses<'a> = Vec<(Pair<'a, Rule>, usize)>;

/// A block in a piece: what it holds, its braces' insides, and whether it is closed.
struct Block {
    body: Body,
    inside: Range<usize>,
    closed: bool,
}

impl<'a> Parsing<'a> {
    /// An item with braces that does not parse as a whole; `error` is what the grammar says of all of it.
    pub(super) fn damaged_item(&mut self, body: Body, item: Range<usize>, error: Option<Diagnostic>) {
        let before = self.lowering.told();
        let whole = self.region(item.clone()).unwrap_or_default();
        let tokens = self.scan.tokens.get(item.clone()).unwrap_or_default();
        let Some(open) = tokens.iter().position(|token| token.kind == TokenKind::Open(b'{')).map(|at| item.start + at) else {
            self.breaks(&item);
            self.lowering.add(error);
            return;
        };
        let region = self.region(item.start..open + 1).unwrap_or_default();
        let mut header = None;
        if self.only_unclosed(region, open) {
            match self.grammar(body.header(), region) {
                Ok(pairs) => header = Some(pairs),
                Err(error) => {
                    let diagnostic = errors::expected(&self.lowering.file, &error, region);
                    self.lowering.add([diagnostic]);
                }
            }
        }
        if header.is_none() {
            self.breaks(&item);
            // The header's own brace is missing: this one belongs to something in the body.
            let mut within = self.scan.tokens.get(item.start + 1..=open).unwrap_or_default().iter();
            if self.lowering.told() > before && within.any(|token| token.first_on_line) {
                return;
            }
        }
        let mut clauses: Clauses<'a> = Vec::new();
        for piece in self.pieces(body, open + 1..item.end) {
            let first = self.word(piece.start);
            let base = self.region(piece.clone()).unwrap_or_default().start;
            if let (Some(instead), Some(token)) = (supported_instead(first), self.scan.tokens.get(piece.start)) {
                self.lowering.report(errors::not_yet(first, instead), token.region);
                continue;
            }
            match self.piece(body, piece.clone(), 0) {
                Ok(pairs) => clauses.extend(pairs.into_iter().map(|pair| (pair, base))),
                Err(found) => {
                    self.lowering.add(found);
                    self.lowering.file.broken.extend(self.variable(piece.start));
                }
            }
        }
        match (body, header) {
            (Body::Waiver, Some(header)) => self.lowering.damaged_waiver(header, clauses, whole),
            (Body::Test, Some(header)) => self.lowering.damaged_test(header, clauses, whole),
            (_, header) => {
                let rule = header.and_then(|pairs| self.lowering.rule_header(pairs, region.start));
                let lowered = clauses.into_iter().filter_map(|(pair, base)| self.lowering.clause(pair, base)).collect();
                self.lowering.damaged_rule(rule, lowered);
            }
        }
        // INVARIANT: an item that does not parse yields an error, even where each of its pieces parses.
        if self.lowering.told() == before {
            self.lowering.add(error);
        }
    }

    /// The name that an item would have defined: what uses it is not wrong too.
    pub(super) fn breaks(&mut self, item: &Range<usize>) {
        let name = self.word(item.start + 1).to_owned();
        self.lowering.file.broken.insert(name);
    }

    /// The variable that a clause would bring into force: what uses it is not wrong too.
    fn variable(&self, clause: usize) -> Option<String> {
        let first = self.word(clause);
        (first.to_lowercase().starts_with("for") && first != "forbid").then(|| self.word(clause + 1).to_owned())
    }

    /// What a piece of a body says, or all that is wrong in it: nothing where that was told already.
    fn piece(&mut self, body: Body, piece: Range<usize>, depth: usize) -> Result<Vec<Pair<'a, Rule>>, Vec<Diagnostic>> {
        let Some(region) = self.region(piece.clone()) else { return Ok(Vec::new()) };
        let mut whole = None;
        // A piece that ends inside of braces lacks one, which was told.
        if !self.has_problem(region) && !self.ends_inside(&piece) {
            match self.grammar(body.pieces(), region) {
                Ok(pairs) => return Ok(pairs),
                Err(error) => whole = Some(errors::expected(&self.lowering.file, &error, region)),
            }
        }
        let blocks = if depth < MAX_DEPTH { self.blocks(body, &piece) } else { Vec::new() };
        if blocks.is_empty() {
            return Err(whole.into_iter().collect());
        }
        let mut found: Vec<Diagnostic> = self.head(body, region, &blocks).into_iter().collect();
        for block in blocks {
            found.extend(self.block(block, depth + 1));
        }
        // Of one mistake the grammar knows most where it sees all of the clause.
        match whole {
            Some(whole) if found.len() <= 1 => Err(vec![whole]),
            _ => Err(found),
        }
    }

    /// What is wrong in a piece outside of its blocks.
    fn head(&self, body: Body, piece: Region, blocks: &[Block]) -> Option<Diagnostic> {
        let mut text = String::with_capacity(piece.end - piece.start);
        let mut at = piece.start;
        for block in blocks {
            let inside = self.region(block.inside.clone());
            let inside = inside.filter(|inside| inside.start >= at && block.closed).unwrap_or(Region { start: at, end: at });
            let before = Region { start: at, end: inside.start };
            let unfilled = block.body == Body::Layers && block.inside.is_empty();
            if !block.closed || unfilled || self.has_problem(before) {
                return None;
            }
            text.push_str(self.lowering.file.text(before));
            let mut length = inside.end - inside.start;
            if block.body == Body::Layers && length > 0 {
                text.push('x');
                length -= 1;
            }
            text.extend(std::iter::repeat_n(' ', length));
            at = inside.end;
        }
        let rest = Region { start: at, end: piece.end };
        if self.has_problem(rest) {
            return None;
        }
        text.push_str(self.lowering.file.text(rest));
        let error = Self::accepts(body.pieces(), &text).err()?;
        Some(errors::expected(&self.lowering.file, &error, piece))
    }

    /// All that is wrong in a block.
    fn block(&mut self, Block { body, inside, closed }: Block, depth: usize) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let pieces = self.pieces(body, inside);
        let mut next = 0;
        while let Some(piece) = pieces.get(next).filter(|_| found.len() < errors::MOST_MISTAKES) {
            next += 1;
            let mut read = self.piece(body, piece.clone(), depth);
            // What goes on in the next line, in a way that no line of the language must.
            if read.is_err()
                && let Some(after) = pieces.get(next).filter(|_| body != Body::Layers && self.is_unfinished(body, piece))
                && let Some(both) = self.region(piece.start..after.end).filter(|both| !self.has_problem(*both))
                && let Ok(pairs) = self.grammar(body.pieces(), both)
            {
                read = Ok(pairs);
                next += 1;
            }
            match read {
                Ok(pairs) => self.look_into(body, pairs, self.region(piece.clone()).unwrap_or_default().start),
                // Where the brace is missing, nobody knows which of the rest belongs to the block.
                Err(_) if !closed && next == pieces.len() => {}
                Err(more) => found.extend(more),
            }
        }
        found
    }

    /// Reports what is wrong in members and facts that parse, such as a day that there is not.
    fn look_into(&mut self, body: Body, pairs: Vec<Pair<'a, Rule>>, base: usize) {
        match body {
            Body::Members => pairs.into_iter().for_each(|pair| drop(self.lowering.member(pair, base))),
            Body::Facts => drop(self.lowering.each_fact(pairs, base)),
            Body::Rule | Body::Waiver | Body::Test | Body::Layers => {}
        }
    }

    /// Whether the grammar wants more where a piece ends.
    fn is_unfinished(&self, body: Body, piece: &Range<usize>) -> bool {
        let Some(region) = self.region(piece.clone()).filter(|region| !self.has_problem(*region)) else { return false };
        self.grammar(body.pieces(), region).err().is_some_and(|error| match error.location {
            pest::error::InputLocation::Pos(at) | pest::error::InputLocation::Span((at, _)) => region.start + at >= region.end,
        })
    }

    /// The blocks of a piece that hold pieces themselves.
    fn blocks(&self, body: Body, piece: &Range<usize>) -> Vec<Block> {
        let first = self.word(piece.start);
        let mut blocks: Vec<Block> = Vec::new();
        let (mut open, mut current) = (Vec::new(), None);
        for index in piece.clone() {
            match self.scan.tokens.get(index).map(|token| token.kind) {
                Some(TokenKind::Open(bracket)) => {
                    let before = if index > piece.start { self.word(index - 1) } else { "" };
                    let in_braces_only = open.is_empty();
                    let holds = match body {
                        _ if bracket != b'{' || current.is_some() => None,
                        Body::Rule if first == "every" && before == "has" && in_braces_only => Some(Body::Members),
                        Body::Rule if first == "layers" && before != "in" && in_braces_only && blocks.is_empty() => {
                            Some(Body::Layers)
                        }
                        Body::Test if first == "given" && index == piece.start + 1 => Some(Body::Facts),
                        Body::Members => Some(Body::Members),
                        Body::Facts if matches!(first, "class" | "optional" | "@") => Some(Body::Members),
                        Body::Facts if in_braces_only && before != "=" => Some(Body::Facts),
                        _ => None,
                    };
                    current = current.or(holds.map(|body| (body, index + 1, open.len())));
                    if !self.is_lone(index) {
                        open.push(index);
                    } else if let Some((body, start, _)) = current.filter(|(_, start, _)| *start == index + 1) {
                        blocks.push(Block { body, inside: start..piece.end, closed: false });
                        return blocks;
                    }
                }
                Some(TokenKind::Close(_)) if !self.is_lone(index) => {
                    open.pop();
                    if let Some((body, start, _)) = current.filter(|(.., depth)| *depth == open.len()) {
                        blocks.push(Block { body, inside: start..index, closed: true });
                        current = None;
                    }
                }
                _ => {}
            }
        }
        // A brace was forgotten: the block goes on up to the end of the piece.
        blocks.extend(current.map(|(body, start, _)| Block { body, inside: start..piece.end, closed: false }));
        blocks
    }

    /// Whether more brackets open than close in a piece, but for those that never close.
    fn ends_inside(&self, piece: &Range<usize>) -> bool {
        let depth = piece.clone().filter(|index| !self.is_lone(*index)).fold(0_usize, |depth, index| {
            match self.scan.tokens.get(index).map(|token| token.kind) {
                Some(TokenKind::Open(_)) => depth + 1,
                Some(TokenKind::Close(_)) => depth.saturating_sub(1),
                _ => depth,
            }
        });
        depth > 0
    }

    /// Whether nothing is wrong in a header but that its brace is never closed.
    fn only_unclosed(&self, header: Region, open: usize) -> bool {
        let brace = self.region(open..open + 1).unwrap_or_default();
        self.problems(header).iter().all(|problem| matches!(problem, Problem::Unclosed(region) if *region == brace))
    }
}
