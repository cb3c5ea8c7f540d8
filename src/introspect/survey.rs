//! One walk over the merged tree that notes where the things are that introspection starts from; never what they mean.

use std::{collections::HashSet, sync::Arc};

use crate::{
    extract::{ElfFacts, FileFacts, PythonRuntime},
    facts::Gap,
    filesystem::{NodeId, NodeKind, Tree},
    image::ImagePath,
};

/// An ELF file under one of its names.
#[derive(Debug, Clone)]
pub(crate) struct ElfFile {
    pub(crate) path: ImagePath,
    pub(crate) node: NodeId,
    pub(crate) facts: Arc<ElfFacts>,
}

/// Where the things are that introspection starts from, each list sorted by path.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// Every ELF file under every one of its names.
    pub(crate) elf: Vec<ElfFile>,
    /// Every file named `pyvenv.cfg`.
    pub(crate) virtual_environments: Vec<ImagePath>,
    /// Every Python that a virtual machine runs, under every one of its names.
    pub(crate) managed: Vec<(ImagePath, NodeId, Arc<PythonRuntime>)>,
    /// Every record that conda left of an installed package, under every one of its names.
    pub(crate) conda_records: Vec<(ImagePath, NodeId)>,
    /// Every symbolic link.
    pub(crate) symlinks: Vec<ImagePath>,
    /// Every file whose bytes are wanted and were not read, under every one of its names.
    pub(crate) unread: Vec<(ImagePath, NodeId)>,
    /// Python files that no version of Python parses, each once. Files that could not be read are the layers' own gaps.
    pub(crate) gaps: Vec<Gap>,
}

impl Survey {
    /// Walks the whole tree once.
    pub(crate) fn of(tree: &Tree) -> Self {
        let mut survey = Self::default();
        let mut reported = HashSet::new();
        for (path, id) in tree.walk() {
            let node = tree.node(id);
            match &node.kind {
                NodeKind::Symlink(_) => survey.symlinks.push(path),
                NodeKind::File => {
                    if path.file_name() == b"pyvenv.cfg" {
                        survey.virtual_environments.push(path.clone());
                    }
                    let Some(facts) = &node.facts else { continue };
                    match facts {
                        FileFacts::Elf(facts) => {
                            survey.elf.push(ElfFile { path, node: id, facts: Arc::clone(facts) });
                        }
                        FileFacts::Python(source) => {
                            if let Some(error) = source.error.as_ref().filter(|_| reported.insert(id)) {
                                survey.gaps.push(gap(&path, "python-syntax", error.to_string(), node.layer));
                            }
                        }
                        FileFacts::Runtime(runtime) => survey.managed.push((path, id, Arc::clone(runtime))),
                        FileFacts::Conda(_) => survey.conda_records.push((path, id)),
                        FileFacts::Unread(_) => survey.unread.push((path, id)),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        survey.elf.sort_by(|left, right| left.path.cmp(&right.path));
        survey.managed.sort_by(|left, right| left.0.cmp(&right.0));
        survey.virtual_environments.sort();
        survey.conda_records.sort();
        survey.symlinks.sort();
        survey
    }

    /// Every ELF file once, under the first of its names.
    pub(crate) fn distinct_elf(&self) -> impl Iterator<Item = &ElfFile> {
        let mut seen = HashSet::new();
        self.elf.iter().filter(move |file| seen.insert(file.node))
    }
}

/// A gap at a path.
pub(crate) fn gap(path: &ImagePath, code: &str, reason: impl Into<String>, layer: Option<u32>) -> Gap {
    Gap { place: path.to_string(), code: code.to_owned(), reason: reason.into(), layer }
}
