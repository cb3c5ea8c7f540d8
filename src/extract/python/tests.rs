//! Behaviour of the Python extractor, source text to facts.

use super::source;
use crate::facts::{Completeness, ImportKind, PythonSource};

fn read(text: &str) -> PythonSource {
    source(text.as_bytes())
}

/// `(level dots)target`, in order.
fn targets(text: &str) -> Vec<String> {
    read(text).imports.iter().map(|import| ".".repeat(import.level as usize) + &import.target).collect()
}

fn kinds(text: &str) -> Vec<(String, ImportKind)> {
    read(text).imports.iter().map(|import| (import.target.to_string(), import.kind)).collect()
}

fn prefixes(text: &str) -> Vec<String> {
    let source = read(text);
    assert!(!source.imports_complete.is_complete());
    source.computed_imports.iter().map(|import| import.prefix.to_string()).collect()
}

#[test]
fn import_statements_have_places_and_names() {
    let source = read("import os.path, sys\n\nfrom a.b import c, d as e\n  \nfrom .. import x\nfrom .é import *\n");
    let found: Vec<_> = source
        .imports
        .iter()
        .map(|import| {
            let names = import.names.join(",");
            (import.target.as_str(), names, import.level, import.line, import.column, import.width)
        })
        .collect();
    let expected = [
        ("os.path", "", 0, 1, 8, 7),
        ("sys", "", 0, 1, 17, 3),
        ("a.b", "c,d", 0, 3, 6, 3),
        ("", "x", 2, 5, 6, 2),
        ("é", "*", 1, 6, 7, 1),
    ];
    assert_eq!(
        found,
        expected.map(|(target, names, level, line, column, width)| { (target, names.to_owned(), level, line, column, width) })
    );
    assert_eq!(source.imports[2].text, "from a.b import c, d as e");
    assert_eq!(source.imports_complete, Completeness::Complete);
    assert_eq!(source.error, None);
}

#[test]
fn kind_follows_from_what_encloses() {
    use ImportKind::{Conditional, Function, TopLevel};
    let text = "import a
if x:
    import b
    class C:
        import c
for i in y:
    import d
with z:
    import e
def f():
    try:
        import g
    except ImportError:
        import h
class K:
    import k
    def m(self): import n
match v:
    case 1: import o
";
    let expected = [
        ("a", TopLevel),
        ("b", Conditional),
        ("c", Conditional),
        ("d", Conditional),
        ("e", TopLevel),
        ("g", Function),
        ("h", Function),
        ("k", TopLevel),
        ("n", Function),
        ("o", Conditional),
    ];
    assert_eq!(kinds(text), expected.map(|(name, kind)| (name.to_owned(), kind)));
}

#[test]
fn try_guards_only_where_it_catches_import_errors() {
    use ImportKind::{Conditional, Guarded, TopLevel};
    for exception in
        [" ImportError", "", " (OSError, ModuleNotFoundError)", " Exception as e", " BaseException", " builtins.ImportError"]
    {
        let text = format!("try:\n import a\nexcept{exception}:\n import b\nelse:\n import c\nfinally:\n import d\n");
        let expected = [("a", Guarded), ("b", Guarded), ("c", Conditional), ("d", TopLevel)];
        assert_eq!(kinds(&text), expected.map(|(name, kind)| (name.to_owned(), kind)), "{exception}");
    }
    let text = "try:\n import a\nexcept KeyError:\n import b\nwith contextlib.suppress(ImportError):\n import c\n";
    let expected = [("a", TopLevel), ("b", Conditional), ("c", Guarded)];
    assert_eq!(kinds(text), expected.map(|(name, kind)| (name.to_owned(), kind)));
}

