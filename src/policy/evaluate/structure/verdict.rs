//! What a contract finds wrong, or cannot settle, as it is told; never how it was found.

use super::{
    definition::{Defined, Definition},
    signature::header,
};
use crate::{
    facts::Module,
    policy::{
        outcome::{ClausePlace, Evidence, Subject},
        shape::{Member, MemberKind, NamePattern},
    },
};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is not there.
    Missing,
    /// It is there, and other than asked.
    Different,
    /// It cannot be told whether anything is.
    Unknown,
}

/// One thing that is not, or may not be, as a member of a contract asks.
#[derive(Debug, Clone)]
pub(super) struct Mismatch<'a> {
    pub(super) fault: Fault,
    pub(super) subject: Subject,
    pub(super) message: String,
    pub(super) evidence: Vec<Evidence>,
    /// How many things differ.
    pub(super) faults: usize,
    /// Where the contract asks for it.
    pub(super) place: &'a ClausePlace,
}

impl Mismatch<'_> {
    /// Whether it is certain.
    pub(super) fn is_broken(&self) -> bool {
        self.fault != Fault::Unknown
    }
}

/// What has members.
#[derive(Debug, Clone)]
pub(super) enum Owner<'a> {
    /// A module.
    Module(&'a Module),
    /// A class, by the name under which it was found.
    Class(String, Defined<'a>),
}

impl<'a> Owner<'a> {
    /// Its full name.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Module(module) => module.name.to_string(),
            Self::Class(name, _) => name.clone(),
        }
    }

    /// The subject of what is said of it as a whole.
    pub(super) fn subject(&self) -> Subject {
        match self {
            Self::Module(module) => subject("module", self.name(), module, None),
            Self::Class(_, class) => subject("class", self.name(), class.module, Some(class.class.line)),
        }
    }
}

/// A subject in a module's file.
pub(super) fn subject(kind: &'static str, identity: String, module: &Module, line: Option<u32>) -> Subject {
    Subject { path: module.file.clone(), line, layer: module.layer, ..Subject::new(kind, identity) }
}

/// The subject of what is said of a definition, where it is one.
pub(super) fn definition(found: &Definition<'_>, identity: &str) -> Option<Subject> {
    let at = |kind, module, line| Some(subject(kind, identity.to_owned(), module, line));
    match found {
        Definition::Function(module, function) => at("function", module, Some(function.line)),
        Definition::Class(class) => at("class", class.module, Some(class.class.line)),
        Definition::Variable(module, variable, _) => at("variable", module, Some(variable.line)),
        Definition::Module(module) => at("module", module, None),
        Definition::Builtin(_) | Definition::Foreign(..) => None,
    }
}

/// A definition as Python has it, without its body.
pub(super) fn shown(found: &Definition<'_>) -> Option<String> {
    match found {
        Definition::Function(_, function) => Some(header(function)),
        Definition::Class(class) if class.class.bases.is_empty() => Some(format!("class {}", class.class.name)),
        Definition::Class(class) => Some(format!("class {}({})", class.class.name, class.class.bases.join(", "))),
        Definition::Variable(_, variable, annotation) => {
            let annotated = annotation.map(|annotation| format!(": {annotation}")).unwrap_or_default();
            let value = variable.value.as_ref().map(|value| format!(" = {value}")).unwrap_or_default();
            Some(format!("{}{annotated}{value}", variable.name))
        }
        Definition::Module(_) | Definition::Builtin(_) | Definition::Foreign(..) => None,
    }
}

/// The name that a member must have.
pub(super) fn pattern(member: &Member) -> &NamePattern {
    match &member.kind {
        MemberKind::Variable(shape) | MemberKind::InstanceAttribute(shape) => &shape.name,
        MemberKind::Function(shape) => &shape.name,
        MemberKind::Class(shape) => &shape.name,
    }
}

/// What a member must be, with an article.
pub(super) fn expected(member: &Member, owner: &Owner<'_>) -> &'static str {
    match (&member.kind, owner) {
        (MemberKind::Variable(_), Owner::Module(_)) => "a variable",
        (MemberKind::Variable(_), Owner::Class(..)) => "an attribute",
        (MemberKind::InstanceAttribute(_), _) => "an instance attribute",
        (MemberKind::Function(_), Owner::Module(_)) => "a function",
        (MemberKind::Function(_), Owner::Class(..)) => "a method",
        (MemberKind::Class(_), _) => "a class",
    }
}

/// What a definition is, with an article.
pub(super) fn found(definition: &Definition<'_>, owner: &Owner<'_>) -> &'static str {
    match (definition, owner) {
        (Definition::Function(_, function), Owner::Class(..)) if is_property(&function.decorators) => "a property",
        (Definition::Function(..), Owner::Class(..)) => "a method",
        (Definition::Function(..), Owner::Module(_)) => "a function",
        (Definition::Class(_) | Definition::Builtin(_), _) => "a class",
        (Definition::Variable(..), Owner::Module(_)) => "a variable",
        (Definition::Variable(..), Owner::Class(..)) => "an attribute",
        (Definition::Module(_), _) => "a module",
        (Definition::Foreign(..), _) => "not known",
    }
}

/// Whether decorators make a method be read as an attribute.
pub(super) fn is_property(decorators: &[impl AsRef<str>]) -> bool {
    decorators.iter().any(|decorator| {
        let name = decorator.as_ref().rsplit('.').next().unwrap_or_default();
        matches!(name, "property" | "cached_property" | "abstractproperty")
    })
}

/// "a and b", "a; b; c": a part may hold commas.
pub(super) fn joined(parts: &[String]) -> String {
    parts.join(if parts.len() > 2 { "; " } else { " and " })
}
