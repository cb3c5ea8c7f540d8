//! Attributes that a class's methods give to its instances; never what other code gives them.

use std::collections::{BTreeSet, HashMap};

use ruff_python_ast::{Decorator, ExceptHandler, Expr, ExprCall, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged;
use smol_str::{SmolStr, format_smolstr};

use super::{
    certain::{Certain, Names, suppresses},
    context::last_name,
    structure::Texts,
};
use crate::facts::{Completeness, Variable};

/// What the methods of one class set.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    pub attributes: Vec<Variable>,
    pub complete: Completeness,
    places: HashMap<SmolStr, usize>,
}

impl Attributes {
    /// Reads one method of the class's body, which is there only under a condition or not.
    pub(super) fn method(&mut self, function: &StmtFunctionDef, conditional: bool, texts: Texts<'_>) {
        let name = function.name.id.as_str();
        let has_no_self =
            |decorator: &Decorator| matches!(last_name(&decorator.expression), Some("staticmethod" | "classmethod"));
        if matches!(name, "__new__" | "__init_subclass__" | "__class_getitem__")
            || function.decorator_list.iter().any(has_no_self)
        {
            return;
        }
        let parameters = &function.parameters;
        let Some(first) = parameters.posonlyargs.first().or(parameters.args.first()) else { return };
        let constructs = matches!(name, "__init__" | "__post_init__" | "__attrs_post_init__") && !conditional;
        let this = first.parameter.name.id.as_str();
        let mut walk = Walk { this, texts, conditional: !constructs, certain: BTreeSet::new(), found: self };
        walk.method(&function.body);
    }

    /// Names in `__slots__`.
    pub(super) fn slots(&mut self, value: &Expr, texts: Texts<'_>) {
        let elements: Vec<&Expr> = match value {
            Expr::StringLiteral(_) => vec![value],
            Expr::Tuple(tuple) => tuple.elts.iter().collect(),
            Expr::List(list) => list.elts.iter().collect(),
            Expr::Set(set) => set.elts.iter().collect(),
            Expr::Dict(dictionary) => dictionary.items.iter().filter_map(|item| item.key.as_ref()).collect(),
            _ => Vec::new(),
        };
        for element in elements {
            let Expr::StringLiteral(name) = element else { continue };
            let name = name.value.to_str();
            if !matches!(name, "__dict__" | "__weakref__") {
                self.add(texts.variable(name, None, None, element.start()));
            }
        }
    }

    /// Keeps one of each name: the last that is surely set, else the first; with the first annotation.
    fn add(&mut self, found: Variable) {
        let next = self.attributes.len();
        let place = *self.places.entry(found.name.clone()).or_insert(next);
        let Some(known) = self.attributes.get_mut(place) else {
            self.attributes.push(found);
            return;
        };
        let annotation = known.annotation.take().or_else(|| found.annotation.clone());
        let is_slot = known.value.is_none() && annotation.is_none() && !known.conditional;
        if !found.conditional || is_slot {
            // What `__slots__` names is there, wherever it gets its value.
            *known = Variable { conditional: found.conditional && !is_slot, ..found };
        }
        known.annotation = annotation;
    }
}

/// One method.
struct Walk<'a, 'f, 't> {
    this: &'a str,
    texts: Texts<'t>,
    conditional: bool,
    /// Attributes that the compound statement being read sets on every way through it.
    certain: BTreeSet<&'a str>,
    found: &'f mut Attributes,
}

impl<'a> Walk<'a, '_, '_> {
    fn method(&mut self, body: &'a [Stmt]) {
        for statement in body {
            if !self.conditional && matches!(statement, Stmt::If(_) | Stmt::Try(_) | Stmt::Match(_) | Stmt::With(_)) {
                let certain = Certain { names: Names::AttributesOf(self.this), aliases: &[] };
                self.certain = certain.statement(statement).unwrap_or_default();
            }
            self.statement(statement);
            self.certain.clear();
            self.conditional |= leaves(statement);
        }
    }

    fn body(&mut self, body: &'a [Stmt]) {
        body.iter().for_each(|statement| self.statement(statement));
    }

    fn conditionally(&mut self, body: &'a [Stmt]) {
        let outside = std::mem::replace(&mut self.conditional, true);
        self.body(body);
        self.conditional = outside;
    }

