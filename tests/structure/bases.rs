//! Superclasses: through imports and other classes, or not to be told; and what classes inherit.

use crate::world::{extension, module, verdicts};

fn says(asked: &str, modules: &[(&str, &str)]) -> String {
    let mut modules: Vec<_> = modules.iter().map(|(name, text)| module(name, text)).collect();
    modules.push(extension("native"));
    verdicts(&format!("every module m has {{ class C{asked} }}"), modules)
}

const SDK: (&str, &str) = ("sdk/", "from .base import Base");
const BASE: (&str, &str) =
    ("sdk.base", "class Base:\n def run(self, ctx): ...\n def __init__(self): self.x = 1\nclass Derived(Base): ...");

#[test]
fn superclasses_are_found_through_imports_and_other_classes() {
    for (asked, text) in [
        ("(sdk.Base)", "from sdk import Base\nclass C(Base): ..."),
        ("(sdk.base.Base)", "from sdk import Base\nclass C(Base): ..."),
        ("(sdk.Base)", "from sdk.base import Base as B\nclass C(B[int]): ..."),
        ("(Base)", "import sdk.base as s\nclass C(s.Derived): ..."),
        ("(sdk.Base)", "import sdk.base\nclass C(sdk.base.Derived): ..."),
        ("(sdk.Base)", "from sdk.base import *\nclass D(Derived): ...\nclass C(object, D): ..."),
        ("(sdk.Base)", "from sdk import Base\nclass Base(Base): ...\nclass C(Base): ..."),
        ("(sdk.Base)", "from sdk import Base\nB = Base\nclass C(B): ..."),
        ("(gone.Base)", "from gone import Base\nclass C(Base): ..."),
        ("(gone.sub.Base)", "import gone.sub\nclass C(gone.sub.Base): ..."),
        ("(native.Base)", "from native import Base\nclass C(Base): ..."),
        ("(Exception)", "class C(KeyError): ..."),
        ("(Exception)", "class C(ExceptionGroup): ..."),
        ("(object)", "class C: ..."),
        ("(typing.Protocol)", "from typing import Protocol\nclass C(Protocol): ..."),
        ("(sdk.base.Derived(sdk.Base))", "from sdk.base import Derived\nclass C(Derived): ..."),
        ("(sdk.Base { def run(self, ctx) })", "from sdk.base import Derived\nclass C(Derived): ..."),
        ("(m.B)", "class B: ...\nclass C(B): ..."),
    ] {
        assert_eq!(says(asked, &[SDK, BASE, ("m", text)]), "1 judged\n", "{asked} {text}");
    }
}

