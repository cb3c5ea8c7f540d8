//! What describes packages and systems: metadata, records, package databases, `/etc` files.

#![no_main]

use douane::extract::{
    apk::apk_installed,
    conda_facts,
    core_metadata::core_metadata,
    direct_url::direct_url,
    dpkg::{dpkg_list, dpkg_md5sums, dpkg_status},
    entry_points::entry_points,
    os_release::os_release,
    passwd::passwd,
    pyproject::declared_dependencies,
    record::record,
    rpm_facts, script_facts,
};
use douane::limits::RpmLimits;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
    assert!(record(bytes).len() <= lines);
    assert!(passwd(bytes).len() <= lines);
    assert!(entry_points(bytes).len() <= lines);
    assert!(apk_installed(bytes).len() <= lines);
    assert!(dpkg_list(bytes).count() <= lines);
    assert!(dpkg_md5sums(bytes).count() <= lines);
    let _ = core_metadata(bytes);
    let _ = direct_url(bytes).map(|url| url.origin().is_ok());
    let _ = dpkg_status(bytes);
    let _ = os_release(bytes);
    let _ = script_facts(bytes);
    let _ = conda_facts(bytes);
    let _ = rpm_facts(bytes, &RpmLimits::default());
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = declared_dependencies(text);
    }
});
