//! What the parser says about right and wrong texts.

use std::{fmt::Write as _, sync::Arc};

use super::{ast::ClauseKind, parse};
use crate::diagnostic::{SourceText, Style, render};

fn source(text: &str) -> Arc<SourceText> {
    Arc::new(SourceText { name: "a.douane".into(), text: text.into() })
}

/// Every diagnostic as `code: message @ underlined text (help)`.
pub(super) fn errors(text: &str) -> String {
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
param names: Set<Glob> = {"*_TOKEN", "*_PASSWORD",} /// no documentation
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
    assert_eq!(file.comments.len(), 6);
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
    insta::assert_snapshot!(errors("audit rule x error \"t\" {\n  require true\n}\n"), @"not-yet-supported: `audit` is not supported yet @ [audit] (check the images one by one)");
}

#[test]
fn slips_in_forms_over_graphs_and_structures() {
    insta::assert_snapshot!(clause("layers in acme { a < b }"), @"syntax: expected `>`, `|` or `,` and a layer or `}`, found `<` @ [<]");
    insta::assert_snapshot!(clause("layers acme { a > b }"), @"syntax: expected `in` or `{`, found `acme` @ [acme] (write `layers in package { high > low }`)");
    insta::assert_snapshot!(clause("protected acme.db.** from acme.x"), @"syntax: expected `only`, found `from` @ [from] (write `protected A only from B`)");
    insta::assert_snapshot!(clause("every acme.* has { x: int }"), @"syntax: expected `module`, found `acme` @ [acme] (write `every module name has { ... }`)");
    insta::assert_snapshot!(clause("every module acme.* has {\n    def f(x: ) -> None\n  }\n  require a = b"), @r##"
syntax: expected an annotation, found `)` @ [)]
assignment-in-condition: `=` does not compare @ [=] (write `==`)
"##);
    insta::assert_snapshot!(clause("every module acme.* { x: int }"), @"syntax: expected an operator, found `{` @ [{]");
    insta::assert_snapshot!(clause("forbid import a ->* b trough c"), @"syntax: expected `except`, `ignoring`, `via`, `where` or a clause, found `trough` @ [trough]");
    insta::assert_snapshot!(clause("for k, xs in distributions by d.name"), @"syntax: expected `group` or an operator, found `by` @ [by] (write `for key, items in list group x by x.field`)");
    insta::assert_snapshot!(errors("waive x {\n  owner a\n}\ntest \"a\" {\n  expect x fail\n}\ntest \"b\" {\n  expect fails x\n}\ndata x: Set<Glob> = \"a.json\"\n"), @r##"
syntax: expected text in quotes, found `a` @ [a]
unknown-choice: `fail` is no verdict of a rule @ [fail] (did you mean `fails`?)
unknown-choice: `x` is no verdict of a rule @ [x] (use one of `fails`, `passes`, `unknown`, `vacuous`, `waived`)
syntax: expected `?` or `from`, found `=` @ [=]
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

/// Every form over graphs, structures, groups, waivers and tests.
pub(super) const EVERY_FORM: &str = r#"edition 1
package acme.platform
data approved: Set<Requirement> from "approved.json"
data names: Set<String> from "names.csv" column "name"

rule architecture error "It keeps its shape" {
  tags {"design", "imports"}
  owner "platform@acme.example"
  link "https://acme.example/adr/7"
  param limit: Int = 3
  forbid import acme.web.** ->* {boto3, botocore.**} via acme.gateway.** except acme.web -> acme.x ignoring {type_checking}
  code "A-1"
  protected acme.db.** only from {acme.repo.**, acme.migrations.*} except acme.a -> acme.db
  layers in acme.billing { api > closed service > orders | invoices > optional domain, optional > closed }
  layers { acme.a > acme.b } ignoring type_checking
  independent acme.plugins.*
  acyclic acme.** ignoring {type_checking, function}
}

rule shape error "Plugins have a shape" {
  every module acme.plugins.* has {
    API_VERSION: int = 2
    NAME
    optional RETRIES: Optional[dict[str, "Model"] | None] = ...
    def initialize(config: dict) -> None
    @app.task
    async def refresh
    def by_name with (b = -1.5, a: list[int] = None)
    class *Plugin(acme.sdk.BasePlugin(object { def close(self) }), Mixin) {
      name: str
      self.settings: dict
      def run(self, ctx: Context, /, *args, timeout: float = ..., **kwargs) -> Callable[[int, ...], Result]
      optional def close(self, ...)
      class Meta
    }
  }
}

rule groups warning "One version each" {
  for name, copies in distributions group d by d.normalized_name ?? "x" where count(copies) > 1
  require count(distinct d.version for d in copies where d.editable) <= 1
}

waive acme.platform/architecture {
  only import acme.reports.legacy -> pickle
  only path {"/srv/**", "/app/*"}
  where image.reference matches "registry.acme.example/reports/**"
  owner "reports@acme.example"
  reason "SEC-4412"
  expires 2027-03-31
  at most 3
}

test "pickle only through serde" {
  given {
    image (user = "app", labels = {"a": "b"}) { env PATH "x" }
    distribution urllib3 "1.26.5" (editable = true, version = unknown "computed")
    module acme.jobs.sync (owner = "own") {
      import pickle
      import plugins.? (kind = "function")
      from . import models, views
      X: int = 1
      def f(a) -> None
      class C(Base) { self.x: int }
    }
    module acme.dyn { import ? }
    binary "/usr/bin/x" (layer = absent)
  }
  today 2027-01-01
  param floor = "3.12"
  expect no-unsafe-deserialisation fails at acme.jobs.sync
  expect acme.platform/shape unknown at "acme.dyn -> ?" message "not known"
}
"#;

#[test]
fn reads_every_form_over_graphs_and_structures() {
    let text = EVERY_FORM;
    let (file, diagnostics) = parse(&source(text));
    assert_eq!(diagnostics.iter().map(|d| render(d, Style::Plain)).collect::<String>(), "");
    assert_eq!((file.data.len(), file.rules.len(), file.waivers.len(), file.tests.len()), (2, 3, 1, 1));
    assert_eq!(file.rules[0].clauses.len(), 11);
    let ClauseKind::Layers(layers) = &file.rules[0].clauses[7].kind else { panic!("layers") };
    let rows: Vec<_> = layers.rows.iter().map(|row| (row.closed, row.siblings, row.layers.len())).collect();
    let free = super::ast::Siblings::Free;
    let alone = super::ast::Siblings::Independent;
    assert_eq!(rows, [(false, alone, 1), (true, alone, 1), (false, alone, 2), (false, free, 2), (false, alone, 1)]);
    let ClauseKind::Structure(structure) = &file.rules[1].clauses[0].kind else { panic!("structure") };
    assert_eq!(structure.members.len(), 7);
    let test = &file.tests[0];
    assert_eq!((test.given.len(), test.expectations.len(), test.params.len()), (5, 2, 1));
    let super::ast::MemberKind::Function(refresh) = &structure.members[4].kind else { panic!("a function") };
    assert!(refresh.is_async && refresh.signature.is_none() && structure.members[4].decorators.len() == 1);
    let super::ast::MemberKind::Function(by_name) = &structure.members[5].kind else { panic!("a function") };
    assert!(by_name.signature.as_ref().is_some_and(|signature| signature.by_name && signature.parts.len() == 2));
}

#[test]
fn a_comment_behind_an_item_documents_no_other() {
    let text = "edition 1\npackage a\nparam x: Int = 1 /// of x\nrule r error \"t\" {\n  require x == 1\n}\n";
    assert_eq!(parse(&source(text)).0.rules[0].documentation, "");
}

#[test]
fn a_comment_in_an_annotation_is_no_part_of_it() {
    let member = "def f(a: dict[ // keys\n      str, int]) -> None";
    let (file, _) = parse(&source(&format!("rule r error \"t\" {{\n  every module a has {{\n    {member}\n  }}\n}}\n")));
    assert!(format!("{:?}", file.rules).contains("dict[ str, int]"));
}
