//! Where images come from: each source opens one and yields its layers as streams; never unpacking them.

mod archive;
mod blob_store;
mod choice;
mod detect;
mod docker_archive;
mod error;
#[cfg(test)]
pub(crate) mod fixture;
mod layer_blob;
mod manifest_image;
mod oci;
mod oci_archive;
mod oci_layout;
pub mod registry;
mod root;
mod tar_header;
mod tar_stream;

use std::sync::Arc;

use registry::RegistryAccess;

use crate::{
    facts::{Gap, Target},
    image::{ImageConfig, Platform},
    limits::Limits,
};

pub use detect::open;
pub use error::SourceError;
pub use layer_blob::LayerBlob;
pub use root::{RootFileSystem, part_of_machine};
pub use tar_stream::{Member, MemberKind, Skip, Storage, TarError, TarStream};

/// How to open a target.
#[derive(Debug, Clone)]
pub struct OpenOptions<'limits> {
    /// The platform that was asked for; without one, the only one there, or this machine's.
    pub platform: Option<Platform>,
    /// Ceilings on what is read.
    pub limits: &'limits Limits,
    /// How registries are reached.
    pub registries: &'limits Arc<RegistryAccess>,
}

/// An image, root file system or machine that was found and can be read.
#[derive(Debug)]
pub struct OpenedImage {
    /// What it is, for a person.
    pub target: Target,
    /// The image's configuration; none for a root file system.
    pub config: Option<ImageConfig>,
    /// Where its files are.
    pub contents: Contents,
    /// What the source could not make sense of.
    pub gaps: Vec<Gap>,
}

/// Where an image's files are.
#[derive(Debug)]
pub enum Contents {
    /// In layers, from the bottom.
    Layers(Vec<LayerBlob>),
    /// In a directory.
    Root(RootFileSystem),
}
