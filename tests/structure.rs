//! Contracts on the structure of modules, end to end: Python texts to facts, a policy's text to verdicts.

#![expect(
    clippy::panic,
    clippy::print_stderr,
    reason = "a test stops where its own inputs are wrong, and prints what it measured"
)]

#[path = "structure/bases.rs"]
mod bases;
#[path = "structure/members.rs"]
mod members;
#[path = "structure/names.rs"]
mod names;
#[path = "structure/speed.rs"]
mod speed;
#[path = "structure/world.rs"]
mod world;
