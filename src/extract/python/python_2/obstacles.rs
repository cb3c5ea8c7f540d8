//! What in a syntax tree Python 2.7 cannot parse, though Python 3 can; never what it would only compile otherwise.

use ruff_python_ast::{
    Arguments, ExceptHandler, Expr, ExprCall, Operator, Parameters, Stmt,
    visitor::{self, Visitor},
};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::extract::python::lines::Lines;

/// The first thing that Python 2.7 does not parse, and where.
pub(in crate::extract::python) fn obstacle(body: &[Stmt], lines: &Lines<'_>) -> Option<(&'static str, TextSize)> {
    let print_is_a_name = body.iter().any(|statement| {
        matches!(statement, Stmt::ImportFrom(import) if import.module.as_ref().is_some_and(|module| module.id == "__future__")
            && import.names.iter().any(|alias| alias.name.id == "print_function"))
    });
    let mut search = Search { lines, print_is_a_name, statement: None, found: None };
    search.visit_body(body);
    search.found
}

struct Search<'t> {
    lines: &'t Lines<'t>,
    print_is_a_name: bool,
    /// Where the statement begins that is an expression.
    statement: Option<TextSize>,
    found: Option<(&'static str, TextSize)>,
}

impl Search<'_> {
    fn note(&mut self, what: &'static str, at: TextSize) {
        if self.found.is_none() {
            self.found = Some((what, at));
        }
    }

    /// Notes a name that is a keyword of Python 2, or has letters that it does not have.
    fn name(&mut self, name: &str, at: TextSize) {
        if name == "exec" || (name == "print" && !self.print_is_a_name) {
            self.note("`print` and `exec` as names", at);
        } else if !name.is_ascii() && !name.contains(super::MARK) {
            self.note("a name with other letters than ASCII", at);
        }
    }

    fn ends_with_comma(&self, range: TextRange, last: TextSize) -> bool {
        self.lines.slice(TextRange::new(last.min(range.end()), range.end())).trim_start().starts_with(',')
    }

    /// `print(...)` and `exec(...)` at the start of a statement are statements.
    fn statement_call<'a>(&mut self, expression: &'a Expr) -> Option<&'a ExprCall> {
        match expression {
            Expr::Call(call) => match call.func.as_ref() {
                Expr::Name(name) if matches!(name.id.as_str(), "print" | "exec") => Some(call),
                inner => self.statement_call(inner),
            },
            Expr::Attribute(attribute) => self.statement_call(&attribute.value),
            Expr::Subscript(item) => self.statement_call(&item.value),
            Expr::BinOp(operation) => self.statement_call(&operation.left),
            Expr::Compare(comparison) => self.statement_call(&comparison.left),
            Expr::BoolOp(operation) => self.statement_call(operation.values.first()?),
            Expr::If(choice) => self.statement_call(&choice.body),
            Expr::Tuple(tuple) if !tuple.parenthesized => self.statement_call(tuple.elts.first()?),
            _ => None,
        }
    }

    fn parameters(&mut self, parameters: &Parameters) {
        let annotated = parameters.iter().find(|parameter| parameter.annotation().is_some());
        if let Some(parameter) = annotated {
            self.note("annotations", parameter.range().start());
        }
        if let Some(parameter) = parameters.kwonlyargs.first() {
            self.note("keyword-only parameters", parameter.range().start());
        }
        let last = parameters.kwarg.as_deref().or(parameters.vararg.as_deref());
        if let Some(last) = last
            && self.ends_with_comma(parameters.range, last.range.end())
        {
            self.note("a comma after the last parameter", last.range.end());
        }
        for parameter in parameters.iter() {
            self.name(parameter.name().id.as_str(), parameter.range().start());
        }
    }
}

