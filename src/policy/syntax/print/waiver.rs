//! Waivers as they are written; never whether one is in force.

use super::{
    Printer,
    clause::across,
    document::Document,
    text::{quoted, quoted_set},
    trivia::{Distance, Row},
};
use crate::policy::syntax::ast::{Name, Only, Region, Waiver};

impl Printer<'_> {
    pub(super) fn waiver(&self, waiver: &Waiver) -> Document {
        let mut rows: Vec<Row> = waiver.only.iter().map(|only| self.only(only)).collect();
        rows.extend(waiver.condition.iter().map(|condition| row(condition.region, self.asked("where ", condition, None))));
        let named = |word: &str, name: &Name| row(name.region, Document::text(format!("{word} {}", quoted(&name.text))));
        rows.extend(waiver.owner.iter().map(|owner| named("owner", owner)));
        rows.extend(waiver.reason.iter().map(|reason| named("reason", reason)));
        rows.extend(waiver.expires.map(|(day, region)| row(region, Document::text(format!("expires {day}")))));
        rows.extend(waiver.at_most.map(|(number, region)| row(region, Document::text(format!("at most {number}")))));
        self.in_order(&mut rows, |row| row.region);
        let header = format!("waive {} ", waiver.rule.text);
        self.braced(header, self.trivia.opened_after(waiver.rule.region.end), rows, waiver.region.end)
    }

    fn only(&self, only: &Only) -> Row {
        let texts = |word: &str, texts: &[Name]| {
            let set = quoted_set(texts.iter().map(|text| text.text.as_str()));
            let region = texts.first().zip(texts.last()).map(|(first, last)| across(first.region, last.region));
            row(region.unwrap_or_default(), Document::text(format!("only {word} {set}")))
        };
        match only {
            Only::Import(from, to) => {
                let sides =
                    vec![Document::text("only import "), self.patterns(from), Document::text(" -> "), self.patterns(to)];
                row(across(from.region, to.region), Document::All(sides))
            }
            Only::Module(modules) => {
                row(modules.region, Document::All(vec![Document::text("only module "), self.patterns(modules)]))
            }
            Only::Path(paths) => texts("path", paths),
            Only::Subject(subjects) => texts("subject", subjects),
        }
    }
}

/// A clause by the place of what follows its word.
pub(super) fn row(region: Region, document: Document) -> Row {
    Row { region, document, distance: Distance::AsWritten }
}
