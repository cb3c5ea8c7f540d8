//! `*.start` (PEP 829): the functions that Python 3.15 and later call when they start; never what they do.

use super::text::{MARK, lines};

/// The entry points of a file that are well-formed: others are complained of and passed over. `None` where the file is no UTF-8,
/// which makes it count for nothing.
pub fn start(bytes: &[u8]) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(bytes.strip_prefix(MARK).unwrap_or(bytes)).ok()?;
    let counted = lines(text).map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let parts = counted.filter_map(|line| line.split_once(':'));
    let whole = parts.filter(|(module, object)| is_dotted(module) && is_dotted(object));
    Some(whole.map(|(module, object)| (module.to_owned(), object.to_owned())).collect())
}

/// Words with dots between them, none of which begins with a digit.
fn is_dotted(text: &str) -> bool {
    text.split('.').all(|word| {
        let is_word = |letter: char| letter == '_' || letter.is_alphanumeric();
        word.chars().next().is_some_and(|first| !first.is_numeric()) && word.chars().all(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::start;

    #[test]
    fn only_a_module_and_a_callable_are_an_entry_point() {
        let entry = |module: &str, object: &str| (module.to_owned(), object.to_owned());
        let text = b"\xef\xbb\xbf# comment\n\n  a.b:c.d  \nrelative\na:\n:b\n1a:b\na b:c\nhook:install\n";
        assert_eq!(start(text), Some(vec![entry("a.b", "c.d"), entry("hook", "install")]));
        assert_eq!(start(b""), Some(Vec::new()));
        assert_eq!(start(b"a:b\n\xff"), None);
    }
}
