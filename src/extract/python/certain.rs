//! Which names a body surely binds, whichever way it runs; never what to.

use std::collections::BTreeSet;

use ruff_python_ast::{ExceptHandler, Expr, Pattern, Stmt, StmtIf, StmtMatch, StmtTry, WithItem};

use super::context::{Branches, Context, last_name};

/// The names that a statement binds on every way through it; `None` where no way leads out of it, as of `raise`.
pub(super) type Bound<'a> = Option<BTreeSet<&'a str>>;

/// What counts as a name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Names<'a> {
    /// Names of the scope itself.
    Scope,
    /// Attributes of this name: `self`.
    AttributesOf(&'a str),
}

/// Reads statements for the names that they surely bind.
pub(super) struct Certain<'a, 'b> {
    /// What counts as a name.
    pub names: Names<'a>,
    /// Names that stand for `typing.TYPE_CHECKING`.
    pub aliases: &'b [&'a str],
}

impl<'a> Certain<'a, '_> {
    /// What `body` surely binds.
    fn body(&self, body: &'a [Stmt]) -> Bound<'a> {
        let mut bound = BTreeSet::new();
        for statement in body {
            bound.extend(self.statement(statement)?);
        }
        Some(bound)
    }

    /// What `statement` surely binds.
    pub(super) fn statement(&self, statement: &'a Stmt) -> Bound<'a> {
        let mut bound = BTreeSet::new();
        match statement {
            Stmt::Raise(_) => return None,
            Stmt::If(branching) => return self.branching(branching),
            Stmt::Try(attempt) => return self.attempt(attempt),
            Stmt::Match(branching) => return self.matching(branching),
            Stmt::With(with) => {
                with.items.iter().filter_map(|item| item.optional_vars.as_deref()).for_each(|to| self.target(to, &mut bound));
                if !suppresses(&with.items) {
                    bound.extend(self.body(&with.body)?);
                }
            }
            Stmt::Assign(assign) => assign.targets.iter().for_each(|target| self.target(target, &mut bound)),
            Stmt::AnnAssign(assign) if assign.value.is_some() => self.target(&assign.target, &mut bound),
            Stmt::TypeAlias(alias) => self.target(&alias.name, &mut bound),
            _ if matches!(self.names, Names::AttributesOf(_)) => {}
            Stmt::FunctionDef(function) => _ = bound.insert(function.name.id.as_str()),
            Stmt::ClassDef(class) => _ = bound.insert(class.name.id.as_str()),
            Stmt::Import(import) => bound.extend(import.names.iter().filter_map(|alias| {
                let first = alias.name.id.as_str().split('.').next();
                alias.asname.as_ref().map_or(first, |asname| Some(asname.id.as_str()))
            })),
            Stmt::ImportFrom(import) => {
                bound.extend(import.names.iter().map(|alias| alias.asname.as_ref().unwrap_or(&alias.name).id.as_str()));
            }
            _ => {}
        }
        Some(bound)
    }

    fn branching(&self, branching: &'a StmtIf) -> Bound<'a> {
        let mut branches = Branches::new(Context::default());
        let mut ways = Vec::new();
        let first = (Some(branching.test.as_ref()), &branching.body);
        let rest = branching.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), &clause.body));
        for (test, body) in std::iter::once(first).chain(rest) {
            if !branches.branch(test, self.aliases).type_checking {
                ways.push(self.body(body));
            }
        }
        if !branches.is_decided() {
            ways.push(Some(BTreeSet::new()));
        }
        meet(ways)
    }

    fn attempt(&self, attempt: &'a StmtTry) -> Bound<'a> {
        let both = |first: Bound<'a>, second: Bound<'a>| first.zip(second).map(|(first, second)| &first | &second);
        let mut ways = vec![both(self.body(&attempt.body), self.body(&attempt.orelse))];
        ways.extend(attempt.handlers.iter().map(|ExceptHandler::ExceptHandler(handler)| self.body(&handler.body)));
        both(meet(ways), self.body(&attempt.finalbody))
    }

    fn matching(&self, branching: &'a StmtMatch) -> Bound<'a> {
        let mut ways: Vec<Bound<'a>> = branching.cases.iter().map(|case| self.body(&case.body)).collect();
        let takes_all = |pattern: &Pattern| matches!(pattern, Pattern::MatchAs(capture) if capture.pattern.is_none());
        if !branching.cases.iter().any(|case| case.guard.is_none() && takes_all(&case.pattern)) {
            ways.push(Some(BTreeSet::new()));
        }
        meet(ways)
    }

    fn target(&self, target: &'a Expr, bound: &mut BTreeSet<&'a str>) {
        match target {
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|target| self.target(target, bound)),
            Expr::List(list) => list.elts.iter().for_each(|target| self.target(target, bound)),
            Expr::Starred(starred) => self.target(&starred.value, bound),
            _ => bound.extend(self.names.of(target)),
        }
    }
}

impl<'a> Names<'a> {
    /// The name that a target which is no list binds.
    pub(super) fn of(self, target: &'a Expr) -> Option<&'a str> {
        match (self, target) {
            (Self::Scope, Expr::Name(name)) => Some(name.id.as_str()),
            (Self::AttributesOf(owner), Expr::Attribute(attribute)) => match attribute.value.as_ref() {
                Expr::Name(name) if name.id == owner => Some(attribute.attr.id.as_str()),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Whether a `with` goes on after an exception in its body (`contextlib.suppress(...)`).
pub(super) fn suppresses(items: &[WithItem]) -> bool {
    items.iter().any(|item| matches!(&item.context_expr, Expr::Call(call) if last_name(&call.func) == Some("suppress")))
}

/// What every way that leads out binds.
fn meet(ways: Vec<Bound<'_>>) -> Bound<'_> {
    ways.into_iter().flatten().reduce(|left, right| &left & &right)
}
