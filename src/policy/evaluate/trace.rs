//! What the conditions of a plan came to while it was evaluated, for coverage; never a part of a verdict.

use std::collections::HashMap;

use super::truth::Truth;
use crate::policy::check::resolved::Node;

/// What one condition came to, over all subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Seen {
    /// It held for some subject.
    pub(crate) held: bool,
    /// It did not hold for some subject.
    pub(crate) refuted: bool,
}

/// What the conditions of a plan came to.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    /// By the node's place in memory: the plan stays where it is while it is evaluated and asked about.
    seen: HashMap<*const Node, Seen>,
}

impl Trace {
    pub(super) fn note(&mut self, node: &Node, truth: &Truth) {
        let seen = self.seen.entry(node).or_default();
        match truth {
            Truth::True => seen.held = true,
            Truth::False => seen.refuted = true,
            Truth::Unknown(_) => {}
        }
    }

    /// What a condition of the same plan came to.
    pub(crate) fn of(&self, node: &Node) -> Seen {
        self.seen.get(&std::ptr::from_ref(node)).copied().unwrap_or_default()
    }
}
