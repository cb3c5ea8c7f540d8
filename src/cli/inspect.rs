//! `douane inspect`: what is inside a target.

use super::{
    arguments::{Format, InspectArguments},
    exit::Failure,
    output::print,
    progress::Progress,
    terminal::Terminal,
};
use crate::{
    finding::ScanFailure,
    limits::Limits,
    report::{InspectPage, InventoryDocument},
    scan::{ScanOptions, scan},
};

pub(super) fn run(arguments: &InspectArguments, terminal: &Terminal) -> Result<u8, Failure> {
    let options = ScanOptions::new(arguments.platform.as_deref(), Limits::default()).map_err(Failure::platform)?;
    let progress = Progress::start(terminal, "looking into", &arguments.target);
    let scanned = scan(&arguments.target, &options).map_err(|error| Failure::Scan(ScanFailure::of(&error)))?;
    drop(progress);
    let inventory = &scanned.inventory;
    match arguments.format {
        Format::Human => {
            let page = InspectPage { look: terminal.look(), modules: arguments.modules.clone() };
            print(terminal, |out| page.write(inventory, out))?;
        }
        Format::Json => print(terminal, |out| InventoryDocument::new(inventory, &arguments.modules).write(out))?,
    }
    Ok(0)
}
