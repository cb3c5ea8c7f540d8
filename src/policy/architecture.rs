//! What rules over the import graph ask: chains, layers, independence, cycles; never the graph itself.

use super::check::resolved::Side;
use crate::{diagnostic::Span, facts::ImportKind};

/// Imports that do not count: for a ban over chains, edges that are taken out of the graph.
#[derive(Debug, Clone, Default)]
pub(crate) struct Exempt {
    /// `except C -> D`: edges from a module of the first side to one of the second.
    pub(crate) exceptions: Vec<(Side, Side, Span)>,
    /// `ignoring`: kinds of import.
    pub(crate) ignoring: Vec<ImportKind>,
}

/// `forbid import A ->* B via C`.
///
/// Broken by every module of A from which a chain of imports leads to a module of B, no module in between lying in A, in B or in C. (A
/// chain through another module of A is that module's to answer for: a finding names the last module of A on the way.) A
/// module that lies in both A and B is only a source: it is not its own target. Imports between modules of A and B are chains of length one.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    /// Where chains begin.
    pub(crate) from: Side,
    /// Where they must not lead.
    pub(crate) to: Side,
    /// The gateways: what a chain passes through to be allowed. Empty without `via`.
    pub(crate) via: Side,
    /// Edges that do not count.
    pub(crate) exempt: Exempt,
    /// The slots of `importer` and `imported` in messages.
    pub(crate) slots: (usize, usize),
}

/// `layers in A { a > b | c > d }`.
///
/// A layer is a module and all below it. Broken by a chain of imports from a layer to a higher one (or to an independent
/// sibling; or past a closed layer to one below it), no module in between lying in any layer of the same container.
#[derive(Debug, Clone)]
pub(crate) struct Layers {
    /// The modules that hold the layers: every match is a container on its own. `None`: the layers' names are whole.
    pub(crate) containers: Option<Side>,
    /// From the highest to the lowest.
    pub(crate) rows: Vec<Row>,
    /// Edges that do not count.
    pub(crate) exempt: Exempt,
}

/// Layers of one height.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The layers.
    pub(crate) layers: Vec<Layer>,
    /// Whether they may import each other.
    pub(crate) siblings: Siblings,
    /// Whether what is higher must not reach what is lower but through this row.
    pub(crate) closed: bool,
}

/// Whether layers of one height may import each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Siblings {
    /// `a | b`: they must not.
    Independent,
    /// `a, b`: they may.
    Free,
}

/// One layer.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    /// Its dotted name, below the container where there is one.
    pub(crate) name: String,
    /// Whether it may be missing.
    pub(crate) optional: bool,
}

/// `independent {a, b, c.*}`.
///
/// Every module that matches is a member, with all that lies below it; one that lies below another member is a part of that. Broken by
/// a chain of imports from one member to another, no module in between lying in any member.
#[derive(Debug, Clone)]
pub(crate) struct Independent {
    /// The members.
    pub(crate) members: Side,
    /// Edges that do not count.
    pub(crate) exempt: Exempt,
}

/// `acyclic acme.**`: no module that matches is on a cycle of imports among modules that match.
#[derive(Debug, Clone)]
pub(crate) struct Acyclic {
    /// The modules.
    pub(crate) modules: Side,
    /// Edges that do not count.
    pub(crate) exempt: Exempt,
}
