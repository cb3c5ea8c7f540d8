//! Slips of the pen that newcomers make: one message each, at the right place, with a way out.

use super::{PolicyText, compile};
use crate::diagnostic::Diagnostic;

fn mistakes(text: &str) -> Vec<Diagnostic> {
    compile(&[PolicyText { name: "a.douane".into(), text: text.into() }], &[]).err().unwrap_or_default()
}

/// The text, what is wrong with it: the code, the marked place, a part of the help.
fn slip(text: &str, code: &str, marked: &str, help: &str) -> Option<String> {
    let found = mistakes(text);
    let shown: Vec<_> = found
        .iter()
        .map(|slip| {
            let span = &slip.labels[0].span;
            (slip.code, span.source.text.get(span.start..span.end).expect("a place"), slip.help.as_deref().unwrap_or(""))
        })
        .collect();
    let as_wanted = matches!(shown[..], [(found, at, way)] if found == code && at == marked && way.contains(help));
    (!as_wanted).then(|| format!("{text}{shown:?}\n"))
}

#[test]
fn a_parameter_is_given_once() {
    let text = "edition 1\npackage t\nparam most: Int = 3\nrule r error \"T\" {\n  require count(layers) < most\n}\n";
    let texts = [PolicyText { name: "a.douane".into(), text: text.into() }];
    let given = |pairs: &[(&str, &str)]| {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        compile(&texts, &pairs).err().unwrap_or_default().iter().map(|error| error.code).collect::<Vec<_>>()
    };
    assert_eq!(given(&[("most", "1"), ("most", "2")]), ["duplicate-name"]);
    assert!(given(&[("most", "1"), ("t.most", "2")]).is_empty());
}

