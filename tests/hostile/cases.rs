//! Every case: what it is, how it is made, and exactly what must come of it.

use std::path::Path;

#[path = "bombs.rs"]
mod bombs;
#[path = "contents.rs"]
mod contents;
#[path = "documents.rs"]
mod documents;
#[path = "entries.rs"]
mod entries;
#[path = "headers.rs"]
mod headers;

/// A lie that an image can tell.
pub struct Case {
    pub name: &'static str,
    /// What it is, for a person.
    pub about: &'static str,
    /// Makes it in a directory; returns the target.
    pub make: fn(&Path) -> String,
    /// More arguments.
    pub arguments: &'static [&'static str],
    pub outcome: Outcome,
}

/// What must come of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The scan ends with this error: exit code 3.
    Error(&'static str),
    /// A gap with this code at this place, and no clean verdict: exit code 1.
    Gap(&'static str, &'static str),
    /// A gap with this code, shown with a pass, for honest images have it as well.
    Shown(&'static str, &'static str),
    /// No lie to the scan: exactly these files, as `path kind target`, below the root.
    Files(&'static [&'static str]),
    /// What is not read is said where it matters: this is in the inventory.
    Said(&'static str),
}

impl Outcome {
    /// As the table has it.
    pub fn shown(self) -> String {
        match self {
            Self::Error(code) => format!("error `{code}`"),
            Self::Gap(code, place) => format!("gap `{code}` at `{place}`, verdict unknown"),
            Self::Shown(code, place) => format!("gap `{code}` at `{place}`"),
            Self::Files([]) => "read: no files".to_owned(),
            Self::Files(files) => format!("read: `{}`", files.join("`, `").escape_debug()),
            Self::Said(text) => format!("unknown: \"{text}\""),
        }
    }
}

/// All cases, by group.
pub fn all() -> Vec<(&'static str, Vec<Case>)> {
    vec![
        ("Bombs and counts", bombs::cases()),
        ("Headers", headers::cases()),
        ("Names, types, links and whiteouts", entries::cases()),
        ("Documents", documents::cases()),
        ("Contents", contents::cases()),
    ]
}

/// A case without more arguments.
fn case(name: &'static str, about: &'static str, outcome: Outcome, make: fn(&Path) -> String) -> Case {
    Case { name, about, make, arguments: &[], outcome }
}

/// A case under other limits.
fn within(
    arguments: &'static [&'static str],
    (name, about): (&'static str, &'static str),
    outcome: Outcome,
    make: fn(&Path) -> String,
) -> Case {
    Case { name, about, make, arguments, outcome }
}
