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

/// The lines in order, as `site.addpackage` has it.
pub fn pth(bytes: &[u8], mark: ByteOrderMark) -> Vec<PthLine> {
    let text = text(bytes);
    let kept = mark == ByteOrderMark::Keep && bytes.starts_with(MARK);
    // What stands behind the mark is no path, no comment and no code: the line goes whole.
    let counted = lines(&text).skip(usize::from(kept)).filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let classified = counted.map(|line| {
        let line = line.trim_end().to_owned();
        if line.starts_with("import ") || line.starts_with("import\t") { PthLine::Import(line) } else { PthLine::Path(line) }
    });
    classified.collect()
}

#[cfg(test)]
mod tests {
    use super::{
        ByteOrderMark,
        PthLine::{Import, Path},
        pth,
    };

    #[test]
    fn a_mark_that_is_kept_spoils_the_first_line() {
        let bytes = b"\xef\xbb\xbfimport a\n/b\n";
        assert_eq!(pth(bytes, ByteOrderMark::Keep), [Path("/b".into())]);
        assert_eq!(pth(bytes, ByteOrderMark::Skip), [Import("import a".into()), Path("/b".into())]);
        assert_eq!(pth(b"/a\n", ByteOrderMark::Keep), [Path("/a".into())]);
    }

    #[test]
    fn lines_are_classified_as_site_does_it() {
        let found =
            pth(b"\xef\xbb\xbf# comment\n #not\r\nimport a; b()\nimport\tc\nimportant\n  \n/x y  \r./z", ByteOrderMark::Skip);
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
}
