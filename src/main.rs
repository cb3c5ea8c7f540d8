//! The `douane` command.

fn main() {}
