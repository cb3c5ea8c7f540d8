//! Text to constants of a type, in literals and on the command line; never deciding which type is wanted.

use std::str::FromStr;

use globset::{ErrorKind, GlobBuilder};
use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::{Pep508Error, VerbatimUrl, VersionOrUrl};

use super::{
    pattern,
    resolved::{Constant, ModulePattern, Requirement},
};
use crate::{facts::schema::Scalar, limits};

/// Why a text is no value of its type: which bytes of it, and what is wrong.
pub(crate) struct LiteralError {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) code: &'static str,
    pub(crate) reason: String,
    pub(crate) help: Option<String>,
}

/// Numbers module patterns, each distinct one once.
#[derive(Default)]
pub(crate) struct Patterns {
    pub(crate) all: Vec<ModulePattern>,
    numbers: std::collections::HashMap<ModulePattern, usize>,
}

impl Patterns {
    /// The number of a pattern.
    pub(crate) fn number(&mut self, pattern: ModulePattern) -> usize {
        let next = self.all.len();
        *self.numbers.entry(pattern).or_insert_with_key(|pattern| {
            self.all.push(pattern.clone());
            next
        })
    }
}

/// Reads a text as a value of a type that is written as text.
pub(crate) fn constant(text: &str, scalar: Scalar, patterns: &mut Patterns) -> Result<Constant, LiteralError> {
    let error = |code, reason: String| LiteralError { start: 0, end: text.len(), code, reason, help: None };
    match scalar {
        Scalar::Version => {
            Version::from_str(text).map(|version| Constant::Version(Box::new(version))).map_err(|cause| LiteralError {
                help: Some("versions look like \"3.11\" or \"2.0rc1\" (PEP 440)".into()),
                ..error("invalid-version", format!("not a version: {}", sentence(&cause.to_string())))
            })
        }
        Scalar::Glob if is_regular_expression(text) => Err(LiteralError {
            help: Some(
                "in a glob `*` is any text within a segment, `**` any segments, `?` one character, `{a,b}` a choice".into(),
            ),
            ..error("not-a-glob", "this is a regular expression, and globs are asked for".into())
        }),
        Scalar::Glob if is_requirement(text) => Err(LiteralError {
            help: Some("ask the distribution itself: `d matches \"urllib3 <1.26\"`".into()),
            ..error("not-a-glob", "this is a requirement, and globs know no versions".into())
        }),
        Scalar::Glob if !limits::is_glob_small(text) => Err(LiteralError {
            help: Some("write a set of globs: `matches {\"a/**\", \"b/**\"}`".into()),
            ..error(
                "invalid-glob",
                format!(
                    "not a glob: it has more than {} bytes, or more than {} choices in braces",
                    limits::GLOB_LENGTH,
                    limits::GLOB_CHOICES
                ),
            )
        }),
        Scalar::Glob => GlobBuilder::new(text)
            .literal_separator(true)
            .build()
            .map(|glob| Constant::Glob(Box::new(glob.compile_matcher())))
            .map_err(|cause| LiteralError {
                help: Some(mended(cause.kind())),
                ..error("invalid-glob", format!("not a glob: {}", sentence(&cause.kind().to_string())))
            }),
        Scalar::Requirement => requirement(text),
        Scalar::VersionRange => VersionSpecifiers::from_str(text)
            .map(|range| Constant::Range(Box::new(range), text.to_owned()))
            .map_err(|cause| LiteralError {
                help: Some("ranges look like \">=3.11,<4\" (PEP 440)".into()),
                ..error(
                    "invalid-version",
                    format!("not a range of versions: {}", sentence(&cause.to_string()).trim_end_matches(':')),
                )
            }),
        Scalar::ModulePattern => pattern::parse(text)
            .map(|pattern| Constant::Pattern(patterns.number(pattern), text.to_owned()))
            .map_err(|cause| LiteralError {
                start: cause.start,
                end: cause.end,
                help: Some("patterns look like \"acme\", \"acme.*\" or \"acme.**\"".into()),
                ..error("invalid-module-pattern", format!("not a module pattern: {}", cause.reason))
            }),
        Scalar::Choice(words) if !words.contains(&text) => {
            let listed: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
            let help = match crate::policy::syntax::words::nearest(text, words.iter().copied()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("use one of {}", listed.join(", ")),
            };
            Err(LiteralError {
                help: Some(help),
                ..error("unknown-value", format!("this is never \"{text}\": it is one of {}", listed.join(", ")))
            })
        }
        _ => Ok(Constant::Text(text.to_owned())),
    }
}

