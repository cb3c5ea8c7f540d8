//! Choosing an image in layouts and their archives, and layouts that lie.

use std::{fs, path::Path, sync::Arc};

use serde_json::json;

use crate::{
    image::Platform,
    limits::Limits,
    source::{
        Contents, LayerBlob, OpenOptions, OpenedImage, SourceError,
        fixture::{Layout, Tar, for_platform, tagged},
        open,
    },
};

fn opened(target: &str, platform: Option<&str>) -> Result<OpenedImage, SourceError> {
    let platform = platform.map(|text| Platform::parse(text).expect("valid"));
    open(target, &OpenOptions { platform, limits: &Limits::default(), registries: &Arc::default() })
}

fn failure(target: &str, platform: Option<&str>) -> String {
    opened(target, platform).expect_err("no image").to_string()
}

fn tar(content: &str) -> Vec<u8> {
    Tar::new().file("etc/hostname", content).bytes()
}

fn scratch() -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().expect("a scratch directory");
    let target = directory.path().display().to_string();
    (directory, target)
}

fn host() -> String {
    Platform::host().architecture().to_owned()
}

#[test]
fn the_only_image_needs_no_tag_in_a_directory_or_an_archive() {
    let (directory, target) = scratch();
    let layout = Layout(directory.path());
    let manifest = layout.image("s390x", &tar("a"));
    layout.finish(&[tagged(manifest.clone(), "1.0")]);
    let archive = tempfile::NamedTempFile::new().expect("a scratch file");
    layout.archive(archive.path());
    let archive = archive.path().display().to_string();
    for target in [
        target.clone(),
        format!("oci:{target}"),
        format!("oci:{target}:1.0"),
        archive.clone(),
        format!("oci-archive:{archive}:1.0"),
    ] {
        let opened = opened(&target, None).unwrap_or_else(|error| panic!("{target}: {error}"));
        assert_eq!(opened.target.reference, target);
        assert_eq!(opened.target.digest.as_deref(), manifest["digest"].as_str());
        assert_eq!(opened.target.platform.as_deref(), Some("linux/s390x"));
        let Contents::Layers(layers) = opened.contents else { panic!("no layers") };
        assert_eq!(layers.len(), 1);
        assert_eq!(opened.config.expect("a configuration").created_by, [Some("step 0".to_owned())]);
    }
}

#[test]
fn tags_choose_and_are_listed_when_they_must() {
    let (directory, target) = scratch();
    let layout = Layout(directory.path());
    let (one, two) = (layout.image("amd64", &tar("1")), layout.image("amd64", &tar("2")));
    layout.finish(&[tagged(one, "1.0"), tagged(two.clone(), "2.0")]);
    let chosen = opened(&format!("oci:{target}:2.0"), None).expect("an image");
    assert_eq!(chosen.target.digest.as_deref(), two["digest"].as_str());
    let digest = two["digest"].as_str().expect("a digest");
    assert_eq!(opened(&format!("oci:{target}:{digest}"), None).expect("an image").target.digest.as_deref(), Some(digest));
    assert_eq!(
        failure(&format!("oci:{target}"), None),
        format!("`{target}` holds several images: choose one of `1.0`, `2.0`, as in `oci:{target}:1.0`")
    );
    assert_eq!(failure(&format!("oci:{target}:3"), None), format!("`{target}` holds no image `3`: it holds `1.0`, `2.0`"));
}

#[test]
fn platforms_choose_among_nested_indexes() {
    let (directory, target) = scratch();
    let layout = Layout(directory.path());
    let here = for_platform(layout.image(&host(), &tar("here")), &host());
    let there = for_platform(layout.image("mips", &tar("there")), "mips");
    let mut attestation = for_platform(layout.image("unknown", &tar("attestation")), "unknown");
    attestation["platform"]["os"] = json!("unknown");
    let absent = for_platform(
        json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 2,
        "digest": format!("sha256:{}", "0".repeat(64))}),
        "ppc64le",
    );
    layout.finish(&[tagged(layout.inner(&[here.clone(), there.clone(), attestation, absent]), "latest")]);
    assert_eq!(opened(&target, None).expect("the host's").target.digest.as_deref(), here["digest"].as_str());
    let mips = opened(&target, Some("linux/mips")).expect("there").target;
    assert_eq!((mips.digest.as_deref(), mips.platform.as_deref()), (there["digest"].as_str(), Some("linux/mips")));
    let error = failure(&target, Some("linux/riscv64"));
    assert!(error.contains("has no image for linux/riscv64: it has `linux/") && error.contains("`linux/mips`"), "{error}");
}

#[test]
fn a_single_image_must_be_for_the_platform_that_was_asked_for() {
    let (directory, target) = scratch();
    let layout = Layout(directory.path());
    layout.finish(&[layout.image("amd64", &tar("x"))]);
    let expected = format!("`{target}` has no image for linux/arm64: it has `linux/amd64`");
    assert_eq!(failure(&target, Some("linux/arm64")), expected);
    // An index that lies about it does not help.
    layout.finish(&[for_platform(layout.image("amd64", &tar("x")), "arm64")]);
    assert_eq!(failure(&target, Some("linux/arm64")), expected);
    let gaps = opened(&target, None).expect("the only one").gaps;
    assert_eq!(gaps[0].code, "platform-contradiction");
}

fn first_blob(directory: &Path, descriptor: &serde_json::Value) -> std::path::PathBuf {
    directory.join("blobs").join(descriptor["digest"].as_str().expect("a digest").replace(':', "/"))
}