#[test]
fn only_the_branch_for_type_checkers_is_type_checking() {
    use ImportKind::{Conditional, Guarded, TopLevel, TypeChecking};
    let cases = [
        ("if TYPE_CHECKING:\n import a\nelse:\n import b\n", vec![TypeChecking, TopLevel]),
        (
            "if typing.TYPE_CHECKING:\n import a\nelif x:\n import b\nelse:\n import c\n",
            vec![TypeChecking, Conditional, Conditional],
        ),
        ("if not TYPE_CHECKING:\n import a\nelse:\n import b\n", vec![TopLevel, TypeChecking]),
        ("if TYPE_CHECKING and x:\n import a\n", vec![TypeChecking]),
        ("if TYPE_CHECKING or x:\n import a\nelse:\n import b\n", vec![Conditional, Conditional]),
        ("if x:\n import a\nelif TYPE_CHECKING:\n import b\nelse:\n import c\n", vec![Conditional, TypeChecking, Conditional]),
        ("if TYPE_CHECKING:\n def f():\n  import a\n", vec![TypeChecking]),
        ("try:\n if not TYPE_CHECKING:\n  import a\nexcept ImportError: pass\n", vec![Guarded]),
    ];
    for (text, expected) in cases {
        let found: Vec<_> = read(text).imports.iter().map(|import| import.kind).collect();
        assert_eq!(found, expected, "{text}");
    }
    let text = "from typing import TYPE_CHECKING as T\nif T:\n import a\n";
    assert_eq!(read(text).imports[1].kind, TypeChecking);
}

#[test]
fn literal_calls_of_import_functions_are_dynamic_imports() {
    let found = targets(
        "import importlib as il
from importlib import import_module as im
f = il.import_module
il.import_module('a')
im(name='b.c')
__import__('d', globals(), locals(), ['x'], 1)
importlib.import_module('.e', package='p.q')
importlib.import_module('..f', 'p.q')
im('.g', __package__)
im('..h', package=__name__)
def k(): f('i')
__builtins__['__import__']('j')
im(f'{__package__}.k')
im(__name__ + '.l')
",
    );
    let expected = ["importlib", "importlib", "a", "b.c", ".d", "p.q.e", "p.f", ".g", "..h", "i", "j", ".k", ".l"];
    assert_eq!(found, expected);
    let source = read("x = [importlib.import_module('a.b')]\n__import__('c', fromlist=('n',))\n");
    let import = &source.imports[0];
    assert_eq!((import.kind, import.line, import.column, import.width), (ImportKind::Dynamic, 1, 30, 5));
    assert_eq!(source.imports[1].names, ["n"]);
    assert!(source.imports_complete.is_complete());
}

#[test]
fn runpy_and_pkgutil_import_what_they_name() {
    let source =
        read("import runpy, pkgutil\nrunpy.run_module('a.b')\npkgutil.resolve_name('c.d:e')\npkgutil.resolve_name('f.g')\n");
    let found: Vec<_> = source.imports.iter().skip(2).map(|import| (import.target.as_str(), import.names.join(","))).collect();
    assert_eq!(found, [("a.b", String::new()), ("c.d", String::new()), ("f", "g".to_owned())]);
    assert!(source.imports_complete.is_complete());
    assert_eq!(prefixes("importlib.util.spec_from_file_location('a', path)\n"), [""]);
    assert!(targets("importlib.util.find_spec('a')\n").is_empty());
    assert!(read("importlib.util.find_spec('a')\n").imports_complete.is_complete());
}

#[test]
fn other_functions_of_that_name_do_not_import() {
    assert!(targets("self.import_module('a')\nimport_module('b')\n").is_empty());
}

