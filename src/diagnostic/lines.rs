//! Line starts of a text, found once; never a scan for each question.

/// Where every line of a text starts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineIndex {
    starts: Vec<usize>,
}

/// A line and column, both from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineColumn {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl LineIndex {
    /// The index of `text`.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1));
        Self { starts }
    }

    /// The line and column of a byte of the same text.
    pub fn line_column(&self, text: &str, offset: usize) -> LineColumn {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let column = text.get(start..offset).map_or(0, |before| before.chars().count()) + 1;
        LineColumn { line: u32::try_from(line).unwrap_or(u32::MAX), column: u32::try_from(column).unwrap_or(u32::MAX) }
    }

    /// The text of a line (from 1), without its end.
    pub fn line_text<'a>(&self, text: &'a str, line: u32) -> &'a str {
        let line = line as usize;
        let start = line.checked_sub(1).and_then(|index| self.starts.get(index)).copied().unwrap_or(text.len());
        let end = self.starts.get(line).copied().unwrap_or(text.len());
        text.get(start..end).unwrap_or("").trim_end_matches(['\n', '\r'])
    }
}

#[cfg(test)]
mod tests {
    use super::{LineColumn, LineIndex};

    #[test]
    fn columns_count_characters() {
        let text = "a\nßx\n";
        let lines = LineIndex::new(text);
        assert_eq!(lines.line_column(text, 4), LineColumn { line: 2, column: 2 });
        assert_eq!(lines.line_text(text, 2), "ßx");
        assert_eq!(lines.line_text(text, 9), "");
    }
}
