//! Cases of `policies/imports.douane`.

use douane::facts::{Completeness, ImportKind, Inventory, Module, Owner};

use crate::{
    Case,
    Expected::{Accepted, NotJudged, Open, Rejected},
    case,
    facts::{broken, clean, computing, environment, importing, module, on_a_machine, with},
};

fn modules(modules: Vec<Module>) -> Inventory {
    with(|inventory| inventory.environments = vec![environment(modules)])
}

/// The team's module `shop`, which imports these.
fn shop(targets: &[&str]) -> Inventory {
    modules(vec![module("shop", Owner::Own, targets)])
}

/// The team's module `shop`, which imports one module in one way.
fn shop_in(target: &str, kind: ImportKind) -> Inventory {
    modules(vec![importing("shop", Owner::Own, &[target], kind)])
}

/// The team's module `shop`, which imports a module that belongs to someone.
fn shop_and(target: &str, owner: Owner) -> Inventory {
    modules(vec![module("shop", Owner::Own, &[target]), module(target, owner, &[])])
}

/// Third-party code, beside a module of the team's own that imports it.
fn third_party(target: &str) -> Inventory {
    modules(vec![module("shop", Owner::Own, &["joblib"]), module("joblib", Owner::Distribution, &[target])])
}

pub fn cases() -> Vec<Case> {
    [deserialisation(), network(), debuggers(), removed()].into_iter().flatten().collect()
}

fn deserialisation() -> Vec<Case> {
    const RULE: &str = "douane.imports/no-unsafe-deserialisation";
    const OPEN: &[&str] = &["not everything that `shop` imports is known"];
    let hooked = with(|inventory| {
        inventory.environments[0].modules_complete = Completeness::Incomplete(vec!["`/x.pth` runs code".into()]);
    });
    vec![
        case(RULE, "json passes", clean(), Accepted),
        case(RULE, "pickle fails", shop(&["pickle"]), Rejected(&["shop imports pickle"])),
        case(RULE, "it fails in a function too", shop_in("pickle", ImportKind::Function), Rejected(&["shop imports pickle"])),
        case(RULE, "it fails on a machine too", on_a_machine(shop(&["shelve"])), Rejected(&["shop imports shelve"])),
        case(RULE, "a submodule of dill fails once", shop(&["dill.source"]), Rejected(&["shop imports dill.source"])),
        case(RULE, "what only a type checker imports passes", shop_in("pickle", ImportKind::TypeChecking), Accepted),
        case(RULE, "what third-party code imports is its own affair", third_party("pickle"), Accepted),
        case(
            RULE,
            "third-party code alone is not judged",
            modules(vec![module("joblib", Owner::Distribution, &["pickle"])]),
            NotJudged,
        ),
        case(RULE, "nor is a package of the system's", modules(vec![module("apt", Owner::OsPackage, &["pickle"])]), NotJudged),
        case(RULE, "the team's own module of that name passes", shop_and("marshal", Owner::Own), Accepted),
        case(
            RULE,
            "tests may unpickle",
            modules(vec![
                module("shop.tests.test_store", Owner::Own, &["pickle"]),
                module("tests", Owner::Own, &["pickle"]),
                module("conftest", Owner::Own, &["pickle"]),
            ]),
            Accepted,
        ),
        case(
            RULE,
            "a module whose name only ends in `tests` is no test",
            modules(vec![module("shop.contests", Owner::Own, &["pickle"])]),
            Rejected(&["shop.contests imports pickle"]),
        ),
        case(RULE, "pickletools reads without running anything", shop(&["pickletools"]), Accepted),
        case(RULE, "a computed name leaves it open", modules(vec![computing("shop", "")]), Open(OPEN)),
        case(
            RULE,
            "a computed name below the team's own package does not",
            modules(vec![computing("shop", "shop.plugins.")]),
            Accepted,
        ),
        case(RULE, "a module that does not parse leaves it open", modules(vec![broken("shop")]), Open(OPEN)),
        case(RULE, "modules that a hook may add leave it open", hooked, Open(&["there may be more modules than are known"])),
    ]
}

fn network() -> Vec<Case> {
    const RULE: &str = "douane.imports/no-code-from-the-network";
    vec![
        case(RULE, "requests passes: data is no code", shop(&["requests", "urllib.request"]), Accepted),
        case(RULE, "pip fails", shop(&["pip._internal"]), Rejected(&["shop imports pip._internal"])),
        case(RULE, "torch passes, torch.hub fails", shop(&["torch", "torch.hub"]), Rejected(&["shop imports torch.hub"])),
        case(RULE, "what third-party code imports is its own affair", third_party("pip"), Accepted),
        case(RULE, "the team's own module of that name passes", shop_and("rpyc", Owner::Own), Accepted),
    ]
}

fn debuggers() -> Vec<Case> {
    const RULE: &str = "douane.imports/no-debugger-imports";
    vec![
        case(RULE, "logging passes", shop(&["logging", "traceback"]), Accepted),
        case(RULE, "pdb in a function fails", shop_in("pdb", ImportKind::Function), Rejected(&["shop imports pdb"])),
        case(
            RULE,
            "a debugger under a condition fails",
            shop_in("debugpy", ImportKind::Conditional),
            Rejected(&["shop imports debugpy"]),
        ),
        case(RULE, "what third-party code imports is its own affair", third_party("pdb"), Accepted),
        case(
            RULE,
            "a computed name leaves it open",
            modules(vec![computing("shop", "")]),
            Open(&["not everything that `shop` imports is known"]),
        ),
    ]
}

fn removed() -> Vec<Case> {
    const RULE: &str = "douane.imports/no-removed-modules";
    const CGI: &[&str] = &["shop imports cgi, which Python 3.13 no longer has"];
    vec![
        case(RULE, "html passes", shop(&["html"]), Accepted),
        case(RULE, "cgi fails where it is there still", shop_and("cgi", Owner::Stdlib), Rejected(CGI)),
        case(RULE, "cgi fails where it is gone already", shop(&["cgi"]), Rejected(CGI)),
        case(RULE, "cgi of an installed distribution passes", shop_and("cgi", Owner::Distribution), Accepted),
        case(RULE, "the team's own module `chunk` passes", shop_and("chunk", Owner::Own), Accepted),
        case(RULE, "a `try` that is ready for its absence passes", shop_in("cgi", ImportKind::Guarded), Accepted),
        case(
            RULE,
            "a submodule of distutils fails once",
            shop(&["distutils.core"]),
            Rejected(&["shop imports distutils.core, which Python 3.13 no longer has"]),
        ),
        case(RULE, "what third-party code imports is its own affair", third_party("imp"), Accepted),
    ]
}
