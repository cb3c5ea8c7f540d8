//! One pass over a layer: decompress, verify, untar, select, extract; never writing to disk.

mod batch;
mod chunks;
mod content;
mod decompress;
mod directory;
mod error;
pub mod gap_code;
mod index;
mod layers;
mod pass;
mod select;
mod walk;

pub use batch::Workers;
pub use directory::read_directory;
pub use error::{LayerError, LayerProblem};
pub use index::{Entry, EntryKind, LayerGap, LayerIndex};
pub use layers::read_layers;
pub use pass::{ContentHashes, LayerOptions, LayerSummary, ReadLayer, read_layer};
pub use select::{Extract, FileKind, may_be_elf};

#[cfg(test)]
#[path = "pass_tests.rs"]
mod tests;
