//! Text fitted into columns: measured, wrapped, cut and padded; never coloured.

use unicode_width::UnicodeWidthStr;

/// How many columns a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// Keeps the words on its sides on one line when it is wrapped; shown as a blank.
pub(super) const GLUE: char = '\u{a0}';

/// Prose in lines of at most `width` columns; a word that is longer stands on a line of its own.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_ascii_whitespace() {
        if !line.is_empty() && columns(&line) + 1 + columns(word) > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().map(|character| if character == GLUE { ' ' } else { character }));
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The text cut to `width` columns, with `…` at its end where something was cut off.
pub(super) fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut taken = 0;
    for character in text.chars() {
        let next = taken + character_columns(character);
        if next + 1 > width {
            break;
        }
        taken = next;
        kept.push(character);
    }
    let mut kept = kept.trim_end().to_owned();
    kept.push('…');
    kept
}

/// How many columns a character takes.
pub(super) fn character_columns(character: char) -> usize {
    unicode_width::UnicodeWidthChar::width(character).unwrap_or(0)
}

/// The text with blanks after it up to `width` columns.
pub(super) fn padded(text: &str, width: usize) -> String {
    let mut padded = text.to_owned();
    padded.extend(std::iter::repeat_n(' ', width.saturating_sub(columns(text))));
    padded
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The first `most` of the items, and how many more there are: `a, b and 10 more`.
pub(super) fn listed_up_to(items: &[String], most: usize) -> String {
    let mut shown: Vec<String> = items.iter().take(most).cloned().collect();
    if items.len() > most {
        shown.push(format!("{} more", super::quantity::grouped(items.len() - most)));
    }
    listed(&shown)
}

#[cfg(test)]
mod tests {
    use super::{cut, listed_up_to, padded, wrap};

    #[test]
    fn wraps_at_words() {
        assert_eq!(wrap("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrap("/a/long/path b", 4), ["/a/long/path", "b"]);
        assert_eq!(wrap("one two\u{a0}three", 9), ["one", "two three"]);
    }

    #[test]
    fn measures_wide_characters() {
        assert_eq!(cut("データベース", 7), "データ…");
        assert_eq!(padded("デ", 4), "デ  ");
    }

    #[test]
    fn lists_as_people_do() {
        let items = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(listed_up_to(&items, 3), "a, b and c");
        assert_eq!(listed_up_to(&items, 1), "a and 2 more");
    }
}
