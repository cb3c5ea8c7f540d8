//! What the tree of a policy does not hold: comments and blank lines, by their place; never the tree itself.

use std::cell::Cell;

use super::document::Document;
use crate::policy::syntax::{
    ast::{File, Region},
    scan::{Scan, Token, TokenKind, scan},
};

/// Comments and blank lines of a file; none of a tree without text.
pub(super) struct Trivia<'f> {
    text: &'f str,
    scan: Scan,
    comments: Vec<(Region, Cell<Taken>)>,
}

/// Whether a comment has found its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    Yes,
    No,
}

/// A comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Comment<'f> {
    /// Its text, with its slashes.
    pub(super) text: &'f str,
    /// Where.
    pub(super) region: Region,
    /// What stands before it on its line.
    pub(super) stands: Stands,
}

/// What stands before a comment on its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// Nothing.
    Alone,
    /// Something that it speaks of.
    Behind,
}

impl<'f> Trivia<'f> {
    /// What a parsed file has.
    pub(super) fn of(file: &'f File) -> Self {
        let comments = file.comments.iter().map(|region| (*region, Cell::new(Taken::No))).collect();
        Self { text: &file.source.text, scan: scan(&file.source.text), comments }
    }

    /// What a tree without text has.
    pub(super) fn none() -> Self {
        Self { text: "", scan: Scan::default(), comments: Vec::new() }
    }

    /// Whether there is no text.
    pub(super) fn is_none(&self) -> bool {
        self.text.is_empty()
    }

    /// Comments of a region that have not found their place yet: now they have.
    pub(super) fn take(&self, start: usize, end: usize) -> Vec<Comment<'f>> {
        let first = self.comments.partition_point(|(region, _)| region.start < start);
        let within = self.comments.iter().skip(first).take_while(|(region, _)| region.start < end);
        let free = within.filter(|(_, taken)| taken.replace(Taken::Yes) == Taken::No);
        free.map(|(region, _)| self.comment(*region)).collect()
    }

    fn comment(&self, region: Region) -> Comment<'f> {
        let before = self.text.get(..region.start).unwrap_or("");
        let line = before.rsplit('\n').next().unwrap_or("");
        let stands = if line.trim_matches(['\u{feff}', ' ', '\t']).is_empty() { Stands::Alone } else { Stands::Behind };
        Comment { text: self.text.get(region.start..region.end).unwrap_or(""), region, stands }
    }

    /// Whether there is a blank line between two places.
    pub(super) fn blank_between(&self, start: usize, end: usize) -> bool {
        let between = self.text.get(start..end).unwrap_or("");
        let whole = between.split_once('\n').and_then(|(_, rest)| rest.rsplit_once('\n')).map(|(lines, _)| lines);
        whole.is_some_and(|lines| lines.split('\n').any(|line| line.trim().is_empty()))
    }

    /// The whole item that a place lies in.
    pub(super) fn item(&self, place: Region) -> Region {
        let token = |index: usize| self.scan.tokens.get(index).map(|token| token.region);
        let items = self
            .scan
            .items
            .iter()
            .filter_map(|item| Some(Region { start: token(item.start)?.start, end: token(item.end.checked_sub(1)?)?.end }));
        items.into_iter().find(|item| item.start <= place.start && place.start < item.end).unwrap_or(place)
    }

    /// The end of the bracket that opens last before a place.
    pub(super) fn opened_before(&self, place: usize) -> usize {
        let before = self.scan.tokens.partition_point(|token| token.region.start < place);
        let tokens = self.scan.tokens.get(..before).unwrap_or_default().iter().rev();
        ends(tokens, |kind| matches!(kind, TokenKind::Open(_))).map_or(place, |region| region.end)
    }

    /// The end of the first brace that opens after a place.
    pub(super) fn opened_after(&self, place: usize) -> usize {
        let tokens = self.scan.tokens.iter().skip(self.scan.tokens.partition_point(|token| token.region.start < place));
        ends(tokens, |kind| kind == TokenKind::Open(b'{')).map_or(place, |region| region.end)
    }

    /// The start of the bracket that closes first after a place.
    pub(super) fn closed_after(&self, place: usize) -> usize {
        let tokens = self.scan.tokens.iter().skip(self.scan.tokens.partition_point(|token| token.region.start < place));
        ends(tokens, |kind| matches!(kind, TokenKind::Close(_))).map_or(place, |region| region.start)
    }
}

