//! Registries by the OCI distribution specification: names to images, blobs as streams, lists; never a file on this machine but those
//! that say who asks and whom to trust.

mod access;
mod agents;
mod authentication;
mod blob;
mod challenge;
mod client;
mod credentials;
mod endpoint;
mod error;
mod listing;
mod open;
mod proxies;
mod repository;
#[cfg(test)]
#[path = "../../../tests/registry/server.rs"]
mod server;
#[cfg(test)]
mod tests;
mod transport;
#[cfg(test)]
mod way_tests;

pub use access::{Login, Patience, RegistryAccess, Secret};
pub(super) use blob::RemoteBlob;
pub use error::{
    AuthoritiesProblem, ChallengeProblem, CutProblem, Found, ListingProblem, RedirectProblem, RegistryError, Said, Unreached,
    Who,
};
pub use listing::list;
pub(super) use open::open;
pub use proxies::Proxies;
