//! The tree of structure contracts: what a module must have; never a judgement.

use super::{Name, Patterns, Region};

/// `every module A has { ... }`.
#[derive(Debug, Clone)]
pub struct Structure {
    /// The modules.
    pub modules: Patterns,
    /// What they must have.
    pub members: Vec<Member>,
}

/// Something that a module or class must have.
#[derive(Debug, Clone)]
pub struct Member {
    /// `optional`: it may be missing.
    pub optional: bool,
    /// `@decorator`, without `@`.
    pub decorators: Vec<Name>,
    /// What it is.
    pub kind: MemberKind,
    /// All of it.
    pub region: Region,
}

/// What a member is.
#[derive(Debug, Clone)]
pub enum MemberKind {
    /// `class Name(Base) { ... }`.
    Class(ClassMember),
    /// `def name(parameters) -> annotation`.
    Function(FunctionMember),
    /// `name: annotation = value`, `self.name: annotation = value`.
    Attribute(AttributeMember),
}

/// A class.
#[derive(Debug, Clone)]
pub struct ClassMember {
    /// Its name, perhaps with `*`.
    pub name: Name,
    /// Its superclasses.
    pub bases: Vec<Base>,
    /// What it must have.
    pub members: Vec<Member>,
}

/// A superclass, with what it must have in turn.
#[derive(Debug, Clone)]
pub struct Base {
    /// Its full name, or the last segment.
    pub name: Name,
    /// Superclasses of its own.
    pub bases: Vec<Base>,
    /// What it must have.
    pub members: Vec<Member>,
}

/// A function or method.
#[derive(Debug, Clone)]
pub struct FunctionMember {
    /// Its name, perhaps with `*`.
    pub name: Name,
    /// `async def`.
    pub is_async: bool,
    /// Its parameters, where something is said of them.
    pub signature: Option<Signature>,
    /// The return annotation as written.
    pub returns: Option<Name>,
}

/// Parameters.
#[derive(Debug, Clone)]
pub struct Signature {
    /// `with (...)`: by name alone.
    pub by_name: bool,
    /// What stands between the parentheses.
    pub parts: Vec<SignaturePart>,
}

/// What stands between the parentheses of a signature.
#[derive(Debug, Clone)]
pub enum SignaturePart {
    /// `...`: any others.
    Others(Region),
    /// `/`: what stands before is positional only.
    Slash(Region),
    /// `*`: what follows is keyword only.
    Star(Region),
    /// A parameter.
    Parameter(ParameterMember),
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct ParameterMember {
    /// Its name, without stars.
    pub name: Name,
    /// Stars before it: none, one or two.
    pub stars: u8,
    /// Its annotation as written.
    pub annotation: Option<Name>,
    /// Its default.
    pub default: Option<PythonValue>,
}

/// A variable or attribute.
#[derive(Debug, Clone)]
pub struct AttributeMember {
    /// Its name, perhaps with `*`.
    pub name: Name,
    /// `self.`: an attribute of instances.
    pub instance: bool,
    /// Its annotation as written.
    pub annotation: Option<Name>,
    /// Its value.
    pub value: Option<PythonValue>,
}

/// A value of Python.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PythonValue {
    /// `...`: any.
    Any,
    /// `None`.
    None,
    /// `True`, `False`.
    Boolean(bool),
    /// A number as written.
    Number(String),
    /// Text.
    Text(String),
}
