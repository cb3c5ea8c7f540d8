//! Rules explained as a reader sees them, and that what is exact compiles; never how a page looks.

use super::{NotExplained, RuleExplanation, explain_rule};
use crate::policy::{GivenParam, NoDataFiles, PolicyText, compile};

const HEAD: &str = "edition 1\npackage acme.shop\n";

fn explained(rules: &str, name: &str) -> Result<RuleExplanation, NotExplained> {
    let text = PolicyText { name: "a.douane".into(), text: format!("{HEAD}{rules}") };
    explain_rule(&[text], &[GivenParam::on_command_line("floor", "3.12")], &NoDataFiles, name)
}

/// The kernel of the only clauses of a rule: it compiles too.
fn kernel(clauses: &str) -> String {
    let rules = format!(
        "param floor: Version = \"3.11\"\nfn high(v: Version) -> Bool = v >= floor\nrule r error \"T\" {{\n{clauses}\n}}\nrule q error \"T\" {{ for i in interpreters require high(i.version) }}\n"
    );
    let kernel = explained(&rules, "r").expect("explained").kernel;
    let text = kernel.replacen("rule r ", "rule s ", 1);
    let text = PolicyText { name: "k.douane".into(), text: format!("{HEAD}{text}") };
    if let Err(mistakes) = compile(&[text], &[]) {
        panic!("{kernel}\n{mistakes:?}");
    }
    kernel
}

