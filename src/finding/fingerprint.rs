//! A finding's stable name, by which waivers and dashboards know it again; never its place among others.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::finding::Finding;

/// Raised when what a fingerprint covers changes, so that old and new ones cannot be taken for each other.
const FORM: &str = "douane-finding-1";

/// 32 hexadecimal digits that stay the same while the finding is the same.
///
/// Covered: the rule, the subject's kind and identity, the file's path, and the underlined source text; where there is none,
/// the text of the broken clause without its white space. Not covered: line and column, layer, image, message, help,
/// severity, evidence. So a finding keeps its fingerprint when lines move, the image is rebuilt or a message is reworded.
/// Several findings that agree in all that is covered (the same import twice in a file) are told apart by their order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of a finding that is the `repeat`th (from 0) of those that agree in all that is covered.
    pub fn of(finding: &Finding, repeat: usize) -> Self {
        let underlined = finding
            .location
            .as_ref()
            .and_then(|location| underlined(location.text.as_deref()?, location.column?, location.width?));
        let clause = || {
            let clause = &finding.clause;
            let text = underlined_or_whole(&clause.text, clause.column, clause.width);
            text.split_whitespace().collect::<String>()
        };
        let (kind_of_text, text) = match underlined {
            Some(text) => ("source", text),
            None => ("clause", clause()),
        };
        let path = finding.location.as_ref().map_or("", |location| location.path.as_str());
        let repeat = repeat.to_string();
        let subject = &finding.subject;
        let mut hash = Sha256::new();
        for part in [FORM, &finding.rule, &subject.kind, &subject.identity, path, kind_of_text, &text, &repeat] {
            // The length goes first: no two lists of parts can run together into the same bytes.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let hex = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self(hex)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The underlined characters, where there are any.
fn underlined(text: &str, column: u32, width: u32) -> Option<String> {
    let first = column.checked_sub(1)? as usize;
    let taken: String = text.chars().skip(first).take(width as usize).collect();
    (!taken.trim().is_empty()).then_some(taken)
}

fn underlined_or_whole(text: &str, column: u32, width: u32) -> String {
    underlined(text, column, width).unwrap_or_else(|| text.to_owned())
}