#[test]
fn computed_imports_keep_their_constant_beginning() {
    let import = |argument: &str| prefixes(&format!("def f(x, y):\n  importlib.import_module({argument})\n"));
    assert_eq!(import("x"), [""]);
    assert_eq!(import("'a.' + x"), ["a."]);
    assert_eq!(import("f'a.{x}.b'"), ["a."]);
    assert_eq!(import("'a.%s' % x"), ["a."]);
    assert_eq!(import("'a.{}.{}'.format('b', x)"), ["a.b."]);
    assert_eq!(import("'.'.join(['a', x])"), ["a."]);
    assert_eq!(import("'a.' + (x if y else 'b')"), ["a."]);
    assert_eq!(import("'ab' if x else 'a' + y"), ["a"]);
    assert_eq!(import("'.' + x, __package__"), ["."]);
    assert_eq!(import("'.' + x, 'p.q'"), ["p.q."]);
    assert_eq!(import("__name__ + '.' + x"), ["."]);
    assert_eq!(import("'.a', x"), [""]);
    assert_eq!(import("*x"), [""]);
    let source = read("x = importlib.import_module(y)\n");
    let computed = &source.computed_imports[0];
    assert_eq!((computed.line, computed.column, computed.width), (1, 5, 26));
    assert_eq!(computed.text, "x = importlib.import_module(y)");
}

#[test]
fn import_functions_handed_on_are_computed_imports() {
    assert_eq!(prefixes("from importlib import import_module\nrun(import_module)\n"), [""]);
    assert_eq!(targets("list(map(__import__, ['a', 'b']))\n"), ["a", "b"]);
}

#[test]
fn tables_and_loops_of_literals_are_narrowed() {
    let cases = [
        ("for n in ('a', 'b'):\n __import__(n)\n", vec!["a", "b"]),
        ("NAMES = ['a', 'b']\nfor n in NAMES:\n __import__('p.' + n)\n", vec!["p.a", "p.b"]),
        ("[__import__(n) for n in {'a'}]\n", vec!["a"]),
        ("T = {1: 'a', 2: 'b'}\ndef f(k): __import__(T[k])\n", vec!["a", "b"]),
        ("T = {'x': 'a'}\nfor k, v in T.items(): __import__(f'{v}.{k}')\n", vec!["a.x"]),
        ("for n, m in [('a', 1), ('b', 2)]: __import__(n)\n", vec!["a", "b"]),
        ("def f():\n n = 'a.b'\n __import__(n)\n", vec!["a.b"]),
        ("if x: n = 'a'\nelse: n = 'b'\n__import__(n)\n", vec!["a", "b"]),
        ("__import__('a' if x else 'b')\n", vec!["a", "b"]),
    ];
    for (text, expected) in cases {
        assert_eq!(targets(text), expected, "{text}");
        assert!(read(text).imports_complete.is_complete(), "{text}");
    }
}

#[test]
fn values_that_may_change_are_not_narrowed() {
    for text in [
        "NAMES = ['a']\nNAMES.append(x)\nfor n in NAMES: __import__(n)\n",
        "NAMES = ['a']\nNAMES += x\nfor n in NAMES: __import__(n)\n",
        "T = {}\nT[x] = y\n__import__(T['a'])\n",
        "n = 'a'\ndef f(n): __import__(n)\n",
        "n = 'a'\nn += x\n__import__(n)\n",
        "for n in ('a',):\n n = x\n __import__(n)\n",
        "for n in ('a', x): __import__(n)\n",
        "a = b\nb = a\n__import__(a)\n",
    ] {
        assert_eq!(prefixes(text), [""], "{text}");
        assert!(targets(text).is_empty(), "{text}");
    }
}

#[test]
fn names_are_normalised_before_they_are_compared() {
    assert_eq!(targets("importlib.\u{ff49}mport_module('a')\n"), ["a"]);
}

#[test]
fn what_comes_before_a_syntax_error_is_kept() {
    let source = read("import a\nx = 1\ndef f(): import b\nimport c as\nimport d\ny = 2\n");
    let error = source.error.clone().unwrap();
    assert_eq!(error.line, 4);
    assert!(!source.imports_complete.is_complete());
    let found: Vec<_> = source.imports.iter().map(|import| import.target.as_str()).collect();
    assert!(found.starts_with(&["a", "b"]) && !found.contains(&"d"), "{found:?}");
    assert_eq!((source.functions.len(), source.variables.len()), (1, 1));
}

