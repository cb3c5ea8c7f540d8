//! ImportSpy's YAML contracts as a second way to write policies: read with their places, lowered to the same syntax tree; never judging.

mod admission;
mod fields;
mod spy_model;
#[cfg(test)]
mod tests;

use super::tree::{self, message, scalar};
