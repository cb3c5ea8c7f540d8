//! Zip archives on the path of a Python, within limits.

#![no_main]

use douane::{
    extract::{FileFacts, zip_facts},
    limits::ZipLimits,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = ZipLimits { members: 64, member: 1 << 16, inflated: 1 << 18, small: 1 << 12, ..ZipLimits::default() };
    if let FileFacts::Zip(facts) = zip_facts(bytes, &limits) {
        assert!(facts.members.len() <= limits.members);
    }
});
