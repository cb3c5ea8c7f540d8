//! `RECORD`: the files of an installed distribution, with hash and size (PEP 376, RFC 4180); never whether they are there.

use super::text::text;

/// One installed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordEntry {
    /// Relative to the directory that holds the `.dist-info`, or absolute; with `/`.
    pub path: String,
    /// `sha256=...`, in URL-safe base64 without padding.
    pub hash: Option<String>,
    /// Size in bytes.
    pub size: Option<u64>,
}

/// Entries in order; rows without a path are left out.
pub fn record(bytes: &[u8]) -> Vec<RecordEntry> {
    let text = text(bytes);
    let mut entries = Vec::new();
    let mut rest = text.as_ref();
    while !rest.is_empty() {
        let (row, after) = row(rest);
        rest = after;
        let mut fields = row.into_iter();
        let Some(path) = fields.next().filter(|path| !path.is_empty()) else { continue };
        let hash = fields.next().filter(|hash| !hash.is_empty());
        let size = fields.next().and_then(|size| size.trim().parse().ok());
        entries.push(RecordEntry { path, hash, size });
    }
    entries
}

/// The fields of the first row, and what follows it. A quoted field may hold commas, line ends and doubled quotes.
fn row(text: &str) -> (Vec<String>, &str) {
    let mut fields = vec![];
    let mut field = String::new();
    let mut quoted = false;
    let mut letters = text.char_indices().peekable();
    while let Some((_, letter)) = letters.next() {
        let next = letters.peek().map(|(_, letter)| *letter);
        match letter {
            '"' if quoted && next == Some('"') => {
                field.push('"');
                letters.next();
            }
            '"' if quoted => quoted = false,
            '"' if field.is_empty() => quoted = true,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            '\n' | '\r' if !quoted => break,
            letter => field.push(letter),
        }
    }
    fields.push(field);
    let after = letters.peek().map_or("", |(at, _)| text.get(*at..).unwrap_or_default());
    (fields, after)
}

#[cfg(test)]
mod tests {
    use super::{RecordEntry, record};

    #[test]
    fn fields_may_be_quoted() {
        let found = record(b"a/b.py,sha256=abc,12\r\n\"c,\"\"d\"\".py\",,\n\nx.dist-info/RECORD,,\n../../bin/z,sha256=q,x");
        let entry =
            |path: &str, hash: Option<&str>, size| RecordEntry { path: path.to_owned(), hash: hash.map(str::to_owned), size };
        assert_eq!(
            found,
            [
                entry("a/b.py", Some("sha256=abc"), Some(12)),
                entry("c,\"d\".py", None, None),
                entry("x.dist-info/RECORD", None, None),
                entry("../../bin/z", Some("sha256=q"), None),
            ]
        );
    }
}
