//! A titled list of names and values in columns; never what they mean.

use std::io::{self, Write};

use crate::report::{
    layout::{columns, padded, wrap},
    look::{Look, paint},
    sanitise::sanitise,
};

/// Columns that names may take before a value is pushed out of line.
const WIDEST_NAME: usize = 44;

/// A titled list of names and values. Every string is made harmless when it is written.
pub(super) struct Section {
    title: String,
    rows: Vec<(String, String)>,
}

impl Section {
    /// A section without rows, which writes nothing.
    pub(super) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), rows: Vec::new() }
    }

    /// Adds a row. A name that repeats the one above is shown once.
    pub(super) fn row(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.rows.push((name.into(), value.into()));
    }

    /// Adds a row where there is a value.
    pub(super) fn row_if(&mut self, name: &str, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.row(name, value);
        }
    }

    /// Writes the section with an empty line before it; nothing where it has no rows.
    pub(super) fn write(&self, look: &Look, out: &mut dyn Write) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{}", paint(look.palette.strong, sanitise(&self.title)))?;
        let names: Vec<_> = self.rows.iter().map(|(name, _)| sanitise(name)).collect();
        let widest = names.iter().map(|name| columns(name)).max().unwrap_or(0).min(WIDEST_NAME);
        let indent = " ".repeat(widest + 5);
        let room = look.width.saturating_sub(widest + 5).max(30);
        let mut before = None;
        for (name, (_, value)) in names.iter().zip(&self.rows) {
            let shown = if before == Some(name) { "" } else { name };
            let name_column = paint(look.palette.dim, padded(shown, widest));
            before = Some(name);
            let lines = wrap(&sanitise(value), room);
            writeln!(out, "  {name_column}   {}", lines.first().map_or("", String::as_str))?;
            for line in lines.iter().skip(1) {
                writeln!(out, "{indent}{line}")?;
            }
        }
        Ok(())
    }
}