/// What to do about a glob that cannot be read.
fn mended(error: &ErrorKind) -> String {
    match error {
        ErrorKind::UnclosedClass => "close it with `]`; a bracket itself is written `[[]`".to_owned(),
        ErrorKind::InvalidRange(from, to) => format!("write `[{to}-{from}]`"),
        ErrorKind::UnclosedAlternates => "close it with `}`; a brace itself is written `[{]`".to_owned(),
        ErrorKind::UnopenedAlternates => "open it with `{`; a brace itself is written `[}]`".to_owned(),
        ErrorKind::DanglingEscape => {
            "a `\\` stands before the character that it takes as it is: add it, or remove the `\\`".to_owned()
        }
        _ => "`*` is any text within a segment, `**` any segments, `?` one character, `{a,b}` a choice".to_owned(),
    }
}

/// What nobody writes in a glob: it would match nothing, and a ban would read as kept.
fn is_regular_expression(text: &str) -> bool {
    let choice = text.split('(').skip(1).any(|group| group.split(')').next().is_some_and(|group| group.contains('|')));
    text.starts_with('^')
        || choice
        || text.ends_with(".*$")
        || ["\\d", "\\w", "\\s", "\\.", "(?:"].iter().any(|form| text.contains(form))
}

fn is_requirement(text: &str) -> bool {
    ["==", "~=", "!=", ">=", "<=", ">", "<"].iter().any(|operator| {
        text.split_once(operator).is_some_and(|(name, version)| {
            let named = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
            !name.trim().is_empty()
                && name.trim().chars().all(named)
                && version.trim_start().starts_with(|first: char| first.is_ascii_digit())
        })
    })
}

fn requirement(text: &str) -> Result<Constant, LiteralError> {
    let error = |start: usize, end: usize, reason: String| LiteralError {
        start,
        end: end.min(text.len()).max(start),
        code: "invalid-requirement",
        reason,
        help: Some("requirements look like \"requests\" or \"urllib3 >=1.26,<2\" (PEP 508)".into()),
    };
    let parsed = pep508_rs::Requirement::<VerbatimUrl>::from_str(text).map_err(|cause: Pep508Error<VerbatimUrl>| {
        error(
            cause.start,
            cause.start + cause.len.max(1),
            format!("not a requirement: {}", sentence(&cause.message.to_string())),
        )
    })?;
    let only = |what: &str| error(0, text.len(), format!("{what} has no meaning in a policy: a name and versions only"));
    if !parsed.extras.is_empty() {
        return Err(only("an extra"));
    }
    if text.contains(';') {
        return Err(only("a marker"));
    }
    let versions = match parsed.version_or_url {
        None => VersionSpecifiers::empty(),
        Some(VersionOrUrl::VersionSpecifier(versions)) => versions,
        Some(VersionOrUrl::Url(_)) => return Err(only("a URL")),
    };
    Ok(Constant::Requirement(Box::new(Requirement { name: parsed.name.to_string(), versions, text: text.to_owned() })))
}

/// Another crate's message in our style: its first line, lower case, without a final stop.
fn sentence(message: &str) -> String {
    let line = message.lines().next().unwrap_or("").trim_end_matches('.');
    let mut letters = line.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => first.to_lowercase().chain(letters).collect(),
        _ => line.to_owned(),
    }
}
