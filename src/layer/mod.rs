//! One pass over a layer: decompress, verify, untar, select, extract; never writing to disk.

mod index;

pub use index::{Entry, EntryKind, LayerGap, LayerIndex};
