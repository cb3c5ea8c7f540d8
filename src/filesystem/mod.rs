//! The merged tree of an image: whiteouts, links, provenance, lookups; never a path of the host.

mod loss;
mod merge;
mod tree;

pub use loss::{entries_lost, may_be_elf, may_lie_in, mounted_twice};
pub use merge::merge;
pub use tree::{Node, NodeId, NodeKind, ResolveError, Resolved, Tree, Walk};
