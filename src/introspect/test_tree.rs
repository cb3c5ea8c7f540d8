//! Small trees built in code, for the tests of this room; never anything from a disk.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::{
    extract::{
        ElfFacts, FileFacts, PythonRuntime, ZipFacts, conda_facts,
        rpm::{RpmDatabase, RpmPackage},
    },
    facts::PythonSource,
    filesystem::{Node, NodeId, NodeKind, Tree},
    image::ImagePath,
};

/// A tree that makes directories as it needs them.
pub(crate) struct TestTree(Tree);

impl TestTree {
    /// An empty tree.
    pub(crate) fn new() -> Self {
        Self(Tree::new(40))
    }

    /// The tree as introspection sees it.
    pub(crate) fn tree(&self) -> &Tree {
        &self.0
    }

    /// A directory.
    pub(crate) fn directory(&mut self, path: &str) -> NodeId {
        let path = ImagePath::new(path).expect("valid");
        let mut at = Tree::ROOT;
        for name in path.components() {
            at = match self.0.child(at, name) {
                Some(child) => child,
                None => {
                    let child = self.0.add(Node::implied_directory(Some(0))).expect("room");
                    self.0.link(at, name, child);
                    child
                }
            };
        }
        at
    }

    fn place(&mut self, path: &str, kind: NodeKind, mode: u32, facts: Option<FileFacts>) -> NodeId {
        let path = ImagePath::new(path).expect("valid");
        let directory = self.directory(&path.parent().expect("no root").to_string());
        let node = Node { kind, mode, facts, layer: Some(1), ..Node::implied_directory(None) };
        let id = self.0.add(node).expect("room");
        self.0.link(directory, path.file_name(), id);
        id
    }

    /// A file whose bytes were not read.
    pub(crate) fn empty(&mut self, path: &str) -> NodeId {
        self.place(path, NodeKind::File, 0o644, None)
    }

    /// A file that was to be read and could not be.
    pub(crate) fn unread(&mut self, path: &str, mode: u32) -> NodeId {
        self.place(path, NodeKind::File, mode, Some(FileFacts::Unread(Arc::from("too large"))))
    }

    /// A file that was hashed, with its size.
    pub(crate) fn hashed(&mut self, path: &str, content: &str) -> NodeId {
        let sha256 = Some(Sha256::digest(content.as_bytes()).into());
        self.file(path, content.len() as u64, sha256)
    }

    /// A file of which only the size is known.
    pub(crate) fn sized(&mut self, path: &str, size: u64) -> NodeId {
        self.file(path, size, None)
    }

    fn file(&mut self, path: &str, size: u64, sha256: Option<[u8; 32]>) -> NodeId {
        let path = ImagePath::new(path).expect("valid");
        let directory = self.directory(&path.parent().expect("no root").to_string());
        let node = Node { kind: NodeKind::File, size, sha256, layer: Some(1), ..Node::implied_directory(None) };
        let id = self.0.add(node).expect("room");
        self.0.link(directory, path.file_name(), id);
        id
    }

    /// A text that was kept.
    pub(crate) fn text(&mut self, path: &str, text: &str) -> NodeId {
        self.place(path, NodeKind::File, 0o644, Some(FileFacts::Text(Arc::from(text.as_bytes()))))
    }

    /// An executable script with its interpreter line.
    pub(crate) fn script(&mut self, path: &str, interpreter: &str) -> NodeId {
        self.place(path, NodeKind::File, 0o755, Some(FileFacts::Script(Arc::from(interpreter))))
    }

    /// A Python source.
    pub(crate) fn python(&mut self, path: &str, source: PythonSource) -> NodeId {
        self.place(path, NodeKind::File, 0o644, Some(FileFacts::Python(Arc::new(source))))
    }

    /// A record of an installed conda package.
    pub(crate) fn conda(&mut self, path: &str, json: &str) -> NodeId {
        self.place(path, NodeKind::File, 0o644, Some(conda_facts(json.as_bytes())))
    }

    /// A database of rpm with packages that have one file each.
    pub(crate) fn rpm(&mut self, path: &str, packages: &[(&str, &str)]) -> NodeId {
        let packages = packages.iter().map(|(name, file)| RpmPackage::sample(name, &[file])).collect();
        let database = RpmDatabase { packages, ..RpmDatabase::default() };
        self.place(path, NodeKind::File, 0o644, Some(FileFacts::Rpm(Arc::new(database))))
    }

    /// A zip archive that was opened.
    pub(crate) fn zip(&mut self, path: &str, facts: ZipFacts) -> NodeId {
        self.place(path, NodeKind::File, 0o755, Some(FileFacts::Zip(Arc::new(facts))))
    }

    /// A Python that a virtual machine runs.
    pub(crate) fn runtime(&mut self, path: &str, runtime: PythonRuntime) -> NodeId {
        self.place(path, NodeKind::File, 0o644, Some(FileFacts::Runtime(Arc::new(runtime))))
    }

    /// An ELF file.
    pub(crate) fn elf(&mut self, path: &str, facts: ElfFacts) -> NodeId {
        self.place(path, NodeKind::File, 0o755, Some(FileFacts::Elf(Arc::new(facts))))
    }

    /// A CPython with its runtime in the executable, and the landmark of its library.
    pub(crate) fn cpython(&mut self, path: &str, version: &str, library: &str) -> NodeId {
        self.empty(&format!("{library}/os.py"));
        self.elf(path, Self::cpython_facts(version))
    }

    /// The facts of a statically linked CPython.
    pub(crate) fn cpython_facts(version: &str) -> ElfFacts {
        ElfFacts {
            architecture: "amd64".to_owned(),
            executable: true,
            python: Some(PythonRuntime {
                implementation: "CPython",
                version: Some(version.to_owned()),
                ..PythonRuntime::default()
            }),
            ..ElfFacts::default()
        }
    }

    /// A symbolic link.
    pub(crate) fn symlink(&mut self, path: &str, target: &str) -> NodeId {
        self.place(path, NodeKind::Symlink(Box::from(target.as_bytes())), 0o777, None)
    }

    /// Another name of a node.
    pub(crate) fn hard_link(&mut self, path: &str, node: NodeId) {
        let path = ImagePath::new(path).expect("valid");
        let directory = self.directory(&path.parent().expect("no root").to_string());
        self.0.link(directory, path.file_name(), node);
    }
}
