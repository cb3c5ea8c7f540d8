//! What the parser says about right and wrong texts.

use std::{fmt::Write as _, sync::Arc};

use super::{ast::ClauseKind, parse};
use crate::diagnostic::{SourceText, Style, render};

fn source(text: &str) -> Arc<SourceText> {
    Arc::new(SourceText { name: "a.douane".into(), text: text.into() })
}

/// Every diagnostic as `code: message @ underlined text (help)`.
fn errors(text: &str) -> String {
    let (_, diagnostics) = parse(&source(text));
    diagnostics.iter().fold(String::new(), |mut all, diagnostic| {
        let label = &diagnostic.labels[0].span;
        let underlined = text.get(label.start..label.end).expect("inside the text");
        let help = diagnostic.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
        let _ = writeln!(all, "{}: {} @ [{underlined}]{help}", diagnostic.code, diagnostic.message);
        all
    })
}

/// The errors of one clause in an otherwise right rule.
fn clause(text: &str) -> String {
    errors(&format!("rule a error \"t\" {{\n  {text}\n}}\n"))
}

#[test]
fn reads_every_form() {
    let text = r#"edition 1
package acme.platform // a comment
use douane.python
on unknown warn
param floor: Version = "3.11"
param names: Set<Glob> = {"*_TOKEN", "*_PASSWORD",}
fn listed(d: Distribution, n: String?) -> Bool = any r in {"a"}: d.name == r or not (n is absent)

/// Why it matters.
/// More of it.
rule python-floor error "Images run {" {
  for i in interpreters where i.language == "python" // which
  where not i.path matches "/x/**"
  require i.version >= floor and i.path not in {"a"} unless listed(i, "x") // trailing
  forbid any e in image.env where e.name != "": e.value ?? "x" != ""
  forbid count(x in layers where x.size > 3) > 2
  forbid import own -> {pickle, shelve.**} except acme.** -> pickle, b -> c ignoring {type_checking}
  message "{i.path} is {{braced}} {i.version}"
  help "rebase"
  on unknown fail
}
"#;
    let (file, diagnostics) = parse(&source(text));
    assert_eq!(diagnostics.iter().map(|d| render(d, Style::Plain)).collect::<String>(), "");
    let rule = &file.rules[0];
    assert_eq!(rule.documentation, "Why it matters.\nMore of it.");
    assert_eq!(rule.clauses.len(), 9);
    let ClauseKind::Require(_, Some(unless)) = &rule.clauses[2].kind else { panic!("{:?}", rule.clauses[2]) };
    assert_eq!(file.text(unless.region), "listed(i, \"x\")");
    assert_eq!(
        file.text(rule.clauses[2].region),
        "require i.version >= floor and i.path not in {\"a\"} unless listed(i, \"x\")"
    );
    assert_eq!(file.comments.len(), 5);
}

#[test]
fn a_keyword_needs_its_boundary() {
    insta::assert_snapshot!(clause("forx in y"), @"misspelt-word: `forx` begins no clause @ [forx] (did you mean `for`?)");
    insta::assert_snapshot!(clause("require anyx"), @"");
}

