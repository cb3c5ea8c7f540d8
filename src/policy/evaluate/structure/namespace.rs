//! Names of one environment's modules to what they stand for, through imports and re-exports; never a class's own attributes.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, HashSet},
    rc::Rc,
};

use super::{
    binding::{Binder, Binding, Scope},
    builtins,
    definition::{Defined, Definition, Found, Presence, at},
    exports::exports,
    lineage::Lineage,
};
use crate::{
    facts::{Completeness, Environment, Import, Module, ModuleKind, schema},
    policy::{outcome::Evidence, shape::NamePattern},
};

/// Most names that are looked up on the way to one: a web of star imports is not followed for ever.
const MAX_STEPS: u32 = 20_000;
/// Most names that stand for one another in a row.
const MAX_ALIASES: u32 = 16;

/// A name in a module.
type Place<'a> = (*const Module, &'a str);
/// The module and line that lead to a name, where there are any.
type Origin<'a> = Option<(&'a Module, u32)>;

/// What the modules of one environment name.
pub(crate) struct Namespace<'a> {
    pub(super) environment: &'a Environment,
    modules: HashMap<&'a str, &'a Module>,
    known: RefCell<HashMap<Place<'a>, Rc<Found<'a>>>>,
    /// Names that are being looked up, the outermost among them.
    open: RefCell<HashSet<Place<'a>>>,
    /// What was found while a name was asked for again that is being looked up: good for the outermost one alone.
    provisional: RefCell<HashMap<Place<'a>, Rc<Found<'a>>>>,
    steps: Cell<u32>,
    /// Whether a name that is being looked up was asked for again.
    circular: Cell<bool>,
    pub(super) lineages: RefCell<HashMap<*const crate::facts::Class, Rc<Lineage<'a>>>>,
}

impl<'a> Namespace<'a> {
    /// The modules of an environment.
    pub(super) fn new(environment: &'a Environment) -> Self {
        Self {
            environment,
            modules: environment.modules.iter().map(|module| (module.name.as_str(), module)).collect(),
            known: RefCell::default(),
            open: RefCell::default(),
            provisional: RefCell::default(),
            steps: Cell::new(0),
            circular: Cell::new(false),
            lineages: RefCell::default(),
        }
    }

