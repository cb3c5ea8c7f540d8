//! The settings file: read, or every mistake shown.

#![no_main]

use std::sync::Arc;

use douane::{
    diagnostic::{SourceText, Style, render},
    policy::settings,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let source = Arc::new(SourceText { name: "douane.toml".to_owned(), text: text.to_owned() });
    if let Err(mistakes) = settings(&source, &|path| path == "rules/") {
        assert!(!mistakes.is_empty());
        for mistake in &mistakes {
            assert!(!render(mistake, Style::Plain).is_empty());
        }
    }
});
