//! ELF files, and what is looked for in them.

#![no_main]

use douane::extract::elf_facts;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = elf_facts(bytes);
});
