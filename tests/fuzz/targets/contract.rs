//! Contracts of ImportSpy: whatever is taken is a policy that compiles.

#![no_main]

use douane::{
    diagnostic::{Style, render},
    policy::{PolicyText, compile_contract, convert, format},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let contract = PolicyText { name: "plugin.importspy.yml".to_owned(), text: text.to_owned() };
    match convert(&contract) {
        Ok(text) => assert!(format(&PolicyText { name: "plugin.douane".to_owned(), text: text.clone() }).is_ok(), "{text}"),
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            for mistake in mistakes.iter().take(20) {
                assert!(!render(mistake, Style::Plain).is_empty());
            }
        }
    }
    drop(compile_contract(&contract, "plugin"));
});