#[test]
fn layers_are_a_ban_for_each_pair() {
    insta::assert_snapshot!(kernel("layers in acme.billing { api > closed service > orders | optional invoices }"), @r##"
rule r error "T" {
  require any m in modules: m.name matches "acme.billing.api"
  require any m in modules: m.name matches "acme.billing.service"
  require any m in modules: m.name matches "acme.billing.orders"
  forbid import acme.billing.service.** ->* acme.billing.api.** via {acme.billing.orders.**, acme.billing.invoices.**}
  forbid import acme.billing.api.** ->* acme.billing.orders.** via {acme.billing.service.**, acme.billing.invoices.**}
  forbid import acme.billing.api.** ->* acme.billing.invoices.** via {acme.billing.service.**, acme.billing.orders.**}
  forbid import acme.billing.orders.** ->* acme.billing.api.** via {acme.billing.service.**, acme.billing.invoices.**}
  forbid import acme.billing.orders.** ->* acme.billing.service.** via {acme.billing.api.**, acme.billing.invoices.**}
  forbid import acme.billing.orders.** ->* acme.billing.invoices.** via {acme.billing.api.**, acme.billing.service.**}
  forbid import acme.billing.invoices.** ->* acme.billing.api.** via {acme.billing.service.**, acme.billing.orders.**}
  forbid import acme.billing.invoices.** ->* acme.billing.service.** via {acme.billing.api.**, acme.billing.orders.**}
  forbid import acme.billing.invoices.** ->* acme.billing.orders.** via {acme.billing.api.**, acme.billing.service.**}
}
"##);
}

#[test]
fn independent_modules_are_a_ban_for_each_pair() {
    insta::assert_snapshot!(kernel("independent {a, b, c} ignoring type_checking"), @r##"
rule r error "T" {
  forbid import a.** ->* b.**
    via c.**
    ignoring type_checking
  forbid import a.** ->* c.**
    via b.**
    ignoring type_checking
  forbid import b.** ->* a.**
    via c.**
    ignoring type_checking
  forbid import b.** ->* c.**
    via a.**
    ignoring type_checking
  forbid import c.** ->* a.**
    via b.**
    ignoring type_checking
  forbid import c.** ->* b.**
    via a.**
    ignoring type_checking
}
"##);
    insta::assert_snapshot!(kernel("independent acme.plugins.*"), @r##"
// near to the rule: forbidden between two different modules that the patterns match, each with all
// below it, and not within one of them; a chain through a third one is for that one to answer
rule r error "T" {
  forbid import acme.plugins.*.** ->* acme.plugins.*.**
}
"##);
}

#[test]
fn protected_modules_are_a_ban_with_exceptions() {
    insta::assert_snapshot!(kernel("where target.source == \"dir\"\nprotected {acme.db.**, acme.sql} only from acme.repositories.**"), @r##"
rule r error "T" {
  where target.source == "dir"
  forbid import ** -> {acme.db.**, acme.sql}
    except acme.repositories.** -> {acme.db.**, acme.sql}, {acme.db.**, acme.sql} -> {acme.db.**, acme.sql}
}
"##);
}

#[test]
fn a_contract_comes_near_and_says_so() {
    insta::assert_snapshot!(kernel("where target.source == \"dir\"\nevery module acme.plugins.* has {\n  API_VERSION: int = 2\n  async def initialize(config: dict, ...) -> None\n  class *Plugin(acme.sdk.BasePlugin) {\n    self.settings: dict\n    class Meta { name: str }\n    optional def close(self)\n  }\n}"), @r##"
// near to the contract, not all of it: the contract also follows re-exports and superclasses,
// compares the order, kinds and defaults of parameters, and says what cannot be told
rule r error "T" {
  for m in modules where m.name matches "acme.plugins.*"
  where target.source == "dir"
  require any v in m.variables: v.name == "API_VERSION" and v.annotation == "int" and v.value == "2"
  require any f in m.functions:
      f.name == "initialize"
      and f.async
      and (any p in f.parameters: p.name == "config" and p.annotation == "dict")
      and f.returns == "None"
  require any c in m.classes:
      c.name matches "*Plugin"
      and c.bases has "acme.sdk.BasePlugin"
      and (any v in c.instance_attributes: v.name == "settings" and v.annotation == "dict")
      and any c1 in c.classes: c1.name == "Meta" and any v in c1.attributes: v.name == "name" and v.annotation == "str"
}
"##);
}

#[test]
fn what_is_kernel_stays_as_it_is() {
    let clauses = "forbid import own ->* {pickle, marshal} via acme.serde.**\n  message \"{importer.name}\"\nacyclic acme.**";
    insta::assert_snapshot!(kernel(clauses), @r##"
rule r error "T" {
  forbid import own ->* {pickle, marshal} via acme.serde.**
  acyclic acme.**
}
"##);
}

#[test]
fn a_rule_is_told_with_all_that_it_rests_on() {
    let rules = "param floor: Version = \"3.11\"\nparam other: Int = 2\nfn high(v: Version) -> Bool = v >= floor\n/// Why.\nrule python-floor error \"A floor\" {\n  for i in interpreters where i.implementation == \"CPython\"\n  where target.source == \"dir\"\n  require high(i.version)\n  owner \"web@acme.example\"\n}\nrule few note \"Few\" { require count(layers) < other }\n";
    let explained = explained(rules, "acme.shop/python-floor").expect("explained");
    assert_eq!(explained.given, [GivenParam::on_command_line("floor", "3.12")]);
    assert_eq!((explained.metadata.owner.as_deref(), explained.place.1), (Some("web@acme.example"), 7));
    insta::assert_snapshot!([explained.definitions, explained.text, explained.plan.join("\n")].join("\n"), @r##"
param floor: Version = "3.11"

fn high(v: Version) -> Bool = v >= floor

rule python-floor error "A floor" {
  for i in interpreters where i.implementation == "CPython"
  where target.source == "dir"
  require high(i.version)
  owner "web@acme.example"
}

ranges over interpreters: each element is looked at once
1 condition is decided once, before anything is ranged over
what is not to be settled fails
"##);
}

#[test]
fn a_rule_that_is_not_there_has_a_neighbour() {
    let rules =
        "param floor: Version = \"3.11\"\nrule python-floor error \"T\" { for i in interpreters require i.version > floor }";
    assert_eq!(explained(rules, "pyhton-floor"), Err(NotExplained::NoSuchRule(Some("python-floor".into()))));
    assert_eq!(explained(rules, "something-else"), Err(NotExplained::NoSuchRule(None)));
    assert!(matches!(explained("rule r error \"T\" { }", "r"), Err(NotExplained::Mistakes(_))));
}
