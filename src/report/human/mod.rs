//! The report for people: what was looked at, what was found, what it comes to; never anything that a terminal obeys.

mod finding;
mod group;
mod header;
mod summary;
mod unsettled;
mod waivers;

use std::io::{self, Write};

pub(super) use header::{short_digest, write_heading, write_settings};
pub(super) use summary::write_gaps;

use super::{Report, look::Look};
use crate::finding::CheckReport;

/// The report for people.
#[derive(Debug, Clone, Copy)]
pub struct HumanReport {
    /// How it looks.
    pub look: Look,
}

impl Report for HumanReport {
    fn write(&self, report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
        header::write(&self.look, report, out)?;
        write_settings(&self.look, report.settings.as_deref(), out)?;
        let groups = group::groups(report);
        for group in &groups {
            writeln!(out)?;
            finding::write(&self.look, group, out)?;
        }
        unsettled::write(&self.look, &report.findings, out)?;
        waivers::write_to_mend(&self.look, report, out)?;
        waivers::write_taken(&self.look, report, out)?;
        writeln!(out)?;
        summary::write(&self.look, report, out)
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(super) use tests::inventory as sample_inventory;
