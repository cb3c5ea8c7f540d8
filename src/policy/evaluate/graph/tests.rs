//! Chains, layers, independence and cycles on small graphs.

mod chance;
mod limit;

use std::sync::Arc;

use super::super::tests::{TODAY, computed, environment, inventory, module, shown};
use crate::{
    diagnostic::{Severity, SourceText, Span},
    facts::{Certainty, Completeness, Import, ImportEdge, ImportKind, Inventory, Module, Owner},
    policy::{
        architecture::{Acyclic, Chain, Exempt, Independent, Layer, Layers, Row, Siblings},
        check::{
            pattern::parse,
            resolved::{Assertion, AssertionKind, Class, ModulePattern, Resolved, Rule, Side},
        },
        compile::Plan,
        evaluate::{Outcome, evaluate},
        outcome::{ClausePlace, RuleMetadata},
    },
};

fn span() -> Span {
    Span { source: Arc::new(SourceText { name: "a".into(), text: String::new() }), start: 0, end: 0 }
}

/// Patterns of one policy while its rules are made.
#[derive(Default)]
struct Policy {
    patterns: Vec<ModulePattern>,
    rules: Vec<Rule>,
}

impl Policy {
    /// A side from `acme.** own`.
    fn side(&mut self, text: &str) -> Side {
        let mut side = Side::default();
        for word in text.split_whitespace() {
            match word {
                "own" => side.classes.push(Class::Own),
                "third_party" => side.classes.push(Class::ThirdParty),
                "stdlib" => side.classes.push(Class::Stdlib),
                _ => {
                    let pattern = parse(word).expect("a pattern");
                    let number = self.patterns.iter().position(|known| *known == pattern).unwrap_or_else(|| {
                        self.patterns.push(pattern);
                        self.patterns.len() - 1
                    });
                    side.patterns.push(number);
                    side.places.push(span());
                }
            }
        }
        side
    }

    fn rule(&mut self, kind: AssertionKind) {
        let assertion = Assertion {
            kind,
            place: ClausePlace { line: self.rules.len() as u32, ..ClausePlace::default() },
            span: span(),
            text: String::new(),
            message: None,
            help: None,
            code: None,
            needs_image: false,
        };
        self.rules.push(Rule {
            identity: format!("a/r{:05}", self.rules.len()),
            name: "r".into(),
            severity: Severity::Error,
            title: "t".into(),
            documentation: String::new(),
            metadata: RuleMetadata::default(),
            alternative: None,
            loops: Vec::new(),
            premises: Vec::new(),
            decisions: Vec::new(),
            conditions: Vec::new(),
            needs_image: false,
            assertions: vec![assertion],
            slots: 2,
            on_unknown: None,
        });
    }

    fn chain(&mut self, from: &str, to: &str, via: &str, exempt: Exempt) {
        let (from, to, via) = (self.side(from), self.side(to), self.side(via));
        self.rule(AssertionKind::Chain(Chain { from, to, via, exempt, slots: (0, 1) }));
    }

    fn layers(&mut self, container: Option<&str>, rows: &str) {
        let layer = |name: &str| Layer { name: name.trim_matches(['?', '!']).into(), optional: name.ends_with('?') };
        let row = |text: &str| {
            let siblings = if text.contains('|') { Siblings::Independent } else { Siblings::Free };
            let layers = text.split([',', '|']).map(|name| layer(name.trim())).collect();
            Row { layers, siblings, closed: text.contains('!') }
        };
        let rows = rows.split('>').map(row).collect();
        let containers = container.map(|text| self.side(text));
        self.rule(AssertionKind::Layers(Layers { containers, rows, exempt: Exempt::default() }));
    }

    fn independent(&mut self, members: &str) {
        let members = self.side(members);
        self.rule(AssertionKind::Independent(Independent { members, exempt: Exempt::default() }));
    }

    fn acyclic(&mut self, modules: &str, exempt: Exempt) {
        let modules = self.side(modules);
        self.rule(AssertionKind::Acyclic(Acyclic { modules, exempt }));
    }

    fn except(&mut self, from: &str, to: &str) -> Exempt {
        Exempt { exceptions: vec![(self.side(from), self.side(to), span())], ignoring: Vec::new() }
    }

    fn plan(self) -> Plan {
        Plan::new(Resolved { rules: self.rules, patterns: self.patterns, ..Resolved::default() })
    }

    fn evaluate(self, inventory: &Inventory) -> Outcome {
        evaluate(&self.plan(), inventory, TODAY)
    }

