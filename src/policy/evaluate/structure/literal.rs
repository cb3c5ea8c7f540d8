//! Literals in the text of values, compared with those that a contract asks for; never a computed value.

use crate::{facts::REDACTED, policy::shape::Literal};

/// What comes of comparing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sameness {
    /// It is that literal.
    Same,
    /// It is another, or no literal of a kind that can be asked for.
    Different,
    /// Its value is known only when the program runs, or was not kept.
    Unknown,
}

/// What a text says.
#[derive(Debug, Clone, PartialEq)]
enum Said {
    /// A literal.
    Literal(Literal),
    /// Something else that is surely none of those that can be asked for: a list, bytes, a `lambda`.
    Other,
    /// Anything.
    Computed,
}

/// Whether a value's text is `wanted`.
pub(super) fn compare(wanted: &Literal, text: &str) -> Sameness {
    if text == REDACTED || text.ends_with('…') {
        return Sameness::Unknown;
    }
    match (read(text), wanted) {
        (Said::Computed, _) => Sameness::Unknown,
        (Said::Literal(Literal::Number(found)), Literal::Number(wanted)) if number(&found) == number(wanted) => Sameness::Same,
        (Said::Literal(found), _) if found == *wanted => Sameness::Same,
        (Said::Literal(_) | Said::Other, _) => Sameness::Different,
    }
}

/// Whether a value's text surely stands for no function and no class.
pub(super) fn is_plain(text: &str) -> bool {
    let is_lambda = text.starts_with("lambda");
    !is_lambda && text != REDACTED && read(text) != Said::Computed
}

/// The type of a literal, by the name that an annotation would give it.
pub(super) fn type_of(text: &str) -> Option<&'static str> {
    if text == REDACTED || text.ends_with('…') {
        return None;
    }
    match read(text) {
        Said::Literal(Literal::Bool(_)) => Some("bool"),
        Said::Literal(Literal::Text(_)) => Some("str"),
        Said::Literal(Literal::Number(text)) => match number(&text) {
            Number::Whole { .. } => Some("int"),
            Number::Fraction(_) => Some("float"),
            Number::Other(_) | Number::None => None,
        },
        Said::Other if text.trim_start().starts_with('[') => Some("list"),
        // `None` says of which type the variable is not.
        Said::Literal(Literal::None) | Said::Other | Said::Computed => None,
    }
}

/// The literal as Python has it.
pub(super) fn shown(literal: &Literal) -> String {
    match literal {
        Literal::None => "None".into(),
        Literal::Bool(true) => "True".into(),
        Literal::Bool(false) => "False".into(),
        Literal::Number(number) => number.clone(),
        Literal::Text(text) => format!("{text:?}"),
    }
}

fn read(text: &str) -> Said {
    let text = text.trim();
    match text {
        "None" => return Said::Literal(Literal::None),
        "True" => return Said::Literal(Literal::Bool(true)),
        "False" => return Said::Literal(Literal::Bool(false)),
        "..." | "()" => return Said::Other,
        _ => {}
    }
    let unsigned = text.trim_start_matches(['-', '+', ' ']);
    if unsigned.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.') {
        return if number(text) == Number::None { Said::Computed } else { Said::Literal(Literal::Number(text.to_owned())) };
    }
    match text.chars().next() {
        Some('[' | '{') if spans_whole(text).is_some() => Said::Other,
        Some('(') => match spans_whole(text) {
            Some(Commas::Some) => Said::Other,
            Some(Commas::None) => read(text.get(1..text.len() - 1).unwrap_or_default()),
            None => Said::Computed,
        },
        Some(_) if text.starts_with("lambda ") || text.starts_with("lambda:") => Said::Other,
        _ => strings(text),
    }
}

/// A number's value; 2 and 2.0 are two numbers.
#[derive(Debug, PartialEq)]
enum Number {
    Whole { negative: bool, digits: String },
    Fraction(f64),
    Other(String),
    None,
}

fn number(text: &str) -> Number {
    let (negative, digits) = match text.trim().strip_prefix('-') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.trim().trim_start_matches('+').trim_start()),
    };
    let digits = digits.replace('_', "").to_ascii_lowercase();
    let radix =
        [("0x", 16), ("0o", 8), ("0b", 2)].into_iter().find_map(|(prefix, radix)| Some((digits.strip_prefix(prefix)?, radix)));
    if let Some((digits, radix)) = radix {
        let value = u128::from_str_radix(digits, radix);
        return value
            .map_or(Number::None, |value| Number::Whole { negative: negative && value > 0, digits: value.to_string() });
    }
    if !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()) {
        let digits = digits.trim_start_matches('0');
        let digits = if digits.is_empty() { "0" } else { digits };
        return Number::Whole { negative: negative && digits != "0", digits: digits.to_owned() };
    }
    if let Some(imaginary) = digits.strip_suffix('j').filter(|rest| rest.parse::<f64>().is_ok()) {
        return Number::Other(format!("{negative}{imaginary}j"));
    }
    let is_fraction = digits.bytes().all(|letter| letter.is_ascii_digit() || matches!(letter, b'.' | b'e' | b'-' | b'+'));
    match digits.parse::<f64>() {
        Ok(value) if is_fraction => Number::Fraction(if negative { -value } else { value }),
        _ => Number::None,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Commas {
    None,
    Some,
}

/// Whether the bracket that `text` begins with closes at its end, and whether commas stand right inside of it.
fn spans_whole(text: &str) -> Option<Commas> {
    let (mut depth, mut commas, mut quote, mut escaped) = (0_usize, Commas::None, None, false);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == letter => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return (at + letter.len_utf8() == text.len()).then_some(commas);
                }
            }
            (None, ',') if depth == 1 => commas = Commas::Some,
            _ => {}
        }
    }
    None
}

