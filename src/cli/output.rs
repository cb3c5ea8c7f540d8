//! Where reports go: standard output and files; never what is in them.

use std::{
    fs::File,
    io::{self, BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
};

use super::{
    arguments::{Format, OutputFile},
    exit::Failure,
    terminal::Terminal,
};
use crate::{
    finding::CheckReport,
    report::{HumanReport, JsonReport, Look, Report},
};

/// A reader that went away (`douane check x | head`) is no error: what it read was right.
pub(super) fn forgive_closed_pipe(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(Failure::Output),
    }
}

/// Writes to standard output; a reader that went away is no error.
pub(super) fn print(terminal: &Terminal, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = terminal.stdout();
    let written = write(&mut out).and_then(|()| out.flush());
    if written.is_err() {
        // What is left in the buffer has nowhere to go, and dropping the writer would try again.
        let _ = out.into_parts();
    }
    forgive_closed_pipe(written)
}

/// Writes a file that does not exist yet: nobody's work is written over.
pub(super) fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error| Failure::OutputFile { path: path.to_owned(), error };
    let mut file = File::create_new(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

/// Where the reports of a check go.
pub(super) struct Outputs<'terminal> {
    terminal: &'terminal Terminal,
    format: Format,
    look: Look,
    files: Vec<(Format, PathBuf, BufWriter<File>)>,
    reports: Vec<CheckReport>,
}

impl<'terminal> Outputs<'terminal> {
    /// Opens every file, so that a path that cannot be written is known before the work begins.
    pub(super) fn open(terminal: &'terminal Terminal, format: Format, files: &[OutputFile]) -> Result<Self, Failure> {
        let files = files.iter().map(|output| match File::create(&output.path) {
            Ok(file) => Ok((output.format, output.path.clone(), BufWriter::new(file))),
            Err(error) => Err(Failure::OutputFile { path: output.path.clone(), error }),
        });
        let files = files.collect::<Result<_, _>>()?;
        Ok(Self { terminal, format, look: terminal.look(), files, reports: Vec::new() })
    }

    /// Takes the report of the next target; a person sees it at once.
    pub(super) fn report(&mut self, report: CheckReport) -> Result<(), Failure> {
        if self.format == Format::Human {
            let first = self.reports.is_empty();
            let human = HumanReport { look: self.look };
            print(self.terminal, |out| {
                if !first {
                    writeln!(out)?;
                }
                human.write(&report, out)
            })?;
        }
        if let (Format::Json, Some(failure)) = (self.format, &report.error) {
            // The program that reads the JSON may show nothing of it.
            self.terminal.say_error(&Failure::Scan(failure.clone()));
        }
        self.reports.push(report);
        Ok(())
    }

    /// Writes what waits for the last target: JSON is one document.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let Self { terminal, format, files, reports, .. } = self;
        if format == Format::Json {
            print(terminal, |out| JsonReport.write_all(&reports, out))?;
        }
        for (format, path, mut file) in files {
            let written = match format {
                Format::Human => HumanReport { look: Terminal::look_of_a_file() }.write_all(&reports, &mut file),
                Format::Json => JsonReport.write_all(&reports, &mut file),
            };
            written.and_then(|()| file.flush()).map_err(|error| Failure::OutputFile { path, error })?;
        }
        Ok(())
    }
}