#[test]
fn what_is_no_superclass_and_what_may_be_one() {
    let says = |asked: &str, text: &str| says(asked, &[SDK, BASE, ("m", text)]);
    insta::assert_snapshot!(says("(sdk.Base)", "class C: ..."), @"
    1 judged
    broken class m.py:1: `m.C` does not derive from `sdk.Base` [m.py:1 it is `class C`] <- every module m has { class C(sdk.Base) }
    ");
    insta::assert_snapshot!(says("(sdk.Base)", "class Base: ...\nclass C(Base, Exception): ..."), @"
    1 judged
    broken class m.py:2: `m.C` does not derive from `sdk.Base` [m.py:2 it is `class C(Base, Exception)`] <- every module m has { class C(sdk.Base) }
    ");
    insta::assert_snapshot!(says("(sdk.base.Derived)", "from sdk import Base\nclass C(Base): ..."), @"
    1 judged
    broken class m.py:2: `m.C` does not derive from `sdk.base.Derived` [m.py:2 it is `class C(Base)`] <- every module m has { class C(sdk.base.Derived) }
    ");
    insta::assert_snapshot!(says("(sdk.Base)", "class C(make()): ..."), @"
    1 judged
    unknown, fails class m.py:1: it is not known whether `m` has a class `C` as asked [m.py:1 it may derive from `sdk.Base`: `make()` is computed] <- every module m has { class C(sdk.Base) }
    ");
    insta::assert_snapshot!(says("(sdk.Base)", "from native import B\nclass C(B): ..."), @"
    1 judged
    unknown, fails class m.py:2: it is not known whether `m` has a class `C` as asked [native.so it may derive from `sdk.Base`: an extension module has no source] <- every module m has { class C(sdk.Base) }
    ");
    insta::assert_snapshot!(says("(sdk.Base)", "from gone import *\nclass C(B): ..."), @"
    1 judged
    unknown, fails class m.py:2: it is not known whether `m` has a class `C` as asked [m.py:1 it may derive from `sdk.Base`: `gone` is not in the environment: what `*` takes from it is not known] <- every module m has { class C(sdk.Base) }
    ");
    insta::assert_snapshot!(says("(sdk.Base)", "try: from sdk import Base\nexcept ImportError: Base = object\nclass C(Base): ..."), @"
    1 judged
    unknown, fails class m.py:3: it is not known whether `m` has a class `C` as asked [m.py:3 it may derive from `sdk.Base`: only some definitions of a base are `sdk.Base`] [m.py:2 it may derive from `sdk.Base`: `Base` is bound only under a condition, or deleted later] <- every module m has { class C(sdk.Base) }
    ");
    insta::assert_snapshot!(says("(sdk.Base)", "class C(Missing): ..."), @"
    1 judged
    unknown, fails class m.py:1: it is not known whether `m` has a class `C` as asked [m.py:1 it may derive from `sdk.Base`: `Missing` is not defined in `m`] <- every module m has { class C(sdk.Base) }
    ");
    insta::assert_snapshot!(says("(sdk.Base { def stop(self) })", "from sdk import Base\nclass C(Base): ..."), @"
    1 judged
    broken class sdk/base.py:1: `sdk.base.Base` has no method `stop` <- every module m has { class C(sdk.Base { def stop(self) }) }
    ");
    insta::assert_snapshot!(says("(gone.Base { def stop(self) })", "from gone import Base\nclass C(Base): ..."), @"
    1 judged
    unknown, fails class m.py:2: it is not known whether `m` has a class `C` as asked [m.py:2 what `gone.Base` has is not known] <- every module m has { class C(gone.Base { def stop(self) }) }
    ");
    insta::assert_snapshot!(says("(sdk.Base(Exception))", "from sdk import Base\nclass C(Base): ..."), @"
    1 judged
    broken class m.py:2: `m.C` does not derive from `Exception` [m.py:2 it is `class C(Base)`] <- every module m has { class C(sdk.Base(Exception)) }
    ");
}

#[test]
fn members_are_inherited() {
    let says = |members: &str, text: &str| says(&format!(" {{ {members} }}"), &[SDK, BASE, ("m", text)]);
    insta::assert_snapshot!(says("def run(self, ctx)\nself.x", "from sdk.base import Derived\nclass C(Derived): ..."), @"1 judged");
    insta::assert_snapshot!(says("def run(self, other)", "from sdk.base import Derived\nclass C(Derived): ..."), @"
    1 judged
    broken function sdk/base.py:2: `m.C.run` lacks the parameter `other` and requires the parameter `ctx`, which the contract does not name [sdk/base.py:2 it is `def run(self, ctx)`] <- every module m has { class C { def run(self, other) } }
    ");
    insta::assert_snapshot!(says("def stop(self)", "from sdk import Base\nclass C(Base): ..."), @"
    1 judged
    broken class m.py:2: `m.C` has no method `stop` <- every module m has { class C { def stop(self) } }
    ");
    insta::assert_snapshot!(says("def run(self, ctx)", "from gone import G\nfrom sdk import Base\nclass C(Base, G): ..."), @"1 judged");
    insta::assert_snapshot!(says("def run(self, ctx)", "from gone import G\nfrom sdk import Base\nclass C(G, Base): ..."), @"
    1 judged
    unknown, fails function sdk/base.py:2: it is not known whether `m.C` has a method `run` as asked [m.py:1 `run` may be inherited from `gone.G`: `gone` is not in the environment] <- every module m has { class C { def run(self, ctx) } }
    ");
    insta::assert_snapshot!(says("def stop(self)", "from gone import G\nclass C(G): ..."), @"
    1 judged
    unknown, fails class m.py:2: it is not known whether `m.C` has a method `stop` as asked [m.py:1 `stop` may be inherited from `gone.G`: `gone` is not in the environment] <- every module m has { class C { def stop(self) } }
    ");
    insta::assert_snapshot!(says("def keys(self)", "class C(dict): ..."), @"
    1 judged
    unknown, fails class m.py:1: it is not known whether `m.C` has a method `keys` as asked [m.py:1 `keys` may be inherited from the builtin `dict`] <- every module m has { class C { def keys(self) } }
    ");
    insta::assert_snapshot!(says("def stop(self)", "class C(ValueError): ..."), @"
    1 judged
    broken class m.py:1: `m.C` has no method `stop` <- every module m has { class C { def stop(self) } }
    ");
    insta::assert_snapshot!(says("def __init__(self)", "class C: ..."), @"
    1 judged
    unknown, fails class m.py:1: it is not known whether `m.C` has a method `__init__` as asked [m.py:1 every class inherits `__init__` from `object`] <- every module m has { class C { def __init__(self) } }
    ");
    insta::assert_snapshot!(says("def run(self, ctx)", "from sdk import Base\nclass C(Base):\n if x:\n  def run(self): ..."), @"
    1 judged
    unknown, fails function m.py:4: it is not known whether `m.C` has a method `run` as asked [m.py:4 `m.C.run` lacks the parameter `ctx`] <- every module m has { class C { def run(self, ctx) } }
    ");
    insta::assert_snapshot!(says("a", "class X:\n a = 1\nclass Y(X): ...\nclass Z(X):\n a: int = 2\nclass C(Y, Z): ..."), @"1 judged");
    insta::assert_snapshot!(says("a: int", "class X:\n a = 1\nclass Y(X): ...\nclass Z(X):\n a: int = 2\nclass C(Y, Z): ..."), @"1 judged");
    insta::assert_snapshot!(says("a", "class D(C): ...\nclass C(D): ..."), @"
    1 judged
    unknown, fails class m.py:2: it is not known whether `m.C` has an attribute `a` as asked [m.py:1 `a` may be inherited from `C`: `C` is not defined in `m`] <- every module m has { class C { a } }
    ");
}