#[test]
fn documents_must_have_their_digest_and_size() {
    let (directory, target) = scratch();
    let layout = Layout(directory.path());
    let manifest = layout.image("amd64", &tar("x"));
    layout.finish(std::slice::from_ref(&manifest));
    let path = first_blob(directory.path(), &manifest);
    let mut bytes = fs::read(&path).expect("the manifest");
    bytes[0] = b' ';
    fs::write(&path, &bytes).expect("writable");
    assert!(failure(&target, None).contains("does not match its digest: expected sha256:"));
    bytes.push(b' ');
    fs::write(&path, &bytes).expect("writable");
    assert!(failure(&target, None).contains(&format!(
        "is {} bytes long: its descriptor says {}",
        bytes.len(),
        bytes.len() - 1
    )));
    fs::remove_file(&path).expect("there");
    assert!(failure(&target, None).contains("is incomplete: the blob sha256:"));
}

#[test]
fn a_truncated_layer_is_seen_before_it_is_read() {
    let (directory, target) = scratch();
    let layout = Layout(directory.path());
    let layer = layout.blob("application/vnd.oci.image.layer.v1.tar", b"cut");
    let config = layout.blob("application/vnd.oci.image.config.v1+json", &crate::source::fixture::config("amd64", &[b"x"]));
    let mut longer = layer;
    longer["size"] = json!(1000);
    layout.finish(&[layout.manifest(&json!({"schemaVersion": 2, "config": config, "layers": [longer]}))]);
    assert!(failure(&target, None).contains("layer 0 of"), "{}", failure(&target, None));
}

#[test]
fn refuses_what_is_no_image() {
    let (directory, target) = scratch();
    let layout = Layout(directory.path());
    let empty = layout.blob("application/vnd.oci.empty.v1+json", b"{}");
    let chart = json!({"schemaVersion": 2, "artifactType": "application/vnd.cncf.helm", "config": empty, "layers": []});
    layout.finish(&[layout.manifest(&chart)]);
    assert_eq!(
        failure(&target, None),
        format!("`{target}` holds an artifact of type `application/vnd.cncf.helm`, not a container image")
    );
    let both = json!({"schemaVersion": 2, "config": empty, "layers": [], "manifests": []});
    layout.finish(&[layout.manifest(&both)]);
    assert!(failure(&target, None).contains("both an index (`manifests`) and a manifest"));
    layout.finish(&[]);
    assert_eq!(failure(&target, None), format!("`{target}` holds no image"));
}

#[test]
fn layers_and_diff_ids_must_be_as_many() {
    let (directory, target) = scratch();
    let layout = Layout(directory.path());
    let config =
        layout.blob("application/vnd.oci.image.config.v1+json", &crate::source::fixture::config("amd64", &[b"a", b"b"]));
    let layer = layout.blob("application/vnd.oci.image.layer.v1.tar", &tar("x"));
    layout.finish(&[layout.manifest(&json!({"schemaVersion": 2, "config": config, "layers": [layer]}))]);
    assert!(failure(&target, None).contains("its manifest has 1 layers and its configuration has 2 diff ids"));
}

#[test]
fn foreign_layers_are_taken_where_they_are_and_never_followed() {
    let (directory, target) = scratch();
    let layout = Layout(directory.path());
    let (bottom, top) = (tar("x"), tar("y"));
    let config =
        layout.blob("application/vnd.oci.image.config.v1+json", &crate::source::fixture::config("amd64", &[&bottom, &top]));
    let mut foreign = layout.blob("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", &bottom);
    foreign["urls"] = json!(["http://127.0.0.1:1/layer"]);
    let layer = layout.blob("application/vnd.oci.image.layer.v1.tar", &top);
    layout.finish(&[layout.manifest(&json!({"schemaVersion": 2, "config": config, "layers": [foreign, layer]}))]);
    let elsewhere = || {
        let Contents::Layers(layers) = opened(&target, None).expect("an image").contents else { panic!("no layers") };
        layers.iter().map(LayerBlob::is_elsewhere).collect::<Vec<_>>()
    };
    assert_eq!(elsewhere(), [false, false]);
    fs::remove_file(directory.path().join("blobs").join(foreign["digest"].as_str().expect("text").replace(':', "/")))
        .expect("there");
    assert_eq!(elsewhere(), [true, false]);
}

#[test]
fn indexes_have_a_depth() {
    let (directory, target) = scratch();
    let layout = Layout(directory.path());
    let mut descriptor = layout.image("amd64", &tar("x"));
    for _ in 0..6 {
        descriptor = layout.inner(&[descriptor]);
    }
    layout.finish(&[descriptor]);
    assert!(failure(&target, None).contains("indexes more than 4 deep"));
}

#[test]
fn says_what_was_tried_when_nothing_is_there() {
    assert_eq!(
        failure("no-such/app:1.0", None),
        "there is no file or directory `no-such/app:1.0`: looked for an image archive, an OCI layout and a root file system \
         there; for an image in a registry write `registry:docker.io/no-such/app:1.0`, and an image of a daemon is saved first: \
         run `docker save no-such/app:1.0 -o image.tar` and check `image.tar`"
    );
    assert!(!failure("./no-such.tar", None).contains("docker save"), "a path is no image's name");
    assert!(
        failure("oci:no-such", None).starts_with("there is no file or directory `no-such`: looked for an OCI image layout")
    );
    let (directory, target) = scratch();
    assert!(
        failure(&format!("oci:{target}"), None).contains("is a directory without `index.json`: expected an OCI image layout")
    );
    let root = opened(&target, None).expect("a root file system");
    assert_eq!(root.target.source, "dir");
    assert!(failure(&target, Some("linux/amd64")).contains("is a root file system"));
    drop(directory);
    assert_eq!(opened("/", None).expect("this machine").target.source, "machine");
}
