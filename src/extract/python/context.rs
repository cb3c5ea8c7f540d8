//! What decides whether a statement runs: `if`, `try`, functions, `TYPE_CHECKING`; never what the statement does.

use ruff_python_ast::{BoolOp, ExceptHandler, Expr, UnaryOp, WithItem};

use crate::facts::ImportKind;

/// All that encloses a statement.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Context {
    pub conditional: bool,
    pub guarded: bool,
    pub function: bool,
    pub type_checking: bool,
}

impl Context {
    /// The kind of an import statement here.
    pub(super) fn kind(self) -> ImportKind {
        if self.type_checking {
            ImportKind::TypeChecking
        } else if self.function {
            ImportKind::Function
        } else if self.guarded {
            ImportKind::Guarded
        } else if self.conditional {
            ImportKind::Conditional
        } else {
            ImportKind::TopLevel
        }
    }

    pub(super) fn conditional(self) -> Self {
        Self { conditional: true, ..self }
    }

    pub(super) fn guarded(self) -> Self {
        Self { guarded: true, ..self }
    }

    pub(super) fn function(self) -> Self {
        Self { function: true, ..self }
    }
}

/// Follows the branches of one `if` statement, whose tests may rest on `TYPE_CHECKING`, which is false when the program runs.
#[derive(Debug)]
pub(super) struct Branches {
    outside: Context,
    /// A branch before always runs: no later one does.
    decided: bool,
    /// A branch before may run.
    open: bool,
}

impl Branches {
    pub(super) fn new(outside: Context) -> Self {
        Self { outside, decided: false, open: false }
    }

    /// Whether one of the branches so far always runs.
    pub(super) fn is_decided(&self) -> bool {
        self.decided
    }

    /// The context of the next branch, under `test` or `else`.
    pub(super) fn branch(&mut self, test: Option<&Expr>, aliases: &[&str]) -> Context {
        if self.decided {
            return Context { type_checking: true, ..self.outside };
        }
        let outcome = test.map_or(Some(true), |test| at_run_time(test, aliases));
        let mut inside = self.outside;
        match outcome {
            Some(false) => inside.type_checking = true,
            Some(true) => {
                inside.conditional |= self.open;
                // `else` comes last; a true test rests on `TYPE_CHECKING`, and what follows is for type checkers.
                self.decided = true;
            }
            None => {
                inside.conditional = true;
                self.open = true;
            }
        }
        inside
    }
}

/// What `test` is when the program runs, if `TYPE_CHECKING` alone decides it.
fn at_run_time(test: &Expr, aliases: &[&str]) -> Option<bool> {
    match test {
        Expr::Name(name) => (name.id == "TYPE_CHECKING" || aliases.contains(&name.id.as_str())).then_some(false),
        Expr::Attribute(attribute) => (attribute.attr.id == "TYPE_CHECKING").then_some(false),
        Expr::UnaryOp(not) if not.op == UnaryOp::Not => at_run_time(&not.operand, aliases).map(|value| !value),
        Expr::BoolOp(operation) => {
            let decisive = operation.op == BoolOp::Or;
            let mut values = operation.values.iter().map(|value| at_run_time(value, aliases));
            if values.clone().any(|value| value == Some(decisive)) {
                Some(decisive)
            } else {
                values.all(|value| value == Some(!decisive)).then_some(!decisive)
            }
        }
        _ => None,
    }
}

/// Whether one of the handlers catches an import that fails.
pub(super) fn catches_import_error(handlers: &[ExceptHandler]) -> bool {
    handlers.iter().any(|ExceptHandler::ExceptHandler(handler)| handler.type_.as_deref().is_none_or(is_import_error))
}

/// Whether a `with` suppresses an import that fails (`contextlib.suppress(ImportError)`).
pub(super) fn suppresses_import_error(items: &[WithItem]) -> bool {
    items.iter().any(|item| {
        let Expr::Call(call) = &item.context_expr else { return false };
        last_name(&call.func) == Some("suppress") && call.arguments.args.iter().any(is_import_error)
    })
}

fn is_import_error(exception: &Expr) -> bool {
    match exception {
        Expr::Tuple(tuple) => tuple.elts.iter().any(is_import_error),
        Expr::Starred(starred) => is_import_error(&starred.value),
        _ => matches!(last_name(exception), Some("ImportError" | "ModuleNotFoundError" | "Exception" | "BaseException")),
    }
}

/// The last name of a dotted one.
pub(super) fn last_name(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => Some(attribute.attr.id.as_str()),
        _ => None,
    }
}
