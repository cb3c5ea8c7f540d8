//! `douane policy test`: the tests of policies.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    time::Instant,
};

use super::{
    arguments::{PolicyTestArguments, TestFormat},
    compiled::suite,
    exit::Failure,
    output::print,
    settings::Selection,
    terminal::Terminal,
};
use crate::{
    diagnostic::Style,
    finding::{TestReport, TestVerdict},
    limits::Limits,
    report::{Detail, JunitReport, TestedPage, write_json},
};

pub(super) fn run(arguments: &PolicyTestArguments, terminal: &Terminal) -> Result<u8, Failure> {
    let start = Instant::now();
    let selection = Selection::of_named(&arguments.config, &arguments.paths, &arguments.parameters, terminal)?;
    let suite = suite(&selection, &Limits::default(), terminal)?;
    if suite.tests() == 0 {
        return Err(Failure::NoTests { paths: selection.policies });
    }
    let files = arguments.outputs.iter().map(|output| match File::create(&output.path) {
        Ok(file) => Ok((output, BufWriter::new(file))),
        Err(error) => Err(Failure::OutputFile { path: output.path.clone(), error }),
    });
    let files = files.collect::<Result<Vec<_>, _>>()?;
    let tested = suite.run(arguments.filter.as_deref());
    if let Some(filter) = arguments.filter.as_ref().filter(|_| tested.tests.is_empty()) {
        return Err(Failure::NoSuchTest { filter: filter.clone() });
    }
    let report = TestReport::new(&tested, selection.settings, start.elapsed());
    let coverage = match (arguments.coverage, &arguments.filter) {
        (true, _) => Detail::Full,
        (false, Some(_)) => Detail::Nothing,
        (false, None) => Detail::Summary,
    };
    let style = if terminal.colours() { Style::Coloured } else { Style::Plain };
    let page = TestedPage { look: terminal.look(), coverage, style };
    print(terminal, |out| write(arguments.format, page, &report, out))?;
    for (output, mut file) in files {
        let page = TestedPage { look: Terminal::look_of_a_file(), coverage, style: Style::Plain };
        write(output.format, page, &report, &mut file)
            .and_then(|()| file.flush())
            .map_err(|error| Failure::OutputFile { path: output.path.clone(), error })?;
    }
    let floor = arguments.fail_under.map_or(0, usize::from);
    if report.coverage.percent < floor {
        terminal.say(&format!("the tests show {} % of what clauses can come to, below {floor} %\n", report.coverage.percent));
    }
    Ok(u8::from(report.verdict == TestVerdict::Fail || report.coverage.percent < floor))
}

fn write(format: TestFormat, page: TestedPage, report: &TestReport, out: &mut dyn Write) -> io::Result<()> {
    match format {
        TestFormat::Human => page.write(report, out),
        TestFormat::Junit => JunitReport.write(report, out),
        TestFormat::Json => {
            write_json(report, out)?;
            writeln!(out)
        }
    }
}
