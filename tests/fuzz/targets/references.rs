//! What a person may write for an image, and the names in one.

#![no_main]

use douane::{
    image::{Digest, ImagePath, Platform, Reference},
    report::sanitise,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(path) = ImagePath::new(bytes) {
        assert_eq!(ImagePath::new(path.as_bytes()).as_ref(), Some(&path), "it is normalised");
        assert!(path.components().all(|name| !matches!(name, b"" | b"." | b"..")));
        assert!(!path.to_string().chars().any(char::is_control));
        if let (Some(parent), false) = (path.parent(), path.is_root()) {
            assert_eq!(parent.join(path.file_name()), path);
        }
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    assert!(!sanitise(text).chars().any(char::is_control));
    if let Ok(reference) = Reference::parse(text) {
        let _ = reference.readings().count();
    }
    if let Ok(platform) = Platform::parse(text) {
        assert!(Platform::parse(&platform.to_string()).is_ok_and(|again| again.matches(&platform)));
    }
    if let Ok(digest) = Digest::parse(text) {
        assert_eq!(digest.to_string(), text);
        assert!(digest.hex().bytes().all(|digit| digit.is_ascii_hexdigit()), "it is put into paths");
    }
});
