//! What the extractor says of functions, classes, variables and attributes, source text to facts.

use super::source;
use crate::facts::{Completeness, ParameterKind, PythonSource, Variable};

fn read(text: &str) -> PythonSource {
    source(text.as_bytes())
}

#[test]
fn structure_of_functions_and_classes() {
    let source = read(
        "@deco(1)
# between
async def f(a, /, b: int = 1, *args, c, d='x  y', **kw) -> list[
    int,
]: pass
class C(Base, m.Other, metaclass=M):
    x: int = 3
    y, z = 1, 2
    @property
    def p(self): self.q = 1
    if x:
        def g(self): pass
",
    );
    let function = &source.functions[0];
    assert_eq!((function.name.as_str(), function.line, function.is_async), ("f", 3, true));
    assert_eq!(function.decorators, ["deco(1)"]);
    assert_eq!(function.returns.as_deref(), Some("list[int,]"));
    let parameters: Vec<_> = function
        .parameters
        .iter()
        .map(|given| (given.name.as_str(), given.kind, given.annotation.as_deref(), given.default.as_deref()))
        .collect();
    assert_eq!(
        parameters,
        [
            ("a", ParameterKind::PositionalOnly, None, None),
            ("b", ParameterKind::PositionalOrKeyword, Some("int"), Some("1")),
            ("args", ParameterKind::VarPositional, None, None),
            ("c", ParameterKind::KeywordOnly, None, None),
            ("d", ParameterKind::KeywordOnly, None, Some("'x  y'")),
            ("kw", ParameterKind::VarKeyword, None, None),
        ]
    );
    let class = &source.classes[0];
    assert_eq!((class.name.as_str(), class.line), ("C", 6));
    assert_eq!(class.bases, ["Base", "m.Other"]);
    let methods: Vec<_> = class.methods.iter().map(|method| (method.name.as_str(), method.line)).collect();
    assert_eq!(methods, [("p", 10), ("g", 12)]);
    let attributes: Vec<_> =
        class.attributes.iter().map(|attribute| (attribute.name.as_str(), attribute.value.as_deref())).collect();
    assert_eq!(attributes, [("x", Some("3")), ("y", Some("1")), ("z", Some("2"))]);
}

#[test]
fn variables_also_under_if_and_try_but_not_for_type_checkers() {
    let source = read(
        "a = b = 1
c: str
if x:
    d = {
        'k': 1,  # why
        'l': 2,
    }
try: e = '''
'''
except E: pass
if TYPE_CHECKING:
    f = 1
(g, *h) = y
type I = int
o.p = 1
",
    );
    let found: Vec<_> = source
        .variables
        .iter()
        .map(|variable| (variable.name.as_str(), variable.annotation.as_deref(), variable.value.as_deref(), variable.line))
        .collect();
    assert_eq!(
        found,
        [
            ("a", None, Some("1"), 1),
            ("b", None, Some("1"), 1),
            ("c", Some("str"), None, 2),
            ("d", None, Some("{'k': 1, 'l': 2,}"), 4),
            ("e", None, Some("'''\\n'''"), 8),
            ("g", None, None, 13),
            ("h", None, None, 13),
            ("I", None, Some("int"), 14),
        ]
    );
}

#[test]
fn long_values_are_cut() {
    let source = read(&format!("a = '{}'\n", "é".repeat(1000)));
    let value = source.variables[0].value.clone().unwrap();
    assert_eq!(value.chars().count(), 240);
    assert!(value.ends_with('…'));
}

fn described(variables: &[Variable]) -> Vec<String> {
    let one = |variable: &Variable| {
        let annotation = variable.annotation.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
        let value = variable.value.as_ref().map(|text| format!(" = {text}")).unwrap_or_default();
        format!("{}{}{annotation}{value}", variable.name, if variable.conditional { "?" } else { "" })
    };
    variables.iter().map(one).collect()
}

#[test]
fn instances_have_what_methods_give_to_their_first_parameter() {
    let source = read(
        "class C:
    __slots__ = ('slot', 'late', '__dict__')
    def __init__(this, x, *, y=1):
        this.a: int = x
        this.b, (this.c, *_) = x
        this.a = 2
        self.no = other.no = 1
        if x:
            this.d = 1
            this.either = this.no_else = 1
        else:
            this.either = 2
        with x as this.e:
            this.f = 1
        for this.g in x: pass
        def inner(): this.h = 1
        def other(this): this.no = 1
        setattr(this, 'i', 1)
        if y: return
        this.j = 1
    def run(self, /):
        self.a = 3
        self.k: str = ''
        self.late = 1
    @staticmethod
    def s(x): x.no = 1
    @classmethod
    def m(cls): cls.no = 1
    def __new__(cls): cls.no = 1
",
    );
    assert_eq!(
        described(&source.classes[0].instance_attributes),
        [
            "slot",
            "late = 1",
            "a: int = 2",
            "b",
            "c",
            "d? = 1",
            "either",
            "no_else? = 1",
            "e",
            "f = 1",
            "g",
            "h? = 1",
            "i = 1",
            "j? = 1",
            "k?: str = ''"
        ]
    );
    assert!(source.classes[0].instance_attributes_complete.is_complete());
}

