//! What changes the path of a Python: `.pth`, `._pth` and `pyvenv.cfg`.

#![no_main]

use douane::extract::{
    path_config::path_config,
    pth::{ByteOrderMark, pth},
    pyvenv::pyvenv,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    assert!(pth(bytes, ByteOrderMark::Keep).len() <= bytes.len() + 1);
    let _ = pth(bytes, ByteOrderMark::Skip);
    let _ = pyvenv(bytes);
    let _ = path_config(bytes);
});
