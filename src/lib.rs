//! douane opens container images without running anything in them, learns what is inside, and checks it against policies.
//!
//! Data goes one way, through rooms in this order; a room imports only from rooms to its left:
//!
//! `limits`, `diagnostic`, `facts`, `image`, `source`, `extract`, `layer`, `filesystem`, `introspect`, `policy`, `finding`,
//! `report`, `scan`, `cli`.

pub mod cli;
pub mod diagnostic;
pub mod extract;
pub mod facts;
pub mod filesystem;
pub mod finding;
pub mod image;
pub mod introspect;
pub mod layer;
pub mod limits;
pub mod policy;
pub mod report;
pub mod scan;
pub mod source;
