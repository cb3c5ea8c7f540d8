//! The files that `--files` asked for, a line for each; never their contents.

use std::io::{self, Write};

use crate::{
    facts::{File, FileType, Inventory},
    report::{
        file_pattern::FilePattern,
        look::{Look, paint},
        quantity::{counted, size},
        sanitise::sanitise,
    },
};

pub(super) fn write(look: &Look, inventory: &Inventory, patterns: &[FilePattern], out: &mut dyn Write) -> io::Result<()> {
    let asked = |file: &&File| {
        let path = file.path.to_string();
        patterns.iter().any(|pattern| pattern.matches(&path))
    };
    let files: Vec<&File> = inventory.files.iter().filter(asked).collect();
    let whole = if inventory.files_complete.is_complete() { "" } else { ", perhaps not all" };
    let number = format!(" · {} of {}{whole}", files.len(), counted(inventory.files.len(), "entry"));
    writeln!(out, "\n{}{}", paint(look.palette.strong, "Files"), paint(look.palette.dim, number))?;
    for file in files {
        let length = if file.kind == FileType::File { size(file.size) } else { kind(file.kind).to_owned() };
        let owner = format!("{}:{}", file.uid, file.gid);
        let mut facts: Vec<String> = file.os_package.iter().map(|package| format!("of package {package}")).collect();
        facts.extend(file.layer.map(|layer| format!("layer {layer}")));
        let target = file.target.as_ref().map(|target| format!(" -> {target}")).unwrap_or_default();
        let path = format!("{}{target}", file.path);
        let line = format!("  {}  {owner:>11}  {length:>10}  {}", file.mode, sanitise(&path));
        writeln!(out, "{line}  {}", paint(look.palette.dim, sanitise(&facts.join(" · "))))?;
    }
    Ok(())
}

fn kind(kind: FileType) -> &'static str {
    match kind {
        FileType::File => "file",
        FileType::Directory => "directory",
        FileType::Symlink => "link",
        FileType::Fifo => "pipe",
        FileType::CharacterDevice | FileType::BlockDevice => "device",
    }
}
