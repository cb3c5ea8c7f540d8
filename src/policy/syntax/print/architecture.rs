//! Rules over the import graph as they are written; never the graph.

use super::{Printer, clause::across, document::Document, text::word_set};
use crate::policy::syntax::ast::{Exempt, Group, ImportBan, Layers, Patterns, Protected, Reach, Region, Row, Siblings};

impl Printer<'_> {
    pub(super) fn ban(&self, ban: &ImportBan) -> Document {
        let arrow = match ban.reach {
            Reach::Direct => " -> ",
            Reach::Chain => " ->* ",
        };
        let sides =
            vec![Document::text("forbid import "), self.patterns(&ban.from), Document::text(arrow), self.patterns(&ban.to)];
        let via = ban.via.iter().map(|via| (via.region, Document::All(vec![Document::text("via "), self.patterns(via)])));
        self.exempted(sides, ban.to.region.end, via.collect(), &ban.exempt)
    }

    pub(super) fn protected(&self, protected: &Protected) -> Document {
        let sides = vec![
            Document::text("protected "),
            self.patterns(&protected.modules),
            Document::text(" only from "),
            self.patterns(&protected.importers),
        ];
        self.exempted(sides, protected.importers.region.end, Vec::new(), &protected.exempt)
    }

    pub(super) fn group(&self, word: &'static str, group: &Group) -> Document {
        let sides = vec![Document::text(word), self.patterns(&group.modules)];
        self.exempted(sides, group.modules.region.end, Vec::new(), &group.exempt)
    }

    pub(super) fn layers(&self, layers: &Layers) -> Document {
        let mut head = vec![Document::text("layers ")];
        if let Some(containers) = &layers.containers {
            head.extend([Document::text("in "), self.patterns(containers), Document::text(" ")]);
        }
        head.push(Document::text("{"));
        let mut inside = vec![Document::Line];
        let mut from = None;
        for (index, row) in layers.rows.iter().enumerate() {
            let first = row.layers.first().map_or(0, |layer| layer.name.region.start);
            if index > 0 {
                inside.extend(self.comments_between(from.unwrap_or(first), first));
                inside.extend([Document::Line, Document::text("> ")]);
            }
            inside.push(Document::text(layer_row(row)));
            from = row.layers.last().map(|layer| layer.name.region.end);
        }
        let close = self.trivia.closed_after(from.unwrap_or(0));
        inside.extend(self.comments_between(from.unwrap_or(close), close));
        head.extend([Document::All(inside).nest(), Document::Line, Document::text("}")]);
        self.exempted(vec![Document::All(head).group()], close, Vec::new(), &layers.exempt)
    }

    /// What is forbidden, and below it, where there is more than one of them, what does not count.
    fn exempted(&self, sides: Vec<Document>, end: usize, mut more: Vec<(Region, Document)>, exempt: &Exempt) -> Document {
        let places: Vec<_> = exempt.exceptions.iter().map(|(_, _, region)| *region).collect();
        if let (Some(first), Some(last)) = (places.first(), places.last()) {
            let exceptions = exempt
                .exceptions
                .iter()
                .map(|(from, to, _)| Document::All(vec![self.patterns(from), Document::text(" -> "), self.patterns(to)]));
            let (items, _) = self.listed(first.start, &places, exceptions.collect(), first.start);
            let items = Document::Fill(items).nest();
            more.push((across(*first, *last), Document::All(vec![Document::text("except "), items])));
        }
        if let (Some(first), Some(last)) = (exempt.ignoring.first(), exempt.ignoring.last()) {
            let ignoring = Document::text(format!("ignoring {}", word_set(&exempt.ignoring)));
            more.push((across(first.region, last.region), ignoring));
        }
        let line = if more.len() > 1 { Document::Hard } else { Document::Line };
        let (mut all, mut from) = (sides, end);
        for (region, document) in more {
            let mut below = self.comments_between(from, region.start);
            below.extend([line.clone(), document]);
            all.push(Document::All(below).nest());
            from = region.end;
        }
        Document::All(all).group()
    }

    /// One pattern, or a set of them: what does not fit stands two levels deeper.
    pub(super) fn patterns(&self, patterns: &Patterns) -> Document {
        if let [only] = patterns.patterns.as_slice() {
            return Document::text(only.text.clone());
        }
        let places: Vec<_> = patterns.patterns.iter().map(|pattern| pattern.region).collect();
        let documents = patterns.patterns.iter().map(|pattern| Document::text(pattern.text.clone())).collect();
        let (items, rest) = self.listed(patterns.region.start, &places, documents, patterns.region.end);
        let items = Document::Fill(items);
        if items.is_forced() || !rest.is_empty() {
            let inside = [vec![Document::Hard, items, Document::text(",")], rest].concat();
            let inside = Document::All(inside).nest().nest();
            return Document::All(vec![
                Document::text("{"),
                inside,
                Document::All(vec![Document::Hard, Document::text("}")]).nest(),
            ]);
        }
        Document::All(vec![Document::text("{"), items.nest().nest(), Document::text("}")])
    }
}

fn layer_row(row: &Row) -> String {
    let between = match row.siblings {
        Siblings::Independent => " | ",
        Siblings::Free => ", ",
    };
    let layers = row
        .layers
        .iter()
        .map(|layer| if layer.optional { format!("optional {}", layer.name.text) } else { layer.name.text.clone() });
    let layers = layers.collect::<Vec<_>>().join(between);
    if row.closed { format!("closed {layers}") } else { layers }
}
