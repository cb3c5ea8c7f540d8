//! `WWW-Authenticate` as registries send it: schemes and their parameters (RFC 9110, 11.6.1); never answering it.

/// A way to say who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Challenge {
    /// In lower case.
    pub(super) scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// A parameter, whose name is compared without case.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Every challenge of a header's value; of what cannot be read, nothing.
    pub(super) fn parse(value: &str) -> Vec<Self> {
        let mut challenges: Vec<Self> = Vec::new();
        let mut rest = value;
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            let (word, after) = token(rest);
            if word.is_empty() {
                return challenges;
            }
            let spaced = after.trim_start_matches([' ', '\t']);
            match (spaced.strip_prefix('='), challenges.last_mut()) {
                (Some(value), Some(challenge)) => {
                    let (value, after) = parameter_value(value.trim_start_matches([' ', '\t']));
                    challenge.parameters.push((word.to_ascii_lowercase(), value));
                    rest = after;
                }
                // A parameter of nothing.
                (Some(_), None) => return challenges,
                (None, _) => {
                    challenges.push(Self { scheme: word.to_ascii_lowercase(), parameters: Vec::new() });
                    rest = spaced;
                }
            }
        }
    }
}

fn token(text: &str) -> (&str, &str) {
    let is_token = |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character);
    text.split_at_checked(text.find(|character| !is_token(character)).unwrap_or(text.len())).unwrap_or((text, ""))
}

/// A quoted text with its escapes taken off, or a token; and what follows it.
fn parameter_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        let (value, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        return (value.to_owned(), rest);
    };
    let mut value = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => value.extend(characters.next()),
            other => value.push(other),
        }
    }
    (value, characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::Challenge;

    #[test]
    fn parameters_belong_to_the_scheme_before_them() {
        let found = Challenge::parse(
            r#"Bearer realm="https://auth.example.com/token",service="r, s",scope="repository:a/b:pull,push", Basic realm=plain"#,
        );
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].scheme, "bearer");
        assert_eq!(found[0].parameter("realm"), Some("https://auth.example.com/token"));
        assert_eq!(found[0].parameter("service"), Some("r, s"));
        assert_eq!(found[0].parameter("scope"), Some("repository:a/b:pull,push"));
        assert_eq!((found[1].scheme.as_str(), found[1].parameter("realm")), ("basic", Some("plain")));
    }

    #[test]
    fn what_is_malformed_is_left_out_and_never_a_panic() {
        assert!(Challenge::parse("").is_empty());
        assert!(Challenge::parse("=x").is_empty());
        assert!(Challenge::parse("\u{fc}").is_empty());
        assert_eq!(Challenge::parse(r#"Bearer realm="no end"#)[0].parameter("realm"), Some("no end"));
        assert_eq!(Challenge::parse(r#"Bearer realm="a\"b""#)[0].parameter("realm"), Some("a\"b"));
        assert_eq!(Challenge::parse("Negotiate")[0].scheme, "negotiate");
        assert_eq!(Challenge::parse("BEARER Realm = x")[0].parameter("realm"), Some("x"));
    }
}
