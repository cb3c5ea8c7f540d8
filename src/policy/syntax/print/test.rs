//! Tests as they are written: given facts and expectations; never running them.

use super::{
    Printer,
    clause::across,
    document::Document,
    expression::Precedence,
    structure::parenthesised,
    text::quoted,
    trivia::{Distance, Row},
    waiver::row,
};
use crate::policy::syntax::ast::{
    Expectation, ExpectedVerdict, Fact, FactValue, FactValueKind, ImportFact, Name, RecordFact, Region, Test,
};

impl Printer<'_> {
    pub(super) fn test(&self, test: &Test) -> Document {
        let mut rows = Vec::new();
        if let (Some(first), Some(last)) = (test.given.first(), test.given.last()) {
            let (open, close) = (self.trivia.opened_before(region(first).start), self.trivia.closed_after(region(last).end));
            let facts = test.given.iter().map(|fact| self.fact(fact)).collect();
            let place = Region { start: open.saturating_sub(1), end: close + usize::from(!self.trivia.is_none()) };
            rows.push(row(place, self.braced("given ".into(), open, facts, close)));
        }
        rows.extend(test.today.map(|(day, region)| row(region, Document::text(format!("today {day}")))));
        rows.extend(test.params.iter().map(|(name, value)| {
            let head = Document::text(format!("param {} = ", name.text));
            let document = Document::All(vec![head, self.expression(value, Precedence::Or)]);
            row(across(name.region, value.region), document)
        }));
        rows.extend(test.expectations.iter().map(|expected| row(expected.region, expectation(expected))));
        self.in_order(&mut rows, |row| row.region);
        let header = format!("test {} ", quoted(&test.title.text));
        self.braced(header, self.trivia.opened_after(test.title.region.end), rows, test.region.end)
    }

    fn fact(&self, fact: &Fact) -> Row {
        let document = match fact {
            Fact::Record(record) => self.record(record),
            Fact::Import(import) => import_fact(import),
            Fact::Member(member) => return self.member_row(member),
        };
        Row { region: region(fact), document, distance: Distance::AsWritten }
    }

    fn record(&self, record: &RecordFact) -> Document {
        let mut all = vec![Document::text(record.kind.text.clone())];
        all.extend(record.identity.iter().map(|name| Document::text(format!(" {}", name.text))));
        all.extend(record.text.iter().map(|text| Document::text(format!(" {}", quoted(&text.text)))));
        all.extend(settings(&record.settings));
        if let (Some(first), Some(last)) = (record.facts.first(), record.facts.last()) {
            let open = self.trivia.opened_before(region(first).start);
            let close = self.trivia.closed_after(region(last).end);
            all.push(self.inside(open, record.facts.iter().map(|fact| self.fact(fact)).collect(), close));
        } else if all.len() == 1 {
            all.push(Document::text(" {}"));
        }
        Document::All(all)
    }
}

fn region(fact: &Fact) -> Region {
    match fact {
        Fact::Record(record) => record.region,
        Fact::Import(import) => import.region,
        Fact::Member(member) => member.region,
    }
}

fn import_fact(import: &ImportFact) -> Document {
    let head = match &import.names {
        None => format!("import {}", import.target.text),
        Some(names) => {
            let names: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
            format!("from {} import {}", import.target.text, names.join(", "))
        }
    };
    Document::All(std::iter::once(Document::text(head)).chain(settings(&import.settings)).collect())
}

/// ` (field = value)`.
fn settings(settings: &[(Name, FactValue)]) -> Vec<Document> {
    if settings.is_empty() {
        return Vec::new();
    }
    let settings = settings.iter().map(|(field, value)| Document::text(format!("{} = {}", field.text, fact_value(value))));
    vec![Document::text(" "), parenthesised(settings.collect())]
}

fn fact_value(value: &FactValue) -> String {
    match &value.kind {
        FactValueKind::Unknown(None) => "unknown".into(),
        FactValueKind::Unknown(Some(why)) => format!("unknown {}", quoted(why)),
        FactValueKind::Absent => "absent".into(),
        FactValueKind::List(items) => format!("[{}]", items.iter().map(fact_value).collect::<Vec<_>>().join(", ")),
        FactValueKind::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{}: {}", quoted(key), quoted(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        FactValueKind::Date(date) => date.to_string(),
        FactValueKind::Integer(number) => number.to_string(),
        FactValueKind::Boolean(truth) => truth.to_string(),
        FactValueKind::Text(text) => quoted(text),
    }
}

fn expectation(expected: &Expectation) -> Document {
    let verdict = match expected.verdict {
        ExpectedVerdict::Fails => "fails",
        ExpectedVerdict::Passes => "passes",
        ExpectedVerdict::Unknown => "unknown",
        ExpectedVerdict::Vacuous => "vacuous",
        ExpectedVerdict::Waived => "waived",
    };
    let at = expected
        .at
        .as_ref()
        .map(|at| if is_place(&at.text) { format!(" at {}", at.text) } else { format!(" at {}", quoted(&at.text)) });
    let mut all = vec![Document::text(format!("expect {} {verdict}{}", expected.rule.text, at.unwrap_or_default()))];
    if let Some(message) = &expected.message {
        all.push(Document::All(vec![Document::Line, Document::text(format!("message {}", quoted(&message.text)))]).nest());
    }
    Document::All(all).group()
}

/// Whether a subject is written without quotes: the name of a module, distribution or variable.
fn is_place(text: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '*';
    text.split(['.', '-']).all(|segment| !segment.is_empty() && segment.chars().all(is_letter))
}
