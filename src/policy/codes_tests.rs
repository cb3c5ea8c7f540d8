//! That every code is explained by an example that has it and one that has not, and what each message looks like.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use super::{Example, Explanation, Part, all, find, nearest};
use crate::{
    diagnostic::{Diagnostic, SourceText, Style, render},
    facts::{Inventory, Owner},
    policy::{
        DataFiles, GivenParam, PolicyText, compile_with,
        evaluate::tests::{TODAY, environment, inventory, module},
        settings,
        testing::Suite,
    },
};

/// One example with all that it is compiled with.
struct Case {
    kind: Example,
    attributes: Vec<&'static str>,
    text: PolicyText,
    /// Whether the text is that of a settings file.
    is_settings: bool,
    beside: Vec<PolicyText>,
    files: Vec<(&'static str, &'static str)>,
}

struct Files<'a>(&'a [(&'static str, &'static str)]);

impl DataFiles for Files<'_> {
    fn read(&self, _policy: &str, path: &str) -> Result<String, String> {
        let found = self.0.iter().rev().find(|(name, _)| *name == path);
        found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| "no such file or directory".to_owned())
    }
}

/// The examples of a code; files and other packages go with those that follow them.
fn cases(explanation: &Explanation) -> Vec<Case> {
    let (mut beside, mut files, mut cases) = (Vec::new(), Vec::new(), Vec::new());
    for part in explanation.parts() {
        let Part::Example { kind, language, attributes, text } = part else { continue };
        let attributes: Vec<&str> = attributes.split(',').filter(|attribute| !attribute.is_empty()).collect();
        match kind {
            Example::Beside => {
                let name = format!("beside-{}.douane", beside.len() + 1);
                beside.push(PolicyText { name, text: text.into() });
            }
            Example::File => {
                files.extend(attributes.iter().filter_map(|attribute| Some((attribute.strip_prefix("file=")?, text))));
            }
            Example::Wrong | Example::Right => {
                let is_contract = language == "yaml";
                let is_settings = language == "toml";
                let is_whole = is_contract || is_settings || attributes.contains(&"whole");
                let mut whole = if is_whole { text.to_owned() } else { format!("edition 1\npackage acme.example\n\n{text}") };
                whole = whole.replace("⟨U+200B⟩", "\u{200b}").replace("⟨U+0430⟩", "\u{430}");
                if attributes.contains(&"padded") {
                    whole.push_str(&"// and so on\n".repeat(400_000));
                }
                if attributes.contains(&"repeated") {
                    whole.push_str(&text.repeat(10_050));
                }
                let name = if is_contract { "plugin.importspy.yml" } else { "example.douane" };
                let text = PolicyText { name: name.into(), text: whole };
                cases.push(Case { kind, attributes, text, is_settings, beside: beside.clone(), files: files.clone() });
            }
        }
    }
    cases
}

fn looked_into() -> Inventory {
    let modules = vec![
        module("pickle", Owner::Stdlib, &[]),
        module("shop", Owner::Own, &[]),
        module("shop.cache", Owner::Own, &["pickle"]),
        module("shop.orders", Owner::Own, &["shop.cache"]),
    ];
    Inventory { environments: vec![environment("/usr", modules)], ..inventory() }
}

impl Case {
    /// All that is told about it: mistakes, what its tests come to, or the warnings of compiling and, where it says so, of a run.
    fn told(&self) -> Vec<Diagnostic> {
        let mut texts = vec![self.text.clone()];
        texts.extend(self.beside.iter().cloned());
        if self.is_settings {
            let source = Arc::new(SourceText { name: "douane.toml".into(), text: self.text.text.clone() });
            return settings(&source, &|path| path == "rules/").err().unwrap_or_default();
        }
        let params = self.attributes.iter().filter_map(|attribute| attribute.strip_prefix("param=")?.split_once('='));
        let params: Vec<_> = params.map(|(name, value)| GivenParam::on_command_line(name, value)).collect();
        let files = Files(&self.files);
        if let Some(day) = self.attributes.iter().find_map(|attribute| attribute.strip_prefix("on=")) {
            let suite = Suite::read(&texts, &params, &files).unwrap_or_else(|mistakes| panic!("{}", shown(&mistakes)));
            return suite.late_waivers(day.parse().expect("a day"));
        }
        if self.text.text.contains("\ntest ") {
            let tested = Suite::read(&texts, &params, &files);
            return tested.map_or_else(
                |mistakes| mistakes,
                |suite| suite.run(None).tests.into_iter().flat_map(|test| test.failures).collect(),
            );
        }
        match compile_with(&texts, &params, &files) {
            Err(mistakes) if self.attributes.contains(&"repeated") => mistakes.into_iter().rev().take(1).collect(),
            Err(mistakes) => mistakes,
            Ok(compiled) if self.attributes.contains(&"evaluated") => {
                let warnings = compiled.warnings().iter().cloned();
                warnings.chain(compiled.evaluate_with_warnings(&looked_into(), TODAY).1).collect()
            }
            Ok(compiled) => compiled.warnings().to_vec(),
        }
    }
}

fn shown(told: &[Diagnostic]) -> String {
    told.iter().map(|one| render(one, Style::Plain)).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn every_code_has_a_mistake_and_a_way_out() {
    let mut wrong = Vec::new();
    for explanation in all() {
        let cases = cases(&explanation);
        let kinds: Vec<Example> = cases.iter().map(|case| case.kind).collect();
        if kinds != [Example::Wrong, Example::Right] {
            wrong.push(format!("{}: has {kinds:?}", explanation.code));
        }
        for case in cases {
            let told = case.told();
            let codes: BTreeSet<&str> = told.iter().map(|one| one.code).collect();
            let expected = if case.kind == Example::Wrong { BTreeSet::from([explanation.code]) } else { BTreeSet::new() };
            if codes != expected {
                let text: String = case.text.text.chars().take(2000).collect();
                wrong.push(format!("{}: {codes:?}\n{text}\n{}", explanation.code, shown(&told)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_message_looks_as_it_did() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/policy/snapshots");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path(&directory);
    settings.set_omit_expression(true);
    let mut expected = BTreeSet::new();
    for explanation in all() {
        for case in cases(&explanation).iter().filter(|case| case.kind == Example::Wrong) {
            settings.bind(|| insta::assert_snapshot!(explanation.code, shown(&case.told())));
            expected.insert(format!("{}.snap", explanation.code));
        }
    }
    let there = std::fs::read_dir(directory).expect("a directory");
    let there: BTreeSet<String> =
        there.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(there, expected, "snapshots of codes that are not explained, or not given any more");
}

#[test]
fn codes_are_sorted_and_say_what_is_wrong_on_a_line() {
    let codes: Vec<&str> = all().map(|explanation| explanation.code).collect();
    assert!(codes.is_sorted() && codes.len() > 70, "{codes:?}");
    for explanation in all() {
        assert!(explanation.summary.ends_with('.') && explanation.summary.len() < 110, "{}", explanation.code);
        assert!(matches!(explanation.parts().first(), Some(Part::Prose(_))), "{}", explanation.code);
    }
}

#[test]
fn a_mistyped_code_has_a_neighbour() {
    assert_eq!(nearest("unknwon-field"), Some("unknown-field"));
    assert_eq!((nearest("nothing-like-it"), find("unknwon-field")), (None, None));
    assert!(find("unknown-field").is_some());
}
