//! `*.pth`: what `site` appends to `sys.path`, and the code that it runs; never whether a path exists.

use super::text::{MARK, lines, text};

/// One line that counts; comments (`#` in the first column) and blank lines do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PthLine {
    /// A path, relative to the directory of the file.
    Path(String),
    /// Code that `site` runs at every start: `import ` or `import` and a tab, in the first column.
    Import(String),
}

/// What becomes of a byte order mark at the beginning of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrderMark {
    /// It is left out: Python 3.13 and later.
    Skip,
    /// It is a part of the first line, which then names nothing that exists and is no comment either.
    Keep,
}

/// What becomes of white space at the beginning of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Margin {
    /// It is left out: Python 3.15 and later.
    Skip,
    /// It is a part of a path, and what follows it is no comment and no code.
    Keep,
}

/// The lines in order, as `site.addpackage` has it.
pub fn pth(bytes: &[u8], mark: ByteOrderMark, margin: Margin) -> Vec<PthLine> {
    let text = text(bytes);
    let kept = mark == ByteOrderMark::Keep && bytes.starts_with(MARK);
    // What stands behind the mark is no path, no comment and no code: the line goes whole.
    let stripped =
        lines(&text).skip(usize::from(kept)).map(|line| if margin == Margin::Skip { line.trim_start() } else { line });
    let counted = stripped.filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let classified = counted.map(|line| {
        let line = line.trim_end().to_owned();
        if line.starts_with("import ") || line.starts_with("import\t") { PthLine::Import(line) } else { PthLine::Path(line) }
    });
    classified.collect()
}

#[cfg(test)]
mod tests {
    use super::{
        ByteOrderMark, Margin,
        PthLine::{Import, Path},
        pth,
    };

    #[test]
    fn a_mark_that_is_kept_spoils_the_first_line() {
        let bytes = b"\xef\xbb\xbfimport a\n/b\n";
        assert_eq!(pth(bytes, ByteOrderMark::Keep, Margin::Keep), [Path("/b".into())]);
        assert_eq!(pth(bytes, ByteOrderMark::Skip, Margin::Keep), [Import("import a".into()), Path("/b".into())]);
        assert_eq!(pth(b"/a\n", ByteOrderMark::Keep, Margin::Keep), [Path("/a".into())]);
    }

    #[test]
    fn lines_are_classified_as_site_does_it() {
        let found = pth(
            b"\xef\xbb\xbf# comment\n #not\r\nimport a; b()\nimport\tc\nimportant\n  \n/x y  \r./z",
            ByteOrderMark::Skip,
            Margin::Keep,
        );
        let expected = [
            Path(" #not".into()),
            Import("import a; b()".into()),
            Import("import\tc".into()),
            Path("important".into()),
            Path("/x y".into()),
            Path("./z".into()),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn from_3_15_on_what_is_indented_counts_too() {
        let found = pth(b"  # comment\n\timport a\n  /b\n", ByteOrderMark::Skip, Margin::Skip);
        assert_eq!(found, [Import("import a".into()), Path("/b".into())]);
    }
}
