//! Manifests, indexes and configurations: refused or read, and no secret of a configuration is kept.

#![no_main]

use douane::image::{Document, ImageConfig};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(error) = Document::parse(bytes) {
        let _ = error.to_string();
    }
    match ImageConfig::parse(bytes) {
        Ok(config) => {
            assert_eq!(config.created_by.len(), config.diff_ids.len());
            let shown = serde_json::to_string(&config.image).expect("JSON");
            for variable in &config.image.env {
                let _ = (variable.name.len(), variable.value.shown().len());
            }
            assert!(!shown.is_empty());
        }
        Err(error) => drop(error.to_string()),
    }
});
