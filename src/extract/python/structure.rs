//! Functions, classes and variables that a module binds when it runs; never those inside functions.

use std::collections::{BTreeSet, HashSet};

use ruff_python_ast::{
    Decorator, ExceptHandler, Expr, Identifier, Parameters, Stmt, StmtAssign, StmtClassDef, StmtFunctionDef, StmtIf, StmtTry,
    token::{TokenKind, Tokens},
};
use ruff_text_size::{Ranged, TextSize};
use smol_str::{SmolStr, format_smolstr};

use super::{
    certain::{Certain, Names, suppresses},
    context::{Branches, Context},
    instance::Attributes,
    lines::Lines,
    slice::one_line,
};
use crate::facts::{Class, Function, Parameter, ParameterKind, REDACTED, Variable, is_secret_name};

/// How deep classes in classes are kept: what is dropped and written one in another must not exhaust the stack.
const MAX_DEPTH: u32 = 8;

/// What one body binds.
#[derive(Debug, Default)]
pub(super) struct Structure {
    pub functions: Vec<Function>,
    pub classes: Vec<Class>,
    pub variables: Vec<Variable>,
    pub alternatives: Vec<SmolStr>,
    attributes: Attributes,
}

/// Reads what `body` binds by statements that end before `end`.
pub(super) fn structure(body: &[Stmt], lines: &Lines<'_>, tokens: &Tokens, end: TextSize) -> Structure {
    let mut reader = Reader::new(Texts { lines, tokens }, end, Body::Module, Vec::new());
    reader.body(body);
    reader.finish()
}

/// What is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Module,
    /// A class, and in how many others it stands.
    Class(u32),
}

struct Reader<'a, 't> {
    texts: Texts<'t>,
    end: TextSize,
    of: Body,
    /// Names that stand for `typing.TYPE_CHECKING`.
    aliases: Vec<&'a str>,
    /// Whether what is being read may not run.
    conditional: bool,
    /// Names that compound statements bind on every way through them.
    certain: BTreeSet<&'a str>,
    /// Names that are deleted.
    deleted: HashSet<&'a str>,
    found: Structure,
}

impl<'a, 't> Reader<'a, 't> {
    fn new(texts: Texts<'t>, end: TextSize, of: Body, aliases: Vec<&'a str>) -> Self {
        Self {
            texts,
            end,
            of,
            aliases,
            conditional: false,
            certain: BTreeSet::new(),
            deleted: HashSet::new(),
            found: Structure::default(),
        }
    }

    fn finish(mut self) -> Structure {
        let found = &mut self.found;
        if !self.deleted.is_empty() {
            let is_deleted = |name: &str| self.deleted.contains(name);
            found.functions.iter_mut().for_each(|function| function.conditional |= is_deleted(&function.name));
            found.classes.iter_mut().for_each(|class| class.conditional |= is_deleted(&class.name));
            found.variables.iter_mut().for_each(|variable| variable.conditional |= is_deleted(&variable.name));
        }
        if !self.certain.is_empty() {
            let functions = found.functions.iter().map(|function| (&function.name, function.conditional));
            let classes = found.classes.iter().map(|class| (&class.name, class.conditional));
            let variables = found.variables.iter().map(|variable| (&variable.name, variable.conditional));
            let all = functions.chain(classes).chain(variables);
            let sure: HashSet<&str> = all.filter(|(_, conditional)| !conditional).map(|(name, _)| name.as_str()).collect();
            self.certain.retain(|name| *name != "*" && !self.deleted.contains(name) && !sure.contains(name));
            found.alternatives = self.certain.iter().map(SmolStr::new).collect();
        }
        self.found
    }

    fn body(&mut self, body: &'a [Stmt]) {
        for statement in body {
            if statement.start() >= self.end {
                break;
            }
            self.statement(statement);
        }
    }

    fn conditionally(&mut self, body: &'a [Stmt]) {
        let outside = std::mem::replace(&mut self.conditional, true);
        self.body(body);
        self.conditional = outside;
    }

    /// Notes what a compound statement surely binds.
    fn choice(&mut self, statement: &'a Stmt) {
        if !self.conditional && statement.end() <= self.end {
            let certain = Certain { names: Names::Scope, aliases: &self.aliases };
            self.certain.extend(certain.statement(statement).unwrap_or_default());
        }
    }

