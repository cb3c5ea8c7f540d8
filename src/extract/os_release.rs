//! `os-release`: assignments in the shell's syntax (os-release(5)); never expanded.

use std::collections::BTreeMap;

use super::text::{lines, text};

/// Variables and their unquoted values; of two assignments to one name the last counts.
pub fn os_release(bytes: &[u8]) -> BTreeMap<String, String> {
    let text = text(bytes);
    let assignments = lines(&text).filter_map(|line| {
        let (name, value) = line.trim().split_once('=')?;
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        is_name.then(|| (name.to_owned(), unquoted(value)))
    });
    assignments.collect()
}

/// The value of one shell word, with its quotes and escapes resolved; it ends at unquoted white space.
fn unquoted(word: &str) -> String {
    let mut value = String::new();
    let mut quote = None;
    let mut letters = word.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (None, '\'' | '"') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            (None, '\\') => value.extend(letters.next()),
            (Some('"'), '\\') => match letters.next() {
                Some(escaped @ ('$' | '"' | '\\' | '`')) => value.push(escaped),
                other => {
                    value.push('\\');
                    value.extend(other);
                }
            },
            (None, letter) if letter.is_whitespace() => break,
            (_, letter) => value.push(letter),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::os_release;

    #[test]
    fn values_are_unquoted_as_the_shell_does_it() {
        let found = os_release(
            b"# x\nID=debian\n VERSION_ID=\"12\"\r\nNAME='a \"b'\nPRETTY_NAME=\"x\\\"\\$y\\z\"\nA=b\\ c d\nID=\"late\"r\n=x\n",
        );
        let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            found,
            [("A", "b c"), ("ID", "later"), ("NAME", "a \"b"), ("PRETTY_NAME", "x\"$y\\z"), ("VERSION_ID", "12"),]
        );
    }
}
