//! Policy text: every mistake has its place, and what is laid out means what it meant and stays as it is.

#![no_main]

use douane::{
    diagnostic::{Style, render},
    policy::{NoDataFiles, PolicyText, Unformatted, compile_with, format},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let policy = PolicyText { name: "fuzz.douane".to_owned(), text: text.to_owned() };
    match format(&policy) {
        Ok(text) => {
            let again = format(&PolicyText { name: policy.name.clone(), text: text.clone() }).expect("it was laid out");
            assert_eq!(again, text);
        }
        Err(Unformatted::Mistakes(mistakes)) => assert!(!mistakes.is_empty()),
        Err(Unformatted::WouldChange) => panic!("laid out it would say something else"),
    }
    if let Err(mistakes) = compile_with(&[policy], &[], &NoDataFiles) {
        assert!(!mistakes.is_empty());
        for mistake in mistakes.iter().take(20) {
            assert!(!render(mistake, Style::Plain).is_empty());
        }
    }
});
