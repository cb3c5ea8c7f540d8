//! Functions, classes and variables that a module binds when it runs; never those inside functions.

use ruff_python_ast::{
    Decorator, ExceptHandler, Expr, Parameters, Stmt, StmtAssign, StmtClassDef, StmtFunctionDef,
    token::{TokenKind, Tokens},
};
use ruff_text_size::{Ranged, TextSize};
use smol_str::SmolStr;

use super::{
    context::{Branches, Context},
    lines::Lines,
    slice::one_line,
};
use crate::facts::{Class, Function, Parameter, ParameterKind, REDACTED, Variable, is_secret_name};

/// What one body binds.
#[derive(Debug, Default)]
pub(super) struct Structure {
    pub functions: Vec<Function>,
    pub classes: Vec<Class>,
    pub variables: Vec<Variable>,
}

/// Reads what `body` binds by statements that end before `end`.
pub(super) fn structure(body: &[Stmt], lines: &Lines<'_>, tokens: &Tokens, end: TextSize) -> Structure {
    let mut reader = Reader { lines, tokens, end, aliases: Vec::new(), found: Structure::default() };
    reader.body(body);
    reader.found
}

struct Reader<'a, 't> {
    lines: &'t Lines<'t>,
    tokens: &'t Tokens,
    end: TextSize,
    /// Names that stand for `typing.TYPE_CHECKING`.
    aliases: Vec<&'a str>,
    found: Structure,
}