    /// What `name` stands for in a module, at its end or before a line of it. Nothing of this is kept: what one module says of
    /// itself is seldom asked for twice.
    pub(super) fn in_module(&self, module: &'a Module, name: &'a str, before: Option<u32>) -> Found<'a> {
        match unreadable(module) {
            Some(reason) => Found::unknown(reason),
            None => self.in_scope(module, Scope::module(module), name, before),
        }
    }

    /// What `name` stands for in a module that others import it from.
    fn lookup(&self, module: &'a Module, name: &'a str) -> Rc<Found<'a>> {
        let place = (std::ptr::from_ref(module), name);
        if let Some(known) = self.known.borrow().get(&place) {
            return Rc::clone(known);
        }
        let outermost = self.open.borrow().is_empty();
        if outermost {
            self.steps.set(0);
            self.circular.set(false);
            self.provisional.borrow_mut().clear();
        } else if let Some(known) = self.provisional.borrow().get(&place) {
            return Rc::clone(known);
        }
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > MAX_STEPS {
            return Rc::new(Found::unknown(at(module, None, format!("`{name}` is imported in too many ways to follow"))));
        }
        if !self.open.borrow_mut().insert(place) {
            self.circular.set(true);
            return Rc::new(Found::missing());
        }
        let found = Rc::new(self.in_module(module, name, None));
        self.open.borrow_mut().remove(&place);
        let kept = if outermost || !self.circular.get() { &self.known } else { &self.provisional };
        kept.borrow_mut().insert(place, Rc::clone(&found));
        found
    }

    /// What `name` stands for in a class's body.
    pub(super) fn in_class(&self, class: Defined<'a>, name: &'a str) -> Found<'a> {
        self.in_scope(class.module, Scope::class(class.class), name, None)
    }

    fn in_scope(&self, module: &'a Module, scope: Scope<'a>, name: &'a str, before: Option<u32>) -> Found<'a> {
        let mut definitions = Vec::new();
        let mut reasons = Vec::new();
        let mut is_sure = false;
        let bindings = scope.bindings(name, before);
        let declared = bindings.iter().find_map(|binding| match binding.binder {
            Binder::Variable(variable) => variable.annotation.is_some().then_some(variable),
            _ => None,
        });
        for Binding { binder, line, conditional } in bindings {
            match binder {
                // A declaration gives no value.
                Binder::Variable(variable) if variable.value.is_none() && variable.annotation.is_some() => continue,
                Binder::Variable(variable) => {
                    let annotation = variable.annotation.as_deref();
                    let annotation = annotation.or_else(|| declared.and_then(|declared| declared.annotation.as_deref()));
                    definitions.push(Definition::Variable(module, variable, annotation));
                }
                Binder::Function(function) => definitions.push(Definition::Function(module, function)),
                Binder::Class(class) => definitions.push(Definition::Class(Defined { module, class })),
                Binder::Import(import, taken) => definitions.extend(self.imported(module, import, taken)),
                Binder::Star(import) => {
                    let Some((found, presence)) = self.star(module, import, name) else { continue };
                    definitions.extend(found);
                    if let Presence::Unknown(more) = presence {
                        reasons.extend(more);
                        continue;
                    }
                }
            }
            if !conditional {
                is_sure = true;
                break;
            }
            reasons.push(at(module, Some(line), format!("`{name}` is bound only under a condition, or deleted later")));
        }
        if let Some(variable) = declared.filter(|_| !is_sure) {
            if definitions.is_empty() {
                definitions.push(Definition::Variable(module, variable, variable.annotation.as_deref()));
                let text = format!("`{name}` is declared only under a condition, or deleted later");
                reasons.extend(variable.conditional.then(|| at(module, Some(variable.line), text)));
            }
            is_sure |= !variable.conditional;
        }
        let is_module = std::ptr::eq(scope.imports, module.source.imports.as_slice());
        if is_sure || (before.is_none() && scope.has_alternatives(name)) {
            return Found { definitions, presence: Presence::Sure };
        }
        if let (true, Completeness::Incomplete(lacks)) = (is_module, &module.source.names_complete) {
            reasons.extend(lacks.iter().map(|lack| at(module, None, lack.to_string())));
        }
        if is_module && builtins::of_modules(name) {
            reasons.push(at(module, None, format!("every module has `{name}`")));
        }
        Found { definitions, presence: if reasons.is_empty() { Presence::Missing } else { Presence::Unknown(reasons) } }
    }

    /// What an import takes: a name from its target, or the target itself.
    fn imported(&self, module: &'a Module, import: &'a Import, taken: Option<&'a str>) -> Vec<Definition<'a>> {
        let target = schema::target(module, import);
        let origin = Some((module, import.line));
        match taken {
            Some(name) => self.taken(&target, name, origin),
            None if import.bound.is_empty() => {
                vec![self.module_named(target.split('.').next().unwrap_or_default(), origin)]
            }
            None => vec![self.module_named(&target, origin)],
        }
    }

    fn module_named(&self, name: &str, origin: Origin<'a>) -> Definition<'a> {
        match self.modules.get(name) {
            Some(module) => Definition::Module(module),
            None => foreign(name.to_owned(), origin, format!("`{name}` is not in the environment")),
        }
    }

    /// What `from target import name` takes; it surely takes something, or the importing module does not load.
    fn taken(&self, target: &str, name: &'a str, origin: Origin<'a>) -> Vec<Definition<'a>> {
        let full = || format!("{target}.{name}");
        let Some(module) = self.modules.get(target) else {
            return vec![foreign(full(), origin, format!("`{target}` is not in the environment"))];
        };
        let found = self.lookup(module, name);
        if !found.definitions.is_empty() {
            return found.definitions.clone();
        }
        if let Some(module) = self.modules.get(full().as_str()) {
            return vec![Definition::Module(module)];
        }
        match &found.presence {
            Presence::Unknown(reasons) => {
                reasons.first().map(|reason| Definition::Foreign(full(), reason.clone())).into_iter().collect()
            }
            _ => vec![foreign(full(), origin, format!("`{target}` does not define `{name}`"))],
        }
    }

    /// What `from target import *` makes of `name`: nothing, or definitions and whether it is among what is taken.
    fn star(&self, module: &'a Module, import: &'a Import, name: &'a str) -> Option<(Vec<Definition<'a>>, Presence)> {
        let target = schema::target(module, import);
        let full = || format!("{target}.{name}");
        let unknown = |text: String| {
            let reason = at(module, Some(import.line), text);
            Some((vec![Definition::Foreign(full(), reason.clone())], Presence::Unknown(vec![reason])))
        };
        let Some(source) = self.modules.get(target.as_str()) else {
            return unknown(format!("`{target}` is not in the environment: what `*` takes from it is not known"));
        };
        if let Some(reason) = unreadable(source) {
            return unknown(format!("what `*` takes from `{target}` is not known: {}", reason.text));
        }
        let is_exported = exports(source, name);
        if is_exported == Some(false) {
            return None;
        }
        let found = self.lookup(source, name);
        match (&found.presence, self.modules.get(full().as_str())) {
            (Presence::Missing, Some(module)) if is_exported == Some(true) && name_is_listed(source, name) => {
                Some((vec![Definition::Module(module)], Presence::Sure))
            }
            (Presence::Missing, _) => None,
            (Presence::Unknown(reasons), _) if found.definitions.is_empty() => {
                let reason = reasons.first().map(|reason| reason.text.clone()).unwrap_or_default();
                unknown(format!("what `*` takes from `{target}` is not known: {reason}"))
            }
            (presence, _) => {
                let reason = at(module, Some(import.line), format!("whether `{target}` exports `{name}` is not known"));
                let presence = if is_exported.is_none() { Presence::Unknown(vec![reason]) } else { presence.clone() };
                Some((found.definitions.clone(), presence))
            }
        }
    }

    /// What a dotted name stands for in a module before a line of it; what is computed is not known.
    pub(super) fn named(&self, module: &'a Module, text: &'a str, before: u32) -> Vec<Definition<'a>> {
        self.dotted(module, text, before, MAX_ALIASES)
    }

    fn dotted(&self, module: &'a Module, text: &'a str, before: u32, aliases: u32) -> Vec<Definition<'a>> {
        let origin = Some((module, before));
        let bare = text.split('[').next().unwrap_or_default().trim();
        if !is_dotted(bare) {
            return vec![foreign(String::new(), origin, format!("`{text}` is computed"))];
        }
        let mut segments = bare.split('.');
        let first = segments.next().unwrap_or_default();
        let found = self.in_module(module, first, Some(before));
        let mut definitions = found.definitions;
        match found.presence {
            Presence::Sure => {}
            Presence::Unknown(reasons) => {
                definitions.extend(reasons.into_iter().next().map(|reason| Definition::Foreign(String::new(), reason)));
            }
            Presence::Missing => definitions.push(match builtins::builtin(first) {
                Some(builtin) => Definition::Builtin(builtin),
                None => foreign(first.to_owned(), origin, format!("`{first}` is not defined in `{}`", module.name)),
            }),
        }
        for segment in segments {
            definitions = definitions.into_iter().flat_map(|owner| self.attribute(owner, segment, origin)).collect();
        }
        definitions.into_iter().flat_map(|definition| self.follow(definition, aliases)).collect()
    }

    /// What a variable that is another name for something stands for.
    pub(super) fn followed(&self, definition: Definition<'a>) -> Vec<Definition<'a>> {
        self.follow(definition, MAX_ALIASES)
    }

    fn follow(&self, definition: Definition<'a>, aliases: u32) -> Vec<Definition<'a>> {
        let Definition::Variable(module, variable, _) = &definition else { return vec![definition] };
        match variable.value.as_deref().filter(|value| is_dotted(value) && aliases > 0) {
            Some("None" | "True" | "False") | None => vec![definition],
            Some(value) => self.dotted(module, value, variable.line, aliases - 1),
        }
    }

    fn attribute(&self, owner: Definition<'a>, name: &'a str, origin: Origin<'a>) -> Vec<Definition<'a>> {
        match owner {
            Definition::Module(module) => self.taken(&module.name, name, origin),
            Definition::Foreign(owner, reason) if owner.is_empty() => vec![Definition::Foreign(owner, reason)],
            Definition::Foreign(owner, reason) => vec![Definition::Foreign(format!("{owner}.{name}"), reason)],
            Definition::Class(class) => {
                let text = format!("what is inside of the class `{}` is not followed", class.name());
                vec![foreign(format!("{}.{name}", class.name()), origin, text)]
            }
            Definition::Function(..) | Definition::Variable(..) | Definition::Builtin(_) => {
                vec![foreign(String::new(), origin, format!("`{name}` is an attribute of a value"))]
            }
        }
    }

    /// What a full name stands for, whichever module has it; nothing where no module of the environment does.
    pub(super) fn full_name(&self, name: &'a str) -> Vec<Definition<'a>> {
        let Some((module, last)) = name.rsplit_once('.') else { return Vec::new() };
        if !self.modules.contains_key(module) {
            return Vec::new();
        }
        let found = self.taken(module, last, None);
        found.into_iter().flat_map(|definition| self.followed(definition)).collect()
    }

    /// The names that a pattern matches of all that a module may bind, by star imports too; and why there may be more.
    pub(super) fn names(&self, module: &'a Module, pattern: &NamePattern) -> (Vec<&'a str>, Vec<Evidence>) {
        let (mut names, mut lacks) = (Vec::new(), Vec::new());
        let mut take = |name: &'a str| names.extend(pattern.matches(name).then_some(name));
        let mut pending = vec![module];
        let mut seen: HashSet<*const Module> = HashSet::new();
        while let Some(source) = pending.pop() {
            if !seen.insert(std::ptr::from_ref(source)) {
                continue;
            }
            if let Some(reason) = unreadable(source) {
                lacks.push(reason);
                continue;
            }
            if let Completeness::Incomplete(reasons) = &source.source.names_complete {
                lacks.extend(reasons.iter().map(|reason| at(source, None, reason.to_string())));
            }
            let scope = Scope::module(source);
            scope.functions.iter().for_each(|function| take(&function.name));
            scope.classes.iter().for_each(|class| take(&class.name));
            scope.variables.iter().for_each(|variable| take(&variable.name));
            for import in scope.imports {
                if import.names.first().is_some_and(|taken| taken == "*") {
                    let target = schema::target(source, import);
                    match self.modules.get(target.as_str()) {
                        Some(target) => pending.push(target),
                        None => lacks.push(at(
                            source,
                            Some(import.line),
                            format!("`{target}` is not in the environment: what `*` takes from it is not known"),
                        )),
                    }
                } else {
                    let bound = if import.bound.is_empty() { &import.names } else { &import.bound };
                    bound.iter().for_each(|bound| take(bound));
                }
            }
        }
        names.sort_unstable();
        names.dedup();
        (names, lacks)
    }
}

/// Why nothing is known of what a module holds.
pub(super) fn unreadable(module: &Module) -> Option<Evidence> {
    if let Some(error) = &module.source.error {
        return Some(at(module, Some(error.line), format!("the module does not parse: {}", error.message)));
    }
    if module.kind == ModuleKind::Builtin {
        return Some(at(module, None, "a builtin module has no source".into()));
    }
    schema::unread(module).map(|reason| at(module, None, reason.to_string()))
}

fn name_is_listed(module: &Module, name: &str) -> bool {
    exports(module, name) == Some(true) && module.source.variables.iter().any(|variable| variable.name == "__all__")
}

fn foreign<'a>(name: String, origin: Origin<'a>, text: String) -> Definition<'a> {
    let reason = match origin {
        Some((module, line)) => at(module, Some(line), text),
        None => Evidence { text, path: None, line: None, layer: None },
    };
    Definition::Foreign(name, reason)
}

/// Whether a text is names with dots between.
fn is_dotted(text: &str) -> bool {
    let is_name = |part: &str| {
        part.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_')
            && part.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
    };
    text.split('.').all(is_name)
}
