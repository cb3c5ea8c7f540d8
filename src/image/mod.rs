//! What an image says of itself: reference, digest, platform, manifest, config; never any reading.

mod path;

pub use path::ImagePath;
