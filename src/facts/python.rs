//! What one Python source file says: imports and structure; never what another file would make of it.

use std::{fmt, sync::Arc};

use schemars::JsonSchema;
use serde::Serialize;
use smol_str::{SmolStr, format_smolstr};

use super::{known::Completeness, special::Special};

/// Imports and top-level structure of one Python module.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct PythonSource {
    /// Every import statement's target and every literal dynamic import, in source order.
    pub imports: Vec<Import>,
    /// Whether `imports` holds all that the module can import (a computed import or a syntax error makes it incomplete).
    pub imports_complete: Completeness,
    /// Computed imports, whose target is not known from the bytes.
    pub computed_imports: Vec<ComputedImport>,
    /// Functions at top level (also under `if`, `try`, loops and `with`, but not where only a type checker looks).
    pub functions: Vec<Function>,
    /// Classes at top level, as functions.
    pub classes: Vec<Class>,
    /// Variables at top level that an assignment (`+=` too), annotation, loop, `with` or `type` statement binds.
    pub variables: Vec<Variable>,
    /// Names whose definitions all stand under conditions, and that every way through the module gives one of them (`if` and
    /// `else`, `try` and each of its handlers).
    pub alternatives: Vec<SmolStr>,
    /// Whether the module has no other names than those above (`globals()[...] = ...` or a `__getattr__` may give it more;
    /// star imports are in `imports`).
    pub names_complete: Completeness,
    /// Which versions of Python can parse it, where one can.
    pub syntax: Syntax,
    /// The first syntax or decoding error, where no version can parse it, or (of a module in an environment) the environment's
    /// own cannot: then the rest holds only what was read without doubt.
    pub error: Option<SourceError>,
    /// What its tables say, where it is one of the few generated files whose tables matter.
    #[serde(skip)]
    pub special: Option<Arc<Special>>,
}

/// Which versions of Python can parse a source: all that nothing here excludes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Syntax {
    /// Why no Python 3 can.
    pub not_python_3: Option<SourceError>,
    /// Why Python 2.7 cannot.
    pub not_python_2: Option<SourceError>,
    /// The newest syntax of Python 3 in it that 3.5 or a later version brought: older ones cannot parse it.
    pub since: Option<SyntaxChange>,
    /// The syntax of Python 3 in it that is gone: from that version on it does not parse.
    pub before: Option<SyntaxChange>,
}

/// Syntax that came or went with a version of Python 3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SyntaxChange {
    /// The minor version: 12 of Python 3.12.
    pub minor: u32,
    /// Which syntax.
    pub what: SmolStr,
    /// 1-based line.
    pub line: u32,
}

impl Syntax {
    /// Why a version of Python cannot parse the source; nothing where it can.
    pub fn refusal(&self, major: u32, minor: u32) -> Option<SourceError> {
        if major == 2 {
            return self.not_python_2.clone();
        }
        let too_old = self.since.as_ref().filter(|change| minor < change.minor);
        let too_new = self.before.as_ref().filter(|change| minor >= change.minor);
        let told = |change: &SyntaxChange, word| SourceError {
            message: format!("{} {word} Python 3.{}: this is {major}.{minor}", change.what, change.minor),
            line: change.line,
        };
        let refused =
            || too_old.map(|change| told(change, "needs")).or_else(|| too_new.map(|change| told(change, "is gone since")));
        self.not_python_3.clone().or_else(refused)
    }
}

impl PythonSource {
    /// Notes an error, from which on nothing is known.
    pub(crate) fn ends_with(&mut self, error: SourceError) {
        let reason = format_smolstr!("the source cannot be read from line {} on: {}", error.line, error.message);
        self.imports_complete.lacks(reason.clone());
        self.names_complete.lacks(reason);
        self.error = Some(error);
    }

    /// Gives names others, where `renamed` has one.
    pub(crate) fn rename(&mut self, renamed: &impl Fn(&str) -> Option<SmolStr>) {
        let change = |name: &mut SmolStr| {
            if let Some(new) = renamed(name) {
                *name = new;
            }
        };
        for import in &mut self.imports {
            change(&mut import.target);
            import.names.iter_mut().chain(&mut import.bound).for_each(change);
        }
        self.functions.iter_mut().for_each(|function| function.rename(&change));
        self.classes.iter_mut().for_each(|class| class.rename(&change));
        self.variables.iter_mut().for_each(|variable| change(&mut variable.name));
        self.alternatives.iter_mut().for_each(change);
    }

    /// Notes that computed imports may name others than are known.
    pub(crate) fn lacks_what_is_computed(&mut self) {
        let Some(first) = self.computed_imports.first() else { return };
        let reason = match self.computed_imports.len() {
            1 => format_smolstr!("an import is computed on line {}", first.line),
            count => format_smolstr!("{count} imports are computed, the first on line {}", first.line),
        };
        self.imports_complete.lacks(reason);
    }
}

/// Why a Python file could not be read whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SourceError {
    /// What is wrong.
    pub message: String,
    /// 1-based line.
    pub line: u32,
}

impl fmt::Display for SourceError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}", self.line, self.message)
    }
}

