//! The language reference as a test: its examples compile or fail as they say, and its table of fields is the schema's.

use std::fmt::Write as _;

use crate::{
    diagnostic::{Style, render},
    facts::schema::{Kind, fields},
    policy::{PolicyText, compile},
};

const REFERENCE: &str = include_str!("../../grammar/README.md");

/// The blocks of a language, as texts.
fn blocks(language: &str) -> Vec<PolicyText> {
    let fence = format!("```{language}\n");
    let after = REFERENCE.split(&fence).skip(1);
    after
        .filter_map(|rest| rest.split_once("```"))
        .map(|(block, _)| PolicyText { name: "grammar/README.md".into(), text: block.into() })
        .collect()
}

#[test]
fn every_example_compiles() {
    let examples = blocks("douane");
    assert!(examples.len() >= 2);
    for example in examples {
        let shown = |errors: Vec<_>| errors.iter().map(|error| render(error, Style::Plain)).collect::<Vec<_>>().join("\n");
        let compiled = compile(std::slice::from_ref(&example), &[]).unwrap_or_else(|errors| panic!("{}", shown(errors)));
        assert_eq!(compiled.warnings(), [], "{}", example.text);
    }
}

#[test]
fn every_counter_example_fails() {
    let examples = blocks("douane,fails");
    assert!(!examples.is_empty());
    for example in examples {
        assert!(compile(std::slice::from_ref(&example), &[]).is_err(), "{}", example.text);
    }
}

#[test]
fn the_fields_are_those_of_the_schema() {
    for kind in Kind::ALL {
        let mut row = format!("| `{}` |", kind.type_name());
        for field in fields(kind) {
            let _ = write!(row, " `{}: {}`,", field.name, field.ty);
        }
        let row = format!("{} |", row.trim_end_matches(','));
        assert!(REFERENCE.contains(&row), "the reference lacks this line:\n{row}");
    }
}