#[test]
fn slips_get_their_own_words() {
    insta::assert_snapshot!(clause("require a = b"), @"assignment-in-condition: `=` does not compare @ [=] (write `==`)");
    insta::assert_snapshot!(clause("require a == b == c"), @"chained-comparison: comparisons cannot be chained @ [== c] (write `a == b and b == c`)");
    insta::assert_snapshot!(clause("requrie a == b"), @"misspelt-word: `requrie` begins no clause @ [requrie] (did you mean `require`?)");
    insta::assert_snapshot!(clause("require a && b"), @"syntax: `&&` is written as a word @ [&&] (write `and`)");
    insta::assert_snapshot!(clause("require a == 'b'"), @r##"syntax: text stands in double quotes @ ['] (write `"`)"##);
    insta::assert_snapshot!(clause("require a >= 3.10"), @r##"no-fractions: `3.10` is a number with a point, and there are none @ [3.10] (write "3.10")"##);
    insta::assert_snapshot!(clause("forbid improt a -> b"), @"misspelt-word: `improt` is not expected here @ [improt] (did you mean `import`?)");
    insta::assert_snapshot!(clause("for x on y"), @"syntax: expected `in`, found `on` @ [on] (write `for x in list`)");
    insta::assert_snapshot!(clause("require x.y is abscent"), @"misspelt-word: `abscent` is not expected here @ [abscent] (did you mean `absent`?)");
    insta::assert_snapshot!(clause("require d == 2027-02-30"), @"invalid-date: `2027-02-30` is no day of the calendar @ [2027-02-30]");
    insta::assert_snapshot!(clause("on unknown fial"), @"unknown-choice: `fial` is no choice for `on unknown` @ [fial] (did you mean `fail`?)");
    insta::assert_snapshot!(clause("message \"a } b\""), @"lone-brace: a brace in a message has no partner @ [}] (write `{{` or `}}` for a brace itself)");
    insta::assert_snapshot!(clause("message \"{a +}\""), @"syntax: there is no arithmetic @ [+] (compare the values themselves, or put the result into a `param`)");
    insta::assert_snapshot!(clause("message \"a"), @r##"unterminated-text: the text has no end on its line @ ["a] (close it with `"`; a text does not go over lines)"##);
    insta::assert_snapshot!(clause("require (a or b\n  require c"), @"unclosed-bracket: `(` is never closed @ [(] (add the missing `)`)");
    insta::assert_snapshot!(clause("require"), @"syntax: expected a condition, found nothing more @ []");
    insta::assert_snapshot!(errors("parma x: Int = 3\n"), @"misspelt-word: `parma` begins nothing @ [parma] (did you mean `param`?)");
    insta::assert_snapshot!(errors("rule a eror \"t\" {\n}\n"), @"unknown-choice: `eror` is no severity @ [eror] (did you mean `error`?)");
    insta::assert_snapshot!(errors("rule a error \"t\" {\n  require b\nrule c error \"u\" {\n  require d\n}\n"), @"unclosed-bracket: `{` is never closed @ [{] (add the missing `}`)");
    insta::assert_snapshot!(errors("package a\n}\nedition 1\nedition 1"), @r##"
unmatched-bracket: `}` closes nothing @ [}] (remove it, or add what it should close)
repeated-item: `edition` is said twice @ [edition 1] (remove one of them)
"##);
}

#[test]
fn later_forms_are_named_as_such() {
    insta::assert_snapshot!(clause("forbid import a.** ->* b via c"), @"not-yet-supported: chains of imports (`->*`) are not supported yet @ [->*] (`->` forbids the direct import)");
    insta::assert_snapshot!(clause("forbid import a.** -> b via c"), @"not-yet-supported: `via` is not supported yet @ [via] (forbid the direct imports with `->`)");
    insta::assert_snapshot!(clause("layers in acme { a > b }"), @"not-yet-supported: `layers` is not supported yet @ [layers] (say it with one `forbid import A -> B` for each pair of layers)");
    insta::assert_snapshot!(clause("every module acme.* has {\n    def f() -> None\n  }\n  require a = b"), @r##"
not-yet-supported: `every` is not supported yet @ [every] (say what is required with `for m in modules` and `require`)
assignment-in-condition: `=` does not compare @ [=] (write `==`)
"##);
    insta::assert_snapshot!(clause("require count(distinct a for a in b) < 3"), @"not-yet-supported: `distinct` is not supported yet @ [distinct] (`count` counts records as they are)");
    insta::assert_snapshot!(errors("waive x {\n  owner \"a\"\n}\ntest \"a\" {\n}\ndata x: Set<Glob> from \"a.json\"\n"), @r##"
not-yet-supported: `waive` is not supported yet @ [waive] (say the exception with `unless` or `except` in the rule)
not-yet-supported: `test` is not supported yet @ [test] (try the policy with `douane check` on an image that breaks it)
not-yet-supported: `data` is not supported yet @ [data] (write the values into a `param` with a set)
"##);
}

#[test]
fn one_run_reports_all() {
    let text = "edition 1\npackage a\nparam x: = 3\nrule a error \"t\" {\n  for i on r\n  require a =\n  forbid b c\n  mesage \"x\"\n}\nfn f( -> Bool = true\n";
    insta::assert_snapshot!(errors(text), @r##"
syntax: expected a word, found `=` @ [=]
syntax: expected `in`, found `on` @ [on] (write `for x in list`)
syntax: expected a condition, found nothing more @ []
syntax: expected `unless`, `where`, a clause or an operator, found `c` @ [c]
misspelt-word: `mesage` begins no clause @ [mesage] (did you mean `message`?)
unclosed-bracket: `(` is never closed @ [(] (add the missing `)`)
"##);
}

#[test]
fn hostile_input_ends() {
    for text in
        ["(".repeat(100_000), "not ".repeat(100_000), "any x in y: ".repeat(10_000), "a.".repeat(100_000), "{".repeat(64)]
    {
        assert!(!clause(&format!("require {text}")).is_empty());
    }
    let wide = format!("require {}true", "a or ".repeat(20_000));
    assert_eq!(clause(&wide), "");
    let nested = format!("require {}a{}", "(".repeat(60), ")".repeat(60));
    assert_eq!(clause(&nested), "");
    for repeated in ["count(a in (", "count(a in r where (", "any a in b where (", "{(", "a[(", "f((", "not ("] {
        let open = repeated.matches(['(', '[', '{']).count();
        let depth = 60 / (open + usize::from(repeated.starts_with("any")));
        let close: String = repeated
            .chars()
            .rev()
            .filter_map(|c| match c {
                '(' => Some(')'),
                '[' => Some(']'),
                '{' => Some('}'),
                _ => None,
            })
            .collect();
        assert!(!clause(&format!("require {}+{}", repeated.repeat(depth), close.repeat(depth))).is_empty(), "{repeated}");
    }
}
