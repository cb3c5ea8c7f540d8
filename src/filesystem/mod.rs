//! The merged tree of an image: whiteouts, links, provenance, lookups; never a path of the host.

mod merge;
mod tree;

pub use merge::merge;
pub use tree::{Node, NodeId, NodeKind, ResolveError, Resolved, Tree, Walk};
