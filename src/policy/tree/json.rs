//! JSON to a tree: checked as JSON, then read as the YAML that it also is; never what the values mean.

use serde::de::IgnoredAny;

use super::{Node, message::Message, yaml};
use crate::policy::syntax::ast::Region;

/// The tree of a text.
pub(super) fn tree(text: &str) -> Result<Node, Message> {
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| unreadable(text, &error))?;
    let nothing = || Message::new("data-syntax", Region::default(), "the file holds nothing", "empty");
    yaml::tree(text)?.ok_or_else(nothing)
}

fn unreadable(text: &str, error: &serde_json::Error) -> Message {
    let before = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let at = text.floor_char_boundary((before + error.column().saturating_sub(1)).min(text.len()));
    let end = text.get(at..).and_then(|rest| rest.chars().next()).map_or(at, |next| at + next.len_utf8());
    // What comes after ` at line` is the place, which the label shows.
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or("").to_owned();
    Message::new(
        "data-syntax",
        Region { start: at, end },
        format!("the file is no JSON: {reason}"),
        "cannot be read from here on",
    )
}
