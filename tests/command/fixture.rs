//! Small images made in code: an OCI layout or a docker archive of a few files; never the product's own reading.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// One layer: paths (relative, as tar has them) and their content.
pub type Files<'a> = &'a [(&'a str, &'a str)];

/// An image to be made.
pub struct Image<'a> {
    pub layers: &'a [Files<'a>],
    /// Modes of files that have others than `0644`.
    pub modes: &'a [(&'a str, u32)],
    pub platform: (&'a str, &'a str),
    /// The `config` member of the image configuration.
    pub config: Value,
}

impl Default for Image<'_> {
    fn default() -> Self {
        Self { layers: &[], modes: &[], platform: ("linux", "amd64"), config: json!({}) }
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn layer(files: Files<'_>, modes: &[(&str, u32)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(modes.iter().find(|(name, _)| name == path).map_or(0o644, |(_, mode)| *mode));
        archive.append_data(&mut header, path, content.as_bytes()).expect("an entry");
    }
    archive.into_inner().expect("an archive")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("compressed");
    encoder.finish().expect("compressed")
}

fn configuration(image: &Image<'_>, archives: &[Vec<u8>]) -> Vec<u8> {
    let diff_ids: Vec<String> = archives.iter().map(|archive| format!("sha256:{}", sha256(archive))).collect();
    let history: Vec<Value> = (0..archives.len()).map(|at| json!({ "created_by": format!("COPY part-{at} /") })).collect();
    let (os, architecture) = image.platform;
    let config = json!({
        "os": os, "architecture": architecture, "config": image.config, "history": history,
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
    });
    config.to_string().into_bytes()
}

/// Writes an OCI image layout with one manifest for each image, all under one tag, and returns its directory.
pub fn oci_layout(directory: &Path, images: &[Image<'_>]) -> PathBuf {
    let blobs = directory.join("blobs/sha256");
    fs::create_dir_all(&blobs).expect("a directory");
    let store = |media_type: &str, bytes: &[u8]| {
        fs::write(blobs.join(sha256(bytes)), bytes).expect("a blob");
        json!({ "mediaType": media_type, "digest": format!("sha256:{}", sha256(bytes)), "size": bytes.len() })
    };
    let mut manifests = Vec::new();
    for image in images {
        let archives: Vec<Vec<u8>> = image.layers.iter().map(|files| layer(files, image.modes)).collect();
        let config = store("application/vnd.oci.image.config.v1+json", &configuration(image, &archives));
        let layers: Vec<Value> =
            archives.iter().map(|archive| store("application/vnd.oci.image.layer.v1.tar+gzip", &gzip(archive))).collect();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": layers,
        });
        let mut descriptor = store("application/vnd.oci.image.manifest.v1+json", manifest.to_string().as_bytes());
        descriptor["platform"] = json!({ "os": image.platform.0, "architecture": image.platform.1 });
        descriptor["annotations"] = json!({ "org.opencontainers.image.ref.name": "latest" });
        manifests.push(descriptor);
    }
    let index = json!({ "schemaVersion": 2, "manifests": manifests });
    fs::write(directory.join("index.json"), index.to_string()).expect("an index");
    fs::write(directory.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a marker");
    directory.to_owned()
}

/// Writes a `docker save` archive of several images with their names, and returns its path.
pub fn docker_archive(path: &Path, images: &[(&str, Image<'_>)]) -> PathBuf {
    let mut archive = tar::Builder::new(fs::File::create(path).expect("a file"));
    let mut add = |name: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, bytes).expect("an entry");
    };
    let mut manifest = Vec::new();
    for (name, image) in images {
        let archives: Vec<Vec<u8>> = image.layers.iter().map(|files| layer(files, image.modes)).collect();
        let config = configuration(image, &archives);
        let config_name = format!("{}.json", sha256(&config));
        add(&config_name, &config);
        let mut layers = Vec::new();
        for bytes in &archives {
            let layer_name = format!("{}/layer.tar", sha256(bytes));
            add(&layer_name, bytes);
            layers.push(layer_name);
        }
        manifest.push(json!({ "Config": config_name, "RepoTags": [name], "Layers": layers }));
    }
    add("manifest.json", Value::from(manifest).to_string().as_bytes());
    archive.finish().expect("a whole archive");
    path.to_owned()
}

/// What a scan takes for the program of a CPython: an ELF file of one loaded segment with the names that every one holds.
/// All of its bytes are ASCII, so that it is text among the others.
pub fn cpython(version: &str) -> String {
    let tag = format!("cpython-{}", version.split('.').take(2).collect::<String>());
    let names = ["PYTHONHASHSEED", "PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE", "_frozen_importlib", &tag, version];
    let names = format!("\0{}\0", names.join("\0"));
    let (header, segment) = (64_u64, 56_u64);
    // A size whose bytes are ASCII too.
    let size = (header + segment + names.len() as u64).next_multiple_of(256);
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    file.extend([2_u16, 62].map(u16::to_le_bytes).concat());
    file.extend(1_u32.to_le_bytes());
    file.extend([0x10, header, 0].map(u64::to_le_bytes).concat());
    file.extend(0_u32.to_le_bytes());
    file.extend([64_u16, 56, 1, 0, 0, 0].map(u16::to_le_bytes).concat());
    file.extend([1_u32, 4].map(u32::to_le_bytes).concat());
    file.extend([0, 0, 0, size, size, 1].map(u64::to_le_bytes).concat());
    file.extend(names.as_bytes());
    file.resize(usize::try_from(size).expect("small"), 0);
    String::from_utf8(file).expect("ASCII")
}

/// A program in a zip archive, as `zipapp` makes it: an interpreter line, and one member that is not compressed. All of its bytes
/// are ASCII as well, its checksum (which Python does not look at) being none.
pub fn zipapp(interpreter: &str, main: &str) -> String {
    let name = "__main__.py";
    let (size, length) = (ascii(main.len()), ascii(name.len()));
    let sizes = format!("{size}\0\0\0{size}\0\0\0{length}\0\0\0");
    let common = format!("\u{14}\0\0\0\0\0\0\0\0\0\0\0\0\0{sizes}");
    let member = format!("PK\u{3}\u{4}{common}{name}{main}");
    let directory = format!("PK\u{1}\u{2}\u{14}\0{common}{}{name}", "\0".repeat(14));
    let (size, place) = (ascii(directory.len()), ascii(member.len()));
    let end = format!("PK\u{5}\u{6}\0\0\0\0\u{1}\0\u{1}\0{size}\0\0\0{place}\0\0\0\0\0");
    format!("#!{interpreter}\n{member}{directory}{end}")
}

/// A number as its lowest byte.
fn ascii(number: usize) -> char {
    u8::try_from(number).ok().filter(u8::is_ascii).map(char::from).expect("a small program")
}
