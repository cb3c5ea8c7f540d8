//! The whole pipeline on one page: from a reference to the inventory; the only place where stages meet, never what they do.

mod code;
mod home;
mod machine;
mod module;
mod recognise;

use std::{
    fs::File,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

pub use crate::introspect::{FileList, Integrity};
pub use code::{SourceTree, scan_code};
pub use home::{Home, ModuleError, scan_environment, scan_home};
pub use machine::{MachinePython, python_of_machine};
pub use module::{ModuleFile, put_module, scan_module};
pub use recognise::{TargetKind, recognise};

use crate::{
    extract::{
        FileFacts, assembly_facts, conda_facts, elf_facts, elf_facts_in_part, jar_facts, python_facts, rpm_facts, script_facts,
        zip_facts,
    },
    facts::{Inventory, Layer, SCHEMA_VERSION},
    filesystem::merge,
    image::{ImageConfig, Platform, PlatformError},
    introspect::{Context, introspect},
    layer::{
        ContentHashes, Extract, FileKind, LayerError, LayerIndex, LayerOptions, LayerProblem, ReadLayer, Workers,
        read_directory, read_layers,
    },
    limits::{Limits, RpmLimits, ZipLimits},
    source::{self, Contents, OpenOptions, OpenedImage, SourceError, registry::RegistryAccess},
};

/// What a scan is told beside its target.
#[derive(Debug, Clone)]
pub struct ScanOptions {
    /// The platform that was asked for; without one, the only one there, or this machine's.
    pub platform: Option<Platform>,
    /// Ceilings on what is read.
    pub limits: Limits,
    /// How registries are reached; as nobody and without any but this machine's authorities, where nothing else is said.
    pub registries: Arc<RegistryAccess>,
    /// Whether all files of the target are listed.
    pub files: FileList,
    /// Whether installed files are hashed, and held against what lists them.
    pub integrity: Integrity,
}

/// A target that was scanned.
#[derive(Debug, Clone)]
pub struct Scanned {
    /// All that is known of it.
    pub inventory: Inventory,
}

/// Why a scan could not be completed.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The target cannot be opened.
    #[error(transparent)]
    Source(Box<SourceError>),
    /// A layer cannot be read, or is not what its digest says.
    #[error(transparent)]
    Layer(Box<LayerError>),
    /// The work itself could not be done.
    #[error(transparent)]
    Work(Box<LayerProblem>),
}

// The errors are boxed: each holds digests and paths, and a scan's good outcome should not carry room for them.
impl From<SourceError> for ScanError {
    fn from(error: SourceError) -> Self {
        Self::Source(Box::new(error))
    }
}

impl From<LayerError> for ScanError {
    fn from(error: LayerError) -> Self {
        Self::Layer(Box::new(error))
    }
}

impl From<LayerProblem> for ScanError {
    fn from(error: LayerProblem) -> Self {
        Self::Work(Box::new(error))
    }
}

impl ScanOptions {
    /// Options for a platform as written, such as `linux/arm64`, without a list of all files, and without looking at the integrity of those that are installed.
    pub fn new(platform: Option<&str>, limits: Limits) -> Result<Self, PlatformError> {
        Ok(Self {
            platform: platform.map(Platform::parse).transpose()?,
            limits,
            registries: Arc::default(),
            files: FileList::Leave,
            integrity: Integrity::Leave,
        })
    }
}

impl ScanError {
    /// A stable kebab-case word for it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Source(error) => error.code(),
            Self::Layer(error) => error.problem.code(),
            Self::Work(problem) => problem.code(),
        }
    }
}

/// Opens the target, reads each layer once, merges them and learns what they hold.
pub fn scan(reference: &str, options: &ScanOptions) -> Result<Scanned, ScanError> {
    let ScanOptions { platform, limits, registries, .. } = options;
    scan_opened(source::open(reference, &OpenOptions { platform: platform.clone(), limits, registries })?, options)
}

