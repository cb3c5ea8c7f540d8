//! What is printed reads as what was printed: over every form, over texts with comments, over trees that are made.

use std::{fmt::Write as _, path::Path, sync::Arc};

use super::{format, print};
use crate::{
    diagnostic::{SourceText, Style, render},
    policy::syntax::{
        ast::{Binding, Clause, ClauseKind, Expression, ExpressionKind, File, Name, Operator, Presence, Region},
        parse,
        scan::scan,
        tests::EVERY_FORM,
    },
};

fn read(text: &str) -> File {
    let (file, errors) = parse(&Arc::new(SourceText { name: "a.douane".into(), text: text.into() }));
    let shown: String = errors.iter().map(|error| render(error, Style::Plain)).collect();
    assert!(errors.is_empty(), "{shown}\n{text}");
    file
}

/// The tree without places: what it says.
fn meaning(file: &File) -> String {
    let File { edition, package, uses, on_unknown, params, data, functions, rules, waivers, tests, .. } = file;
    let whole =
        format!("{edition:?}{package:?}{uses:?}{on_unknown:?}{params:?}{data:?}{functions:?}{rules:?}{waivers:?}{tests:?}");
    whole.split("Region { start: ").enumerate().fold(String::new(), |mut text, (index, piece)| {
        let piece = if index == 0 { piece } else { piece.split_once('}').map_or("", |(_, rest)| rest) };
        let _ = write!(text, "{piece}");
        text
    })
}

fn comments(file: &File) -> Vec<String> {
    let mut comments: Vec<_> = file.comments.iter().map(|region| file.text(*region).to_owned()).collect();
    comments.sort();
    comments
}

/// Asserts that a text keeps its meaning and comments, and that formatting twice is formatting once: the formatted text.
fn formatted(text: &str) -> String {
    let file = read(text);
    let once = format(&file);
    let again = read(&once);
    assert_eq!(meaning(&again), meaning(&file), "{once}");
    assert_eq!(comments(&again), comments(&file), "{once}");
    assert_eq!(format(&again), once);
    let printed = print(&file);
    let reread = read(&printed);
    assert_eq!(meaning(&reread), meaning(&file), "{printed}");
    assert_eq!(print(&reread), printed);
    once
}

fn policies(directory: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            policies(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "douane") {
            found.push(std::fs::read_to_string(&path).expect("text"));
        }
    }
}