impl<'a> Reader<'a, '_> {
    fn body(&mut self, body: &'a [Stmt]) {
        for statement in body {
            if statement.start() >= self.end {
                break;
            }
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::If(branching) => {
                let mut branches = Branches::new(Context::default());
                let first = (Some(branching.test.as_ref()), &branching.body);
                let rest = branching.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), &clause.body));
                for (test, body) in std::iter::once(first).chain(rest) {
                    if !branches.branch(test, &self.aliases).type_checking {
                        self.body(body);
                    }
                }
            }
            Stmt::Try(attempt) => {
                self.body(&attempt.body);
                for ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
                    self.body(&handler.body);
                }
                self.body(&attempt.orelse);
                self.body(&attempt.finalbody);
            }
            Stmt::For(repetition) => {
                self.target(&repetition.target, None);
                self.body(&repetition.body);
                self.body(&repetition.orelse);
            }
            Stmt::While(repetition) => {
                self.body(&repetition.body);
                self.body(&repetition.orelse);
            }
            Stmt::With(with) => {
                for item in &with.items {
                    item.optional_vars.iter().for_each(|target| self.target(target, None));
                }
                self.body(&with.body);
            }
            Stmt::Match(branching) => branching.cases.iter().for_each(|case| self.body(&case.body)),
            Stmt::ImportFrom(import) => {
                for alias in import.names.iter().filter(|alias| alias.name.id == "TYPE_CHECKING") {
                    self.aliases.extend(alias.asname.as_ref().map(|asname| asname.id.as_str()));
                }
            }
            // A statement that is cut by an error was not read without doubt.
            _ if statement.end() > self.end => {}
            Stmt::FunctionDef(function) => {
                let function = self.function(function);
                self.found.functions.push(function);
            }
            Stmt::ClassDef(class) => {
                let class = self.class(class);
                self.found.classes.push(class);
            }
            Stmt::Assign(assign) => self.assign(assign),
            Stmt::AnnAssign(assign) => {
                if let Expr::Name(name) = assign.target.as_ref() {
                    let annotation = Some(self.text(&assign.annotation));
                    self.variable(name.id.as_str(), annotation, assign.value.as_deref(), assign.start());
                }
            }
            Stmt::TypeAlias(alias) => self.target(&alias.name, Some(&alias.value)),
            _ => {}
        }
    }

    fn assign(&mut self, assign: &'a StmtAssign) {
        for target in &assign.targets {
            self.target(target, Some(&assign.value));
        }
    }

    fn target(&mut self, target: &'a Expr, value: Option<&'a Expr>) {
        match target {
            Expr::Name(name) => self.variable(name.id.as_str(), None, value, target.start()),
            Expr::Starred(starred) => self.target(&starred.value, None),
            Expr::Tuple(_) | Expr::List(_) => {
                let targets = elements(target).unwrap_or_default();
                let values = value.and_then(elements).filter(|values| {
                    let starred = |expressions: &[Expr]| expressions.iter().any(Expr::is_starred_expr);
                    values.len() == targets.len() && !starred(values) && !starred(targets)
                });
                for (index, target) in targets.iter().enumerate() {
                    self.target(target, values.and_then(|values| values.get(index)));
                }
            }
            _ => {}
        }
    }

    fn variable(&mut self, name: &str, annotation: Option<SmolStr>, value: Option<&Expr>, start: TextSize) {
        let variable = Variable {
            name: SmolStr::new(name),
            annotation,
            value: value.map(|value| match value {
                // A policy may ask that there is a literal; what it says is nobody's business.
                Expr::StringLiteral(text) if is_secret_name(name) && !text.value.is_empty() => REDACTED.into(),
                _ => self.text(value),
            }),
            line: self.lines.line(start),
        };
        self.found.variables.push(variable);
    }

    fn function(&self, function: &StmtFunctionDef) -> Function {
        Function {
            name: SmolStr::new(function.name.id.as_str()),
            parameters: self.parameters(&function.parameters),
            returns: function.returns.as_deref().map(|returns| self.text(returns)),
            decorators: self.decorators(&function.decorator_list),
            is_async: function.is_async,
            line: self.line_below(function.start(), &function.decorator_list),
        }
    }

    fn parameters(&self, parameters: &Parameters) -> Vec<Parameter> {
        let parameter = |parameter: &ruff_python_ast::Parameter, default: Option<&Expr>, kind| Parameter {
            name: SmolStr::new(parameter.name.id.as_str()),
            kind,
            annotation: parameter.annotation.as_deref().map(|annotation| self.text(annotation)),
            default: default.map(|default| self.text(default)),
        };
        let with_default = |kind| {
            move |given: &ruff_python_ast::ParameterWithDefault| parameter(&given.parameter, given.default.as_deref(), kind)
        };
        let mut all = Vec::with_capacity(parameters.len());
        all.extend(parameters.posonlyargs.iter().map(with_default(ParameterKind::PositionalOnly)));
        all.extend(parameters.args.iter().map(with_default(ParameterKind::PositionalOrKeyword)));
        all.extend(parameters.vararg.iter().map(|given| parameter(given, None, ParameterKind::VarPositional)));
        all.extend(parameters.kwonlyargs.iter().map(with_default(ParameterKind::KeywordOnly)));
        all.extend(parameters.kwarg.iter().map(|given| parameter(given, None, ParameterKind::VarKeyword)));
        all
    }

    fn class(&self, class: &'a StmtClassDef) -> Class {
        let mut inside = Reader {
            lines: self.lines,
            tokens: self.tokens,
            end: self.end,
            aliases: self.aliases.clone(),
            found: Structure::default(),
        };
        inside.body(&class.body);
        Class {
            name: SmolStr::new(class.name.id.as_str()),
            bases: class.arguments.iter().flat_map(|arguments| &*arguments.args).map(|base| self.text(base)).collect(),
            decorators: self.decorators(&class.decorator_list),
            methods: inside.found.functions,
            attributes: inside.found.variables,
            line: self.line_below(class.start(), &class.decorator_list),
        }
    }

    fn decorators(&self, decorators: &[Decorator]) -> Vec<SmolStr> {
        decorators.iter().map(|decorator| self.text(&decorator.expression)).collect()
    }

    /// The line of `def`, `async` or `class`: the first of them below the decorators.
    fn line_below(&self, start: TextSize, decorators: &[Decorator]) -> u32 {
        let keyword = decorators.last().and_then(|last| {
            let keywords = [TokenKind::Def, TokenKind::Async, TokenKind::Class];
            self.tokens.after(last.end()).iter().find(|token| keywords.contains(&token.kind()))
        });
        self.lines.line(keyword.map_or(start, Ranged::start))
    }

    fn text(&self, expression: &Expr) -> SmolStr {
        one_line(expression.range(), self.lines, self.tokens)
    }
}

fn elements(expression: &Expr) -> Option<&[Expr]> {
    match expression {
        Expr::Tuple(tuple) => Some(&tuple.elts),
        Expr::List(list) => Some(&list.elts),
        _ => None,
    }
}
