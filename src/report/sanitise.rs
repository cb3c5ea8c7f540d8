//! Makes text from an image harmless to a terminal; never anything else to it.

use std::{borrow::Cow, fmt::Write};

/// The text with every character escaped that could steer a terminal or show something else than what is there: control
/// characters (`\x1b`), line ends, and the invisible ones that reorder or join what stands around them (`\u{202e}`).
pub fn sanitise(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut harmless = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match escape(character) {
            Some(escaped) => harmless.push_str(&escaped),
            None => harmless.push(character),
        }
    }
    Cow::Owned(harmless)
}

/// What stands for a harmful character; `None` for a harmless one.
pub(super) fn escape(character: char) -> Option<String> {
    if !is_harmful(character) {
        return None;
    }
    let mut escaped = String::new();
    // Writing to a string does not fail.
    let _ = match u32::from(character) {
        code @ 0..=0xff => write!(escaped, "\\x{code:02x}"),
        code => write!(escaped, "\\u{{{code:x}}}"),
    };
    Some(escaped)
}

pub(super) fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::sanitise;

    #[test]
    fn escapes_what_steers_a_terminal() {
        assert_eq!(sanitise("a\u{1b}[31mb\r\n\u{9b}2J"), "a\\x1b[31mb\\x0d\\x0a\\x9b2J");
    }

    #[test]
    fn escapes_what_shows_something_else_than_is_there() {
        assert_eq!(sanitise("access\u{202e}level"), "access\\u{202e}level");
    }

    #[test]
    fn leaves_all_other_writing_alone() {
        assert_eq!(sanitise("/srv/größe/データ.py"), "/srv/größe/データ.py");
    }
}