    fn statement(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::If(branching) => {
                self.conditionally(&branching.body);
                branching.elif_else_clauses.iter().for_each(|clause| self.conditionally(&clause.body));
            }
            Stmt::Try(attempt) => {
                self.conditionally(&attempt.body);
                for ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
                    self.conditionally(&handler.body);
                }
                self.conditionally(&attempt.orelse);
                self.body(&attempt.finalbody);
            }
            Stmt::For(repetition) => {
                self.target(&repetition.target, None);
                self.conditionally(&repetition.body);
                self.conditionally(&repetition.orelse);
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
            // Where a function inside of the method takes `self` from it.
            Stmt::FunctionDef(function) if !function.parameters.includes(self.this) => {
                let certain = std::mem::take(&mut self.certain);
                self.conditionally(&function.body);
                self.certain = certain;
            }
            Stmt::Assign(assign) => assign.targets.iter().for_each(|target| self.target(target, Some(&assign.value))),
            Stmt::AnnAssign(assign) => {
                let annotation = Some(self.texts.text(&assign.annotation));
                self.attribute(&assign.target, annotation, assign.value.as_deref());
            }
            Stmt::Expr(expression) => {
                if let Expr::Call(call) = expression.value.as_ref() {
                    self.call(call);
                }
            }
            _ => {}
        }
    }

    fn target(&mut self, target: &'a Expr, value: Option<&'a Expr>) {
        match target {
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|target| self.target(target, None)),
            Expr::List(list) => list.elts.iter().for_each(|target| self.target(target, None)),
            Expr::Starred(starred) => self.target(&starred.value, None),
            Expr::Subscript(item) if self.is_dictionary(&item.value) => self.computed(target),
            _ if self.is_dictionary(target) => self.computed(target),
            _ => self.attribute(target, None, value),
        }
    }

    fn attribute(&mut self, target: &'a Expr, annotation: Option<SmolStr>, value: Option<&'a Expr>) {
        let Some(name) = Names::AttributesOf(self.this).of(target) else { return };
        let is_chosen = self.conditional && self.certain.contains(name);
        // Which of several values it gets is not known.
        let value = value.filter(|_| !is_chosen);
        let conditional = self.conditional && !is_chosen;
        self.found.add(Variable { conditional, ..self.texts.variable(name, annotation, value, target.start()) });
    }

    /// `setattr(self, name, value)`, `self.__dict__.update(...)`, `vars(self).update(...)`.
    fn call(&mut self, call: &'a ExprCall) {
        match call.func.as_ref() {
            Expr::Name(name) if name.id == "setattr" => match call.arguments.args.as_ref() {
                [Expr::Name(owner), Expr::StringLiteral(name), value] if owner.id == self.this => {
                    let variable = self.texts.variable(name.value.to_str(), None, Some(value), call.start());
                    self.found.add(Variable { conditional: self.conditional, ..variable });
                }
                [Expr::Name(owner), ..] if owner.id == self.this => self.computed(&call.func),
                _ => {}
            },
            Expr::Attribute(method) if self.is_dictionary(&method.value) => self.computed(&call.func),
            _ => {}
        }
    }

    /// Whether an expression is the dictionary of the instance's attributes.
    fn is_dictionary(&self, expression: &Expr) -> bool {
        let is_this = |expression: &Expr| matches!(expression, Expr::Name(name) if name.id == self.this);
        match expression {
            Expr::Attribute(attribute) => attribute.attr.id == "__dict__" && is_this(&attribute.value),
            Expr::Call(call) => {
                matches!(call.func.as_ref(), Expr::Name(name) if name.id == "vars")
                    && call.arguments.args.first().is_some_and(is_this)
            }
            _ => false,
        }
    }

    fn computed(&mut self, at: &Expr) {
        if self.found.complete.is_complete() {
            let line = self.texts.line(at.start());
            self.found.complete.lacks(format_smolstr!("attributes are set by computed names on line {line}"));
        }
    }
}

/// Whether a statement may end the function before its end.
fn leaves(statement: &Stmt) -> bool {
    let any = |body: &[Stmt]| body.iter().any(leaves);
    match statement {
        Stmt::Return(_) => true,
        Stmt::If(branching) => any(&branching.body) || branching.elif_else_clauses.iter().any(|clause| any(&clause.body)),
        Stmt::Try(attempt) => {
            let handled = |ExceptHandler::ExceptHandler(handler): &ExceptHandler| any(&handler.body);
            any(&attempt.body) || attempt.handlers.iter().any(handled) || any(&attempt.orelse) || any(&attempt.finalbody)
        }
        Stmt::For(repetition) => any(&repetition.body) || any(&repetition.orelse),
        Stmt::While(repetition) => any(&repetition.body) || any(&repetition.orelse),
        Stmt::With(with) => any(&with.body),
        Stmt::Match(branching) => branching.cases.iter().any(|case| any(&case.body)),
        _ => false,
    }
}
