//! Conventions that are tests: import order between rooms, file sizes, first lines, dependency reasons.
//!
//! These read the sources as text; they need nothing but the standard library.

#![expect(clippy::expect_used, clippy::string_slice, reason = "a test that cannot read the sources has failed")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The rooms, from left to right: a room imports only from itself and from rooms before it.
const ROOMS: [&str; 15] = [
    "limits",
    "diagnostic",
    "facts",
    "image",
    "source",
    "extract",
    "layer",
    "filesystem",
    "introspect",
    "policy",
    "finding",
    "report",
    "scan",
    "cli",
    "main",
];

/// Imports to the left that a room must not make all the same: it has no business there.
const FORBIDDEN: [(&str, &[&str]); 4] = [
    ("policy", &["image", "source", "extract", "layer", "filesystem", "introspect"]),
    ("finding", &["source", "extract", "layer", "filesystem", "introspect"]),
    ("report", &["source", "extract", "layer", "filesystem", "introspect", "policy"]),
    ("introspect", &["source", "layer"]),
];

/// Most lines in a source file.
const LONGEST_FILE: usize = 500;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a directory with the given ending, with its path relative to the crate, sorted.
fn files(directory: &str, ending: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut pending = vec![root().join(directory)];
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(&directory).expect("a readable directory") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                pending.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                let name = relative(&path);
                found.insert(name, fs::read_to_string(&path).expect("a readable source file"));
            }
        }
    }
    assert!(!found.is_empty(), "no {ending} files below {directory}");
    found
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).expect("a path of the crate").to_string_lossy().into_owned()
}

/// The room of a source file: `src/layer/walk.rs` is in `layer`, `src/scan.rs` is `scan`.
fn room(file: &str) -> Option<&str> {
    let name = file.strip_prefix("src/")?.split('/').next()?;
    Some(name.strip_suffix(".rs").unwrap_or(name)).filter(|name| *name != "lib")
}

/// Rooms that a file names as `crate::ROOM`, also inside `use crate::{a::b, c}`.
fn imported(text: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|character| character.is_alphanumeric() || character == '_') {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut name = String::new();
            for character in group.chars() {
                match character {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                let is_name = character.is_alphanumeric() || character == '_';
                if depth == 1 && is_name {
                    name.push(character);
                } else if depth <= 1 && (character == ',' || character == '}') {
                    rooms.push(std::mem::take(&mut name));
                } else if depth == 1 && character == ':' && !name.is_empty() && !name.ends_with(':') {
                    // The rest of the path, up to the comma, belongs to the room just named.
                    rooms.push(std::mem::take(&mut name));
                    name.push(':');
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            rooms.push(rest.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect());
        }
    }
    rooms.retain(|name| ROOMS.contains(&name.as_str()));
    rooms
}

#[test]
fn rooms_import_only_leftward() {
    let mut wrong = Vec::new();
    for (file, text) in files("src", ".rs") {
        let Some(here) = room(&file) else { continue };
        let position = ROOMS.iter().position(|name| *name == here);
        let position = position.unwrap_or_else(|| panic!("{file}: `{here}` is no room; add it to the order in tests/tidy.rs"));
        let barred = FORBIDDEN.iter().find(|(name, _)| *name == here).map_or(&[][..], |(_, barred)| barred);
        // A room's tests may make what reaches it from the left as the other rooms do.
        let barred = if file.ends_with("tests.rs") { &[][..] } else { barred };
        for there in imported(&text) {
            let allowed = ROOMS.iter().take(position + 1).any(|name| *name == there) && !barred.contains(&there.as_str());
            if !allowed {
                wrong.push(format!("{file} imports `{there}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "imports against the order of the rooms:\n{}", wrong.join("\n"));
}

#[test]
fn reads_rooms_out_of_grouped_imports() {
    let text = "use crate::{extract::{A, B}, image::ImagePath, limits};\nuse crate::facts::Fact;";
    assert_eq!(imported(text), ["extract", "image", "limits", "facts"]);
}

#[test]
fn files_say_what_they_are_for_and_stay_short() {
    let mut wrong = Vec::new();
    for (file, text) in files("src", ".rs").into_iter().chain(files("tests", ".rs")) {
        if !text.starts_with("//!") {
            wrong.push(format!("{file}: the first line is no `//!` that says what the file is for"));
        }
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            wrong.push(format!("{file}: {lines} lines, more than {LONGEST_FILE}: split it by concept"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_is_named_for_nothing() {
    for file in files("src", ".rs").keys() {
        for vague in ["utils", "util", "common", "helpers", "helper", "misc"] {
            assert!(!file.split(['/', '.']).any(|part| part == vague), "{file}: a file is one concept, named for it");
        }
    }
}

#[test]
fn nothing_is_left_for_later_in_the_sources() {
    let mut wrong = Vec::new();
    for (file, text) in files("src", ".rs") {
        for (number, line) in text.lines().enumerate() {
            if ["TODO", "FIXME", "XXX:", "HACK"].iter().any(|word| line.contains(word)) {
                wrong.push(format!("{file}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_dependency_states_its_reason() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml");
    let mut section = "";
    for line in manifest.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if section.ends_with("dependencies") && line.contains('=') {
            assert!(line.contains(" # "), "Cargo.toml: `{line}` states no reason");
        }
    }
}

#[test]
fn only_one_module_reads_the_python_parser() {
    for (file, text) in files("src", ".rs") {
        let parses = text.contains("ruff_python_parser::parse") || text.contains("ruff_python_parser::{");
        assert!(
            !parses || file.starts_with("src/extract/python/"),
            "{file}: the parser's interface is unstable; it stays in one room"
        );
    }
}
