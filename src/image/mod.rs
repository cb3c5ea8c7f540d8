//! What an image says of itself: reference, digest, platform, manifest, config; never any reading.

mod config;
mod digest;
mod image_name;
mod manifest;
mod path;
mod platform;
mod reference;

pub use config::{ConfigError, ImageConfig};
pub use digest::{Algorithm, Digest, DigestError, Hasher};
pub use image_name::{ImageName, ImageNameError, RegistryPlace};
pub use manifest::{Document, DocumentError};
pub use path::ImagePath;
pub use platform::{Platform, PlatformError};
pub use reference::{Reference, ReferenceError, Scheme};
