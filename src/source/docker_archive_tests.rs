//! Archives of `docker save`, old and new, with one image and with several.

use std::{fs, sync::Arc};

use serde_json::json;

use crate::{
    image::Platform,
    limits::Limits,
    source::{
        Contents, OpenOptions, OpenedImage, SourceError,
        fixture::{Tar, config, gzip, sha256},
        open,
    },
};

fn opened(bytes: &[u8], choice: &str) -> Result<OpenedImage, SourceError> {
    opened_for(bytes, choice, None)
}

fn opened_for(bytes: &[u8], choice: &str, platform: Option<&str>) -> Result<OpenedImage, SourceError> {
    let file = tempfile::NamedTempFile::new().expect("a scratch file");
    fs::write(file.path(), bytes).expect("a scratch file");
    let platform = platform.map(|text| Platform::parse(text).expect("valid"));
    open(
        &format!("{}{choice}", file.path().display()),
        &OpenOptions { platform, limits: &Limits::default(), registries: &Arc::default() },
    )
}

fn failure(bytes: &[u8], choice: &str) -> String {
    opened(bytes, choice).expect_err("no image").to_string()
}

fn layer(content: &str) -> Vec<u8> {
    Tar::new().file("etc/hostname", content).bytes()
}

fn add(tar: Tar, path: &str, bytes: &[u8]) -> Tar {
    tar.member(tar::EntryType::Regular, path, 0o644, bytes, "")
}

/// As `docker save` wrote it before version 25: the second image's layer is a link to the first's.
fn old() -> Vec<u8> {
    let layer = layer("x");
    let (one, two) = (config("amd64", &[&layer]), config("arm64", &[&layer]));
    let (one_name, two_name) = (format!("{}.json", sha256(&one).hex()), format!("{}.json", sha256(&two).hex()));
    let manifest = json!([
        {"Config": one_name, "RepoTags": ["app:1", "app:latest"], "Layers": ["aa/layer.tar"]},
        {"Config": two_name, "RepoTags": ["localhost:5000/tool:2"], "Layers": ["bb/layer.tar"]},
    ]);
    let tar = add(Tar::new(), "aa/layer.tar", &layer).symlink("bb/layer.tar", "../aa/layer.tar");
    let tar = add(add(tar, &one_name, &one), &two_name, &two);
    tar.file("manifest.json", &manifest.to_string()).bytes()
}

#[test]
fn names_choose_and_may_leave_out_what_docker_fills_in() {
    let bytes = old();
    for choice in [":app", ":app:1", ":docker.io/library/app:1", ":@0"] {
        let opened = opened(&bytes, choice).unwrap_or_else(|error| panic!("{choice}: {error}"));
        assert_eq!(opened.target.platform.as_deref(), Some("linux/amd64"), "{choice}");
        assert_eq!(opened.target.source, "docker-archive");
    }
    for choice in [":localhost:5000/tool:2", ":localhost:5000/tool"] {
        assert_eq!(opened(&bytes, choice).expect("an image").target.platform.as_deref(), Some("linux/arm64"), "{choice}");
    }
}

#[test]
fn a_linked_layer_is_read_where_it_is() {
    let opened = opened(&old(), ":@1").expect("an image");
    let Contents::Layers(layers) = opened.contents else { panic!("no layers") };
    assert_eq!(layers[0].size, layer("x").len() as u64);
    assert_eq!(layers[0].diff_id, sha256(&layer("x")));
    assert_eq!(layers[0].digest, None);
}

#[test]
fn several_images_are_listed_when_the_choice_is_missing_or_wrong() {
    let error = failure(&old(), "");
    assert!(error.contains("holds several images: choose one of `app:1`, `app:latest`, `localhost:5000/tool:2`"), "{error}");
    let error = failure(&old(), ":other");
    assert!(error.contains("holds no image `other`: it holds `app:1`"), "{error}");
}

/// As Docker 25 writes it, with `index.json` beside `manifest.json`.
fn new(stored: &[u8], layer: &[u8]) -> Vec<u8> {
    let config = config("amd64", &[layer]);
    let (config_name, layer_name) =
        (format!("blobs/sha256/{}", sha256(&config).hex()), format!("blobs/sha256/{}", sha256(stored).hex()));
    let manifest = json!([{"Config": config_name, "RepoTags": null, "Layers": [layer_name]}]);
    let tar = add(add(Tar::new(), &config_name, &config), &layer_name, stored).file("index.json", "{}");
    tar.file("oci-layout", "{}").file("manifest.json", &manifest.to_string()).bytes()
}

#[test]
fn blobs_have_the_digest_of_their_name() {
    let stored = gzip(&layer("x"));
    let opened = opened(&new(&stored, &layer("x")), "").expect("the only image");
    let Contents::Layers(layers) = opened.contents else { panic!("no layers") };
    assert_eq!(layers[0].digest, Some(sha256(&stored)));
    assert_eq!(opened.target.digest, Some(sha256(&config("amd64", &[&layer("x")])).to_string()));
}

#[test]
fn the_configuration_must_match_its_name() {
    let bytes = String::from_utf8_lossy(&old()).replace("amd64", "amd65").into_bytes();
    assert!(failure(&bytes, ":app").contains("the image configuration of"), "{}", failure(&bytes, ":app"));
}

#[test]
fn the_platform_must_be_the_one_that_was_asked_for() {
    let error = opened_for(&old(), ":app", Some("linux/arm64")).expect_err("another platform").to_string();
    assert!(error.ends_with("has no image for linux/arm64: it has `linux/amd64`"), "{error}");
}

#[test]
fn damaged_and_other_archives_say_what_they_are() {
    let bytes = old();
    assert!(failure(&bytes[..bytes.len() / 2], "").contains("the archive is truncated"));
    assert!(failure(&gzip(&bytes), "").contains("is compressed with gzip"));
    assert!(failure(b"", "").contains("is an empty file"));
    assert!(failure(b"hello", "").contains("is neither a tar archive nor any other image"));
    assert!(failure(&[b'x'; 4096], "").contains("is neither a tar archive nor any other image"));
    assert!(failure(&layer("x"), "").contains("a tar archive without `manifest.json`"));
    let missing = Tar::new().file("manifest.json", r#"[{"Config":"c.json","RepoTags":[],"Layers":[]}]"#).bytes();
    assert!(failure(&missing, "").contains("is incomplete: `c.json`, which `manifest.json` names, is not in it"));
    let broken = Tar::new().file("manifest.json", "[{]").bytes();
    assert!(failure(&broken, "").contains("`manifest.json` of"));
}
