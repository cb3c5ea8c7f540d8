//! An image whose one layer is any bytes at all, compressed or not, from its archive to the merged tree.

#![no_main]

use std::{fs::File, io::Write, path::PathBuf, sync::LazyLock};

use douane::{
    extract::{FileFacts, elf_facts, python_facts, zip_facts},
    filesystem::merge,
    image::{Algorithm, Digest},
    layer::{ContentHashes, Extract, FileKind, LayerOptions, Workers, read_layers},
    limits::Limits,
    source::{Contents, OpenOptions, open},
};
use libfuzzer_sys::{Corpus, fuzz_target};

struct Readers;

impl Extract for Readers {
    fn extract(&self, kind: FileKind, bytes: Vec<u8>) -> FileFacts {
        match kind {
            FileKind::Python => python_facts(&bytes),
            FileKind::Elf => elf_facts(&bytes),
            FileKind::Zip => zip_facts(&bytes, &LIMITS.zip),
            _ => FileFacts::Text(bytes.into()),
        }
    }
}

static LIMITS: LazyLock<Limits> = LazyLock::new(|| Limits { layer: 4 << 20, entries: 1000, ..Limits::default() });
static WORKERS: LazyLock<Workers> = LazyLock::new(|| Workers::with_threads(1, &LIMITS).expect("a pool"));
static SCRATCH: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a scratch directory"));

fn image(layer: &[u8]) -> PathBuf {
    let path = SCRATCH.path().join("image.tar");
    // The diff id is right for an uncompressed layer; a compressed one is read to its end all the same.
    let diff_id = Digest::of(Algorithm::Sha256, layer).to_string();
    let config = serde_json::json!({
        "os": "linux", "architecture": "amd64", "rootfs": { "type": "layers", "diff_ids": [diff_id] },
    });
    let manifest = serde_json::json!([{ "Config": "config.json", "RepoTags": ["a:1"], "Layers": ["layer.tar"] }]);
    let mut builder = tar::Builder::new(File::create(&path).expect("a file"));
    for (name, bytes) in [
        ("config.json", config.to_string().as_bytes()),
        ("manifest.json", manifest.to_string().as_bytes()),
        ("layer.tar", layer),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, bytes).expect("a member");
    }
    builder.into_inner().and_then(|mut file| file.flush()).expect("written");
    path
}

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let path = image(bytes);
    let limits = &*LIMITS;
    let opened = open(path.to_str().expect("UTF-8"), &OpenOptions { platform: None, limits, registries: &Default::default() })
        .expect("an archive");
    let Contents::Layers(blobs) = opened.contents else { return Corpus::Reject };
    let options = LayerOptions { limits, hashes: ContentHashes::Take, workers: &WORKERS, extract: &Readers, progress: None };
    if let Ok(layers) = read_layers(&blobs, &options) {
        let (tree, _) = merge(layers.into_iter().map(|layer| (Some(layer.summary.layer), layer.index)), limits);
        for (path, id) in tree.walk() {
            assert_eq!(tree.get(&path), Some(id));
        }
    }
    Corpus::Keep
});
