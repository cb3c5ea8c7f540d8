//! What a name stands for, and whether it is there; never how it was found.

use crate::{
    facts::{Class, Function, Module, Variable},
    policy::outcome::Evidence,
};

/// A class and the module that defines it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Defined<'a> {
    pub(super) module: &'a Module,
    pub(super) class: &'a Class,
}

impl Defined<'_> {
    /// The class's full name.
    pub(super) fn name(self) -> String {
        format!("{}.{}", self.module.name, self.class.name)
    }

    /// Whether it is the same class.
    pub(super) fn is(self, other: Self) -> bool {
        std::ptr::eq(self.class, other.class)
    }
}

/// What a name may stand for.
#[derive(Debug, Clone)]
pub(super) enum Definition<'a> {
    /// A function or method, and the module that defines it.
    Function(&'a Module, &'a Function),
    /// A class.
    Class(Defined<'a>),
    /// A variable with its module, and the annotation of its own or of a statement before.
    Variable(&'a Module, &'a Variable, Option<&'a str>),
    /// A module.
    Module(&'a Module),
    /// A builtin class.
    Builtin(&'static str),
    /// Something that is not known: its full name where that is known, else nothing, and why.
    Foreign(String, Evidence),
}

/// Whether a name is there.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Presence {
    /// It is.
    Sure,
    /// It may be: why that is not known.
    Unknown(Vec<Evidence>),
    /// It is not.
    Missing,
}

/// All that a name may stand for, the likeliest first.
#[derive(Debug, Clone)]
pub(super) struct Found<'a> {
    pub(super) definitions: Vec<Definition<'a>>,
    pub(super) presence: Presence,
}

impl Found<'_> {
    /// Nothing, and that is known.
    pub(super) fn missing() -> Self {
        Self { definitions: Vec::new(), presence: Presence::Missing }
    }

    /// Nothing is known.
    pub(super) fn unknown(reason: Evidence) -> Self {
        Self { definitions: Vec::new(), presence: Presence::Unknown(vec![reason]) }
    }
}

/// A fact about a module, at a line of its file.
pub(super) fn at(module: &Module, line: Option<u32>, text: String) -> Evidence {
    Evidence { text, path: module.file.clone(), line, layer: module.layer }
}
