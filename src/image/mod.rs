//! What an image says of itself: reference, digest, platform, manifest, config; never any reading.

mod config;
mod digest;
mod manifest;
mod path;
mod platform;
mod reference;

pub use config::{ConfigError, ImageConfig};
pub use digest::{Algorithm, Digest, DigestError, Hasher};
pub use manifest::{Document, DocumentError};
pub use path::ImagePath;
pub use platform::{Platform, PlatformError};
pub use reference::{Reference, ReferenceError, Scheme};