/// Scans what was opened.
fn scan_opened(opened: OpenedImage, options: &ScanOptions) -> Result<Scanned, ScanError> {
    let limits = &options.limits;
    let workers = Workers::new(limits)?;
    let extract = Extractors::new(limits);
    let hashes = match options.integrity {
        Integrity::Check => ContentHashes::Installed,
        Integrity::Leave => ContentHashes::Leave,
    };
    let pass = LayerOptions { limits, hashes, workers: &workers, extract: &extract, progress: None };
    let mut gaps = opened.gaps;
    let (layers, indexes) = match &opened.contents {
        Contents::Layers(blobs) => layers(read_layers(blobs, &pass)?, opened.config.as_ref()),
        Contents::Root(root) => (Vec::new(), vec![(None, read_directory(root, &pass)?)]),
    };
    let (tree, merge_gaps) = merge(indexes, limits);
    gaps.extend(merge_gaps);

    let target = opened.target;
    let mut image = opened.config.map(|config| config.image);
    let context = Context {
        image: image.as_ref(),
        platform: target.platform.as_deref(),
        gaps: &gaps,
        files: options.files,
        integrity: options.integrity,
    };
    let found = workers.pool().install(|| introspect(&tree, &context));
    if let Some(image) = &mut image {
        image.uid = found.uid;
    }
    gaps.extend(found.gaps);
    gaps.sort();
    gaps.dedup();
    let inventory = Inventory {
        schema_version: SCHEMA_VERSION,
        target,
        image,
        layers,
        os: found.os,
        os_packages: found.os_packages,
        os_packages_complete: found.os_packages_complete,
        conda_packages: found.conda_packages,
        conda_packages_complete: found.conda_packages_complete,
        binaries: found.binaries,
        binaries_complete: found.binaries_complete,
        interpreters: found.interpreters,
        interpreters_complete: found.interpreters_complete,
        environments: found.environments,
        environments_complete: found.environments_complete,
        files: found.files,
        files_complete: found.files_complete,
        gaps,
    };
    Ok(Scanned { inventory })
}

/// What is known of each layer, and what each holds.
fn layers(read: Vec<ReadLayer>, config: Option<&ImageConfig>) -> (Vec<Layer>, Vec<(Option<u32>, LayerIndex)>) {
    let created_by = |index: usize| config.and_then(|config| config.created_by.get(index).cloned().flatten());
    let described = read.into_iter().enumerate().map(|(index, ReadLayer { summary, index: entries })| {
        let layer = Layer {
            index: summary.layer,
            digest: summary.digest.to_string(),
            diff_id: summary.diff_id.to_string(),
            size: summary.size,
            created_by: created_by(index),
        };
        (layer, (Some(summary.layer), entries))
    });
    described.unzip()
}

/// The readers of every kind of file, within the limits of one scan.
#[derive(Debug)]
pub struct Extractors {
    zip: ZipLimits,
    rpm: RpmLimits,
    /// Bytes that zip archives may still inflate to.
    zip_left: AtomicU64,
}

impl Extractors {
    /// Readers that have read nothing yet.
    pub fn new(limits: &Limits) -> Self {
        Self { zip: limits.zip, rpm: limits.rpm, zip_left: AtomicU64::new(limits.zip.total) }
    }

    /// Reads an archive within what the archives before it left.
    fn zip(&self, bytes: &[u8]) -> FileFacts {
        let left = self.zip_left.load(Ordering::Relaxed);
        let facts = zip_facts(bytes, &ZipLimits { inflated: self.zip.inflated.min(left), ..self.zip });
        if let FileFacts::Zip(facts) = &facts {
            let spend = |left: u64| Some(left.saturating_sub(facts.inflated));
            let _ = self.zip_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend);
        }
        facts
    }
}

impl Extract for Extractors {
    fn extract(&self, kind: FileKind, bytes: Vec<u8>) -> FileFacts {
        match kind {
            FileKind::Python => python_facts(&bytes),
            FileKind::Elf => elf_facts(&bytes),
            FileKind::Text => FileFacts::Text(Arc::from(bytes)),
            FileKind::Script => script_facts(&bytes),
            FileKind::Zip => self.zip(&bytes),
            FileKind::Jar => jar_facts(&bytes),
            FileKind::Assembly => assembly_facts(&bytes),
            FileKind::Conda => conda_facts(&bytes),
            FileKind::Rpm => rpm_facts(&bytes, &self.rpm),
        }
    }

    fn extract_in_part(&self, kind: FileKind, file: &File) -> Option<FileFacts> {
        if kind == FileKind::Elf { elf_facts_in_part(file) } else { None }
    }
}
