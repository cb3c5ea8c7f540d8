//! Images around any layer: OCI layouts and `docker save` archives whose documents may lie; never what a case is about.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

pub fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// An OCI layout in a directory.
pub struct Layout(pub PathBuf);

impl Layout {
    pub fn new(directory: &Path) -> Self {
        let layout = directory.join("image");
        fs::create_dir_all(layout.join("blobs/sha256")).expect("a scratch directory");
        fs::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a scratch directory");
        Self(layout)
    }

    pub fn path_of(&self, digest: &str) -> PathBuf {
        self.0.join("blobs").join(digest.replace(':', "/"))
    }

    /// Writes a blob and describes it.
    pub fn blob(&self, media_type: &str, bytes: &[u8]) -> Value {
        let digest = digest(bytes);
        fs::write(self.path_of(&digest), bytes).expect("a scratch directory");
        json!({ "mediaType": media_type, "digest": digest, "size": bytes.len() })
    }

    /// Writes the configuration of an image whose layers have these diff ids.
    pub fn config(&self, diff_ids: &[String]) -> Value {
        let config = json!({
            "architecture": "amd64", "os": "linux", "rootfs": { "type": "layers", "diff_ids": diff_ids },
        });
        self.blob(CONFIG, config.to_string().as_bytes())
    }

    pub fn manifest(&self, config: &Value, layers: &[Value]) -> Value {
        let manifest = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers });
        self.blob(MANIFEST, manifest.to_string().as_bytes())
    }

    /// Writes `index.json`; the layout is what is scanned.
    pub fn index(self, manifests: &[Value]) -> String {
        let index = json!({ "schemaVersion": 2, "manifests": manifests }).to_string();
        self.raw_index(index.as_bytes())
    }

    pub fn raw_index(self, index: &[u8]) -> String {
        fs::write(self.0.join("index.json"), index).expect("a scratch directory");
        self.0.display().to_string()
    }
}

/// An image of layers as they are stored, each with the diff id that its content has.
pub fn of_stored(directory: &Path, layers: &[(Vec<u8>, String)]) -> String {
    let layout = Layout::new(directory);
    let diff_ids: Vec<String> = layers.iter().map(|(_, diff_id)| diff_id.clone()).collect();
    let described: Vec<Value> = layers.iter().map(|(stored, _)| layout.blob(LAYER, stored)).collect();
    let manifest = layout.manifest(&layout.config(&diff_ids), &described);
    layout.index(&[manifest])
}

/// An image of one gzip layer that never stands in memory: what this process has used counts for those that it starts.
pub fn of_written(directory: &Path, write: impl FnOnce(&mut dyn Write)) -> String {
    let mut tee = Tee { hasher: Sha256::new(), encoder: GzEncoder::new(Vec::new(), Compression::best()) };
    write(&mut tee);
    let diff_id: String = tee.hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    of_stored(directory, &[(tee.encoder.finish().expect("in memory"), format!("sha256:{diff_id}"))])
}

struct Tee {
    hasher: Sha256,
    encoder: GzEncoder<Vec<u8>>,
}

impl Write for Tee {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hasher.update(bytes);
        self.encoder.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An image of uncompressed layers.
pub fn of_layers(directory: &Path, layers: &[Vec<u8>]) -> String {
    let stored: Vec<_> = layers.iter().map(|layer| (layer.clone(), digest(layer))).collect();
    of_stored(directory, &stored)
}

/// An image of one layer that is stored as it is given; nothing matches its diff id.
pub fn of_bomb(directory: &Path, stored: Vec<u8>) -> String {
    of_stored(directory, &[(stored, digest(b"never reached"))])
}

/// What `docker save` writes, with these members beside the layer and any `manifest.json`.
pub fn saved(directory: &Path, manifest: &Value, members: super::archive::Archive) -> String {
    let archive = members.file("manifest.json", manifest.to_string().as_bytes()).end();
    let path = directory.join("image.tar");
    fs::write(&path, archive).expect("a scratch directory");
    path.display().to_string()
}
