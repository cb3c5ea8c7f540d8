//! The report as JSON, the same run after run; never with what only people need.

use std::io::{self, Write};

use super::{Report, harmless::write_json};
use crate::finding::CheckReport;

/// One object for a target; an array of them for several.
#[derive(Debug, Clone, Copy, Default)]
pub struct JsonReport;

impl Report for JsonReport {
    fn write(&self, report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
        write_json(report, out)?;
        writeln!(out)
    }

    fn write_all(&self, reports: &[CheckReport], out: &mut dyn Write) -> io::Result<()> {
        if let [report] = reports {
            return self.write(report, out);
        }
        write_json(&reports, out)?;
        writeln!(out)
    }
}
