//! `*.pth`: what `site` appends to `sys.path`, and the code that it runs; never whether a path exists.

use super::text::{lines, text};

/// One line that counts; comments (`#` in the first column) and blank lines do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PthLine {
    /// A path, relative to the directory of the file.
    Path(String),
    /// Code that `site` runs at every start: `import ` or `import` and a tab, in the first column.
    Import(String),
}

/// The lines in order, as `site.addpackage` has it.
pub fn pth(bytes: &[u8]) -> Vec<PthLine> {
    let text = text(bytes);
    let counted = lines(&text).filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let classified = counted.map(|line| {
        let line = line.trim_end().to_owned();
        if line.starts_with("import ") || line.starts_with("import\t") { PthLine::Import(line) } else { PthLine::Path(line) }
    });
    classified.collect()
}

#[cfg(test)]
mod tests {
    use super::{
        PthLine::{Import, Path},
        pth,
    };

    #[test]
    fn lines_are_classified_as_site_does_it() {
        let found = pth(b"\xef\xbb\xbf# comment\n #not\r\nimport a; b()\nimport\tc\nimportant\n  \n/x y  \r./z");
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
