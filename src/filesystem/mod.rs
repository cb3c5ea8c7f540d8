//! The merged tree of an image: whiteouts, links, provenance, lookups; never a path of the host.

mod tree;

pub use tree::{Node, NodeId, NodeKind, ResolveError, Resolved, Tree, Walk};
