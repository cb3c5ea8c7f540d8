//! Settings files, right and wrong: what they give, and every mistake with its place.

use std::sync::Arc;

use super::{Settings, settings};
use crate::{
    diagnostic::{Diagnostic, SourceText, Span, Style, render},
    policy::{GivenValue, NoDataFiles, PolicyText, Undeclared, compile_with},
};

fn read(text: &str) -> Result<Settings, Vec<Diagnostic>> {
    let source = Arc::new(SourceText { name: "douane.toml".into(), text: text.into() });
    settings(&source, &|path| path == "rules/")
}

fn shown(mistakes: &[Diagnostic]) -> String {
    mistakes.iter().map(|mistake| render(mistake, Style::Plain)).collect::<Vec<_>>().join("\n\n")
}

/// What stands at a place.
fn at(span: &Span) -> String {
    span.source.text.get(span.start..span.end).expect("a place").to_owned()
}

/// Code and marked text of each mistake.
fn marked(text: &str) -> Vec<(&'static str, String)> {
    let mistakes = read(text).err().unwrap_or_default();
    let one = |mistake: &Diagnostic| (mistake.code, at(&mistake.labels[0].span));
    mistakes.iter().map(one).collect()
}

/// What compiling policies with the settings tells, as severity-less codes with the marked text.
fn told(settings: &str, policy: &str) -> Vec<(&'static str, String)> {
    let params = read(settings).expect("right").params;
    let text = PolicyText { name: "a.douane".into(), text: format!("edition 1\npackage acme.shop\n{policy}") };
    let told = match compile_with(&[text], &params, &NoDataFiles) {
        Ok(compiled) => compiled.warnings().to_vec(),
        Err(mistakes) => mistakes,
    };
    told.iter()
        .map(|one| {
            let span = &one.labels[0].span;
            assert_eq!(span.source.name, "douane.toml", "{}", shown(&told));
            (one.code, at(span))
        })
        .collect()
}

const MOST: &str = "param most: Int = 12\nrule few error \"T\" {\n  require count(layers) <= most\n}\n";

#[test]
fn what_is_said_is_read() {
    let text = "policies = [\"rules/\", \"douane.image\"]\nstrict = true\n\n[params]\nmost = 1_0\nnames = [\"a,b\", \"c\"]\n\
                acme.shop.day = 2027-03-31\n\"acme.shop/few\".open = false\n";
    let read = read(text).unwrap_or_else(|mistakes| panic!("{}", shown(&mistakes)));
    assert_eq!(read.policies, Some(vec!["rules/".to_owned(), "douane.image".to_owned()]));
    assert_eq!(read.strict, Some(true));
    let params: Vec<_> = read.params.iter().map(|param| (param.name.text.as_str(), param.value.text())).collect();
    let expected = [("most", "10"), ("names", "a,b,c"), ("acme.shop.day", "2027-03-31"), ("acme.shop/few.open", "false")];
    assert_eq!(params, expected.map(|(name, value)| (name, value.to_owned())));
    assert!(matches!(&read.params[1].value, GivenValue::Several(_, names) if names[0].text == "a,b"));
    assert_eq!(at(&read.params[2].name.span), "acme.shop.day");
    assert!(read.params.iter().all(|param| param.undeclared == Undeclared::Warning));
}

#[test]
fn nothing_said_is_nothing_changed() {
    assert_eq!(read("").expect("right"), Settings::default());
    assert_eq!(read("# soon\n[params]\n").expect("right"), Settings::default());
}

