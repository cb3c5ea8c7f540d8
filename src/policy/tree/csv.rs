//! CSV to a list of mappings by the names in its first line; never what the values mean.

use super::{Entry, Node, Value, message::Message};
use crate::policy::syntax::ast::{Name, Region};

/// The tree of a text.
pub(super) fn tree(text: &str) -> Result<Node, Message> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| unreadable(text, &error))?.clone();
    let heading = line(text, 0);
    let mut rows = Vec::new();
    for record in reader.into_records() {
        let record = record.map_err(|error| unreadable(text, &error))?;
        let start = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(0);
        let place = line(text, start);
        let cells = headers.iter().zip(&record).map(|(name, cell)| Entry {
            key: Name { text: name.to_owned(), region: heading },
            value: Node { value: Value::Quoted(cell.to_owned()), region: within(text, place, cell) },
        });
        rows.push(Node { value: Value::Map(cells.collect()), region: place });
    }
    Ok(Node { value: Value::List(rows), region: Region { start: 0, end: text.len() } })
}

/// The line at a byte, after the line ends before it.
fn line(text: &str, start: usize) -> Region {
    let rest = text.get(start..).unwrap_or("");
    let start = start + (rest.len() - rest.trim_start_matches(['\n', '\r']).len());
    let length = text.get(start..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
    Region { start, end: start + length }
}

/// A cell's place, where its text stands in the line just as it is.
fn within(text: &str, line: Region, cell: &str) -> Region {
    let found = text.get(line.start..line.end).filter(|_| !cell.is_empty()).and_then(|line| line.find(cell));
    found.map_or(line, |at| Region { start: line.start + at, end: line.start + at + cell.len() })
}

fn unreadable(text: &str, error: &csv::Error) -> Message {
    let start = error.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(0);
    let reason = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("cells in this line: {len}, names in the first line: {expected_len}")
        }
        _ => "the file is no CSV".to_owned(),
    };
    Message::new("data-syntax", line(text, start), reason, "cannot be read from here on")
}