#[test]
fn computed_names_of_attributes_are_noted() {
    for statement in [
        "setattr(self, name, 1)",
        "self.__dict__.update(name)",
        "self.__dict__ = name",
        "self.__dict__[name] = 1",
        "vars(self).update(name)",
        "for k in name:\n   setattr(self, k, 1)",
    ] {
        let source = read(&format!("class C:\n def f(self, name):\n  {statement}\n"));
        assert!(!source.classes[0].instance_attributes_complete.is_complete(), "{statement}");
    }
}

#[test]
fn what_stands_under_a_condition_may_not_be_there() {
    let source = read(
        "a = 1
if x: b = 1
try: c = 1
except E: pass
try: d = 1
finally: e = 1
for f in x: g = 1
while x: h = 1
with x: i = 1
with contextlib.suppress(E): j = 1
match x:
    case 1: k = 1
if not TYPE_CHECKING: l = 1
class C:
    if x: m = 1
n = 1
del n
o = 1
o += [2]
",
    );
    assert_eq!(
        described(&source.variables),
        [
            "a = 1",
            "b? = 1",
            "c? = 1",
            "d = 1",
            "e = 1",
            "f?",
            "g? = 1",
            "h? = 1",
            "i = 1",
            "j? = 1",
            "k? = 1",
            "l = 1",
            "n? = 1",
            "o = 1",
            "o = += [2]"
        ]
    );
    assert_eq!(described(&source.classes[0].attributes), ["m? = 1"]);
    assert!(source.alternatives.is_empty());
}

#[test]
fn names_that_every_way_binds_are_there() {
    let source = read(
        "if a:
    def f(): pass
    from b import c as d
elif e:
    raise X
else:
    f = d = 1
    g = 1
try:
    from h import i, j
except ImportError:
    i = None
else:
    pass
match k:
    case 1: l = 1
    case _: l = m = 2
n = 1
if o: n = 2
else: n = 3
class C:
    try: p = 1
    except E: p = 2
if q: r = 1
else: r = 2
del r
",
    );
    assert_eq!(source.alternatives, ["d", "f", "i", "l"]);
    assert_eq!(source.classes[0].alternatives, ["p"]);
}

#[test]
fn what_may_bind_names_unseen_is_noted() {
    for text in [
        "def __getattr__(name): return 1",
        "globals()[x] = 1",
        "globals().update(x)",
        "g = globals()",
        "run(x, globals())",
        "def f():\n globals()[x] = 1",
        "locals()['a'] = 1",
        "vars().update(x)",
        "exec(x)",
        "exec(x, globals())",
        "setattr(sys.modules[__name__], x, 1)",
        "sys.modules[__name__] = Lazy()",
        "sys.modules[__name__].__class__ = Lazy",
        "this = sys.modules[__name__]",
        "def f():\n global unseen\n unseen = 1",
    ] {
        assert!(!read(text).names_complete.is_complete(), "{text}");
    }
    for text in [
        "import a, b as c\nfrom d import *\nx = 1",
        "y = globals()['x'] + globals().get('z') if 'x' in globals() else eval('x', globals())",
        "def f():\n locals()['a'] = 1\n exec(x)\n vars()",
        "exec(x, {})",
        "sys.modules[__name__].x\ngetattr(sys.modules[__name__], 'x')",
        "seen = 1\ndef f():\n global seen\n seen = 2",
    ] {
        assert_eq!(read(text).names_complete, Completeness::Complete, "{text}");
    }
    assert!(!read("x = (\n").names_complete.is_complete());
}

#[test]
fn what_as_binds_is_kept() {
    let source = read("import a.b as c, d\nfrom e import f as g, h\nfrom i import j\n");
    let bound: Vec<_> = source.imports.iter().map(|import| import.bound.join(",")).collect();
    assert_eq!(bound, ["c", "", "g,h", ""]);
}

#[test]
fn classes_in_classes_are_kept_to_a_depth() {
    let source = read("class A(metaclass=M):\n class B:\n  def f(self): pass\n if x:\n  class C: pass\n");
    let class = &source.classes[0];
    assert_eq!(class.metaclass.as_deref(), Some("M"));
    let inner: Vec<_> = class.classes.iter().map(|class| (class.name.as_str(), class.conditional)).collect();
    assert_eq!(inner, [("B", false), ("C", true)]);
    assert_eq!(class.classes[0].methods[0].name, "f");
    let nested: String = (0..50).map(|depth| format!("{}class C{depth}:\n", " ".repeat(depth))).collect();
    let source = read(&format!("{nested}{}pass\n", " ".repeat(50)));
    let mut depth = 0;
    let mut classes = &source.classes;
    while let Some(class) = classes.first() {
        classes = &class.classes;
        depth += 1;
    }
    assert_eq!(depth, 9);
}