#[test]
fn all_mistakes_are_told_at_once_in_their_order() {
    let text = "policies = [\"rules/\", \"douane.imag\", 3]\nstrickt = true\nstrict = \"yes\"\nfloor = \"3.11\"\n\n[params]\n\
                floor = 3.10\nmany = [[1]]\n";
    insta::assert_snapshot!(shown(&read(text).expect_err("wrong")), @r##"
error[unknown-policy]: `douane.imag` is no policy: neither a path from this file's directory nor a package of the library
 --> douane.toml:1:23
  |
1 | policies = ["rules/", "douane.imag", 3]
  |                       ^^^^^^^^^^^^^ leads nowhere
  |
  = help: did you mean `douane.image`?

error[type-mismatch]: a policy is named by a text, and this is a number
 --> douane.toml:1:38
  |
1 | policies = ["rules/", "douane.imag", 3]
  |                                      ^ a number

error[unknown-key]: settings have no key `strickt`
 --> douane.toml:2:1
  |
2 | strickt = true
  | ^^^^^^^ not known here
  |
  = help: did you mean `strict`?

error[type-mismatch]: `strict` is `true` or `false`, and this is text
 --> douane.toml:3:10
  |
3 | strict = "yes"
  |          ^^^^^ text

error[unknown-key]: settings have no key `floor`
 --> douane.toml:4:1
  |
4 | floor = "3.11"
  | ^^^^^ not known here
  |
  = help: the keys are `policies` and `strict`; parameters stand below `[params]`

error[no-fractions]: `3.10` is a number with a point, and there are none
 --> douane.toml:7:9
  |
7 | floor = 3.10
  |         ^^^^ not a whole number
  |
  = note: as a number 3.10 would be 3.1: versions are written as text
  = help: write "3.10"

error[type-mismatch]: a list holds single values, and this is a list
 --> douane.toml:8:9
  |
8 | many = [[1]]
  |         ^^^ a list
"##);
}

#[test]
fn what_is_no_toml_is_told_once() {
    assert_eq!(
        marked("strict = \n\npolcies = []\n").iter().map(|(code, _)| *code).collect::<Vec<_>>(),
        ["settings-syntax", "unknown-key"]
    );
    assert_eq!(marked("policies = [\nstrict = true\n[params]\nmost = 1 2\n").len(), 1);
    assert_eq!(marked("strict = yes\n\nx y\n").len(), 2);
    assert_eq!(marked("strict = true\nstrict = false\n").len(), 1);
    assert_eq!(marked("[params\n").first().map(|(code, _)| *code), Some("settings-syntax"));
}

#[test]
fn lists_and_tables_have_their_own_words() {
    assert_eq!(marked("policies = \"rules/\"\n"), [("type-mismatch", "\"rules/\"".to_owned())]);
    assert_eq!(marked("policies = []\n"), [("no-policies", "[]".to_owned())]);
    assert_eq!(marked("policies = [\"\"]\n"), [("unknown-policy", "\"\"".to_owned())]);
    assert_eq!(marked("params = 3\n"), [("type-mismatch", "3".to_owned())]);
}

#[test]
fn a_value_of_another_type_is_marked_where_it_stands() {
    assert_eq!(told("[params]\nmost = \"three\"\n", MOST), [("invalid-param", "three".to_owned())]);
    assert_eq!(told("[params]\nmost = [1, 2]\n", MOST), [("invalid-param", "[1, 2]".to_owned())]);
    let versions = "param floors: Set<Version> = {\"3.11\"}\nrule r error \"T\" {\n  for i in interpreters\n  \
                    require i.version in floors\n}\n";
    assert_eq!(told("[params]\nfloors = [\"3.11\", \"3.x\"]\n", versions), [("invalid-version", "3.x".to_owned())]);
    assert_eq!(told("[params]\nfloors = \"3.11, 3.x\"\n", versions), [("invalid-version", "3.x".to_owned())]);
    // Written with an escape: the whole is marked.
    assert_eq!(told("[params]\nfloors = \"3.\\u0078\"\n", versions), [("invalid-version", "\"3.\\u0078\"".to_owned())]);
    assert_eq!(told("[params]\nfloors = [\"3.11\", \"3.12\"]\n", versions), []);
}

#[test]
fn a_parameter_that_no_policy_has_is_a_warning() {
    assert_eq!(told("[params]\nmots = 3\n", MOST), [("unknown-param", "mots".to_owned())]);
    assert_eq!(told("[params]\nacme.shpo.most = 3\n", MOST), [("unknown-param", "acme.shpo.most".to_owned())]);
    assert_eq!(told("[params]\nelsewhere = 3\n", MOST), [("unknown-param", "elsewhere".to_owned())]);
}

#[test]
fn for_other_policies_only_slips_are_told() {
    let told = |settings: &str| {
        let mut params = read(settings).expect("right").params;
        params.iter_mut().for_each(|param| param.undeclared = Undeclared::Slip);
        let text = PolicyText { name: "a.douane".into(), text: format!("edition 1\npackage acme.shop\n{MOST}") };
        compile_with(&[text], &params, &NoDataFiles).expect("no mistake").warnings().len()
    };
    assert_eq!((told("[params]\nmots = 3\n"), told("[params]\nelsewhere = 3\nacme.web.most = 4\n")), (1, 0));
}

#[test]
fn what_is_named_more_closely_goes_first_wherever_it_stands() {
    let text = "[params]\nacme.shop.most = 3\nmost = 4\n";
    let names: Vec<String> = read(text).expect("right").params.into_iter().map(|param| param.name.text).collect();
    assert_eq!(names, ["most", "acme.shop.most"]);
    // Both are read; the one that is applied last stands.
    assert_eq!(told(text, MOST), []);
}

#[test]
fn limits_are_read_and_mistakes_in_them_shown() {
    let given = read("[limits]\nlayer-size = \"8GiB\"\nentries = 1_000\n").expect("right").limits;
    assert_eq!(given, [("entries", "1000"), ("layer-size", "8GiB")].map(|(name, value)| (name.to_owned(), value.to_owned())));
    insta::assert_snapshot!(shown(&read("[limits]\nlayer-sise = \"8GiB\"\ntime = \"soon\"\nentries = -1\n").expect_err("wrong")), @r#"
    error[unknown-key]: there is no limit `layer-sise`
     --> douane.toml:2:1
      |
    2 | layer-sise = "8GiB"
      | ^^^^^^^^^^ not known here
      |
      = help: did you mean `layer-size`?

    error[type-mismatch]: the limit `time` is a time, such as `90s` or `30min`, and this is text
     --> douane.toml:3:8
      |
    3 | time = "soon"
      |        ^^^^^^ text

    error[type-mismatch]: the limit `entries` is a count, such as `1000`, and this is a number
     --> douane.toml:4:11
      |
    4 | entries = -1
      |           ^^ a number
    "#);
    assert_eq!(marked("limits = 7\n"), [("type-mismatch", "7".to_owned())]);
}
