//! What plain text of YAML stands for (its core schema, and the dates of YAML 1.1); never what a contract asks for.

/// What plain text stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::policy) enum Scalar {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer, in decimal where it has 128 bits at most.
    Integer(String),
    /// A number with a point or an exponent, as written.
    Float(String),
    /// A date or time.
    Timestamp,
    /// Text.
    Text,
}

impl Scalar {
    /// What plain text stands for.
    pub(in crate::policy) fn of(text: &str) -> Self {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Self::Null,
            "true" | "True" | "TRUE" => Self::Bool(true),
            "false" | "False" | "FALSE" => Self::Bool(false),
            ".nan" | ".NaN" | ".NAN" => Self::Float("nan".to_owned()),
            _ => number(text).unwrap_or_else(|| if is_timestamp(text) { Self::Timestamp } else { Self::Text }),
        }
    }

    /// With its article, as a person would call it.
    pub(in crate::policy) fn described(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a truth value",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Timestamp => "a date",
            Self::Text => "text",
        }
    }
}

fn number(text: &str) -> Option<Scalar> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if matches!(digits, ".inf" | ".Inf" | ".INF") {
        return Some(Scalar::Float(format!("{sign}inf")));
    }
    let radix = |prefix: &str, radix: u32| {
        let digits = digits.strip_prefix(prefix)?.replace('_', "");
        Some(Scalar::Integer(format!("{sign}{}", u128::from_str_radix(&digits, radix).ok()?)))
    };
    if let Some(integer) = radix("0x", 16).or_else(|| radix("0o", 8)).or_else(|| radix("0b", 2)) {
        return Some(integer);
    }
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let plain = digits.replace('_', "");
    if plain.bytes().all(|byte| byte.is_ascii_digit()) && !plain.is_empty() {
        let value = plain.trim_start_matches('0');
        let value = if value.is_empty() { "0" } else { value };
        return Some(Scalar::Integer(if value == "0" { "0".to_owned() } else { format!("{sign}{value}") }));
    }
    let (mantissa, exponent) = plain
        .split_once(['e', 'E'])
        .map_or((plain.as_str(), None), |(mantissa, exponent)| (mantissa, Some(exponent.trim_start_matches(['+', '-']))));
    let decimal = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_float = decimal(whole)
        && decimal(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && decimal(exponent))
        && (mantissa.contains('.') || exponent.is_some());
    is_float.then(|| Scalar::Float(format!("{sign}{plain}")))
}

/// `2027-03-31`, with a time or without.
fn is_timestamp(text: &str) -> bool {
    let (date, rest) = text.split_at_checked(10).unwrap_or((text, ""));
    let mut parts = date.split('-');
    let digits = |part: Option<&str>, length: usize| {
        part.is_some_and(|part| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    digits(parts.next(), 4)
        && digits(parts.next(), 2)
        && digits(parts.next(), 2)
        && parts.next().is_none()
        && (rest.is_empty() || rest.starts_with(['T', 't', ' ']) && rest.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::Scalar;

    #[test]
    fn plain_text_stands_for_what_yaml_says() {
        for (text, expected) in [
            ("~", Scalar::Null),
            ("True", Scalar::Bool(true)),
            ("yes", Scalar::Text),
            ("-12", Scalar::Integer("-12".into())),
            ("007", Scalar::Integer("7".into())),
            ("0x1F", Scalar::Integer("31".into())),
            ("1_000", Scalar::Integer("1000".into())),
            ("3.10", Scalar::Float("3.10".into())),
            ("1e3", Scalar::Float("1e3".into())),
            ("-.inf", Scalar::Float("-inf".into())),
            ("2027-03-31", Scalar::Timestamp),
            ("3.10.1", Scalar::Text),
            (".", Scalar::Text),
            ("-", Scalar::Text),
            ("_", Scalar::Text),
            ("1.2.3.4", Scalar::Text),
            ("2027-03-31x", Scalar::Text),
        ] {
            assert_eq!(Scalar::of(text), expected, "{text}");
        }
    }
}
