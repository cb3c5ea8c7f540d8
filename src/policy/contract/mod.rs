//! ImportSpy's YAML contracts as a second way to write policies: read with their places, lowered to the same syntax tree; never judging.

mod admission;
mod fields;
mod message;
mod scalar;
mod spy_model;
#[cfg(test)]
mod tests;
mod tree;
