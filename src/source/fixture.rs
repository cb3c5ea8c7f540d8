//! Archives and images made in code for tests; never used outside them.

use std::{fs, io::Write, path::Path};

use tar::{Builder, EntryType, Header};

use super::{
    LayerBlob,
    layer_blob::{Place, Stored},
};
use crate::image::{Algorithm, Digest};

/// A tar archive that grows member by member.
pub(crate) struct Tar(Builder<Vec<u8>>);

impl Tar {
    pub(crate) fn new() -> Self {
        Self(Builder::new(Vec::new()))
    }

    /// Any member, with its header's fields as given.
    pub(crate) fn member(mut self, kind: EntryType, path: &str, mode: u32, content: &[u8], link: &str) -> Self {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(content.len() as u64);
        if kind.is_hard_link() || kind.is_symlink() {
            self.0.append_link(&mut header, path, link).expect("a link");
            return self;
        }
        // As written: `append_data` would refuse `..`.
        if path.len() < 100 {
            header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_cksum();
            self.0.append(&header, content).expect("a member");
        } else {
            self.0.append_data(&mut header, path, content).expect("a member");
        }
        self
    }

    pub(crate) fn file(self, path: &str, content: &str) -> Self {
        self.member(EntryType::Regular, path, 0o644, content.as_bytes(), "")
    }

    pub(crate) fn directory(self, path: &str) -> Self {
        self.member(EntryType::Directory, path, 0o755, b"", "")
    }

    pub(crate) fn symlink(self, path: &str, target: &str) -> Self {
        self.member(EntryType::Symlink, path, 0o777, b"", target)
    }

    pub(crate) fn hard_link(self, path: &str, target: &str) -> Self {
        self.member(EntryType::Link, path, 0o644, b"", target)
    }

    /// A member behind PAX records.
    pub(crate) fn pax(mut self, records: &[u8], path: &str, content: &[u8]) -> Self {
        self = self.member(EntryType::XHeader, "pax", 0o644, records, "");
        self.member(EntryType::Regular, path, 0o644, content, "")
    }

    /// With the two blocks of zeros at the end.
    pub(crate) fn bytes(self) -> Vec<u8> {
        self.0.into_inner().expect("an archive in memory")
    }
}

/// One PAX record.
pub(crate) fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + rest.to_string().len();
    length = rest + length.to_string().len();
    [length.to_string().as_bytes(), b" ", key.as_bytes(), b"=", value, b"\n"].concat()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).expect("in memory")
}

pub(crate) fn sha256(bytes: &[u8]) -> Digest {
    Digest::of(Algorithm::Sha256, bytes)
}

/// A layer blob whose stored bytes are in a file below `directory`; what is expected of it is right.
pub(crate) fn blob(directory: &Path, index: u32, stored: &[u8], tar: &[u8]) -> LayerBlob {
    let path = directory.join(format!("layer-{index}"));
    fs::write(&path, stored).expect("a scratch directory");
    let place = Place::file(&path).expect("a file");
    let (digest, diff_id) = (Some(sha256(stored)), sha256(tar));
    LayerBlob { index, digest, diff_id, media_type: None, size: place.length, stored: Stored::Here(place) }
}

/// The same layer, but for its bytes, which nobody has.
pub(crate) fn elsewhere(blob: LayerBlob) -> LayerBlob {
    LayerBlob { stored: Stored::Elsewhere, ..blob }
}

/// The configuration of an image for a platform.
pub(crate) fn config(architecture: &str, layers: &[&[u8]]) -> Vec<u8> {
    let ids: Vec<String> = layers.iter().map(|layer| sha256(layer).to_string()).collect();
    let history: Vec<_> =
        ids.iter().enumerate().map(|(at, _)| serde_json::json!({"created_by": format!("step {at}")})).collect();
    serde_json::json!({
        "architecture": architecture, "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": ids}, "history": history,
    })
    .to_string()
    .into_bytes()
}

/// An OCI layout in a directory.
pub(crate) struct Layout<'directory>(pub(crate) &'directory Path);

impl Layout<'_> {
    /// Writes a blob and describes it.
    pub(crate) fn blob(&self, media_type: &str, bytes: &[u8]) -> serde_json::Value {
        let digest = sha256(bytes);
        let blobs = self.0.join("blobs/sha256");
        fs::create_dir_all(&blobs).expect("a scratch directory");
        fs::write(blobs.join(digest.hex()), bytes).expect("a scratch directory");
        serde_json::json!({"mediaType": media_type, "digest": digest.to_string(), "size": bytes.len()})
    }

    /// Writes an image of one gzip layer and describes its manifest.
    pub(crate) fn image(&self, architecture: &str, tar: &[u8]) -> serde_json::Value {
        let config = self.blob("application/vnd.oci.image.config.v1+json", &config(architecture, &[tar]));
        let layer = self.blob("application/vnd.oci.image.layer.v1.tar+gzip", &gzip(tar));
        self.manifest(&serde_json::json!({"schemaVersion": 2, "config": config, "layers": [layer]}))
    }

    pub(crate) fn manifest(&self, manifest: &serde_json::Value) -> serde_json::Value {
        self.blob("application/vnd.oci.image.manifest.v1+json", manifest.to_string().as_bytes())
    }

    /// Writes an inner index and describes it.
    pub(crate) fn inner(&self, manifests: &[serde_json::Value]) -> serde_json::Value {
        let index = serde_json::json!({"schemaVersion": 2, "manifests": manifests});
        self.blob("application/vnd.oci.image.index.v1+json", index.to_string().as_bytes())
    }

    /// Writes `oci-layout` and `index.json`.
    pub(crate) fn finish(&self, manifests: &[serde_json::Value]) {
        fs::write(self.0.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a scratch directory");
        let index = serde_json::json!({"schemaVersion": 2, "manifests": manifests});
        fs::write(self.0.join("index.json"), index.to_string()).expect("a scratch directory");
    }

    /// The same layout as a tar archive.
    pub(crate) fn archive(&self, path: &Path) {
        let mut builder = Builder::new(fs::File::create(path).expect("a scratch directory"));
        builder.append_dir_all(".", self.0).expect("the layout");
        builder.finish().expect("the archive");
    }
}

/// A descriptor with a tag.
pub(crate) fn tagged(mut descriptor: serde_json::Value, tag: &str) -> serde_json::Value {
    descriptor["annotations"] = serde_json::json!({"org.opencontainers.image.ref.name": tag});
    descriptor
}

/// A descriptor with a platform.
pub(crate) fn for_platform(mut descriptor: serde_json::Value, architecture: &str) -> serde_json::Value {
    descriptor["platform"] = serde_json::json!({"os": "linux", "architecture": architecture});
    descriptor
}
