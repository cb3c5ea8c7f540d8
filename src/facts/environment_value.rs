//! A value from the image's environment, which may be a secret; never printed when its name says so.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::redaction::without_passwords;

/// What stands in any output for a value that looks like a secret.
pub const REDACTED: &str = "<redacted>";

/// Words in a variable's name that mark its value as a secret.
const SECRET_WORDS: [&str; 12] = [
    "TOKEN",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "CREDENTIAL",
    "CREDENTIALS",
    "APIKEY",
    "API_KEY",
    "ACCESS_KEY",
    "PRIVATE_KEY",
    "PWD",
];

/// The value of an environment variable. Policies compare the value itself; every output shows `<redacted>` for a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct EnvironmentValue {
    value: String,
    /// What stands for it, where it is not shown itself.
    shown: Option<String>,
}

/// Whether a name says that what it stands for is a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    upper != "PWD"
        && upper != "OLDPWD"
        && SECRET_WORDS.iter().any(|word| {
            upper == *word || upper.starts_with(&format!("{word}_")) || upper.ends_with(&format!("_{word}")) || {
                upper.contains(&format!("_{word}_"))
            }
        })
}

impl EnvironmentValue {
    /// The value of the variable `name`, whose name decides whether it may be shown; of a URL the password never is.
    pub fn new(name: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        let shown = match without_passwords(&value) {
            _ if !value.is_empty() && is_secret_name(name) => Some(REDACTED.to_owned()),
            Cow::Owned(shown) => Some(shown),
            Cow::Borrowed(_) => None,
        };
        Self { value, shown }
    }

    /// The value itself, for comparing: never to be printed.
    pub fn expose(&self) -> &str {
        &self.value
    }

    /// The value, with `<redacted>` for a secret.
    pub fn shown(&self) -> &str {
        self.shown.as_deref().unwrap_or(&self.value)
    }
}

impl fmt::Debug for EnvironmentValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.shown())
    }
}

impl Serialize for EnvironmentValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.shown())
    }
}

impl JsonSchema for EnvironmentValue {
    fn schema_name() -> Cow<'static, str> {
        "EnvironmentValue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "the value, or `<redacted>` where the name says it is a secret" })
    }
}

#[cfg(test)]
mod tests {
    use super::EnvironmentValue;

    #[test]
    fn secrets_are_never_shown() {
        for name in ["GITHUB_TOKEN", "password", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD_FILE"] {
            let value = EnvironmentValue::new(name, "hunter2");
            assert_eq!(value.shown(), "<redacted>", "{name}");
            assert!(!format!("{value:?}").contains("hunter2"), "{name}");
        }
    }

    #[test]
    fn a_url_keeps_all_but_its_password() {
        let value = EnvironmentValue::new("DATABASE_URL", "postgres://shop:hunter2@db:5432/shop");
        assert_eq!(value.shown(), "postgres://shop:<redacted>@db:5432/shop");
        assert!(!format!("{value:?}").contains("hunter2"));
    }

    #[test]
    fn ordinary_values_are_shown() {
        for name in ["PATH", "PWD", "TOKENIZERS_PARALLELISM", "GPG_KEY"] {
            assert_eq!(EnvironmentValue::new(name, "x").shown(), "x", "{name}");
        }
    }
}
