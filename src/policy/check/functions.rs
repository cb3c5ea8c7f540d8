//! Functions: signatures, bodies, and that no function reaches itself; never their use.

use super::{
    Packages,
    resolved::Node,
    scope::{Function, Names, Scope},
};
use crate::{
    diagnostic::{Diagnostic, Severity},
    facts::schema::Type,
    policy::syntax::ast::File,
};

/// The largest function, with all that it calls: evaluation must end soon.
const MAX_SIZE: u64 = 20_000;
/// Most calls inside one another.
const MAX_CALLS: usize = 64;

impl Names {
    /// Defines the functions of all files.
    pub(super) fn functions(&mut self, files: &[File], packages: &Packages) {
        let mut bodies = Vec::new();
        for (file, package) in files.iter().zip(&packages.of_file) {
            for function in &file.functions {
                let span = file.span(function.name.region);
                let name = function.name.text.clone();
                let id = self.functions.len();
                let first = self.packages.get_mut(*package).and_then(|owner| owner.functions.insert(name.clone(), id));
                if let Some(first) = first.and_then(|first| self.functions.get_mut(first)) {
                    // Which of the two is used is not known: one mistake is told once.
                    first.used = true;
                    let first = first.span.clone();
                    self.duplicate("function", &name, span.clone(), first);
                }
                let parameters = function.parameters.iter().map(|(_, ty)| self.type_named(file, ty)).collect();
                let returns = self.type_named(file, &function.returns);
                self.functions.push(Function {
                    name,
                    span,
                    parameters,
                    returns,
                    body: Node::Poison,
                    slots: 0,
                    calls: Vec::new(),
                    size: 0,
                    mentions_image: false,
                    used: false,
                });
                bodies.push((file, *package, function, id));
            }
        }
        for (file, package, function, id) in bodies {
            self.body(file, package, function, id);
        }
        self.reach();
    }

    fn body(&mut self, file: &File, package: usize, function: &crate::policy::syntax::ast::Function, id: usize) {
        let mut scope = Scope::new(file, package);
        let types = self.functions.get(id).map(|function| function.parameters.clone()).unwrap_or_default();
        for ((name, _), ty) in function.parameters.iter().zip(types) {
            if scope.variables.iter().any(|(variable, _)| *variable == name.text) {
                let message = format!("two parameters are called `{}`", name.text);
                self.error(&scope, name.region, "duplicate-name", message, "the second one".into());
            }
            scope.declare(&name.text, ty);
        }
        let returns = self.functions.get(id).and_then(|function| function.returns);
        let expected = returns.and_then(|ty| match ty.ty {
            Type::One(scalar) | Type::List(scalar) | Type::Set(scalar) => Some(scalar),
            Type::Map => None,
        });
        let typed = self.expression(&mut scope, &function.body, expected);
        let body = returns.and_then(|wanted| self.assigned(&scope, typed, wanted, function.body.region));
        if let Some(known) = self.functions.get_mut(id) {
            known.body = body.unwrap_or(Node::Poison);
            known.slots = scope.slots;
            known.calls = scope.calls;
            known.size = scope.size;
            known.mentions_image = scope.mentions_image;
        }
    }

    /// Finds functions that reach themselves, and those that have grown too large or too deep; sums up what is called.
    fn reach(&mut self) {
        let mut order = Vec::new();
        let mut state = vec![State::New; self.functions.len()];
        for start in 0..self.functions.len() {
            self.visit(start, &mut state, &mut order);
        }
        let mut depth = vec![0_usize; self.functions.len()];
        for id in order {
            let Some(function) = self.functions.get(id) else { continue };
            let called: Vec<&Function> = function.calls.iter().filter_map(|call| self.functions.get(*call)).collect();
            let size = called.iter().fold(function.size, |sum, call| sum.saturating_add(call.size));
            let image = function.mentions_image || called.iter().any(|call| call.mentions_image);
            let deep = function.calls.iter().filter_map(|call| depth.get(*call)).max().map_or(0, |deepest| deepest + 1);
            if let Some(depth) = depth.get_mut(id) {
                *depth = deep;
            }
            if size > MAX_SIZE || deep > MAX_CALLS {
                let message = format!("the function `{}` has become too large with all that it calls", function.name);
                let diagnostic = Diagnostic::new("function-too-large", Severity::Error, message)
                    .label(function.span.clone(), "here")
                    .help("call fewer functions in it");
                self.diagnostics.push(diagnostic);
            }
            if let Some(function) = self.functions.get_mut(id) {
                function.size = size.min(MAX_SIZE);
                function.mentions_image = image;
            }
        }
    }

    /// Depth first, without recursion: policies may hold many functions.
    fn visit(&mut self, start: usize, state: &mut [State], order: &mut Vec<usize>) {
        let mut stack = vec![(start, 0_usize)];
        while let Some((id, next)) = stack.pop() {
            let Some(current) = state.get_mut(id) else { continue };
            if *current == State::Done {
                continue;
            }
            *current = State::Open;
            let call = self.functions.get(id).and_then(|function| function.calls.get(next).copied());
            let Some(call) = call else {
                *current = State::Done;
                order.push(id);
                continue;
            };
            stack.push((id, next + 1));
            match state.get(call) {
                Some(State::Open) => {
                    if let Some(function) = self.functions.get(call) {
                        let diagnostic = Diagnostic::new(
                            "recursion",
                            Severity::Error,
                            format!("the function `{}` reaches itself", function.name),
                        )
                        .label(function.span.clone(), "calls itself, perhaps through others")
                        .note("a policy always ends, so no function may reach itself")
                        .help("range over a relation with `any`, `all` or `count`");
                        self.diagnostics.push(diagnostic);
                    }
                }
                Some(State::New) => stack.push((call, 0)),
                Some(State::Done) | None => {}
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}