fn ends<'t>(mut tokens: impl Iterator<Item = &'t Token>, is: impl Fn(TokenKind) -> bool) -> Option<Region> {
    tokens.find(|token| is(token.kind)).map(|token| token.region)
}

/// Something that stands on lines of its own: an item, a clause, a member.
pub(super) struct Row {
    /// Where it stands in the text.
    pub(super) region: Region,
    /// How it is written.
    pub(super) document: Document,
    /// How far it keeps from its neighbours.
    pub(super) distance: Distance,
}

/// How far something keeps from its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Distance {
    /// As it was written.
    AsWritten,
    /// What stands at the head of a file: a blank line before what is no head.
    Head,
    /// A blank line before and after it.
    Apart,
}

impl Trivia<'_> {
    /// Rows below each other with their comments: what goes behind the opening bracket, and the rows.
    pub(super) fn rows(&self, open: usize, rows: Vec<Row>, close: usize) -> (Document, Document) {
        let (mut behind, mut lines) = (Document::nothing(), Vec::new());
        let (mut from, mut before) = (open, None);
        for row in rows {
            let inside = self.take(row.region.start, row.region.end);
            let comments = self.take(from, row.region.start);
            let apart = before.is_some_and(|before| is_apart(before, row.distance));
            let apart = apart && !self.is_separated(from, &comments, row.region.start);
            let leading = self.beside(&comments, &mut from, lines.last_mut().unwrap_or(&mut behind));
            let mut pieces: Vec<(Document, bool)> = Vec::new();
            for comment in leading {
                pieces.push((Document::text(comment.text), self.blank_between(from, comment.region.start)));
                from = comment.region.end;
            }
            pieces.push((row.document, self.blank_between(from, row.region.start)));
            // Comments for which the row itself had no place stand above it.
            for comment in inside.iter().rev() {
                let blank = pieces.first_mut().is_some_and(|(_, blank)| std::mem::take(blank));
                pieces.insert(0, (Document::text(comment.text), blank));
            }
            if let Some((_, blank)) = pieces.first_mut() {
                *blank |= apart;
            }
            pieces.into_iter().for_each(|(piece, blank)| add(&mut lines, piece, blank));
            (from, before) = (row.region.end, Some(row.distance));
        }
        let comments = self.take(from, close);
        for comment in self.beside(&comments, &mut from, lines.last_mut().unwrap_or(&mut behind)) {
            add(&mut lines, Document::text(comment.text), self.blank_between(from, comment.region.start));
            from = comment.region.end;
        }
        (behind, Document::All(lines))
    }

    /// Puts the comment that stands behind a line there, and yields the others.
    fn beside<'c, 'f>(&self, comments: &'c [Comment<'f>], from: &mut usize, line: &mut Document) -> &'c [Comment<'f>] {
        match comments.split_first() {
            Some((first, rest)) if first.stands == Stands::Behind => {
                line.append(Document::Suffix(first.text.into()));
                *from = first.region.end;
                rest
            }
            _ => comments,
        }
    }

    /// Whether a blank line stands somewhere between two rows.
    fn is_separated(&self, from: usize, comments: &[Comment<'_>], to: usize) -> bool {
        let ends = comments.iter().map(|comment| comment.region.end);
        let starts = comments.iter().map(|comment| comment.region.start).chain([to]);
        std::iter::once(from).chain(ends).zip(starts).any(|(from, to)| self.blank_between(from, to))
    }
}

fn is_apart(before: Distance, after: Distance) -> bool {
    match (before, after) {
        (Distance::Apart, _) | (_, Distance::Apart) => true,
        (before, after) => (before == Distance::Head) != (after == Distance::Head),
    }
}

fn add(lines: &mut Vec<Document>, piece: Document, blank: bool) {
    if !lines.is_empty() {
        lines.push(if blank { Document::Blank } else { Document::Hard });
    }
    lines.push(piece);
}