#[test]
fn python_2_is_read_with_its_own_lines_and_texts() {
    let source = read("import a\ndef f(x, (y, z)=(1, 0777L)):\n\tif x:\n        print >>x, `y`\n\traise E, 'm'\nimport b\n");
    assert_eq!((source.error.clone(), source.syntax.not_python_2.clone()), (None, None));
    assert_eq!(source.syntax.not_python_3.as_ref().map(|error| error.line), Some(2));
    let imports: Vec<_> = source.imports.iter().map(|import| (import.target.as_str(), import.line)).collect();
    assert_eq!(imports, [("a", 1), ("b", 6)]);
    let parameters = &source.functions[0].parameters;
    assert_eq!((parameters[1].name.as_str(), parameters[1].default.as_deref()), ("(y, z)", Some("(1, 0777L)")));
    assert!(source.syntax.refusal(2, 7).is_none() && source.syntax.refusal(3, 6).is_some());
}

#[test]
fn neither_reading_is_an_error() {
    assert_eq!(read("import a\nprint 'x', f'{y}'\n").error.unwrap().line, 2);
    assert_eq!(read("import a\nprint 'x\n").error.unwrap().line, 2);
}

#[test]
fn names_that_became_keywords_are_names_before_python_3_7() {
    let source = read("from a.async import b\ndef await(async: int): pass\n");
    assert_eq!((source.imports[0].target.as_str(), source.imports[0].width), ("a.async", 7));
    assert_eq!((source.functions[0].name.as_str(), source.functions[0].parameters[0].name.as_str()), ("await", "async"));
    assert!(source.syntax.refusal(3, 6).is_none());
    assert_eq!(
        source.syntax.refusal(3, 7).unwrap().message,
        "`async` or `await` as a name is gone since Python 3.7: this is 3.7"
    );
    assert_eq!(source.syntax.refusal(2, 7).unwrap().line, 2);
}

#[test]
fn the_newest_syntax_says_which_python_is_needed() {
    let cases = [
        ("x = 1\n", None),
        ("x = f'{y}'\n", Some((6, 1))),
        ("x = 1\nif (y := x): pass\n", Some((8, 2))),
        ("match x:\n case 1: pass\n", Some((10, 1))),
        ("try: pass\nexcept* A: pass\n", Some((11, 2))),
        ("def f[T](): pass\n(y := 1)\n", Some((12, 1))),
        ("x = f'{'a'}'\n", Some((12, 1))),
        ("with (a as b, c as d): pass\n", Some((9, 1))),
        ("try: pass\nexcept A, B: pass\n", Some((14, 2))),
        ("lazy import a\n", Some((15, 1))),
    ];
    for (text, expected) in cases {
        let since = read(text).syntax.since.map(|change| (change.minor, change.line));
        assert_eq!(since, expected, "{text}");
    }
    let refusal = read("f((a)=1)\n").syntax.refusal(3, 8).map(|error| error.message);
    assert_eq!(refusal.as_deref(), Some("a keyword argument in parentheses is gone since Python 3.8: this is 3.8"));
}

#[test]
fn python_2_7_does_not_parse_what_only_python_3_has() {
    for text in [
        "def f(a: int): pass\n",
        "def f(*, a): pass\n",
        "print(a, file=b)\n",
        "x = print\n",
        "raise A from B\n",
        "a, *b = c\n",
        "x = ...\n",
        "f(*a, b)\n",
        "x = 'é'\n",
        "class A(metaclass=B): pass\n",
    ] {
        assert!(read(text).syntax.not_python_2.is_some(), "{text}");
    }
    for text in [
        "print(a, b)\nprint\n",
        "from __future__ import print_function\nprint(a, file=b)\n",
        "x[..., 1]\n",
        "# coding: utf-8\nx = 'é'\n",
        "try: pass\nexcept A, e: pass\n",
        "exec('x', a)\n",
    ] {
        assert_eq!(read(text).syntax.not_python_2, None, "{text}");
    }
}

#[test]
fn undecodable_source_says_where() {
    let source = source(b"import a\n\xff\n");
    assert_eq!(source.error.as_ref().unwrap().line, 2);
    assert!(!source.imports_complete.is_complete());
}
