//! Names that imports bind: re-exports, star imports, circles.

use crate::world::{extension, module, verdicts};

const ASKED: &str = "every module p has { def f(a) }";

fn says(modules: &[(&str, &str)]) -> String {
    let mut modules: Vec<_> = modules.iter().map(|(name, text)| module(name, text)).collect();
    modules.push(extension("native"));
    verdicts(ASKED, modules)
}

#[test]
fn what_a_module_imports_is_its_own() {
    insta::assert_snapshot!(says(&[("p/", "from .a import g as f"), ("p.a", "def g(a): ...")]), @"1 judged");
    insta::assert_snapshot!(says(&[("p/", "from .a import f"), ("p.a", "def f(b): ...")]), @"
    1 judged
    broken function p/a.py:1: `p.f` lacks the parameter `a` and requires the parameter `b`, which the contract does not name [p/a.py:1 it is `def f(b)`] <- every module p has { def f(a) }
    ");
    insta::assert_snapshot!(says(&[("p/", "from .a import f"), ("p.a", "from ..q import f"), ("q", "def f(a): ...")]), @"1 judged");
    insta::assert_snapshot!(says(&[("p/", "from gone import f")]), @"
    1 judged
    unknown, fails module p/__init__.py: it is not known whether `p` has a function `f` as asked [p/__init__.py:1 `gone` is not in the environment] <- every module p has { def f(a) }
    ");
    insta::assert_snapshot!(says(&[("p/", "from native import f")]), @"
    1 judged
    unknown, fails module p/__init__.py: it is not known whether `p` has a function `f` as asked [native.so an extension module has no source] <- every module p has { def f(a) }
    ");
    insta::assert_snapshot!(says(&[("p/", "from .a import f"), ("p.a", "")]), @"
    1 judged
    unknown, fails module p/__init__.py: it is not known whether `p` has a function `f` as asked [p/__init__.py:1 `p.a` does not define `f`] <- every module p has { def f(a) }
    ");
    insta::assert_snapshot!(says(&[("p/", "from . import f"), ("p.f", "")]), @"
    1 judged
    broken module p/f.py: `p.f` is a module, expected a function <- every module p has { def f(a) }
    ");
    insta::assert_snapshot!(says(&[("p/", "import f.g"), ("f", "")]), @"
    1 judged
    broken module f.py: `p.f` is a module, expected a function <- every module p has { def f(a) }
    ");
    insta::assert_snapshot!(says(&[("p/", "if TYPE_CHECKING:\n from .a import f"), ("p.a", "def f(a): ...")]), @"
    1 judged
    broken module p/__init__.py: `p` has no function `f` <- every module p has { def f(a) }
    ");
    insta::assert_snapshot!(says(&[("p/", "def g():\n from .a import f"), ("p.a", "def f(a): ...")]), @"
    1 judged
    broken module p/__init__.py: `p` has no function `f` <- every module p has { def f(a) }
    ");
    insta::assert_snapshot!(says(&[("p/", "try:\n from native import f\nexcept ImportError:\n from .a import f"), ("p.a", "def f(a): ...")]), @"
    1 judged
    unknown, fails function p/a.py:1: it is not known whether `p` has a function `f` as asked [native.so an extension module has no source] <- every module p has { def f(a) }
    ");
    insta::assert_snapshot!(says(&[("p/", "try:\n from .b import f\nexcept ImportError:\n from .a import f"), ("p.a", "def f(a): ..."), ("p.b", "def f(a, b=1): ...")]), @"1 judged");
    insta::assert_snapshot!(says(&[("p/", "from . import a\nf = a.f"), ("p.a", "def f(a): ...")]), @"1 judged");
}

#[test]
fn star_imports_bind_what_their_target_exports() {
    insta::assert_snapshot!(says(&[("p/", "from .a import *"), ("p.a", "def f(a): ...")]), @"1 judged");
    insta::assert_snapshot!(says(&[("p/", "from .a import *"), ("p.a", "def f(a): ...\n__all__ = ['g']")]), @"
    1 judged
    broken module p/__init__.py: `p` has no function `f` <- every module p has { def f(a) }
    ");
    insta::assert_snapshot!(says(&[("p/", "from .a import *"), ("p.a", "def f(a): ...\n__all__ = names()")]), @"
    1 judged
    unknown, fails function p/a.py:1: it is not known whether `p` has a function `f` as asked [p/__init__.py:1 whether `p.a` exports `f` is not known] <- every module p has { def f(a) }
    ");
    insta::assert_snapshot!(says(&[("p/", "from .a import *"), ("p.a", "def f(a): ...\n__all__ = ['g']\n__all__ += ['f']")]), @"1 judged");
    insta::assert_snapshot!(says(&[("p/", "from .a import *"), ("p.a", "from .b import *"), ("p.b", "from .a import *\ndef f(b): ...")]), @"
    1 judged
    broken function p/b.py:2: `p.f` lacks the parameter `a` and requires the parameter `b`, which the contract does not name [p/b.py:2 it is `def f(b)`] <- every module p has { def f(a) }
    ");
    insta::assert_snapshot!(says(&[("p/", "from gone import *")]), @"
    1 judged
    unknown, fails module p/__init__.py: it is not known whether `p` has a function `f` as asked [p/__init__.py:1 `gone` is not in the environment: what `*` takes from it is not known] <- every module p has { def f(a) }
    ");
    insta::assert_snapshot!(says(&[("p/", "from gone import *\ndef f(a): ...")]), @"1 judged");
    insta::assert_snapshot!(says(&[("p/", "def f(a): ...\nfrom gone import *")]), @"
    1 judged
    unknown, fails function p/__init__.py:1: it is not known whether `p` has a function `f` as asked [p/__init__.py:2 `gone` is not in the environment: what `*` takes from it is not known] <- every module p has { def f(a) }
    ");
    insta::assert_snapshot!(says(&[("p/", "from .a import *"), ("p.a", "from . import *")]), @"
    1 judged
    broken module p/__init__.py: `p` has no function `f` <- every module p has { def f(a) }
    ");
}

#[test]
fn circles_of_imports_end() {
    insta::assert_snapshot!(says(&[("p/", "from .a import f"), ("p.a", "from . import f")]), @"
    1 judged
    unknown, fails module p/__init__.py: it is not known whether `p` has a function `f` as asked [p/__init__.py:1 `p.a` does not define `f`] <- every module p has { def f(a) }
    ");
    insta::assert_snapshot!(says(&[("p/", "f = g\ng = f")]), @"
    1 judged
    unknown, fails module p/__init__.py: it is not known whether `p` has a function `f` as asked [p/__init__.py:1 `g` is not defined in `p`] <- every module p has { def f(a) }
    ");
}

#[test]
fn what_cannot_be_read_is_not_known() {
    insta::assert_snapshot!(verdicts("every module native has { x\n y }", vec![extension("native")]), @"
    1 judged
    unknown, fails module native.so: it is not known whether `native` has what the contract asks [native.so an extension module has no source] <- every module native has { x
    ");
}
