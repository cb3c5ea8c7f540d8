//! The page about an image that its own author learns from; never a judgement.

mod conda;
mod files;
mod image;
mod integrity;
mod modules;
mod python;
mod section;

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use section::Section;

use super::{
    file_pattern::FilePattern, human::write_gaps, human::write_heading, look::Look, module_pattern::ModulePattern,
    quantity::counted,
};
use crate::{facts::Inventory, finding::ScanSummary};

/// The page for people.
#[derive(Debug, Clone)]
pub struct InspectPage {
    /// How it looks.
    pub look: Look,
    /// Which modules to list; none without patterns.
    pub modules: Vec<ModulePattern>,
    /// Which files to list; none without patterns.
    pub files: Vec<FilePattern>,
    /// Whether to say what became of installed files.
    pub integrity: bool,
}

impl InspectPage {
    /// Writes the page.
    pub fn write(&self, inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
        write_heading(&self.look, &inventory.target, &ScanSummary::new(inventory), out)?;
        if let Some(image) = &inventory.image {
            image::write(&self.look, image, out)?;
        }
        image::write_layers(&self.look, &inventory.layers, out)?;
        self.write_system(inventory, out)?;
        conda::write(&self.look, inventory, out)?;
        python::write_interpreters(&self.look, &inventory.interpreters, out)?;
        python::write_environments(&self.look, &inventory.environments, self.integrity, out)?;
        if !self.modules.is_empty() {
            modules::write(&self.look, &inventory.environments, &self.modules, out)?;
        }
        if !self.files.is_empty() {
            files::write(&self.look, inventory, &self.files, out)?;
        }
        if !inventory.gaps.is_empty() {
            writeln!(out)?;
        }
        write_gaps(&self.look, &inventory.gaps, out)
    }

    /// The operating system, its packages and the ELF files.
    fn write_system(&self, inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
        let mut section = Section::new("System");
        if let Some(os) = &inventory.os {
            let version = os.version_id.as_deref().unwrap_or("without a version");
            section.row("os", format!("{} {version} ({})", os.id, os.name));
            if let Some(libc) = os.libc.known() {
                let version = libc.version.known().map_or("of unknown version", String::as_str);
                section.row("libc", format!("{} {version} ({})", libc.name, libc.path));
            }
        }
        let mut managers: BTreeMap<&str, usize> = BTreeMap::new();
        for package in &inventory.os_packages {
            *managers.entry(&package.manager).or_default() += 1;
        }
        for (manager, number) in managers {
            let whole = if inventory.os_packages_complete.is_complete() { "" } else { ", perhaps not all" };
            section.row("packages", format!("{} ({manager}{whole})", counted(number, "package")));
        }
        let mut platforms: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for binary in &inventory.binaries {
            let (all, programs) = platforms.entry(&binary.platform).or_default();
            *all += 1;
            *programs += usize::from(binary.executable);
        }
        for (platform, (all, programs)) in platforms {
            let programs = counted(programs, "program");
            section.row("ELF files", format!("{} for {platform}, among them {programs}", counted(all, "file")));
        }
        section.write(&self.look, out)
    }
}

#[cfg(test)]
mod tests;