/// One imported module.
///
/// `import a.b, c` is two of these; `from a import b, c` is one with two names; `from . import x` has an empty target and
/// level 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Import {
    /// The dotted name as written, without leading dots.
    pub target: SmolStr,
    /// Names taken by `from ... import`; `*` for a star import; empty for `import a`.
    pub names: Vec<SmolStr>,
    /// Where there is an `as`, what is bound in place of each of `names` (of the target for `import a as b`); else empty.
    pub bound: Vec<SmolStr>,
    /// Leading dots of a relative import.
    pub level: u32,
    /// 1-based line of the target (for `from . import x` of the first dot).
    pub line: u32,
    /// 1-based column of the target, in characters.
    pub column: u32,
    /// Length of the target's text in characters, for underlining.
    pub width: u32,
    /// How it is imported.
    pub kind: ImportKind,
    /// The source line, without its end, at most 240 characters.
    pub text: SmolStr,
}

/// How a module is imported. The first that applies, from the bottom of this list up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// A statement that runs when the module is loaded.
    TopLevel,
    /// Under an `if` (not on `TYPE_CHECKING`) or a loop at top level.
    Conditional,
    /// In a `try` that catches `ImportError`, or in its handlers.
    Guarded,
    /// In a function: runs when it is called.
    Function,
    /// Only a type checker sees it (`if TYPE_CHECKING:`).
    TypeChecking,
    /// `importlib.import_module("x")` or `__import__("x")` with a literal.
    Dynamic,
}

/// An import whose target is computed when the program runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ComputedImport {
    /// The constant beginning of the target, where there is one (`plugins.` of `"plugins." + name`); else empty. Leading dots
    /// stand for the module's own package, as in `from . import`.
    pub prefix: SmolStr,
    /// 1-based line.
    pub line: u32,
    /// 1-based column of the call.
    pub column: u32,
    /// Length of the call on its first line, in characters.
    pub width: u32,
    /// The source line, at most 240 characters.
    pub text: SmolStr,
}

/// A function or method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Function {
    /// Its name.
    pub name: SmolStr,
    /// Parameters in order.
    pub parameters: Vec<Parameter>,
    /// The return annotation, as text.
    pub returns: Option<SmolStr>,
    /// Decorators, as text without `@`.
    pub decorators: Vec<SmolStr>,
    /// Whether it is `async def`.
    #[serde(rename = "async")]
    pub is_async: bool,
    /// 1-based line of `def`.
    pub line: u32,
    /// Whether it stands under a condition (`if`, `try` with handlers, `match`, a loop), or is deleted later: it may not be there.
    pub conditional: bool,
}

/// A function's parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Parameter {
    /// Its name, without `*`.
    pub name: SmolStr,
    /// How arguments reach it.
    pub kind: ParameterKind,
    /// The annotation, as text.
    pub annotation: Option<SmolStr>,
    /// The default value, as text.
    pub default: Option<SmolStr>,
}

impl Function {
    fn rename(&mut self, change: &impl Fn(&mut SmolStr)) {
        change(&mut self.name);
        self.parameters.iter_mut().for_each(|parameter| change(&mut parameter.name));
    }
}

impl Class {
    fn rename(&mut self, change: &impl Fn(&mut SmolStr)) {
        change(&mut self.name);
        self.methods.iter_mut().for_each(|method| method.rename(change));
        self.classes.iter_mut().for_each(|class| class.rename(change));
        let attributes = self.attributes.iter_mut().chain(&mut self.instance_attributes);
        attributes.for_each(|attribute| change(&mut attribute.name));
        self.alternatives.iter_mut().for_each(change);
    }
}

/// How arguments reach a parameter: the words of Python's `inspect`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParameterKind {
    /// Before `/`.
    PositionalOnly,
    /// Ordinary.
    PositionalOrKeyword,
    /// `*args`.
    VarPositional,
    /// After `*`.
    KeywordOnly,
    /// `**kwargs`.
    VarKeyword,
}

/// A class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Class {
    /// Its name.
    pub name: SmolStr,
    /// Base classes, as text.
    pub bases: Vec<SmolStr>,
    /// What `metaclass=` says, as text.
    pub metaclass: Option<SmolStr>,
    /// Decorators, as text without `@`.
    pub decorators: Vec<SmolStr>,
    /// Methods in its body.
    pub methods: Vec<Function>,
    /// Classes in its body, to eight levels.
    pub classes: Vec<Class>,
    /// Variables bound in its body.
    pub attributes: Vec<Variable>,
    /// Attributes that its methods give to `self`, one of each name: as the constructor sets it, where it does. Those that
    /// only other methods set, or only under a condition, are conditional. Names in a literal `__slots__` are here too.
    pub instance_attributes: Vec<Variable>,
    /// Whether `instance_attributes` holds all (`setattr(self, name, value)` may set others).
    pub instance_attributes_complete: Completeness,
    /// As of a module: names of its body that conditions choose between, and that it surely has.
    pub alternatives: Vec<SmolStr>,
    /// 1-based line of `class`.
    pub line: u32,
    /// Whether it stands under a condition (`if`, `try` with handlers, `match`, a loop), or is deleted later: it may not be there.
    pub conditional: bool,
}

/// A variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Variable {
    /// Its name.
    pub name: SmolStr,
    /// The annotation, as text.
    pub annotation: Option<SmolStr>,
    /// The value, as text (at most 240 characters), where the statement gives one; of `x += 1` the text `+= 1`.
    pub value: Option<SmolStr>,
    /// 1-based line.
    pub line: u32,
    /// Whether it stands under a condition (`if`, `try` with handlers, `match`, a loop), or is deleted later: it may not be there.
    pub conditional: bool,
}