/// One string, or several that stand beside each other.
fn strings(text: &str) -> Said {
    let mut rest = text;
    let (mut all, mut bytes) = (String::new(), false);
    while !rest.is_empty() {
        let prefix = rest.find(['"', '\'']).and_then(|at| rest.get(..at));
        let Some(prefix) = prefix.map(str::to_ascii_lowercase) else { return Said::Computed };
        if !matches!(prefix.as_str(), "" | "r" | "u" | "b" | "br" | "rb") {
            return Said::Computed;
        }
        bytes |= prefix.contains('b');
        let start = rest.get(prefix.len()..).unwrap_or_default();
        let Some((content, after)) = string(start, prefix.contains('r')) else { return Said::Computed };
        all.push_str(&content);
        rest = after.trim_start();
    }
    if bytes { Said::Other } else { Said::Literal(Literal::Text(all)) }
}

/// The content of the string that `text` begins with, and what follows.
fn string(text: &str, is_raw: bool) -> Option<(String, &str)> {
    let quote = text.chars().next()?;
    let triple = quote.to_string().repeat(3);
    let mark = if text.starts_with(&triple) { triple.as_str() } else { triple.get(..1)? };
    let mut rest = text.get(mark.len()..)?;
    let mut content = String::new();
    loop {
        if let Some(after) = rest.strip_prefix(mark) {
            return Some((content, after));
        }
        let letter = rest.chars().next()?;
        rest = rest.get(letter.len_utf8()..)?;
        if letter != '\\' {
            content.push(letter);
            continue;
        }
        let escape = rest.chars().next()?;
        rest = rest.get(escape.len_utf8()..)?;
        if is_raw {
            content.extend(['\\', escape]);
            continue;
        }
        match escape {
            'n' => content.push('\n'),
            't' => content.push('\t'),
            'r' => content.push('\r'),
            'a' => content.push('\x07'),
            'b' => content.push('\x08'),
            'f' => content.push('\x0c'),
            'v' => content.push('\x0b'),
            '\\' | '\'' | '"' => content.push(escape),
            'x' | 'u' | 'U' => {
                let width = match escape {
                    'x' => 2,
                    'u' => 4,
                    _ => 8,
                };
                content.push(char::from_u32(u32::from_str_radix(rest.get(..width)?, 16).ok()?)?);
                rest = rest.get(width..)?;
            }
            '0'..='7' => {
                let more = rest.bytes().take(2).take_while(|digit| matches!(digit, b'0'..=b'7')).count();
                let octal = format!("{escape}{}", rest.get(..more)?);
                content.push(char::from_u32(u32::from_str_radix(&octal, 8).ok()?)?);
                rest = rest.get(more..)?;
            }
            'N' => return None,
            _ => content.extend(['\\', escape]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Sameness::{Different, Same, Unknown},
        compare, is_plain,
    };
    use crate::policy::shape::Literal;

    #[test]
    fn literals_are_compared_by_value() {
        let two = Literal::Number("2".into());
        for (text, expected) in [
            ("2", Same),
            ("0x2", Same),
            ("0b1_0", Same),
            ("(2)", Same),
            ("+2", Same),
            ("-2", Different),
            ("2.0", Different),
            ("'2'", Different),
            ("None", Different),
            ("True", Different),
            ("[2]", Different),
            ("(2,)", Different),
            ("{2}", Different),
            ("b'2'", Different),
            ("2j", Different),
            ("1 + 1", Unknown),
            ("2 if x else 3", Unknown),
            ("x", Unknown),
            ("f()", Unknown),
            ("[2][0]", Unknown),
            ("(1)(2)", Unknown),
            ("+= 1", Unknown),
            ("lambda: 2", Different),
        ] {
            assert_eq!(compare(&two, text), expected, "{text}");
        }
        let half = Literal::Number("0.5".into());
        assert_eq!((compare(&half, ".5"), compare(&half, "5e-1"), compare(&half, "1")), (Same, Same, Different));
        assert_eq!(compare(&Literal::Number("-7".into()), "- 7"), Same);
        assert_eq!((compare(&Literal::None, "None"), compare(&Literal::Bool(true), "1")), (Same, Different));
    }

    #[test]
    fn texts_are_compared_without_quotes_and_escapes() {
        let text = Literal::Text("a\n'é".into());
        for (found, expected) in [
            (r#""a\n'é""#, Same),
            (r"'a\n\'\xe9'", Same),
            (r"'a' '\012' u'\u0027é'", Same),
            (r#""""a\n'é""""#, Same),
            (r#"r"a\n'é""#, Different),
            (r#"f"a\n'é""#, Unknown),
            (r"'a' + b", Unknown),
            (r"'\N{BULLET}'", Unknown),
            ("'a\\n\u{2026}", Unknown),
        ] {
            assert_eq!(compare(&text, found), expected, "{found}");
        }
    }

    #[test]
    fn what_may_be_callable_is_not_plain() {
        assert!(is_plain("1") && is_plain("'x'") && is_plain("[f]") && is_plain("None"));
        assert!(!is_plain("lambda x: x") && !is_plain("partial(f)") && !is_plain("f") && !is_plain(crate::facts::REDACTED));
    }
}
