//! Offsets to lines and columns, as Python counts lines; never a column in bytes.

use std::cell::RefCell;

use memchr::memchr2_iter;
use ruff_text_size::{TextRange, TextSize};
use smol_str::SmolStr;

/// Longest text that is kept of one line or expression, in characters.
pub(super) const MAX_TEXT: usize = 240;

/// A text and where its lines begin.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    ascii: bool,
    /// Where the text that was parsed is another than this: offsets there and here, from which on they run side by side.
    shifts: Vec<(usize, usize)>,
    /// The line whose text was asked for last, which is often asked for again.
    last: RefCell<(u32, SmolStr)>,
}

/// Where something is: 1-based line, 1-based column and width in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub line: u32,
    pub column: u32,
    pub width: u32,
}

impl<'a> Lines<'a> {
    /// Finds the lines of `text`: they end with `\n`, `\r\n` or `\r`.
    pub(super) fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = Vec::with_capacity(bytes.len() / 32 + 1);
        starts.push(0);
        for at in memchr2_iter(b'\n', b'\r', bytes) {
            if !(bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) == Some(&b'\n')) {
                starts.push(at + 1);
            }
        }
        Self { text, starts, ascii: text.is_ascii(), shifts: Vec::new(), last: RefCell::default() }
    }

    /// The lines of the same text for offsets into a rewritten one.
    pub(super) fn rewritten(&self, shifts: Vec<(usize, usize)>) -> Self {
        Self { text: self.text, starts: self.starts.clone(), ascii: self.ascii, shifts, last: RefCell::default() }
    }

    /// Whether offsets are those of a rewritten text.
    pub(super) fn is_rewritten(&self) -> bool {
        !self.shifts.is_empty()
    }

    /// Where an offset of the parsed text is in this one.
    fn here(&self, offset: TextSize) -> usize {
        let offset = offset.to_usize();
        let next = self.shifts.partition_point(|(there, _)| *there <= offset);
        let Some((there, here)) = next.checked_sub(1).and_then(|last| self.shifts.get(last)) else { return offset };
        let limit = self.shifts.get(next).map_or(self.text.len(), |(_, here)| *here);
        (here + (offset - there)).min(limit)
    }

    /// Whether the text has no other characters than ASCII.
    pub(super) fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// The text.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The text of `range`.
    pub(super) fn slice(&self, range: TextRange) -> &'a str {
        self.text.get(self.here(range.start())..self.here(range.end())).unwrap_or_default()
    }

    /// The 1-based line of `offset`.
    pub(super) fn line(&self, offset: TextSize) -> u32 {
        self.own_line(self.here(offset))
    }

    /// The 1-based line of an offset into the source itself.
    pub(super) fn own_line(&self, offset: usize) -> u32 {
        let line = self.starts.partition_point(|start| *start <= offset);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// Where `range` begins, and how wide it is on that line.
    pub(super) fn place(&self, range: TextRange) -> Place {
        let line = self.line(range.start());
        let begin = self.start_of(line);
        let before = self.text.get(begin..self.here(range.start())).unwrap_or_default();
        let inside = self.slice(range).split(['\n', '\r']).next().unwrap_or_default();
        Place { line, column: self.count(before).saturating_add(1), width: self.count(inside) }
    }

    /// The text of a line without its end, at most [`MAX_TEXT`] characters.
    pub(super) fn line_text(&self, line: u32) -> SmolStr {
        let mut last = self.last.borrow_mut();
        if last.0 != line {
            *last = (line, self.cut_line(line));
        }
        last.1.clone()
    }

    fn cut_line(&self, line: u32) -> SmolStr {
        let begin = self.start_of(line);
        let end = self.starts.get(line as usize).copied().unwrap_or(self.text.len());
        let text = self.text.get(begin..end).unwrap_or_default().trim_end_matches(['\n', '\r']);
        SmolStr::new(shortened(text))
    }

    fn start_of(&self, line: u32) -> usize {
        (line as usize).checked_sub(1).and_then(|index| self.starts.get(index)).copied().unwrap_or_default()
    }

    fn count(&self, text: &str) -> u32 {
        let count = if self.ascii { text.len() } else { text.chars().count() };
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

/// The first [`MAX_TEXT`] characters.
pub(super) fn shortened(text: &str) -> &str {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use ruff_text_size::{TextRange, TextSize};

    use super::{Lines, Place};

    #[test]
    fn lines_end_as_python_has_it() {
        let lines = Lines::new("a\nb\r\nc\rd\x0ce");
        let line = |offset: u32| lines.line(TextSize::new(offset));
        assert_eq!([line(0), line(2), line(3), line(5), line(7), line(9)], [1, 2, 2, 3, 4, 4]);
        assert_eq!(lines.line_text(2), "b");
        assert_eq!(lines.line_text(4), "d\x0ce");
    }

    #[test]
    fn columns_are_characters() {
        let lines = Lines::new("x\n'é' + y\n");
        let place = lines.place(TextRange::new(TextSize::new(2), TextSize::new(6)));
        assert_eq!(place, Place { line: 2, column: 1, width: 3 });
        let place = lines.place(TextRange::new(TextSize::new(9), TextSize::new(11)));
        assert_eq!(place, Place { line: 2, column: 7, width: 1 });
    }
}
