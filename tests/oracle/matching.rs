//! Module patterns, globs and requirements, matched by plain recursion.

use douane::facts::{Distribution, Fact};
use pep440_rs::{Version, VersionSpecifiers};

use crate::truth::Truth;

/// Whether a module's name has the pattern, segment by segment.
pub fn module(pattern: &str, name: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('.').collect();
    let name: Vec<&str> = name.split('.').collect();
    segments(&pattern, &name)
}

fn segments(pattern: &[&str], name: &[&str]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        (["**", rest @ ..], _) => (0..=name.len()).any(|taken| segments(rest, &name[taken..])),
        ([first, rest @ ..], [head, tail @ ..]) => stars(&chars(first), &chars(head)) && segments(rest, tail),
        _ => false,
    }
}

/// `*` is any text.
fn stars(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        (['*', rest @ ..], _) => (0..=text.len()).any(|taken| stars(rest, &text[taken..])),
        ([first, rest @ ..], [head, tail @ ..]) => first == head && stars(rest, tail),
        _ => false,
    }
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

/// Whether some name that begins with the prefix has the pattern, or has a package that has it: who imports a module loads the
/// packages that it lies in. `prefix` is neither empty nor relative.
pub fn could_begin(pattern: &str, prefix: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('.').collect();
    let prefix: Vec<&str> = prefix.split('.').collect();
    begins(&pattern, &prefix)
}

fn begins(pattern: &[&str], prefix: &[&str]) -> bool {
    match (pattern, prefix) {
        // A package on the way has the pattern.
        ([], _) => true,
        // What is to come can be put behind the prefix.
        (["**", ..], _) | (_, []) => true,
        // The last segment may go on.
        ([first, ..], [last]) => stars_begin(&chars(first), &chars(last)),
        ([first, rest @ ..], [head, tail @ ..]) => stars(&chars(first), &chars(head)) && begins(rest, tail),
    }
}

/// Whether some text that begins so has the pattern.
fn stars_begin(pattern: &[char], beginning: &[char]) -> bool {
    match (pattern, beginning) {
        (_, []) | (['*', ..], _) => true,
        ([first, rest @ ..], [head, tail @ ..]) => first == head && stars_begin(rest, tail),
        ([], _) => false,
    }
}

/// Whether a text has the glob: `*` and `?` stop at `/`, `**` between slashes is any number of names, `{a,b}` a choice, `[ab]` a
/// letter.
pub fn glob(pattern: &str, text: &str) -> bool {
    alternatives(pattern).iter().any(|pattern| path(&chars(pattern), &chars(text)))
}

/// The pattern for each choice in braces, which do not nest here.
fn alternatives(pattern: &str) -> Vec<String> {
    let Some((before, rest)) = pattern.split_once('{') else { return vec![pattern.to_owned()] };
    let (choices, after) = rest.split_once('}').expect("a closing brace");
    choices.split(',').flat_map(|choice| alternatives(&format!("{before}{choice}{after}"))).collect()
}

fn path(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        (['*', '*', '/', rest @ ..], _) => {
            let starts = (0..=text.len()).filter(|at| *at == 0 || text[*at - 1] == '/');
            starts.into_iter().any(|at| path(rest, &text[at..]))
        }
        (['/', '*', '*'], ['/', ..]) | (['*', '*'], _) => true,
        (['/', '*', '*', '/', rest @ ..], ['/', ..]) => {
            (1..=text.len()).filter(|at| text[*at - 1] == '/').any(|at| path(rest, &text[at..]))
        }
        (['*', rest @ ..], _) => {
            let end = text.iter().position(|letter| *letter == '/').unwrap_or(text.len());
            (0..=end).any(|taken| path(rest, &text[taken..]))
        }
        (['?', rest @ ..], [head, tail @ ..]) => *head != '/' && path(rest, tail),
        (['[', rest @ ..], [head, tail @ ..]) => {
            let end = rest.iter().position(|letter| *letter == ']').expect("a closing bracket");
            rest[..end].contains(head) && path(&rest[end + 1..], tail)
        }
        ([first, rest @ ..], [head, tail @ ..]) => first == head && path(rest, tail),
        ([], []) => true,
        _ => false,
    }
}

/// Whether a distribution is one that the requirement names; one whose version is not to be told may be.
pub fn requirement(wanted: &str, distribution: &Distribution) -> Truth {
    let end = wanted.find(|letter: char| !(letter.is_ascii_alphanumeric() || "-_.".contains(letter))).unwrap_or(wanted.len());
    let (name, versions) = wanted.split_at(end);
    let normalized = name.to_lowercase().replace(['_', '.'], "-");
    if distribution.normalized_name != normalized {
        return Some(false);
    }
    if versions.trim().is_empty() {
        return Some(true);
    }
    let versions: VersionSpecifiers = versions.trim().parse().expect("generated specifiers are valid");
    match &distribution.version {
        Fact::Known(text) => text.parse::<Version>().ok().map(|version| versions.contains(&version)),
        Fact::Absent | Fact::Unknown(_) => None,
    }
}