    fn verdicts(self, modules: Vec<Module>) -> String {
        let inventory = Inventory { environments: vec![environment("/usr", modules)], ..inventory() };
        shown(&self.evaluate(&inventory).evaluation)
    }
}

fn own(name: &str, targets: &[&str]) -> Module {
    module(name, Owner::Own, targets)
}

/// A module that says `from TARGET import NAMES`, with these edges; a name ends in `?` where it may be no module.
fn taking(name: &str, target: &str, names: &[&str], edges: &[&str]) -> Module {
    let mut module = module(name, Owner::Own, &[]);
    let import = Import {
        target: target.trim_start_matches('.').into(),
        names: names.iter().map(|name| (*name).into()).collect(),
        level: target.chars().take_while(|letter| *letter == '.').count() as u32,
        line: 1,
        column: 1,
        width: 1,
        kind: ImportKind::TopLevel,
        text: "".into(),
        bound: Vec::new(),
    };
    Arc::make_mut(&mut module.source).imports = vec![import];
    module.edges = edges
        .iter()
        .map(|edge| ImportEdge {
            target: edge.trim_end_matches('?').into(),
            import: 0,
            certainty: if edge.ends_with('?') { Certainty::May } else { Certainty::Must },
        })
        .collect();
    module
}

#[test]
fn a_chain_is_told_from_the_last_source_to_the_nearest_target() {
    let mut policy = Policy::default();
    policy.chain("acme.web.**", "boto3 botocore.**", "acme.gateway.**", Exempt::default());
    insta::assert_snapshot!(policy.verdicts(vec![
        own("acme.web.views", &["lib.a"]),
        own("acme.web.routes", &["acme.web.views"]),
        own("acme.web.direct", &["boto3"]),
        own("acme.web.good", &["acme.gateway.aws"]),
        own("acme.gateway.aws", &["boto3"]),
        own("lib.a", &["lib.c", "lib.b"]),
        own("lib.b", &["botocore.session"]),
        own("lib.c", &["lib.d"]),
        own("lib.d", &["boto3"]),
    ]), @r##"
r: 4 subjects
  broken import acme.web.direct -> boto3:1: `acme.web.direct` imports `boto3` [`acme.web.direct` imports `boto3`]
  broken import acme.web.views -> botocore.session:1: `acme.web.views` reaches `botocore.session` through `lib.a` -> `lib.b` [`acme.web.views` imports `lib.a`; `lib.a` imports `lib.b`; `lib.b` imports `botocore.session`]
"##);
}

#[test]
fn exceptions_and_ignored_kinds_take_edges_out_of_the_graph() {
    let modules = || {
        let mut typed = own("lib.b", &["boto3"]);
        Arc::make_mut(&mut typed.source).imports[0].kind = ImportKind::TypeChecking;
        vec![own("acme.x", &["lib.a"]), own("acme.y", &["lib.b"]), own("lib.a", &["boto3"]), typed]
    };
    let mut policy = Policy::default();
    let except = policy.except("lib.a", "boto3.**");
    policy.chain("acme.**", "boto3", "", except);
    insta::assert_snapshot!(policy.verdicts(modules()), @r##"
r: 2 subjects
  broken import acme.y -> boto3:1: `acme.y` reaches `boto3` through `lib.b` [`acme.y` imports `lib.b`; `lib.b` imports `boto3`]
"##);
    let mut policy = Policy::default();
    policy.chain("acme.**", "boto3", "", Exempt { ignoring: vec![ImportKind::TypeChecking], ..Exempt::default() });
    insta::assert_snapshot!(policy.verdicts(modules()), @r##"
r: 2 subjects
  broken import acme.x -> boto3:1: `acme.x` reaches `boto3` through `lib.a` [`acme.x` imports `lib.a`; `lib.a` imports `boto3`]
"##);
    let mut policy = Policy::default();
    let except = policy.except("lib.q", "boto3");
    policy.chain("acme.** acne", "boto3", "", except);
    let outcome = policy.evaluate(&Inventory { environments: vec![environment("/usr", modules())], ..inventory() });
    assert_eq!((outcome.unmatched, outcome.uninhabited), (vec![(0, 0, 0)], vec![(0, 0, 1)]));
}

#[test]
fn a_module_on_both_sides_is_no_target_of_its_own() {
    let mut policy = Policy::default();
    policy.chain("a.**", "a.b", "", Exempt::default());
    insta::assert_snapshot!(policy.verdicts(vec![own("a.b", &["x"]), own("x", &["a.b"]), own("a.c", &["x"])]), @r##"
r: 2 subjects
  broken import a.c -> a.b:1: `a.c` reaches `a.b` through `x` [`a.c` imports `x`; `x` imports `a.b`]
"##);
}

#[test]
fn what_may_be_is_undecided_and_names_what_is_not_known() {
    let mut policy = Policy::default();
    policy.chain("acme.**", "boto3 gone.boto3", "", Exempt::default());
    let mut any = computed("lib.any", "");
    any.edges = own("lib.any", &["os"]).edges;
    insta::assert_snapshot!(policy.verdicts(vec![
        own("acme.sure", &["boto3", "lib.any"]),
        own("acme.unsure", &["lib.x"]),
        own("lib.x", &["lib.any"]),
        any,
        own("acme.narrow", &["lib.plugins"]),
        computed("lib.plugins", "plugins."),
        own("plugins.aws", &["boto3"]),
        computed("acme.itself", ""),
        computed("acme.other", "other."),
        computed("acme.named", "boto"),
        taking("acme.maybe", "gone", &["boto3"], &["gone", "gone.boto3?"]),
    ]), @r##"
r: 7 subjects
  undecided import acme.maybe -> gone.boto3:1: `acme.maybe` may import `gone.boto3` [`acme.maybe` may import `gone.boto3`]
  undecided import acme.narrow -> boto3:1: `acme.narrow` may reach `boto3` through `lib.plugins` -> `plugins.aws` [`acme.narrow` imports `lib.plugins`; `lib.plugins` may import `plugins.aws`: the target of an import begins with `plugins.`, the rest is computed when the program runs; `plugins.aws` imports `boto3`]
  broken import acme.sure -> boto3:1: `acme.sure` imports `boto3` [`acme.sure` imports `boto3`]
  undecided module acme.itself:7: not everything that `acme.itself` imports is known [the target of an import is computed when the program runs]
  undecided module acme.named:7: not everything that `acme.named` imports is known [the target of an import begins with `boto`, the rest is computed when the program runs]
  undecided module acme.unsure:1: `acme.unsure` reaches `lib.any` through `lib.x`, and not everything that `lib.any` imports is known [in `lib.any`, the target of an import is computed when the program runs; `acme.unsure` imports `lib.x`; `lib.x` imports `lib.any`]
"##);
}

#[test]
fn a_class_of_what_is_not_in_the_environment_is_undecided() {
    let mut policy = Policy::default();
    policy.chain("acme", "third_party", "", Exempt::default());
    insta::assert_snapshot!(policy.verdicts(vec![own("acme", &["lib"]), own("lib", &["boto3"])]), @r##"
r: 1 subjects
  undecided import acme -> boto3:1: `acme` may reach `boto3` through `lib` [`boto3` is not in the environment: whose module it is cannot be told; `acme` imports `lib`; `lib` imports `boto3`]
"##);
}

#[test]
fn parents_count_but_not_those_that_a_module_lies_in() {
    let modules = || {
        vec![
            taking("acme.web", ".", &["views"], &["acme.web", "acme.web.views", "acme"]),
            taking("acme.web.views", ".", &["models"], &["acme", "acme.web", "acme.web.models"]),
            own("acme.web.models", &["acme.web.other.deep"]),
            own("acme.web.other", &["lib.deep"]),
            own("acme.web.other.deep", &[]),
            own("acme", &[]),
            own("lib", &["boto3"]),
            own("lib.deep", &[]),
        ]
    };
    let package = |mut modules: Vec<Module>| {
        modules[0].kind = crate::facts::ModuleKind::Package;
        modules
    };
    let mut policy = Policy::default();
    policy.acyclic("**", Exempt::default());
    policy.chain("acme.web.models", "boto3", "", Exempt::default());
    insta::assert_snapshot!(policy.verdicts(package(modules())), @r##"
r: 8 subjects
r: 1 subjects
  broken import acme.web.models -> boto3:1: `acme.web.models` reaches `boto3` through `acme.web.other` -> `lib` [`acme.web.models` imports `acme.web.other`; `acme.web.other` imports `lib`; `lib` imports `boto3`]
"##);
    // What the statement names itself counts: `import acme.web`, `from acme.web import NAME`, `from acme import web`.
    for (target, names, edges, expected) in [
        ("acme.web", &[][..], &["acme", "acme.web"][..], "broken"),
        (".", &["NAME"], &["acme", "acme.web"], "broken"),
        ("acme", &["web"], &["acme", "acme.web"], "broken"),
        (".", &["models"], &["acme", "acme.web", "acme.web.models"], ""),
        (".", &["models", "NAME"], &["acme", "acme.web", "acme.web.models"], "broken"),
        (".", &["models"], &["acme", "acme.web", "acme.web.models?"], "undecided"),
        ("acme.web.models.deep", &["x"], &["acme", "acme.web", "acme.web.models", "acme.web.models.deep"], ""),
    ] {
        let mut modules = package(modules());
        modules[1] = taking("acme.web.views", target, names, edges);
        let mut policy = Policy::default();
        policy.acyclic("**", Exempt::default());
        let verdicts = policy.verdicts(modules);
        let is_expected = if expected.is_empty() { !verdicts.contains("cycle") } else { verdicts.contains(expected) };
        assert!(is_expected, "{target} {names:?}\n{verdicts}");
    }
}

#[test]
fn layers_import_downwards_only() {
    let mut policy = Policy::default();
    policy.layers(Some("acme.*"), "api > service! > orders | invoices > domain, kinds > gone? > lost");
    insta::assert_snapshot!(policy.verdicts(vec![
        own("acme.shop", &[]),
        own("acme.shop.api", &["acme.shop.domain"]),
        own("acme.shop.service", &["acme.shop.orders.x"]),
        own("acme.shop.orders", &["acme.shop.invoices"]),
        own("acme.shop.orders.x", &["acme.shop.glue"]),
        own("acme.shop.glue", &["acme.shop.invoices.y"]),
        own("acme.shop.invoices", &[]),
        own("acme.shop.invoices.y", &[]),
        own("acme.shop.domain", &["acme.shop.kinds", "lib"]),
        own("acme.shop.kinds", &["acme.shop.domain"]),
        own("lib", &["acme.shop.api"]),
    ]), @r##"
r: 9 subjects
  broken import acme.shop.api -> acme.shop.domain:1: `acme.shop.api` may import `acme.shop.domain` only through `acme.shop.service`: `acme.shop.api` imports `acme.shop.domain` [`acme.shop.api` imports `acme.shop.domain`]
  broken import acme.shop.domain -> acme.shop.api:2: `acme.shop.domain` lies below `acme.shop.api` and must not import it: `acme.shop.domain` reaches `acme.shop.api` through `lib` [`acme.shop.domain` imports `lib`; `lib` imports `acme.shop.api`]
  broken import acme.shop.orders -> acme.shop.invoices:1: `acme.shop.orders` and `acme.shop.invoices` are independent of each other: `acme.shop.orders` imports `acme.shop.invoices` [`acme.shop.orders` imports `acme.shop.invoices`]
  broken import acme.shop.orders.x -> acme.shop.invoices.y:1: `acme.shop.orders` and `acme.shop.invoices` are independent of each other: `acme.shop.orders.x` reaches `acme.shop.invoices.y` through `acme.shop.glue` [`acme.shop.orders.x` imports `acme.shop.glue`; `acme.shop.glue` imports `acme.shop.invoices.y`]
  broken module acme.shop: `acme.shop` has no layer `lost` [there is no module `acme.shop.lost`]
"##);
}

#[test]
fn layers_that_are_not_there_are_told() {
    let modules = || vec![own("acme", &[]), own("acme.high", &[]), own("acme.low", &["acme.high"])];
    let mut policy = Policy::default();
    policy.layers(Some("acme.**"), "hihg > low");
    policy.layers(None, "acme.high > acme.low");
    policy.layers(None, "acme.hihg > acme.low");
    policy.layers(None, "acme.hihg > acme.lwo");
    policy.layers(Some("acne"), "high > low");
    let mut known = environment("/usr", modules());
    let inventory = Inventory { environments: vec![known.clone(), environment("/other", Vec::new())], ..inventory() };
    insta::assert_snapshot!(shown(&policy.evaluate(&inventory).evaluation), @r##"
r: 4 subjects
  broken module acme: `acme` has no layer `hihg` [there is no module `acme.hihg`]
  broken module acme.high: `acme.high` has none of its layers `hihg`, `low` [there is no module `acme.high.hihg` and no module `acme.high.low`]
  broken module acme.low: `acme.low` has none of its layers `hihg`, `low` [there is no module `acme.low.hihg` and no module `acme.low.low`]
r: 2 subjects
  broken import acme.low -> acme.high:1: `acme.low` lies below `acme.high` and must not import it: `acme.low` imports `acme.high` [`acme.low` imports `acme.high`]
r: 1 subjects
  broken image app:1: the layer `acme.hihg` is not there [there is no module `acme.hihg`]
r: 1 subjects
  broken image app:1: the layers `acme.hihg`, `acme.lwo` are not there [there is no module `acme.hihg` and no module `acme.lwo`]
r: 0 subjects
"##);
    let mut policy = Policy::default();
    policy.layers(Some("acme"), "hihg > low");
    known.modules_complete = Completeness::Incomplete(vec!["a hook".into()]);
    let inventory = Inventory { environments: vec![known], ..inventory };
    insta::assert_snapshot!(shown(&policy.evaluate(&inventory).evaluation), @r##"
r: 2 subjects
  undecided environment /usr: there may be more modules than are known [a hook]
  undecided module acme: `acme` has no layer `hihg` [a hook; there is no module `acme.hihg`]
"##);
}

#[test]
fn independent_modules_reach_each_other_on_no_way() {
    let mut policy = Policy::default();
    policy.independent("acme.* acme.b.deep");
    insta::assert_snapshot!(policy.verdicts(vec![
        own("acme", &[]),
        own("acme.a", &["lib"]),
        own("acme.a.x", &["acme.a", "acme.b.deep"]),
        own("acme.b", &["acme.b.deep"]),
        own("acme.b.deep", &["acme.b"]),
        own("acme.c", &[]),
        own("lib", &["acme.c"]),
        computed("acme.d", "acme.c"),
    ]), @r##"
r: 6 subjects
  broken import acme.a -> acme.c:1: `acme.a` and `acme.c` are independent of each other: `acme.a` reaches `acme.c` through `lib` [`acme.a` imports `lib`; `lib` imports `acme.c`]
  broken import acme.a.x -> acme.b.deep:2: `acme.a` and `acme.b` are independent of each other: `acme.a.x` imports `acme.b.deep` [`acme.a.x` imports `acme.b.deep`]
  undecided import acme.d -> acme.c:7: `acme.d` and `acme.c` are independent of each other: `acme.d` may import `acme.c` [`acme.d` may import `acme.c`: the target of an import begins with `acme.c`, the rest is computed when the program runs]
"##);
}

#[test]
fn each_tangle_is_one_cycle() {
    let mut policy = Policy::default();
    policy.acyclic("a.**", Exempt::default());
    let except = policy.except("a.x", "a.y");
    policy.acyclic("a.**", except);
    let mut any = computed("a.any", "");
    any.edges = Vec::new();
    insta::assert_snapshot!(policy.verdicts(vec![
        own("a.x", &["a.y"]),
        own("a.y", &["a.z"]),
        own("a.z", &["a.y", "a.x"]),
        own("a.me", &["a.me"]),
        own("a.out", &["b"]),
        own("b", &["a.out"]),
        computed("a.host", "a.plugins."),
        own("a.plugins.one", &["a.host"]),
        any,
        own("a.user", &["a.any"]),
    ]), @r##"
r: 9 subjects
  undecided module a.any:7: not everything that `a.any` imports is known [the target of an import is computed when the program runs]
  undecided module a.host:7: `a.host` -> `a.plugins.one` -> `a.host` may be a cycle of imports [`a.host` may import `a.plugins.one`: the target of an import begins with `a.plugins.`, the rest is computed when the program runs; `a.plugins.one` imports `a.host`]
  broken module a.me:1: `a.me` imports itself [`a.me` imports `a.me`]
  broken module a.x:1: `a.x` -> `a.y` -> `a.z` -> `a.x` is a cycle of imports [`a.x` imports `a.y`; `a.y` imports `a.z`; `a.z` imports `a.x`]
r: 9 subjects
  undecided module a.any:7: not everything that `a.any` imports is known [the target of an import is computed when the program runs]
  undecided module a.host:7: `a.host` -> `a.plugins.one` -> `a.host` may be a cycle of imports [`a.host` may import `a.plugins.one`: the target of an import begins with `a.plugins.`, the rest is computed when the program runs; `a.plugins.one` imports `a.host`]
  broken module a.me:1: `a.me` imports itself [`a.me` imports `a.me`]
  broken module a.y:1: `a.y` -> `a.z` -> `a.y` is a cycle of imports [`a.y` imports `a.z`; `a.z` imports `a.y`]
"##);
}

#[test]
fn an_environment_with_unknown_modules_leaves_every_rule_undecided() {
    let mut policy = Policy::default();
    policy.chain("acme", "boto3", "", Exempt::default());
    policy.acyclic("acme", Exempt::default());
    let mut known = environment("/usr", vec![own("acme", &[])]);
    known.modules_complete = Completeness::Incomplete(vec!["a hook".into()]);
    let inventory = Inventory { environments: vec![known], ..inventory() };
    insta::assert_snapshot!(shown(&policy.evaluate(&inventory).evaluation), @r##"
r: 1 subjects
  undecided environment /usr: there may be more modules than are known [a hook]
r: 1 subjects
  undecided environment /usr: there may be more modules than are known [a hook]
"##);
}