impl<'a> Visitor<'a> for Search<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if self.found.is_some() {
            return;
        }
        let at = statement.start();
        match statement {
            Stmt::FunctionDef(function) => {
                self.name(function.name.id.as_str(), function.name.start());
                if function.returns.is_some() {
                    self.note("annotations", at);
                }
            }
            Stmt::ClassDef(class) => {
                self.name(class.name.id.as_str(), class.name.start());
                if class
                    .arguments
                    .as_ref()
                    .is_some_and(|given| !given.keywords.is_empty() || given.args.iter().any(Expr::is_starred_expr))
                {
                    self.note("keywords of a class", at);
                }
            }
            Stmt::AnnAssign(_) => self.note("annotations", at),
            Stmt::Raise(raise) if raise.cause.is_some() => self.note("`raise ... from ...`", at),
            Stmt::Nonlocal(_) => self.note("`nonlocal`", at),
            Stmt::AugAssign(assign) if assign.op == Operator::MatMult => self.note("`@=`", at),
            Stmt::Import(import) => {
                for alias in &import.names {
                    alias.name.id.split('.').for_each(|part| self.name(part, alias.range.start()));
                    alias.asname.iter().for_each(|asname| self.name(asname.id.as_str(), asname.range.start()));
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    self.name(alias.name.id.as_str(), alias.range.start());
                    alias.asname.iter().for_each(|asname| self.name(asname.id.as_str(), asname.range.start()));
                }
            }
            Stmt::Expr(expression) => {
                self.statement = Some(at);
                if let Some(call) = self.statement_call(&expression.value)
                    && !(self.print_is_a_name && matches!(call.func.as_ref(), Expr::Name(name) if name.id == "print"))
                {
                    let given = &call.arguments;
                    if !given.keywords.is_empty() || given.args.iter().any(Expr::is_starred_expr) {
                        self.note("`print` and `exec` as functions", at);
                    }
                }
            }
            _ => {}
        }
        visitor::walk_stmt(self, statement);
    }

    fn visit_parameters(&mut self, parameters: &'a Parameters) {
        self.parameters(parameters);
        visitor::walk_parameters(self, parameters);
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(Expr::Tuple(tuple)) = inner.type_.as_deref()
            && !tuple.parenthesized
            && tuple.elts.len() != 2
        {
            self.note("several exceptions without parentheses", tuple.range.start());
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_arguments(&mut self, arguments: &'a Arguments) {
        let mut starred = arguments.args.iter().skip_while(|argument| !argument.is_starred_expr());
        if let Some(first) = starred.next()
            && starred.next().is_some()
        {
            self.note("arguments after `*`", first.start());
        }
        let mut unpacked = arguments.keywords.iter().skip_while(|keyword| keyword.arg.is_some());
        if let Some(first) = unpacked.next()
            && (unpacked.next().is_some() || arguments.args.iter().any(|argument| argument.start() > first.start()))
        {
            self.note("arguments after `**`", first.range.start());
        }
        let stars = arguments.args.iter().filter(|argument| argument.is_starred_expr()).map(Ranged::end);
        let all = stars.chain(arguments.keywords.iter().filter(|keyword| keyword.arg.is_none()).map(Ranged::end));
        let last = all.max();
        let follows = |last: TextSize| arguments.iter_source_order().any(|argument| argument.start() > last);
        if let Some(last) = last
            && !follows(last)
            && self.ends_with_comma(arguments.range, last)
        {
            self.note("a comma after the last argument", last);
        }
        for keyword in &arguments.keywords {
            keyword.arg.iter().for_each(|name| self.name(name.id.as_str(), name.range.start()));
        }
        for argument in &arguments.args {
            match argument {
                Expr::Starred(starred) => self.visit_expr(&starred.value),
                argument => self.visit_expr(argument),
            }
        }
        arguments.keywords.iter().for_each(|keyword| self.visit_keyword(keyword));
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if self.found.is_some() {
            return;
        }
        let at = expression.start();
        match expression {
            // What begins a statement makes it one: `print(x)`, `print >>file, x`.
            Expr::Name(_) if self.statement == Some(at) => {}
            Expr::Name(name) => self.name(name.id.as_str(), at),
            Expr::Attribute(attribute) => self.name(attribute.attr.id.as_str(), attribute.attr.start()),
            Expr::YieldFrom(_) => self.note("`yield from`", at),
            Expr::Starred(_) => self.note("`*` outside of a call", at),
            Expr::EllipsisLiteral(_) => self.note("`...` outside of a subscript", at),
            Expr::Subscript(item) => {
                self.visit_expr(&item.value);
                let parts = match item.slice.as_ref() {
                    Expr::Tuple(tuple) if !tuple.parenthesized => tuple.elts.as_slice(),
                    slice => std::slice::from_ref(slice),
                };
                parts.iter().filter(|part| !part.is_ellipsis_literal_expr()).for_each(|part| self.visit_expr(part));
                return;
            }
            Expr::BinOp(operation) if operation.op == Operator::MatMult => self.note("`@`", at),
            Expr::NumberLiteral(_) if self.lines.slice(expression.range()).contains('_') => self.note("`_` in a number", at),
            Expr::BytesLiteral(literal) => {
                let reversed =
                    |range: TextRange| self.lines.slice(range).get(..2).is_some_and(|text| text.eq_ignore_ascii_case("rb"));
                if literal.value.iter().any(|part| reversed(part.range)) {
                    self.note("a bytes literal that begins with `rb`", at);
                }
            }
            Expr::Dict(dictionary) if dictionary.items.iter().any(|item| item.key.is_none()) => {
                self.note("`**` in a dictionary", at);
            }
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }
}
