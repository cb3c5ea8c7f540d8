//! What one directory offers for one name, and in which order the finder would take it; never which directory wins.

use smol_str::SmolStr;

use crate::{facts::ModuleKind, filesystem::NodeId, image::ImagePath};

use super::archive::{Inside, Origin};

/// A directory under the name that the interpreter would show, and what it is.
pub(super) type Location = (ImagePath, Place);

/// A directory of the tree, one in an archive, or what an import hook has below a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Place {
    Directory(NodeId),
    Inside(Inside),
    Hook(usize, SmolStr),
}

/// What one directory offers for one name: the finder takes the package, else the module, else the namespace.
#[derive(Debug, Default)]
pub(super) struct Offer {
    pub(super) package: Option<(Vec<Location>, ModuleKind, ImagePath, Origin)>,
    /// With the rank of its suffix: a lower one wins.
    pub(super) module: Option<(usize, ModuleKind, ImagePath, Origin)>,
    pub(super) namespace: Option<Vec<Location>>,
    /// The package's source behind its extension.
    pub(super) behind: Option<(ImagePath, Origin)>,
    /// Other files for the module.
    others: Vec<(usize, ModuleKind, ImagePath, Origin)>,
}

impl Offer {
    /// Takes a file for the module, with the rank of its suffix.
    pub(super) fn file(&mut self, file: (usize, ModuleKind, ImagePath, Origin)) {
        match &mut self.module {
            None => self.module = Some(file),
            Some(best) if file.0 < best.0 => self.others.push(std::mem::replace(best, file)),
            Some(_) => self.others.push(file),
        }
    }

    /// Puts the other files in order. Bytecode beside its source is that source's: Python 2 keeps it there.
    pub(super) fn settle(&mut self) {
        if self.others.is_empty() {
            return;
        }
        let is_source = |kind: ModuleKind| kind == ModuleKind::Source;
        if self.module.as_ref().is_some_and(|module| is_source(module.1)) || self.others.iter().any(|other| is_source(other.1))
        {
            self.others.retain(|(_, kind, ..)| *kind != ModuleKind::Bytecode);
        }
        self.others.sort_by_key(|(rank, ..)| *rank);
    }

    /// Every file for the name, in the order in which the finder would come to them.
    pub(super) fn files(self) -> impl Iterator<Item = (ImagePath, Origin)> {
        let package = self.package.map(|(_, _, file, origin)| (file, origin));
        let modules = self.module.into_iter().chain(self.others).map(|(_, _, file, origin)| (file, origin));
        package.into_iter().chain(self.behind).chain(modules)
    }
}
