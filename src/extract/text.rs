//! Lines of text files as Python's universal newlines and UTF-8 have them; never an error over a stray byte.

use std::borrow::Cow;

/// A byte order mark in UTF-8.
pub(super) const MARK: &[u8] = b"\xef\xbb\xbf";

/// The text, without a byte order mark; bytes that are not UTF-8 become U+FFFD.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes.strip_prefix(MARK).unwrap_or(bytes))
}

/// Lines without their ends, which are `\n`, `\r\n` or `\r`.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}
