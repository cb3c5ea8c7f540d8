//! Letters that look like others: in a name that is otherwise ASCII a reader takes one for the other; never comments.

use super::Linting;
use crate::policy::syntax::ast::Region;

/// Letters of other scripts, each beside the ASCII letter that it cannot be told from. There are more of them: these are the ones
/// that keyboards write and that were seen in forged names.
const ALIKE: [(char, char); 56] = [
    // Cyrillic
    ('а', 'a'),
    ('е', 'e'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('у', 'y'),
    ('х', 'x'),
    ('і', 'i'),
    ('ѕ', 's'),
    ('ј', 'j'),
    ('һ', 'h'),
    ('ԁ', 'd'),
    ('ԛ', 'q'),
    ('ԝ', 'w'),
    ('ѵ', 'v'),
    ('ӏ', 'l'),
    ('А', 'A'),
    ('В', 'B'),
    ('Е', 'E'),
    ('К', 'K'),
    ('М', 'M'),
    ('Н', 'H'),
    ('О', 'O'),
    ('Р', 'P'),
    ('С', 'C'),
    ('Т', 'T'),
    ('У', 'Y'),
    ('Х', 'X'),
    ('І', 'I'),
    ('Ѕ', 'S'),
    ('Ј', 'J'),
    // Greek
    ('ο', 'o'),
    ('ν', 'v'),
    ('Α', 'A'),
    ('Β', 'B'),
    ('Ε', 'E'),
    ('Ζ', 'Z'),
    ('Η', 'H'),
    ('Ι', 'I'),
    ('Κ', 'K'),
    ('Μ', 'M'),
    ('Ν', 'N'),
    ('Ο', 'O'),
    ('Ρ', 'P'),
    ('Τ', 'T'),
    ('Υ', 'Y'),
    ('Χ', 'X'),
    // Armenian
    ('օ', 'o'),
    ('ս', 'u'),
    ('հ', 'h'),
    ('ց', 'g'),
    ('զ', 'q'),
    // Latin
    ('ɡ', 'g'),
    ('ɑ', 'a'),
    ('ⅼ', 'l'),
    ('ⅰ', 'i'),
];

impl Linting<'_> {
    /// Warns of every word of ASCII letters among which stand others that only look like such.
    pub(super) fn confusables(&mut self) {
        let text = self.file.source.text.as_str();
        if text.is_ascii() {
            return;
        }
        let mut word: Vec<(usize, char)> = Vec::new();
        // What ends the last word.
        for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
            if letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.') {
                word.push((at, letter));
            } else {
                self.word(&std::mem::take(&mut word));
            }
        }
    }

    fn word(&mut self, word: &[(usize, char)]) {
        let is_mark = |(_, letter): &(usize, char)| matches!(letter, '-' | '.');
        let word = word.split_at_checked(word.iter().take_while(|one| is_mark(one)).count()).map_or(word, |(_, rest)| rest);
        let ends = word.iter().rev().take_while(|one| is_mark(one)).count();
        let word = word.split_at_checked(word.len() - ends).map_or(word, |(word, _)| word);
        let foreign = || word.iter().filter(|(_, letter)| !letter.is_ascii());
        // A word with other foreign letters belongs to that script: its readers know which letters it has.
        let is_mixed = word.iter().any(|(_, letter)| letter.is_ascii_alphabetic())
            && foreign().all(|(_, letter)| alike(*letter).is_some());
        let Some((&(at, letter), ascii)) = foreign().next().and_then(|first| Some((first, alike(first.1)?))) else { return };
        let comments = &self.file.comments;
        let before = comments.partition_point(|comment| comment.start <= at);
        let is_comment = before.checked_sub(1).and_then(|before| comments.get(before)).is_some_and(|comment| at < comment.end);
        if !is_mixed || is_comment {
            return;
        }
        let shown: String = word.iter().map(|(_, letter)| *letter).collect();
        let meant: String = word.iter().map(|(_, letter)| alike(*letter).unwrap_or(*letter)).collect();
        let region = Region { start: at, end: at + letter.len_utf8() };
        let message = format!("`{shown}` holds a letter that only looks like `{ascii}`");
        let label = format!("U+{:04X}, not `{ascii}`", u32::from(letter));
        let diagnostic = self.warn("confusable-character", region, message, &label);
        diagnostic.notes.push("it is another name, and a reader cannot see it".into());
        diagnostic.help = Some(format!("write `{meant}`, if that is what is meant"));
    }
}

/// The ASCII letter that a letter cannot be told from.
fn alike(letter: char) -> Option<char> {
    let fullwidth = matches!(letter, 'Ａ'..='Ｚ' | 'ａ'..='ｚ');
    if fullwidth {
        return u32::from(letter).checked_sub(0xFEE0).and_then(char::from_u32);
    }
    ALIKE.iter().find(|(foreign, _)| *foreign == letter).map(|(_, ascii)| *ascii)
}
