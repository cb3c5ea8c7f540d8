//! What gives a module names beside its statements: `globals()`, `exec`, `global`, its own entry in `sys.modules`; never which.

use std::collections::{BTreeMap, HashSet};

use memchr::memmem;
use ruff_python_ast::{
    Expr, ExprContext, Stmt,
    visitor::{self, Visitor},
};
use ruff_text_size::{Ranged, TextSize};
use smol_str::{SmolStr, format_smolstr};

use super::{context::last_name, lines::Lines, structure::Structure};
use crate::facts::{Completeness, Import, ImportKind};

/// Words without which a source gives its module no names beside its statements.
const WORDS: [&[u8]; 6] = [b"globals", b"locals", b"vars", b"exec", b"global", b"modules"];
/// Functions that only read what they are given.
const READERS: [&str; 14] = [
    "eval",
    "__import__",
    "dict",
    "list",
    "set",
    "sorted",
    "len",
    "isinstance",
    "getattr",
    "hasattr",
    "dir",
    "getmembers",
    "getfile",
    "getdoc",
];
/// Methods that only read a dictionary.
const READING_METHODS: [&str; 5] = ["get", "keys", "values", "items", "copy"];

/// Whether a module has no other names than those found.
pub(super) fn names_complete(
    body: &[Stmt],
    found: &Structure,
    imports: &[Import],
    lines: &Lines<'_>,
    end: TextSize,
) -> Completeness {
    let mut complete = Completeness::Complete;
    if let Some(function) = found.functions.iter().find(|function| function.name == "__getattr__") {
        complete.lacks(format_smolstr!("`__getattr__` on line {} answers for names that are not defined", function.line));
    }
    let bytes = lines.text().as_bytes();
    if lines.is_ascii() && WORDS.iter().all(|word| memmem::find(bytes, word).is_none()) {
        return complete;
    }
    let mut search = Search { end, inside: Inside::Module, globals: BTreeMap::new(), makers: BTreeMap::new() };
    search.visit_body(body);
    for (maker, start) in search.makers {
        complete.lacks(format_smolstr!("`{maker}` on line {} may bind more names", lines.line(start)));
    }
    if search.globals.is_empty() {
        return complete;
    }
    let imported = imports.iter().filter(|import| import.kind != ImportKind::Function);
    let bound: HashSet<&str> = imported
        .flat_map(|import| import.names.iter().chain(&import.bound))
        .chain(found.variables.iter().map(|variable| &variable.name))
        .chain(found.functions.iter().map(|function| &function.name))
        .chain(found.classes.iter().map(|class| &class.name))
        .map(SmolStr::as_str)
        .collect();
    if let Some((name, start)) = search.globals.into_iter().find(|(name, _)| !bound.contains(name)) {
        complete.lacks(format_smolstr!("`global {name}` on line {} may bind more names", lines.line(start)));
    }
    complete
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Module,
    Class,
    Function,
}

struct Search<'a> {
    end: TextSize,
    inside: Inside,
    /// Names that functions bind at top level, and where.
    globals: BTreeMap<&'a str, TextSize>,
    /// What may make names, and where first.
    makers: BTreeMap<&'static str, TextSize>,
}

impl<'a> Search<'a> {
    fn inside(&mut self, inside: Inside, statement: &'a Stmt) {
        let outside = std::mem::replace(&mut self.inside, inside);
        visitor::walk_stmt(self, statement);
        self.inside = outside;
    }

    /// Whether an expression is the module's own dictionary, or the module itself.
    fn maker(&self, expression: &Expr) -> Option<&'static str> {
        match expression {
            Expr::Call(call) if call.arguments.is_empty() => match call.func.as_ref() {
                Expr::Name(name) if name.id == "globals" => Some("globals()"),
                Expr::Name(name) if name.id == "locals" && self.inside == Inside::Module => Some("locals()"),
                Expr::Name(name) if name.id == "vars" && self.inside == Inside::Module => Some("vars()"),
                _ => None,
            },
            Expr::Subscript(item) => {
                let is_own = matches!(item.slice.as_ref(), Expr::Name(name) if name.id == "__name__");
                (is_own && last_name(&item.value) == Some("modules")).then_some("sys.modules[__name__]")
            }
            _ => None,
        }
    }

    fn note(&mut self, maker: &'static str, at: TextSize) {
        self.makers.entry(maker).or_insert(at);
    }
}

impl<'a> Visitor<'a> for Search<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if statement.start() >= self.end {
            return;
        }
        match statement {
            Stmt::FunctionDef(_) => self.inside(Inside::Function, statement),
            Stmt::ClassDef(_) if self.inside != Inside::Function => self.inside(Inside::Class, statement),
            Stmt::Global(global) => {
                for name in &global.names {
                    self.globals.entry(name.id.as_str()).or_insert(global.start());
                }
            }
            _ => visitor::walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Some(maker) = self.maker(expression) {
            self.note(maker, expression.start());
            return;
        }
        match expression {
            Expr::Subscript(item) if item.ctx == ExprContext::Load && self.maker(&item.value).is_some() => {
                self.visit_expr(&item.slice);
                return;
            }
            Expr::Attribute(attribute) if attribute.ctx == ExprContext::Load => {
                let reads = match self.maker(&attribute.value) {
                    Some("sys.modules[__name__]") => attribute.attr.id != "__dict__",
                    Some(_) => READING_METHODS.contains(&attribute.attr.id.as_str()),
                    None => false,
                };
                if reads {
                    return;
                }
            }
            Expr::Compare(comparison) => {
                let sides = std::iter::once(comparison.left.as_ref()).chain(&comparison.comparators);
                for side in sides.filter(|side| self.maker(side).is_none()).collect::<Vec<_>>() {
                    self.visit_expr(side);
                }
                return;
            }
            Expr::Call(call) => {
                let name = last_name(&call.func);
                if name == Some("exec") && self.inside == Inside::Module && call.arguments.len() == 1 {
                    self.note("exec", call.start());
                }
                if name.is_some_and(|name| READERS.contains(&name)) {
                    let arguments = call.arguments.args.iter().filter(|argument| self.maker(argument).is_none());
                    for argument in arguments.collect::<Vec<_>>() {
                        self.visit_expr(argument);
                    }
                    return;
                }
            }
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }
}
