//! The tree of rules over the import graph; never a resolved module.

use super::{Name, Patterns, Region};

/// `import A -> B except C -> D ignoring {...}`, `import A ->* B via C ...`.
#[derive(Debug, Clone)]
pub struct ImportBan {
    /// Importing modules.
    pub from: Patterns,
    /// Imported modules.
    pub to: Patterns,
    /// `->` or `->*`.
    pub reach: Reach,
    /// `via C`: the gateways of a chain.
    pub via: Option<Patterns>,
    /// What does not count.
    pub exempt: Exempt,
}

/// How far a ban reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// `->`: the import itself.
    Direct,
    /// `->*`: chains of imports of any length.
    Chain,
}

/// Imports that do not count.
#[derive(Debug, Clone, Default)]
pub struct Exempt {
    /// `except A -> B`: what is allowed all the same.
    pub exceptions: Vec<(Patterns, Patterns, Region)>,
    /// `ignoring {...}`: kinds of import that do not count.
    pub ignoring: Vec<Name>,
}

/// `protected A only from B`.
#[derive(Debug, Clone)]
pub struct Protected {
    /// What is protected.
    pub modules: Patterns,
    /// Who may import it.
    pub importers: Patterns,
    /// What does not count.
    pub exempt: Exempt,
}

/// `layers in A { a > b | c > d }`.
#[derive(Debug, Clone)]
pub struct Layers {
    /// The modules that hold the layers.
    pub containers: Option<Patterns>,
    /// From the highest.
    pub rows: Vec<Row>,
    /// What does not count.
    pub exempt: Exempt,
}

/// Layers of one height.
#[derive(Debug, Clone)]
pub struct Row {
    /// `closed`.
    pub closed: bool,
    /// What stands between them.
    pub siblings: Siblings,
    /// The layers.
    pub layers: Vec<Layer>,
}

/// What stands between layers of one height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Siblings {
    /// `a | b`, also where there is but one.
    Independent,
    /// `a, b`.
    Free,
}

/// One layer.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Its name.
    pub name: Name,
    /// `optional`.
    pub optional: bool,
}

/// `independent A`, `acyclic A`.
#[derive(Debug, Clone)]
pub struct Group {
    /// The modules.
    pub modules: Patterns,
    /// What does not count.
    pub exempt: Exempt,
}