#[test]
fn the_library_is_formatted() {
    let mut texts = Vec::new();
    policies(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies"), &mut texts);
    assert!(texts.len() >= 5);
    for text in texts {
        let once = formatted(&text);
        assert!(once == text, "run `douane policy fmt policies/`:\n{once}");
    }
}

#[test]
fn every_form_reads_back() {
    insta::assert_snapshot!(formatted(EVERY_FORM), @r##"
edition 1
package acme.platform

data approved: Set<Requirement> from "approved.json"
data names: Set<String> from "names.csv" column "name"

rule architecture error "It keeps its shape" {
  tags {"design", "imports"}
  owner "platform@acme.example"
  link "https://acme.example/adr/7"
  param limit: Int = 3
  forbid import acme.web.** ->* {boto3, botocore.**}
    via acme.gateway.**
    except acme.web -> acme.x
    ignoring type_checking
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
"##);
}

#[test]
fn examples_of_the_reference_read_back() {
    for page in [include_str!("../../../../grammar/README.md"), include_str!("../../../../policies/README.md")] {
        for block in page.split("```douane").skip(1).filter_map(|rest| rest.split_once('\n')?.1.split("```").next()) {
            formatted(block);
        }
    }
}

#[test]
fn comments_stay_with_what_they_speak_of() {
    let text = r#"// A licence.

edition 1 // the first
package   a.b
// what follows
use douane.python


param floor: Version = "3.11"   // the oldest
param names: Set<String> = {
  // of people
  "a", "b", // two
  "c" // one
  // no more
}
fn old(v: Version) -> Bool = v < floor /// no documentation
/// Why.
// and how
rule r error "t" { // a rule
  // which
  for i in interpreters // all
    where i.path != "" // with a path

  require i.version >= floor // new
    // or
    or i.path in names // named
    or old(i.version)
  // but
    unless i.language == "x" // not python
  forbid import own -> {pickle, // no
      shelve}  // neither
    except a -> b, // because
      c -> d
    // at all
    ignoring type_checking
  layers in acme {
    api // high
    > service
    // deep
    > domain
  }
  // the end
}
// after all
"#;
    insta::assert_snapshot!(formatted(text), @r##"
// A licence.

edition 1 // the first
package a.b
// what follows
use douane.python

param floor: Version = "3.11" // the oldest
param names: Set<String> = {
  // of people
  "a", "b", // two
  "c", // one
  // no more
}

fn old(v: Version) -> Bool = v < floor /// no documentation

/// Why.
// and how
rule r error "t" { // a rule
  // which
  for i in interpreters // all
    where i.path != "" // with a path

  require i.version >= floor // new
    // or
    or i.path in names // named
    or old(i.version)
    // but
    unless i.language == "x" // not python
  forbid import own -> {
      pickle, // no
      shelve,
    } // neither
    except a -> b, // because
      c -> d
    // at all
    ignoring type_checking
  layers in acme {
    api // high
    > service
    // deep
    > domain
  }
  // the end
}
// after all
"##);
}

/// Numbers that look random, and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("a number") % end
    }
}

#[test]
fn a_comment_may_stand_anywhere() {
    let mut numbers = Numbers(7);
    let mut texts = vec![EVERY_FORM.to_owned()];
    policies(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies"), &mut texts);
    for text in texts {
        for _ in 0..8 {
            let mut sprinkled = text.clone();
            let ends: Vec<usize> = scan(&text).tokens.iter().map(|token| token.region.end).collect();
            for number in 0..=numbers.below(4) {
                let at = ends[numbers.below(ends.len())];
                // A comment's text would be no comment behind one that was put there before.
                let inside = scan(&sprinkled).tokens.iter().any(|token| token.region.end == at);
                if inside && sprinkled.is_char_boundary(at) {
                    let comment = ["// c", "\n// c", "\n\n  // c"][numbers.below(3)];
                    sprinkled.insert_str(at, &format!(" {comment}{number}\n"));
                }
            }
            formatted_where_it_reads(&sprinkled);
        }
    }
}

/// As `formatted`, of texts that may not read: some words must stand on one line.
fn formatted_where_it_reads(text: &str) {
    let (_, errors) = parse(&Arc::new(SourceText { name: "a.douane".into(), text: text.into() }));
    if errors.is_empty() {
        formatted(text);
    }
}

/// An expression of at most this depth.
fn expression(numbers: &mut Numbers, depth: usize) -> Expression {
    let word = |numbers: &mut Numbers| ["a", "test", "data", "long_name_of_something"][numbers.below(4)].to_owned();
    let name = |numbers: &mut Numbers| Name { text: word(numbers), region: Region::default() };
    let leaf = |numbers: &mut Numbers| match numbers.below(5) {
        0 => ExpressionKind::Text("a \"quote\" \\ \n".into()),
        1 => ExpressionKind::Integer(-3),
        2 => ExpressionKind::Boolean(true),
        3 => ExpressionKind::Date(jiff::civil::date(2027, 3, 31)),
        _ => ExpressionKind::Name(word(numbers)),
    };
    if depth == 0 {
        return Expression { kind: leaf(numbers), region: Region::default() };
    }
    let boxed = |numbers: &mut Numbers| Box::new(expression(numbers, depth - 1));
    let several = |numbers: &mut Numbers| (0..2 + numbers.below(3)).map(|_| expression(numbers, depth - 1)).collect::<Vec<_>>();
    let binding = |numbers: &mut Numbers| Binding {
        variable: name(numbers),
        relation: boxed(numbers),
        condition: (numbers.below(2) == 0).then(|| boxed(numbers)),
    };
    let kind = match numbers.below(16) {
        0 => ExpressionKind::Or(several(numbers)),
        1 => ExpressionKind::And(several(numbers)),
        2 => match expression(numbers, depth - 1) {
            Expression { kind: ExpressionKind::Not(_), .. } => leaf(numbers),
            operand => ExpressionKind::Not(Box::new(operand)),
        },
        3 | 4 => ExpressionKind::Compare(
            boxed(numbers),
            [Operator::In, Operator::NotIn, Operator::Less][numbers.below(3)],
            boxed(numbers),
        ),
        5 => ExpressionKind::IsAbsent(boxed(numbers), Presence::Present),
        6 => ExpressionKind::Fallback(several(numbers)),
        7 => ExpressionKind::Field(boxed(numbers), name(numbers)),
        8 => ExpressionKind::Index(boxed(numbers), boxed(numbers)),
        9 => ExpressionKind::Any(binding(numbers), boxed(numbers)),
        10 => ExpressionKind::All(binding(numbers), boxed(numbers)),
        11 => ExpressionKind::CountWhere(binding(numbers)),
        12 => ExpressionKind::CountDistinct(
            Box::new(Expression { kind: leaf(numbers), region: Region::default() }),
            binding(numbers),
        ),
        13 => ExpressionKind::Call(name(numbers), several(numbers)),
        14 => ExpressionKind::Set(several(numbers)),
        _ => ExpressionKind::List(several(numbers)),
    };
    Expression { kind, region: Region::default() }
}

#[test]
fn trees_that_were_made_read_back() {
    let mut numbers = Numbers(11);
    let mut file = read("edition 1\npackage a\nfn f() -> Bool = true\nrule r error \"t\" {\n  require true\n}\n");
    for round in 0..300 {
        let depth = 1 + round % 4;
        let unless = (numbers.below(2) == 0).then(|| expression(&mut numbers, depth));
        let asked = ClauseKind::Require(expression(&mut numbers, depth), unless);
        file.rules[0].clauses = vec![Clause { kind: asked, region: Region::default() }];
        file.functions[0].body = expression(&mut numbers, depth);
        let printed = print(&file);
        let again = read(&printed);
        assert_eq!(meaning(&again), meaning(&file), "{printed}");
        formatted(&printed);
    }
}
