//! Text to a spanned tree, with every error of a file at once; never a resolved name.

pub mod ast;
mod errors;
mod expectations;
mod lower;
mod parse;
mod pieces;
mod print;
mod recover;
#[cfg(test)]
mod recovery_tests;
mod scan;
#[cfg(test)]
mod tests;
pub mod words;

pub use parse::{header, parse};
pub use print::{format, print, print_expression, print_template, print_type};
