//! Annotations as they are compared: without white space and without the quotes of string annotations; never rewritten.

/// Whether two annotations are the same.
pub(super) fn is_same(left: &str, right: &str) -> bool {
    left == right || plain(left) == plain(right)
}

/// The plain form of an annotation's text.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // For each open bracket whether it is that of `Literal[...]`, where text is a value.
    let mut literals = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let after = rest.get(letter.len_utf8()..).unwrap_or_default();
        rest = match letter {
            _ if letter.is_whitespace() => after,
            '"' | '\'' => {
                let (content, after) = quoted(rest, letter);
                if literals.last() == Some(&true) {
                    out.push('"');
                    out.push_str(content);
                    out.push('"');
                } else {
                    out.push_str(&plain(content));
                }
                after
            }
            _ => {
                match letter {
                    '[' => literals.push(last_name(&out) == "Literal"),
                    ']' => _ = literals.pop(),
                    _ => {}
                }
                out.push(letter);
                after
            }
        };
    }
    out
}

/// The content of the string that `text` begins with, and what follows it.
fn quoted(text: &str, quote: char) -> (&str, &str) {
    let triple = quote.to_string().repeat(3);
    let mark = if text.starts_with(&triple) { triple.as_str() } else { triple.get(..1).unwrap_or_default() };
    let inside = text.get(mark.len()..).unwrap_or_default();
    let mut at = 0;
    while let Some(here) = inside.get(at..).filter(|here| !here.is_empty()) {
        if here.starts_with(mark) {
            return (inside.get(..at).unwrap_or_default(), here.get(mark.len()..).unwrap_or_default());
        }
        let width = |letter: Option<char>| letter.map_or(0, char::len_utf8);
        let mut letters = here.chars();
        let first = letters.next();
        at += width(first) + if first == Some('\\') { width(letters.next()) } else { 0 };
    }
    (inside, "")
}

fn last_name(text: &str) -> &str {
    text.rsplit(|letter: char| !(letter.is_alphanumeric() || letter == '_')).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn white_space_and_quotes_of_annotations_do_not_count() {
        for (text, expected) in [
            ("dict[str,  int]", "dict[str,int]"),
            ("'Context'", "Context"),
            ("\"\"\"list['Context | None']\"\"\"", "list[Context|None]"),
            ("list['Context' | None]", "list[Context|None]"),
            ("Literal['a b', \"c\"]", "Literal[\"a b\",\"c\"]"),
            ("typing.Literal['a', ['b']]", "typing.Literal[\"a\",[b]]"),
            ("Optional['X']", "Optional[X]"),
            ("'open", "open"),
            ("'é\\", "é\\"),
        ] {
            assert_eq!(plain(text), expected);
        }
    }
}
