//! ELF architectures as platform words, and the list of binaries; never what a binary is for.

use crate::{facts::Binary, filesystem::Tree};

use super::survey::Survey;

/// A platform in OCI words: every ELF file here is for Linux.
pub(crate) fn platform(architecture: &str) -> String {
    format!("linux/{architecture}")
}

/// Every ELF file under every one of its names, sorted by path.
pub(crate) fn binaries(tree: &Tree, survey: &Survey) -> Vec<Binary> {
    survey
        .elf
        .iter()
        .map(|file| {
            let node = tree.node(file.node);
            Binary {
                path: file.path.to_string(),
                platform: platform(&file.facts.architecture),
                executable: file.facts.executable && node.mode & 0o111 != 0,
                layer: node.layer,
            }
        })
        .collect()
}