#[test]
fn slips_in_a_rule() {
    let mut wrong = Vec::new();
    for (clauses, code, marked, help) in [
        ("for i in interpreters\nrequire i.language = \"python\"", "assignment-in-condition", "=", "=="),
        ("for i in interpreters\nrequire i.language == 'python'", "syntax", "'", "write `\"`"),
        ("for i in interpreters\nrequire i.language == “python”", "syntax", "“", "write `\"`"),
        ("for i in interpreters\nrequire i.language == \"python", "unterminated-text", "\"python", "close it"),
        ("for i in interpreters\nrequire i.version >= 3.11", "no-fractions", "3.11", "\"3.11\""),
        ("for i in interpreters\nrequire i.version >= 3", "type-mismatch", "i.version", "\"3\""),
        ("for i in interpreters\nrequire i.verison >= \"3\"", "unknown-field", "verison", "`version`"),
        ("for i in interpreters\nrequire i.path =~ \"x\"", "syntax", "~", "`matches`"),
        ("for i in interpreters\nrequire i.path like \"x\"", "misspelt-word", "like", "`matches`"),
        ("for i in interpreters\nforbid i.path matches \"^/usr/.*$\"", "not-a-glob", "^/usr/.*$", "`*`"),
        ("for i in interpreters\nforbid i.path matches \"/usr/[z-a]\"", "invalid-glob", "/usr/[z-a]", "`[a-z]`"),
        ("for i in interpreters\nforbid i.path matches \"/usr/{a,b\"", "invalid-glob", "/usr/{a,b", "`}`"),
        ("for i in interpreters\nforbid i.path matches \"/usr/a}\"", "invalid-glob", "/usr/a}", "`{`"),
        (
            "for i in interpreters\nforbid i.path in {{\"a\", \"b\"}, \"c\"}",
            "nested-collection",
            "{\"a\", \"b\"}",
            "`{\"a\", \"b\", \"c\"}`",
        ),
        (
            "for i in interpreters\nrequire contains(i.path)",
            "wrong-arguments",
            "contains(i.path)",
            "`contains(String, String)`",
        ),
        ("for i in interpreters\nrequire i.path != \"\"\nowner \"a\"\nowner \"a\"", "repeated-clause", "owner \"a\"", "remove"),
        ("for i in interpreters\nforbid i.path matches \"/usr/(bin|lib)/*\"", "not-a-glob", "/usr/(bin|lib)/*", "{a,b}"),
        ("for i in interpreters\nrequire i.language in (\"python\", \"ruby\")", "syntax", ",", "{"),
        ("for i in interpreters\nrequire i.implementation == \"Cpython\"", "unknown-value", "Cpython", "CPython"),
        ("for i in interpreters\nrequire !i.language == \"x\"", "syntax", "!", "`not`"),
        ("for i in interpreters\nrequire i.language == \"python\" && true", "syntax", "&&", "`and`"),
        ("for i in interpreters\nif i.language == \"x\" require true", "misspelt-word", "if", "`where`"),
        ("for i in interpreters\nwhen i.language == \"python\"\nrequire true", "misspelt-word", "when", "`where`"),
        ("for i in interpreters\ndeny i.language == \"python\"", "misspelt-word", "deny", "`forbid`"),
        (
            "for i in interpreters\nunless i.language == \"python\" require true",
            "misspelt-word",
            "unless",
            "behind the condition",
        ),
        ("for i in interpreters\nrequire i.path != \"\"\nmessage \"{i.vers} is old\"", "unknown-field", "vers", ""),
        ("for i in interpreters\nrequire i.path != \"\"\nmessage \"{} is old\"", "syntax", "{}", "{{"),
        ("for i in interpreters\nrequire i.path != \"\"\nmessage \"{i.path is old\"", "lone-brace", "{", "{{"),
        ("for i in interpreters\nrequire i.path != \"\";", "syntax", ";", "remove"),
        ("for i interpreters\nrequire i.path != \"\"", "syntax", "interpreters", "for x in"),
        ("for i of interpreters\nrequire i.path != \"\"", "misspelt-word", "of", "`in`"),
        ("foreach i in interpreters\nrequire i.path != \"\"", "misspelt-word", "foreach", "`for"),
        ("for p in packages\nrequire p.name != \"\"", "unknown-name", "packages", "`os_packages`"),
        ("for i in interpreter\nrequire i.path != \"\"", "unknown-name", "interpreter", "`interpreters`"),
        ("for d in distributions\nrequire d.version != None", "unknown-name", "None", "is absent"),
        ("for d in distributions\nrequire d.version is not None", "misspelt-word", "None", "`absent`"),
        ("for d in distributions\nrequire d.editable == True", "unknown-name", "True", "`true`"),
        ("for d in distributions\nrequire d.version >= \"1\"", "may-be-absent", "d.version", "??"),
        ("for d in distributions\nforbid d.name matches \"urllib3 <1.26\"", "not-a-glob", "urllib3 <1.26", "d matches"),
        ("require count layers < 5", "syntax", "count", "count(...)"),
        ("require len(layers) < 5", "unknown-function", "len", "`count"),
        ("require layers.count < 5", "no-fields", "count", "count(layers)"),
        ("require count(layers) + 1 < 5", "syntax", "+", "compare"),
        ("require layers[0].size < 5MB", "syntax", "5MB", "bytes"),
        ("require 1 < count(layers) < 5", "chained-comparison", "< 5", "and"),
        ("require (count(layers) < 3", "unclosed-bracket", "(", "`)`"),
        ("require image.user != \"root\"", "type-mismatch", "image.user", "`image.user.name`"),
        ("require image.user.uid != \"0\"", "type-mismatch", "image.user.uid", "0"),
        ("require (image.created ?? today) > \"2027-02-01\"", "type-mismatch", "(image.created ?? today)", "2027-02-01"),
        ("require image.labels.maintainer == \"x\"", "no-fields", "maintainer", "image.labels["),
        ("forbid image.env", "type-mismatch", "image.env", "any x in"),
        ("forbid any e in image.env e.name == \"A\"", "syntax", "e", "any x in list"),
        ("forbid exists e in image.env: e.name == \"A\"", "misspelt-word", "exists", "any x in"),
        ("forbid import own -> \"pickle\"", "syntax", "\"", "remove the quotes"),
        ("forbid import own => pickle", "syntax", "=>", "A -> B"),
        ("forbid import pickle from own", "syntax", "from", "A -> B"),
        ("forbid import pickle", "syntax", "", "A -> B"),
        ("forbid imports own -> pickle", "misspelt-word", "imports", "`import`"),
        ("forbid import own -> os/path", "syntax", "/", "os.path"),
        ("forbid import own -> pickle except acme.serde", "syntax", "", "A -> B"),
        ("reqire count(layers) < 3", "misspelt-word", "reqire", "`require`"),
        ("require count(layers) < 3\non_unknown fail", "misspelt-word", "on_unknown", "`on unknown`"),
        ("require count(layers) < 3\non unknown error", "unknown-choice", "error", "`fail`"),
        ("require image.reference != \"a\u{202e}b\"", "invisible-character", "\u{202e}", "remove"),
        ("require count(layers) < 3\0", "invisible-character", "\0", "remove"),
    ] {
        let text = format!("edition 1\npackage t\n\nrule r error \"T\" {{\n{clauses}\n}}\n");
        wrong.extend(slip(&text, code, marked, help));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn slips_around_rules() {
    let mut wrong = Vec::new();
    let rule = "rule r error \"T\" {\n  require count(layers) < 3\n}\n";
    for (before, code, marked, help) in [
        ("# text\n", "syntax", "#", "`//`"),
        ("/* text */\n", "syntax", "/*", "`//`"),
        ("let x = 3\n", "misspelt-word", "let", "`param"),
        ("param x == 3\n", "syntax", "==", "param name: Type"),
        ("param x: Int == 3\n", "syntax", "==", "write `=`"),
        ("param x = 3\n", "syntax", "=", "param name: Type"),
        ("import rego.v1\n", "misspelt-word", "import", "`use`"),
        ("deny[msg] {\n  x == 1\n}\n", "misspelt-word", "deny", "`forbid`"),
        ("default allow := false\n", "misspelt-word", "default", "`on unknown"),
        ("Rule q error \"T\" {\n}\n", "misspelt-word", "Rule", "`rule`"),
        ("rule q \"T\" {\n require count(layers) < 3\n}\n", "syntax", "\"", "rule name error"),
        ("rule q error {\n require count(layers) < 3\n}\n", "syntax", "{", "rule name error"),
        ("rule \"q\" error \"T\" {\n require count(layers) < 3\n}\n", "syntax", "\"", "remove the quotes"),
        ("rule no root error \"T\" {\n require count(layers) < 3\n}\n", "syntax", "error", "rule name error"),
        ("rule q error \"T\"\n require count(layers) < 3\n}\n", "unopened-rule", "\"T\"", "`{`"),
        ("rule q error \"T {\n require count(layers) < 3\n}\n", "unterminated-text", "\"T {", "close it"),
        ("rule q error \"T\" {\n require count(layers) < 3\n\n", "unclosed-bracket", "{", "`}`"),
        ("rule q:\n    require count(layers) < 3\n", "syntax", ":", "rule name error"),
        ("rule q critical \"T\" {\n require count(layers) < 3\n}\n", "unknown-choice", "critical", "`error`"),
        ("// \u{202e} text\n", "invisible-character", "\u{202e}", "remove"),
    ] {
        wrong.extend(slip(&format!("edition 1\npackage t\n\n{before}{rule}"), code, marked, help));
    }
    for (head, code, marked, help) in [
        ("package t\n", "missing-edition", "package t", "edition 1"),
        ("edition 1\n", "missing-package", "edition 1", "package"),
        ("edition 2\npackage t\n", "unknown-edition", "edition 2", "edition 1"),
        ("edition 1\npackage acme-shop\n", "syntax", "-", "`_`"),
        ("edition 1\npackage \"acme\"\n", "syntax", "\"", "remove the quotes"),
    ] {
        wrong.extend(slip(&format!("{head}{rule}"), code, marked, help));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(mistakes(&format!("\u{feff}edition 1\r\npackage t\r\n{}", rule.replace('\n', "\r\n"))).is_empty());
}
