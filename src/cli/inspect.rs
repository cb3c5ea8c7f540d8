//! `douane inspect`: what is inside a target.

use super::{
    arguments::{Format, InspectArguments},
    exit::Failure,
    limits::Watch,
    output::print,
    progress::Progress,
    scan_options::scan_options,
    targets::Target,
    terminal::Terminal,
};
use crate::{
    limits::Limits,
    report::{Asked, InspectPage, InventoryDocument},
    scan::{FileList, Integrity},
};

pub(super) fn run(arguments: &InspectArguments, terminal: &Terminal) -> Result<u8, Failure> {
    let mut options = scan_options(arguments.platform.as_deref(), Limits::default(), &arguments.limits, &arguments.registries)?;
    if !arguments.files.is_empty() {
        options.files = FileList::Make;
    }
    if arguments.integrity {
        options.integrity = Integrity::Check;
    }
    let target = Target::of(&arguments.target, arguments.home.as_deref(), &options)?;
    let _watch = Watch::start(&options.limits, &arguments.target);
    let progress = Progress::start(terminal, "looking into", &arguments.target);
    let inventory = &target.inventory(&options).map_err(Failure::Scan)?;
    drop(progress);
    match arguments.format {
        Format::Human => {
            let (modules, files) = (arguments.modules.clone(), arguments.files.clone());
            let page = InspectPage { look: terminal.look(), modules, files, integrity: arguments.integrity };
            print(terminal, |out| page.write(inventory, out))?;
        }
        Format::Json => {
            let asked = Asked { modules: &arguments.modules, files: &arguments.files };
            print(terminal, |out| InventoryDocument::new(inventory, asked).write(out))?;
        }
    }
    Ok(0)
}
