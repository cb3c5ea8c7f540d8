//! The statements that bind one name in a module or class, in order; never what lies behind an import.

use crate::facts::{Class, Function, Import, ImportKind, Module, Variable};

/// A module, or a class's body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) functions: &'a [Function],
    pub(super) classes: &'a [Class],
    pub(super) variables: &'a [Variable],
    pub(super) imports: &'a [Import],
    alternatives: &'a [smol_str::SmolStr],
}

/// What binds a name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Binder<'a> {
    Function(&'a Function),
    Class(&'a Class),
    Variable(&'a Variable),
    /// An import, and the name that it takes from its target; none where it binds a module.
    Import(&'a Import, Option<&'a str>),
    /// `from target import *`, which may bind it.
    Star(&'a Import),
}

/// A statement that binds a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Binding<'a> {
    pub(super) binder: Binder<'a>,
    pub(super) line: u32,
    pub(super) conditional: bool,
}

impl<'a> Scope<'a> {
    /// A module's names.
    pub(super) fn module(module: &'a Module) -> Self {
        let source = &module.source;
        Self {
            functions: &source.functions,
            classes: &source.classes,
            variables: &source.variables,
            imports: &source.imports,
            alternatives: &source.alternatives,
        }
    }

    /// The names of a class's body.
    pub(super) fn class(class: &'a Class) -> Self {
        Self {
            functions: &class.methods,
            classes: &class.classes,
            variables: &class.attributes,
            imports: &[],
            alternatives: &class.alternatives,
        }
    }

    /// Whether a name is there whichever of its conditional definitions is taken.
    pub(super) fn has_alternatives(&self, name: &str) -> bool {
        self.alternatives.iter().any(|known| known == name)
    }

    /// What binds `name` before a line, from the last.
    pub(super) fn bindings(&self, name: &str, before: Option<u32>) -> Vec<Binding<'a>> {
        let mut found = Vec::new();
        let functions = self.functions.iter().filter(|function| function.name == name && !is_partial(function));
        found.extend(functions.map(|function| Binding {
            binder: Binder::Function(function),
            line: function.line,
            conditional: function.conditional,
        }));
        found.extend(self.classes.iter().filter(|class| class.name == name).map(|class| Binding {
            binder: Binder::Class(class),
            line: class.line,
            conditional: class.conditional,
        }));
        found.extend(self.variables.iter().filter(|variable| variable.name == name).map(|variable| Binding {
            binder: Binder::Variable(variable),
            line: variable.line,
            conditional: variable.conditional,
        }));
        for import in self.imports {
            let conditional = match import.kind {
                ImportKind::TopLevel => false,
                ImportKind::Conditional | ImportKind::Guarded => true,
                ImportKind::Function | ImportKind::TypeChecking | ImportKind::Dynamic => continue,
            };
            let binder = binder(import, name);
            found.extend(binder.map(|binder| Binding { binder, line: import.line, conditional }));
        }
        if let Some(before) = before {
            found.retain(|binding| binding.line < before);
        }
        found.sort_by_key(|binding| std::cmp::Reverse(binding.line));
        found
    }
}

/// How an import binds `name`.
fn binder<'a>(import: &'a Import, name: &str) -> Option<Binder<'a>> {
    if import.names.is_empty() && import.level == 0 {
        let first = import.target.split('.').next().unwrap_or_default();
        let bound = import.bound.first().map_or(first, |bound| bound.as_str());
        return (bound == name).then_some(Binder::Import(import, None));
    }
    if import.names.first().is_some_and(|taken| taken == "*") {
        return Some(Binder::Star(import));
    }
    let bound = if import.bound.is_empty() { &import.names } else { &import.bound };
    let place = bound.iter().rposition(|bound| bound == name)?;
    Some(Binder::Import(import, Some(import.names.get(place)?)))
}

/// Whether a definition only adds to another: an overload, or what a property does beside being read.
fn is_partial(function: &Function) -> bool {
    function.decorators.iter().any(|decorator| {
        let last = decorator.rsplit('.').next().unwrap_or_default();
        last == "overload" || (decorator.contains('.') && matches!(last, "setter" | "deleter"))
    })
}
