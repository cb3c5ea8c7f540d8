//! `douane policy doc`: pages about policies, in one file or one for each package.

use std::{fs, path::Path};

use super::{
    arguments::{DocFormat, PolicyDocArguments},
    compiled::refused,
    exit::Failure,
    output::print,
    policies::gather,
    settings::Selection,
    terminal::Terminal,
};
use crate::{
    limits::Limits,
    policy::{PageFormat, pages, write_pages},
};

pub(super) fn run(arguments: &PolicyDocArguments, terminal: &Terminal) -> Result<u8, Failure> {
    let selection = Selection::of_named(&arguments.config, &arguments.paths, &[], terminal)?;
    let texts = gather(&selection.policies, Limits::default().document)?;
    let pages = pages(&texts).map_err(|mistakes| refused(&mistakes, terminal))?;
    let (format, ending) = match arguments.format {
        DocFormat::Markdown => (PageFormat::Markdown, "md"),
        DocFormat::Html => (PageFormat::Html, "html"),
    };
    match &arguments.output {
        None => print(terminal, |out| out.write_all(write_pages(&pages, format).as_bytes()))?,
        Some(directory) if is_directory(directory) => {
            fs::create_dir_all(directory).map_err(|error| Failure::OutputFile { path: directory.clone(), error })?;
            for page in &pages {
                let text = write_pages(std::slice::from_ref(page), format);
                write(&directory.join(format!("{}.{ending}", page.package)), &text)?;
            }
        }
        Some(file) => write(file, &write_pages(&pages, format))?,
    }
    Ok(0)
}

/// A directory that is there, or is written like one.
fn is_directory(path: &Path) -> bool {
    path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/")
}

/// What was generated before is generated again.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| Failure::OutputFile { path: path.to_owned(), error })
}
