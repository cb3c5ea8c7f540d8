//! Functions, variables, classes and their members against what a contract asks.

use douane::policy::{Evaluation, PolicyText, compile_contract};
use jiff::civil::date;

use crate::world::{evaluate, inventory, module, of, shown, verdicts};

const CONTRACT: &str = "every module acme.plugins.* has {
    API_VERSION: int = 2
    def initialize(config: dict) -> None
    class *Plugin(acme.sdk.BasePlugin) {
      name: str
      self.settings: dict
      def run(self, ctx: Context, *, timeout: float = ...) -> Result
      optional def close(self)
    }
  }";

#[test]
fn the_contract_of_the_host_is_kept_and_broken() {
    let good = "
from acme.sdk import BasePlugin
API_VERSION: int = 2
def initialize(config: 'dict') -> None: ...
class GoodPlugin(BasePlugin):
    name: str = 'good'
    def __init__(self):
        self.settings: dict = {}
    def run(self, ctx: 'Context', extra=1, *, timeout: float = 1.0, **rest) -> Result: ...
";
    let bad = "
from acme.sdk import BasePlugin as Base
API_VERSION = 1
async def initialize(): ...
class Helper: ...
class AuditPlugin(Base):
    def __init__(self):
        self.name: str = 'audit'
        self.settings = {}
    def run(self, ctx: Context) -> str: ...
    def close(self, force): ...
";
    let modules = || {
        vec![
            module("acme.sdk/", "from .base import BasePlugin\n"),
            module("acme.sdk.base", "class BasePlugin:\n    pass\n"),
            module("acme.plugins.good", good),
            module("acme.plugins.bad", bad),
            module("acme.plugins.empty", ""),
            module("acme.other", ""),
        ]
    };
    insta::assert_snapshot!(verdicts(CONTRACT, modules()), @"
    3 judged
    broken class acme/plugins/bad.py:6: `acme.plugins.bad.AuditPlugin` has no attribute `name` <- name: str
    broken function acme/plugins/bad.py:11: `acme.plugins.bad.AuditPlugin.close` requires the parameter `force`, which the contract does not name [acme/plugins/bad.py:11 it is `def close(self, force)`] <- optional def close(self)
    broken function acme/plugins/bad.py:10: `acme.plugins.bad.AuditPlugin.run` lacks the parameter `timeout` and returns `str`, expected `Result` [acme/plugins/bad.py:10 it is `def run(self, ctx: Context) -> str`] <- def run(self, ctx: Context, *, timeout: float = ...) -> Result
    broken function acme/plugins/bad.py:4: `acme.plugins.bad.initialize` lacks the parameter `config` and has no return annotation, expected `None` [acme/plugins/bad.py:4 it is `async def initialize()`] <- def initialize(config: dict) -> None
    broken module acme/plugins/empty.py: `acme.plugins.empty` has no variable `API_VERSION` <- API_VERSION: int = 2
    broken module acme/plugins/empty.py: `acme.plugins.empty` has no function `initialize` <- def initialize(config: dict) -> None
    broken module acme/plugins/empty.py: `acme.plugins.empty` has no class that matches `*Plugin` <- class *Plugin(acme.sdk.BasePlugin) {
    broken variable acme/plugins/bad.py:3: `acme.plugins.bad.API_VERSION` is `1`, expected `2` [acme/plugins/bad.py:3 it is `API_VERSION = 1`] <- API_VERSION: int = 2
    broken variable acme/plugins/bad.py:9: `acme.plugins.bad.AuditPlugin.settings` has no annotation, expected `dict` [acme/plugins/bad.py:9 it is `settings = {}`] <- self.settings: dict
    ");
}

#[test]
fn functions_differ_in_parameters_returns_and_decorators() {
    let asked = "def run(self, a: int, b: str = \"x\", *args, c, d = ..., **kw) -> R";
    let says = |header: &str| of(asked, &format!("{header}: ..."));
    insta::assert_snapshot!(says("def run(this, a: 'int', b: str = 'x', *rest, d=1, c, **more) -> 'R'"), @"fits");
    insta::assert_snapshot!(says("def run(self, b: str = 'y', a: int = 1, *, c=0, d) -> None"), @r#"broken function m.py:1: `m.run` gives `b` the default `'y'`, expected `"x"`; lacks the parameter `*args`; gives `d` no default; lacks the parameter `**kw`; has `b` before `a`; returns `None`, expected `R` [m.py:1 it is `def run(self, b: str = 'y', a: int = 1, *, c=0, d) -> None`]"#);
    insta::assert_snapshot!(says("def run(self, a, b, c, d=1, *args, e, f=1, **kw)"), @r#"broken function m.py:1: `m.run` does not annotate `a`, expected `int`; does not annotate `b`, expected `str`; gives `b` no default, expected `"x"`; requires the parameter `e`, which the contract does not name; has no return annotation, expected `R` [m.py:1 it is `def run(self, a, b, c, d=1, *args, e, f=1, **kw)`]"#);
    insta::assert_snapshot!(says("def run(self, new, a: int, b: str = X, *args, c, d=1, **kw) -> R"), @"broken function m.py:1: `m.run` requires the parameter `new`, which the contract does not name [m.py:1 it is `def run(self, new, a: int, b: str = X, *args, c, d=1, **kw) -> R`]");
    insta::assert_snapshot!(says("def run(self, a: int, b: str = X, *args, c, d=1, **kw) -> R"), @"unknown, fails function m.py:1: it is not known whether `m` has a function `run` as asked [m.py:1 the default of `b` is computed: `X`]");
    insta::assert_snapshot!(of("def run(a, /, b, *, c)", "def run(a, b, c): ..."), @"fits");
    insta::assert_snapshot!(of("def run(a, b)", "def run(a, new=1, b=2): ..."), @"broken function m.py:1: `m.run` has the parameter `new`, which the contract does not name, before `b` [m.py:1 it is `def run(a, new=1, b=2)`]");
    insta::assert_snapshot!(of("def run(a, b, ...)", "def run(a, new, b=2): ..."), @"fits");
    insta::assert_snapshot!(of("def run(a, b)", "def run(a, /, *, b): ..."), @"broken function m.py:1: `m.run` takes `a` by position only, expected by position and by name and takes `b` by name only, expected by position and by name [m.py:1 it is `def run(a, /, *, b)`]");
    insta::assert_snapshot!(of("def run with (b, a: int)", "def run(x, a: int, /, *, b): ..."), @"fits");
    insta::assert_snapshot!(of("def run", "def run(x, y): ..."), @"fits");
    insta::assert_snapshot!(of("async def run()", "def run(): ..."), @"broken function m.py:1: `m.run` is not `async` [m.py:1 it is `def run()`]");
    insta::assert_snapshot!(of("@app.* @final def run()", "@app.task(bind=True)\ndef run(): ..."), @"broken function m.py:2: `m.run` lacks the decorator `@final` [m.py:2 it is `def run()`]");
}

#[test]
fn variables_differ_in_annotation_and_value() {
    insta::assert_snapshot!(of("V: int = 2", "V: int\nV = 2"), @"fits");
    insta::assert_snapshot!(of("V: int = 2", "V = 2\nV: int"), @"fits");
    insta::assert_snapshot!(of("V: int = 2", "V: str = 1"), @"broken variable m.py:1: `m.V` is annotated `str`, expected `int` and is `1`, expected `2` [m.py:1 it is `V: str = 1`]");
    insta::assert_snapshot!(of("V: dict[str, int]", "V: 'dict[str,int]' = {}"), @"fits");
    insta::assert_snapshot!(of("V = 2", "V: int"), @"broken variable m.py:1: `m.V` has no value, expected `2` [m.py:1 it is `V: int`]");
    insta::assert_snapshot!(of("V = ...", "V: int"), @"broken variable m.py:1: `m.V` has no value [m.py:1 it is `V: int`]");
    insta::assert_snapshot!(of("V = 2", "V = 1\nV += 1"), @"unknown, fails variable m.py:2: it is not known whether `m` has a variable `V` as asked [m.py:2 its value is computed: `+= 1`]");
    insta::assert_snapshot!(of("V = 2", "V = compute()"), @"unknown, fails variable m.py:1: it is not known whether `m` has a variable `V` as asked [m.py:1 its value is computed: `compute()`]");
    insta::assert_snapshot!(of("V = 2", "V, W = x"), @"unknown, fails variable m.py:1: it is not known whether `m` has a variable `V` as asked [m.py:1 its value is known only when the program runs]");
    insta::assert_snapshot!(of("V = None", "V = 'text'"), @"broken variable m.py:1: `m.V` is `'text'`, expected `None` [m.py:1 it is `V = 'text'`]");
    insta::assert_snapshot!(of("V", "V = 1"), @"fits");
    insta::assert_snapshot!(of("PASSWORD = \"a\"", "PASSWORD = 'b'"), @"unknown, fails variable m.py:1: it is not known whether `m` has a variable `PASSWORD` as asked [m.py:1 its value is a secret's, which is not read]");
}

#[test]
fn a_name_of_another_kind_is_told() {
    insta::assert_snapshot!(of("def run()", "class run: ..."), @"broken class m.py:1: `m.run` is a class, expected a function [m.py:1 it is `class run`]");
    insta::assert_snapshot!(of("def run()", "run = 1"), @"broken variable m.py:1: `m.run` is a variable, expected a function [m.py:1 it is `run = 1`]");
    insta::assert_snapshot!(of("def run()", "run = partial(f)"), @"unknown, fails variable m.py:1: it is not known whether `m` has a function `run` as asked [m.py:1 what `m.run` is bound to is computed: `partial(f)`]");
    insta::assert_snapshot!(of("def run()", "def _run(): ...\nrun = _run"), @"fits");
    insta::assert_snapshot!(of("class P", "def P(): ..."), @"broken function m.py:1: `m.P` is a function, expected a class [m.py:1 it is `def P()`]");
    insta::assert_snapshot!(of("class P", "class Q: ...\nP = Q"), @"fits");
    insta::assert_snapshot!(of("V: int", "def V(): ..."), @"broken function m.py:1: `m.V` is a function, expected a variable [m.py:1 it is `def V()`]");
    insta::assert_snapshot!(of("V", "import V"), @"unknown, fails module m.py: it is not known whether `m` has a variable `V` as asked [m.py:1 `V` is not in the environment]");
}

#[test]
fn conditions_leave_open_what_is_there() {
    insta::assert_snapshot!(of("def f()", "if x:\n def f(): ..."), @"unknown, fails function m.py:2: it is not known whether `m` has a function `f` as asked [m.py:2 `f` is bound only under a condition, or deleted later]");
    insta::assert_snapshot!(of("def f()", "if x:\n def f(a): ..."), @"broken function m.py:2: `m.f` requires the parameter `a`, which the contract does not name [m.py:2 it is `def f(a)`]");
    insta::assert_snapshot!(of("def f()", "if x:\n def f(): ...\nelse:\n def f(a=1): ..."), @"fits");
    insta::assert_snapshot!(of("def f()", "if x:\n def f(): ...\nelse:\n def f(a): ..."), @"unknown, fails function m.py:4: it is not known whether `m` has a function `f` as asked [m.py:4 `m.f` requires the parameter `a`, which the contract does not name]");
    insta::assert_snapshot!(of("def f()", "def f(): ...\nif x:\n def f(a): ..."), @"unknown, fails function m.py:3: it is not known whether `m` has a function `f` as asked [m.py:3 `m.f` requires the parameter `a`, which the contract does not name]");
    insta::assert_snapshot!(of("def f()", "def f(a): ...\ndef f(): ..."), @"fits");
    insta::assert_snapshot!(of("def f()", "@overload\ndef f(a): ...\ndef f(): ...\n@typing.overload\ndef f(b): ..."), @"fits");
    insta::assert_snapshot!(of("def f()", "def f(): ...\ndel f"), @"unknown, fails function m.py:1: it is not known whether `m` has a function `f` as asked [m.py:1 `f` is bound only under a condition, or deleted later]");
    insta::assert_snapshot!(of("optional def f()", "if x:\n def f(): ..."), @"fits");
    insta::assert_snapshot!(of("optional def f()", "if x:\n def f(a): ..."), @"unknown, fails function m.py:2: it is not known whether `m` has a function `f` as asked [m.py:2 `f` is bound only under a condition, or deleted later] [m.py:2 `m.f` requires the parameter `a`, which the contract does not name]");
    insta::assert_snapshot!(of("optional def f()", "def f(a): ..."), @"broken function m.py:1: `m.f` requires the parameter `a`, which the contract does not name [m.py:1 it is `def f(a)`]");
    insta::assert_snapshot!(of("optional def f()", ""), @"fits");
    insta::assert_snapshot!(of("def f()", "def __getattr__(name): ..."), @"unknown, fails module m.py: it is not known whether `m` has a function `f` as asked [m.py `__getattr__` on line 1 answers for names that are not defined]");
    insta::assert_snapshot!(of("def f()", "globals()[name] = 1"), @"unknown, fails module m.py: it is not known whether `m` has a function `f` as asked [m.py `globals()` on line 1 may bind more names]");
    insta::assert_snapshot!(of("def f()", "def f(: ..."), @"unknown, fails module m.py: it is not known whether `m` has what the contract asks [m.py:1 the module does not parse: Expected a parameter or the end of the parameter list]");
}

#[test]
fn attributes_of_classes_and_of_instances() {
    let says = |member: &str, body: &str| of(&format!("class C {{\n{member}\n}}"), &format!("class C:\n{body}"));
    insta::assert_snapshot!(says("self.x: int", " def __init__(self): self.x: int = 1"), @"fits");
    insta::assert_snapshot!(says("self.x: int", " x: int\n def __init__(self): self.x = 1"), @"fits");
    insta::assert_snapshot!(says("self.x: int", " x: int"), @"fits");
    insta::assert_snapshot!(says("self.x", " def run(self): self.x = 1"), @"unknown, fails variable m.py:2: it is not known whether `m.C` has an instance attribute `x` as asked [m.py:2 `x` is set only under a condition, or by a method that may not be called]");
    insta::assert_snapshot!(says("self.x", " __slots__ = ('x',)"), @"fits");
    insta::assert_snapshot!(says("self.x: int", " @property\n def x(self) -> int: ...\n @x.setter\n def x(self, v): ..."), @"fits");
    insta::assert_snapshot!(says("self.x", " def __init__(self, **kw): self.__dict__.update(kw)"), @"unknown, fails class m.py:1: it is not known whether `m.C` has an instance attribute `x` as asked [m.py attributes are set by computed names on line 2]");
    insta::assert_snapshot!(says("self.x", " def __getattr__(self, name): ..."), @"unknown, fails class m.py:1: it is not known whether `m.C` has an instance attribute `x` as asked [m.py:2 `__getattr__` of `m.C` may answer for `x`]");
    insta::assert_snapshot!(says("self.x", " def __init__(self): self.y = 1"), @"broken class m.py:1: `m.C` has no instance attribute `x`");
    insta::assert_snapshot!(says("x", " def __init__(self): self.x = 1"), @"broken class m.py:1: `m.C` has no attribute `x`");
    insta::assert_snapshot!(says("x", " @property\n def x(self): ..."), @"broken function m.py:3: `m.C.x` is a property, expected an attribute [m.py:3 it is `def x(self)`]");
    insta::assert_snapshot!(says("def __init__(self, x)", " x: int"), @"unknown, fails class m.py:1: it is not known whether `m.C` has a method `__init__` as asked [m.py:1 every class inherits `__init__` from `object`]");
    insta::assert_snapshot!(of("class C {\ndef __init__(self, x)\n}", "@dataclass\nclass C:\n x: int"), @"unknown, fails class m.py:2: it is not known whether `m.C` has a method `__init__` as asked [m.py:2 every class inherits `__init__` from `object`] [m.py:2 the decorator `@dataclass` may add `__init__`]");
    insta::assert_snapshot!(of("class C {\ndef run(self)\n}", "@dataclass\nclass C:\n x: int"), @"broken class m.py:2: `m.C` has no method `run`");
    insta::assert_snapshot!(of("class C {\ndef run(self)\n}", "@register\nclass C:\n x: int"), @"unknown, fails class m.py:2: it is not known whether `m.C` has a method `run` as asked [m.py:2 the decorator `@register` may add `run`]");
    insta::assert_snapshot!(of("@final class C", "class C: ..."), @"broken class m.py:1: `m.C` lacks the decorator `@final` [m.py:1 it is `class C`]");
}

#[test]
fn one_of_those_that_a_pattern_matches_must_fit() {
    insta::assert_snapshot!(of("def on_*(event)", "def on_a(): ...\ndef on_b(event): ..."), @"fits");
    insta::assert_snapshot!(of("def on_*(event)", "def on_a(x, y): ...\ndef on_b(): ..."), @"broken function m.py:2: `m.on_b` lacks the parameter `event` [m.py:2 it is `def on_b()`]");
    insta::assert_snapshot!(of("def on_*(event)", "def run(): ..."), @"broken module m.py: `m` has no function that matches `on_*`");
    insta::assert_snapshot!(of("optional def on_*(event)", "def run(): ..."), @"fits");
    insta::assert_snapshot!(of("def on_*(event)", "from gone import *"), @"unknown, fails module m.py: it is not known whether `m` has a function `on_*` as asked [m.py:1 `gone` is not in the environment: what `*` takes from it is not known]");
    insta::assert_snapshot!(of("class *P(b.BaseP)", "from b import BaseP"), @"broken module m.py: `m` has no class that matches `*P`");
    insta::assert_snapshot!(of("class *P(b.BaseP)", "from b import BaseP\nclass XP: ..."), @"broken class m.py:2: `m.XP` does not derive from `b.BaseP` [m.py:2 it is `class XP`]");
}

#[test]
fn messages_name_the_module_and_what_is_unknown_may_pass() {
    let clauses =
        "every module m has { V = 1 }\nmessage \"{module.name} has the wrong version\"\nhelp \"set V in {module.name}\"";
    insta::assert_snapshot!(verdicts(clauses, vec![module("m", "V = 2")]), @"
    1 judged
    broken variable m.py:1: m has the wrong version [m.py:1 `m.V` is `2`, expected `1`] [m.py:1 it is `V = 2`] <- every module m has { V = 1 }
    ");
    let clauses = "every module m has { V = 1 }\non unknown pass";
    insta::assert_snapshot!(verdicts(clauses, vec![module("m", "V = f()")]), @"1 judged");
    let clauses = "every module gone.* has { V = 1 }";
    insta::assert_snapshot!(verdicts(clauses, vec![module("m", "V = f()")]), @"0 judged");
}

#[test]
fn classes_in_classes_and_metaclasses() {
    insta::assert_snapshot!(of("class C {\nclass Meta { x = 1 }\n}", "class C:\n class Meta:\n  x = 2"), @"broken variable m.py:3: `m.C.Meta.x` is `2`, expected `1` [m.py:3 it is `x = 2`]");
    insta::assert_snapshot!(of("class C {\nclass Meta\n}", "class C:\n Meta = None"), @"broken variable m.py:2: `m.C.Meta` is an attribute, expected a class [m.py:2 it is `Meta = None`]");
    insta::assert_snapshot!(of("class C { objects }", "class M(metaclass=Meta): ...\nclass C(M): ..."), @"unknown, fails class m.py:2: it is not known whether `m.C` has an attribute `objects` as asked [m.py:1 the metaclass `Meta` may add `objects`]");
    insta::assert_snapshot!(of("class C { objects }", "class M(metaclass=abc.ABCMeta): ...\nclass C(M): ..."), @"broken class m.py:2: `m.C` has no attribute `objects`");
    insta::assert_snapshot!(of("class C { objects }", "class M:\n def __init_subclass__(cls): ...\nclass C(M): ..."), @"unknown, fails class m.py:3: it is not known whether `m.C` has an attribute `objects` as asked [m.py:2 `__init_subclass__` of `m.M` may add `objects`]");
}

#[test]
fn lists_that_may_lack_something_are_told() {
    let mut inventory = inventory(vec![module("m", "V = 1")]);
    inventory.environments_complete.lacks("a directory that cannot be read");
    for environment in &mut inventory.environments {
        environment.modules_complete.lacks("a `.pth` that runs code");
    }
    insta::assert_snapshot!(shown(&evaluate("every module m has { V = 1 }", &inventory)), @"
    1 judged
    unknown environment /usr: there may be more modules than are known [/usr a `.pth` that runs code] <- every module m has { V = 1 }
    unknown image : there may be more environments than are known [ a directory that cannot be read] <- every module m has { V = 1 }
    ");
}

#[test]
fn codes_say_what_is_missing_and_what_is_other() {
    let clauses = "every module m has {\n a\n b = 1\n c = 1\n}\ncode \"S101\" different \"S102\" unknown \"S103\"";
    let evaluation = evaluate(clauses, &inventory(vec![module("m", "b = 2\nc = f()")]));
    let codes: Vec<_> = evaluation.rules.iter().flat_map(|rule| &rule.violations).map(|found| found.code.as_deref()).collect();
    assert_eq!(codes, [Some("S101"), Some("S102"), Some("S103")]);
}

#[test]
fn a_contract_of_importspy_is_judged_in_the_same_way() {
    let contract = "
filename: plugin.py
variables:
  - {name: API_VERSION, annotation: int, value: 2}
functions:
  - name: initialize
    arguments: [{name: config, annotation: dict}]
    return_annotation: None
classes:
  - name: Plugin
    attributes:
      - {type: instance, name: settings, annotation: dict}
    methods:
      - {name: run, arguments: [{name: self}, {name: ctx}]}
    superclasses:
      - name: BasePlugin
";
    let text = "
from acme.sdk import BasePlugin
API_VERSION = 2
def initialize(extra, *, config: dict) -> None: ...
class Plugin(BasePlugin):
    def __init__(self): self.settings: 'dict' = {}
    def run(self, event): ...
";
    let contract = PolicyText { name: "plugin.importspy.yml".into(), text: contract.into() };
    let (compiled, _) = compile_contract(&contract, "plugin").expect("a contract");
    let evaluation = compiled.evaluate(&inventory(vec![module("plugin", text)]), date(2026, 11, 1));
    let structure = evaluation.rules.into_iter().filter(|rule| rule.name == "structure").collect();
    insta::assert_snapshot!(shown(&Evaluation { rules: structure, ..Evaluation::default() }), @"
    1 judged
    broken function plugin.py:7: `plugin.Plugin.run` lacks the parameter `ctx` [plugin.py:7 it is `def run(self, event)`] <- - {name: run, arguments: [{name: self}, {name: ctx}]}
    ");
}