    fn statement(&mut self, statement: &'a Stmt) {
        if matches!(statement, Stmt::If(_) | Stmt::Try(_) | Stmt::Match(_)) {
            self.choice(statement);
        }
        match statement {
            Stmt::If(branching) => self.branching(branching),
            Stmt::Try(attempt) => self.attempt(attempt),
            Stmt::For(repetition) => {
                let outside = std::mem::replace(&mut self.conditional, true);
                self.target(&repetition.target, None);
                self.body(&repetition.body);
                self.body(&repetition.orelse);
                self.conditional = outside;
            }
            Stmt::While(repetition) => {
                self.conditionally(&repetition.body);
                self.conditionally(&repetition.orelse);
            }
            Stmt::With(with) => {
                for item in &with.items {
                    item.optional_vars.iter().for_each(|target| self.target(target, None));
                }
                if suppresses(&with.items) { self.conditionally(&with.body) } else { self.body(&with.body) }
            }
            Stmt::Match(branching) => branching.cases.iter().for_each(|case| self.conditionally(&case.body)),
            Stmt::ImportFrom(import) => {
                for alias in import.names.iter().filter(|alias| alias.name.id == "TYPE_CHECKING") {
                    self.aliases.extend(alias.asname.as_ref().map(|asname| asname.id.as_str()));
                }
            }
            // A statement that is cut by an error was not read without doubt.
            _ if statement.end() > self.end => {}
            _ => self.simple(statement),
        }
    }

