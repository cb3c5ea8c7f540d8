//! Python sources: any bytes are read or said to be unreadable, on a stack that is deep enough.

#![no_main]

use douane::extract::python::source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let facts = source(bytes);
    assert!(facts.imports.len() <= bytes.len());
});
