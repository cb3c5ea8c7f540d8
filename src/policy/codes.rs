//! The codes of mistakes with their explanations, as `grammar/codes.md` has them; never when a code is given.

use super::syntax::words;

const DOCUMENT: &str = include_str!("../../grammar/codes.md");

/// What one code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// The code, such as `unknown-field`.
    pub code: &'static str,
    /// What is wrong, on one line.
    pub summary: &'static str,
    /// The rest, as Markdown.
    text: &'static str,
}

/// A part of an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Paragraphs.
    Prose(&'static str),
    /// A policy, or a file that goes with it.
    Example {
        /// What it shows.
        kind: Example,
        /// What it is written in: `douane`, `yaml` for a contract, or `toml` for settings.
        language: &'static str,
        /// The other words behind the fence, such as `param=floor=3`.
        attributes: &'static str,
        /// The text.
        text: &'static str,
    },
}

/// What an example shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Example {
    /// The mistake.
    Wrong,
    /// How it is right.
    Right,
    /// A policy of another package that stands beside the others.
    Beside,
    /// A file that a policy reads.
    File,
}

/// Every code, sorted.
pub fn all() -> impl Iterator<Item = Explanation> {
    DOCUMENT.split("\n## `").skip(1).filter_map(|section| {
        let (code, rest) = section.split_once("`\n\n")?;
        let (summary, text) = rest.split_once('\n')?;
        Some(Explanation { code, summary, text: text.trim() })
    })
}

/// The explanation of a code.
pub fn find(code: &str) -> Option<Explanation> {
    all().find(|explanation| explanation.code == code)
}

/// The code that a mistyped one is nearest to.
pub fn nearest(code: &str) -> Option<&'static str> {
    words::nearest(code, all().map(|explanation| explanation.code)).and_then(find).map(|found| found.code)
}

impl Explanation {
    /// The rest of the explanation, in order.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        let prose = |text: &'static str, parts: &mut Vec<Part>| {
            let text = text.trim();
            if !text.is_empty() {
                parts.push(Part::Prose(text));
            }
        };
        let mut rest = self.text;
        while let Some((before, fenced)) = rest.split_once("```") {
            let Some((info, (text, after))) =
                fenced.split_once('\n').and_then(|(info, body)| Some((info, body.split_once("```")?)))
            else {
                break;
            };
            prose(before, &mut parts);
            let (language, attributes) = info.split_once(',').unwrap_or((info, ""));
            let (kind, attributes) = example(attributes);
            parts.push(Part::Example { kind, language, attributes, text });
            rest = after;
        }
        prose(rest, &mut parts);
        parts
    }
}

/// What the words behind a fence's first say: `fails,param=floor=x`.
fn example(attributes: &'static str) -> (Example, &'static str) {
    match attributes.split_once(',').unwrap_or((attributes, "")) {
        ("fails", rest) => (Example::Wrong, rest),
        ("beside", rest) => (Example::Beside, rest),
        (first, _) if first.starts_with("file=") => (Example::File, attributes),
        _ => (Example::Right, attributes),
    }
}

#[cfg(test)]
#[path = "codes_tests.rs"]
mod tests;
