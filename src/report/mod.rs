//! Reports, a file for each format behind one trait; sees findings and facts, never policies.

mod excerpt;
mod file_pattern;
mod harmless;
mod human;
mod inspect_human;
mod instruction;
mod inventory_document;
mod json;
mod junit;
mod layout;
mod look;
mod module_pattern;
mod quantity;
mod sanitise;
mod tested;

use std::io::{self, Write};

pub use file_pattern::{FilePattern, FilePatternError};
pub use harmless::write_json;
pub use human::HumanReport;
pub use inspect_human::InspectPage;
pub use instruction::shortened;
pub use inventory_document::{Asked, EnvironmentDocument, InventoryDocument};
pub use json::JsonReport;
pub use junit::JunitReport;
pub use look::{Look, Palette};
pub use module_pattern::{ModulePattern, ModulePatternError};
pub use sanitise::sanitise;
pub use tested::{Detail, TestedPage};

use crate::finding::CheckReport;

/// A format that the outcome of checking a target can be written in.
pub trait Report {
    /// Writes the report of one target.
    fn write(&self, report: &CheckReport, out: &mut dyn Write) -> io::Result<()>;

    /// Writes the reports of all targets as one text.
    fn write_all(&self, reports: &[CheckReport], out: &mut dyn Write) -> io::Result<()> {
        for (index, report) in reports.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            self.write(report, out)?;
        }
        Ok(())
    }
}
