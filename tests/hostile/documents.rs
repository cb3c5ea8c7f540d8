//! Manifests, indexes, configurations and archives of images that contradict themselves or lead elsewhere.

use std::{fs, os::unix::fs::symlink};

use serde_json::{Value, json};

use super::{
    super::{
        archive::{Archive, gzip},
        image::{CONFIG, INDEX, LAYER, Layout, MANIFEST, digest, of_stored, saved},
    },
    Case,
    Outcome::{Error, Files, Gap},
    case,
};

fn tar() -> Vec<u8> {
    Archive::default().file("a", b"hello").end()
}

/// A layout of one good image, and what describes its layer and its manifest.
fn good(here: &std::path::Path) -> (Layout, Value, Value) {
    let layout = Layout::new(here);
    let layer = layout.blob(LAYER, &gzip(&tar()));
    let manifest = layout.manifest(&layout.config(&[digest(&tar())]), std::slice::from_ref(&layer));
    (layout, layer, manifest)
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

/// A `docker save` archive of one layer whose manifest names the layer so.
fn named(here: &std::path::Path, name: &str, members: Archive) -> String {
    let config =
        json!({ "os": "linux", "architecture": "amd64", "rootfs": { "type": "layers", "diff_ids": [digest(&tar())] } });
    let manifest = json!([{ "Config": "config.json", "RepoTags": ["a:1"], "Layers": [name] }]);
    saved(here, &manifest, members.file("config.json", config.to_string().as_bytes()))
}

pub fn cases() -> Vec<Case> {
    [digests(), documents(), archives()].into_iter().flatten().collect()
}

fn digests() -> Vec<Case> {
    vec![
        case("good", "the image that the others are made from", Files(&["/a file"]), |here| {
            let (layout, _, manifest) = good(here);
            layout.index(&[manifest])
        }),
        case("layer-digest", "a layer that is not what its digest says", Error("digest-mismatch"), |here| {
            let (layout, layer, manifest) = good(here);
            let mut other = gzip(&tar());
            let last = other.len() - 9;
            other[last] ^= 1;
            fs::write(layout.path_of(text(&layer["digest"])), other).expect("a scratch directory");
            layout.index(&[manifest])
        }),
        case("diff-id", "a layer that is not what its diff id says", Error("diff-id-mismatch"), |here| {
            of_stored(here, &[(gzip(&tar()), digest(b"other"))])
        }),
        case("config-digest", "a configuration that is not what its digest says", Error("digest-mismatch"), |here| {
            let (layout, layer, _) = good(here);
            let config = layout.config(&[digest(&tar())]);
            let path = layout.path_of(text(&config["digest"]));
            let changed = fs::read_to_string(&path).expect("there").replace("amd64", "arm64");
            fs::write(path, changed).expect("a scratch directory");
            let manifest = layout.manifest(&config, &[layer]);
            layout.index(&[manifest])
        }),
        case("manifest-digest", "a manifest that is not what its digest says", Error("digest-mismatch"), |here| {
            let (layout, _, manifest) = good(here);
            let path = layout.path_of(text(&manifest["digest"]));
            let changed = fs::read_to_string(&path).expect("there").replace("\"size\"", "\"sizf\"");
            fs::write(path, changed).expect("a scratch directory");
            layout.index(&[manifest])
        }),
        case("layer-size", "a layer whose descriptor has another size", Error("size-mismatch"), |here| {
            let layout = Layout::new(here);
            let mut layer = layout.blob(LAYER, &gzip(&tar()));
            layer["size"] = json!(5);
            let manifest = layout.manifest(&layout.config(&[digest(&tar())]), &[layer]);
            layout.index(&[manifest])
        }),
        case(
            "layer-count",
            "more layers in the manifest than diff ids in the configuration",
            Error("layer-count-mismatch"),
            |here| {
                let layout = Layout::new(here);
                let layer = layout.blob(LAYER, &gzip(&tar()));
                let manifest = layout.manifest(&layout.config(&[digest(&tar())]), &[layer.clone(), layer]);
                layout.index(&[manifest])
            },
        ),
        case("digest-as-path", "a digest that is a path out of the layout", Error("invalid-document"), |here| {
            let layout = Layout::new(here);
            let lie = json!({ "mediaType": MANIFEST, "digest": "sha256:../../../../etc/passwd", "size": 1 });
            layout.index(&[lie])
        }),
        case("digest-algorithm", "a digest of an algorithm that nobody can verify", Error("invalid-digest"), |here| {
            let layout = Layout::new(here);
            let lie = json!({ "mediaType": MANIFEST, "digest": "md5:d41d8cd98f00b204e9800998ecf8427e", "size": 1 });
            layout.index(&[lie])
        }),
        case("blob-is-link", "a blob that is a symbolic link to a file of the host", Error("size-mismatch"), |here| {
            let (layout, layer, manifest) = good(here);
            let path = layout.path_of(text(&layer["digest"]));
            fs::remove_file(&path).expect("there");
            symlink("/etc/passwd", path).expect("a scratch directory");
            layout.index(&[manifest])
        }),
        case("blob-is-device", "a blob that is a device", Error("read-error"), |here| {
            let (layout, layer, manifest) = good(here);
            let path = layout.path_of(text(&layer["digest"]));
            fs::remove_file(&path).expect("there");
            symlink("/dev/zero", path).expect("a scratch directory");
            layout.index(&[manifest])
        }),
        case(
            "foreign-layer",
            "a layer that is only to be had from an address in the manifest",
            Gap("foreign-layer", "layer 0"),
            |here| {
                let layout = Layout::new(here);
                let layer = json!({
                    "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "size": 5, "digest": digest(b"elsewhere"),
                    "urls": ["http://169.254.169.254/latest/meta-data"],
                });
                let manifest = layout.manifest(&layout.config(&[digest(&tar())]), &[layer]);
                layout.index(&[manifest])
            },
        ),
    ]
}

fn documents() -> Vec<Case> {
    vec![
        case(
            "ambiguous",
            "a document with both `manifests` and `layers` (CVE-2021-41190)",
            Error("ambiguous-manifest"),
            |here| {
                let (layout, layer, _) = good(here);
                let both = json!({ "schemaVersion": 2, "manifests": [], "layers": [layer], "config": layout.config(&[digest(&tar())]) });
                let both = layout.blob(MANIFEST, both.to_string().as_bytes());
                layout.index(&[both])
            },
        ),
        case(
            "index-circle",
            "an index that leads to itself through its own digest's place",
            Error("digest-mismatch"),
            |here| {
                let layout = Layout::new(here);
                let own = digest(b"no index has the digest that it holds");
                let index = json!({ "schemaVersion": 2, "manifests": [{ "mediaType": INDEX, "digest": own, "size": 0 }] });
                let size = index.to_string().replace("\"size\":0", "\"size\":999").len();
                let index = index.to_string().replace("\"size\":0", &format!("\"size\":{size:03}"));
                fs::write(layout.path_of(&own), &index).expect("a scratch directory");
                layout.raw_index(index.as_bytes())
            },
        ),
        case("index-depth", "indexes ten deep in each other", Error("index-too-large"), |here| {
            let (layout, _, manifest) = good(here);
            let inner = (0..10).fold(manifest, |inner, _| {
                let index = json!({ "schemaVersion": 2, "manifests": [inner] });
                layout.blob(INDEX, index.to_string().as_bytes())
            });
            layout.index(&[inner])
        }),
        case("document-size", "an index of 17 MB", Error("document-too-large"), |here| {
            let layout = Layout::new(here);
            let large = format!(r#"{{"schemaVersion":2,"manifests":[],"annotations":{{"a":"{}"}}}}"#, "x".repeat(17 << 20));
            layout.raw_index(large.as_bytes())
        }),
        case("document-depth", "an index that nests 100,000 deep", Error("invalid-document"), |here| {
            let layout = Layout::new(here);
            layout.raw_index(format!(r#"{{"manifests":{}"#, "[".repeat(100_000)).as_bytes())
        }),
        case("document-repeats", "an index that says everything twice", Error("invalid-document"), |here| {
            let (layout, _, manifest) = good(here);
            layout.raw_index(format!(r#"{{"schemaVersion":2,"manifests":[{manifest}],"manifests":7}}"#).as_bytes())
        }),
        case("artifact", "something else than an image", Error("no-container-image"), |here| {
            let layout = Layout::new(here);
            let config = layout.blob("application/vnd.oci.empty.v1+json", b"{}");
            let manifest = layout.manifest(&config, &[]);
            layout.index(&[manifest])
        }),
        case("schema-one", "a manifest of Docker's first schema", Error("invalid-document"), |here| {
            let layout = Layout::new(here);
            let old = layout.blob(MANIFEST, br#"{"schemaVersion":1,"fsLayers":[]}"#);
            layout.index(&[old])
        }),
        case("config-of-other-kind", "a configuration that is a layer", Error("invalid-document"), |here| {
            let layout = Layout::new(here);
            let config = layout.blob(CONFIG, &tar());
            let manifest = layout.manifest(&config, &[]);
            layout.index(&[manifest])
        }),
        case("compression", "a layer that is compressed with xz", Error("unknown-compression"), |here| {
            of_stored(here, &[(b"\xfd7zXZ\0\0\x04 and more".to_vec(), digest(b"x"))])
        }),
        case("gzip-damaged", "a gzip stream that ends early", Error("layer-damaged"), |here| {
            let mut stored = gzip(&tar());
            stored.truncate(40);
            of_stored(here, &[(stored, digest(&tar()))])
        }),
        case("gzip-garbage", "bytes behind a gzip stream that are none", Error("layer-damaged"), |here| {
            of_stored(here, &[([gzip(&tar()), b"garbage behind".to_vec()].concat(), digest(&tar()))])
        }),
    ]
}

fn archives() -> Vec<Case> {
    vec![
        case("saved-climbs", "a `manifest.json` that names a file of the host", Error("missing-part"), |here| {
            named(here, "../../../../etc/passwd", Archive::default().file("layer.tar", &tar()))
        }),
        case("saved-absolute", "one that names it absolutely", Error("missing-part"), |here| {
            named(here, "/etc/passwd", Archive::default().file("layer.tar", &tar()))
        }),
        case("saved-link", "a layer that is a symbolic link to a file of the host", Error("missing-part"), |here| {
            named(here, "layer.tar", Archive::default().symlink("layer.tar", "/etc/passwd"))
        }),
        case("saved-link-circle", "layers that are links to each other", Error("missing-part"), |here| {
            named(here, "a.tar", Archive::default().symlink("a.tar", "b.tar").symlink("b.tar", "a.tar"))
        }),
        case(
            "saved-twice",
            "two members with the name of the layer: the last holds, as for tar",
            Files(&["/a file"]),
            |here| named(here, "layer.tar", Archive::default().file("layer.tar", b"no tar").file("layer.tar", &tar())),
        ),
        case("saved-directory", "a layer that is a directory", Error("missing-part"), |here| {
            named(here, "layer.tar", Archive::default().directory("layer.tar"))
        }),
        case("saved-compressed", "an archive that is compressed as a whole", Error("archive-compressed"), |here| {
            let path = here.join("image.tar.gz");
            fs::write(&path, gzip(&tar())).expect("a scratch directory");
            path.display().to_string()
        }),
        case("no-image", "a root file system in a tar", Error("not-an-image"), |here| {
            let path = here.join("image.tar");
            fs::write(&path, tar()).expect("a scratch directory");
            path.display().to_string()
        }),
    ]
}