    fn branching(&mut self, branching: &'a StmtIf) {
        let mut branches = Branches::new(Context::default());
        let first = (Some(branching.test.as_ref()), &branching.body);
        let rest = branching.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), &clause.body));
        for (test, body) in std::iter::once(first).chain(rest) {
            let inside = branches.branch(test, &self.aliases);
            match (inside.type_checking, inside.conditional) {
                (true, _) => {}
                (false, true) => self.conditionally(body),
                (false, false) => self.body(body),
            }
        }
    }

    fn attempt(&mut self, attempt: &'a StmtTry) {
        if attempt.handlers.is_empty() {
            self.body(&attempt.body);
        } else {
            self.conditionally(&attempt.body);
        }
        for ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
            self.conditionally(&handler.body);
        }
        if attempt.handlers.is_empty() {
            self.body(&attempt.orelse);
        } else {
            self.conditionally(&attempt.orelse);
        }
        self.body(&attempt.finalbody);
    }

    fn simple(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                if self.of != Body::Module {
                    self.found.attributes.method(function, self.conditional, self.texts);
                }
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
                    let annotation = Some(self.texts.text(&assign.annotation));
                    self.variable(name.id.as_str(), annotation, assign.value.as_deref(), assign.start());
                }
            }
            Stmt::AugAssign(assign) => {
                if let Expr::Name(name) = assign.target.as_ref() {
                    let name = name.id.as_str();
                    let added = if is_secret_name(name) { REDACTED.into() } else { self.texts.text(&assign.value) };
                    let value = Some(format_smolstr!("{}= {added}", assign.op.as_str()));
                    let variable = self.texts.variable(name, None, None, assign.start());
                    self.found.variables.push(Variable { value, conditional: self.conditional, ..variable });
                }
            }
            Stmt::TypeAlias(alias) => self.target(&alias.name, Some(&alias.value)),
            Stmt::Delete(delete) => {
                self.deleted.extend(delete.targets.iter().filter_map(|target| Names::Scope.of(target)));
            }
            _ => {}
        }
    }

    fn assign(&mut self, assign: &'a StmtAssign) {
        for target in &assign.targets {
            self.target(target, Some(&assign.value));
            if self.of != Body::Module && Names::Scope.of(target) == Some("__slots__") {
                self.found.attributes.slots(&assign.value, self.texts);
            }
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
        let variable = self.texts.variable(name, annotation, value, start);
        self.found.variables.push(Variable { conditional: self.conditional, ..variable });
    }

    fn function(&self, function: &StmtFunctionDef) -> Function {
        Function {
            name: SmolStr::new(function.name.id.as_str()),
            parameters: self.parameters(&function.parameters),
            returns: function.returns.as_deref().map(|returns| self.texts.text(returns)),
            decorators: self.decorators(&function.decorator_list),
            is_async: function.is_async,
            line: self.line_below(function.start(), &function.decorator_list),
            conditional: self.conditional,
        }
    }

    fn parameters(&self, parameters: &Parameters) -> Vec<Parameter> {
        let parameter = |parameter: &ruff_python_ast::Parameter, default: Option<&Expr>, kind| Parameter {
            name: self.texts.name(&parameter.name),
            kind,
            annotation: parameter.annotation.as_deref().map(|annotation| self.texts.text(annotation)),
            default: default.map(|default| self.texts.text(default)),
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
        let depth = match self.of {
            Body::Module => 0,
            Body::Class(depth) => depth + 1,
        };
        let mut inside = Reader::new(self.texts, self.end, Body::Class(depth), self.aliases.clone());
        inside.body(&class.body);
        let found = inside.finish();
        Class {
            name: SmolStr::new(class.name.id.as_str()),
            bases: class.arguments.iter().flat_map(|arguments| &*arguments.args).map(|base| self.texts.text(base)).collect(),
            decorators: self.decorators(&class.decorator_list),
            metaclass: class
                .keywords()
                .iter()
                .find(|keyword| keyword.arg.as_ref().is_some_and(|name| name.id == "metaclass"))
                .map(|keyword| self.texts.text(&keyword.value)),
            methods: found.functions,
            classes: if depth < MAX_DEPTH { found.classes } else { Vec::new() },
            attributes: found.variables,
            instance_attributes: found.attributes.attributes,
            instance_attributes_complete: found.attributes.complete,
            alternatives: found.alternatives,
            line: self.line_below(class.start(), &class.decorator_list),
            conditional: self.conditional,
        }
    }

    fn decorators(&self, decorators: &[Decorator]) -> Vec<SmolStr> {
        decorators.iter().map(|decorator| self.texts.text(&decorator.expression)).collect()
    }

    /// The line of `def`, `async` or `class`: the first of them below the decorators.
    fn line_below(&self, start: TextSize, decorators: &[Decorator]) -> u32 {
        let keyword = decorators.last().and_then(|last| {
            let keywords = [TokenKind::Def, TokenKind::Async, TokenKind::Class];
            self.texts.tokens.after(last.end()).iter().find(|token| keywords.contains(&token.kind()))
        });
        self.texts.line(keyword.map_or(start, Ranged::start))
    }
}

/// What turns expressions into facts.
#[derive(Clone, Copy)]
pub(super) struct Texts<'t> {
    lines: &'t Lines<'t>,
    tokens: &'t Tokens,
}

impl Texts<'_> {
    /// A parameter's name; Python 2's nested ones are named by their text, `(x, y)`.
    fn name(self, name: &Identifier) -> SmolStr {
        SmolStr::new(if self.lines.is_rewritten() { self.lines.slice(name.range) } else { name.id.as_str() })
    }

    /// An expression's text on one line.
    pub(super) fn text(self, expression: &Expr) -> SmolStr {
        one_line(expression.range(), self.lines, self.tokens)
    }

    /// The 1-based line of `offset`.
    pub(super) fn line(self, offset: TextSize) -> u32 {
        self.lines.line(offset)
    }

    /// A variable that is surely bound; a secret's text is not kept.
    pub(super) fn variable(self, name: &str, annotation: Option<SmolStr>, value: Option<&Expr>, start: TextSize) -> Variable {
        Variable {
            name: SmolStr::new(name),
            annotation,
            value: value.map(|value| match value {
                // A policy may ask that there is a literal; what it says is nobody's business.
                Expr::StringLiteral(text) if is_secret_name(name) && !text.value.is_empty() => REDACTED.into(),
                _ => self.text(value),
            }),
            line: self.line(start),
            conditional: false,
        }
    }
}

fn elements(expression: &Expr) -> Option<&[Expr]> {
    match expression {
        Expr::Tuple(tuple) => Some(&tuple.elts),
        Expr::List(list) => Some(&list.elts),
        _ => None,
    }
}
