//! Test reports as JUnit XML, which every build server reads; never with what differs from run to run.

use std::io::{self, Write};

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};

use super::sanitise::sanitise;
use crate::{
    diagnostic::{Style, render},
    finding::{TestReport, TestSummary},
};

/// The report as JUnit XML: a suite for each file, a case for each test.
#[derive(Debug, Clone, Copy, Default)]
pub struct JunitReport;

impl JunitReport {
    /// Writes the report of tests.
    pub fn write(&self, report: &TestReport, out: &mut dyn Write) -> io::Result<()> {
        let mut writer = Writer::new_with_indent(out, b' ', 2);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let (tests, failed) = (report.totals.tests.to_string(), report.totals.failed.to_string());
        let suites = writer.create_element("testsuites").with_attributes([
            ("name", "douane policy test"),
            ("tests", tests.as_str()),
            ("failures", failed.as_str()),
        ]);
        suites.write_inner_content(|writer| {
            for file in report.tests.chunk_by(|left, right| left.file == right.file) {
                suite(writer, file)?;
            }
            Ok(())
        })?;
        writeln!(writer.into_inner())
    }
}

fn suite(writer: &mut Writer<&mut dyn Write>, tests: &[TestSummary]) -> io::Result<()> {
    let Some(first) = tests.first() else { return Ok(()) };
    let (count, failed) = (tests.len().to_string(), tests.iter().filter(|test| !test.failures.is_empty()).count().to_string());
    let name = sanitise(&first.file);
    let suite = writer.create_element("testsuite").with_attributes([
        ("name", name.as_ref()),
        ("tests", count.as_str()),
        ("failures", failed.as_str()),
    ]);
    suite.write_inner_content(|writer| tests.iter().try_for_each(|test| case(writer, test)))?;
    Ok(())
}

fn case(writer: &mut Writer<&mut dyn Write>, test: &TestSummary) -> io::Result<()> {
    let (title, package, file, line) =
        (sanitise(&test.title), sanitise(&test.package), sanitise(&test.file), test.line.to_string());
    let case = writer.create_element("testcase").with_attributes([
        ("classname", package.as_ref()),
        ("name", title.as_ref()),
        ("file", file.as_ref()),
        ("line", line.as_str()),
    ]);
    if test.failures.is_empty() {
        case.write_empty()?;
        return Ok(());
    }
    case.write_inner_content(|writer| {
        for failure in &test.failures {
            let message = sanitise(&failure.message);
            let element = writer
                .create_element("failure")
                .with_attributes([("message", message.as_ref()), ("type", failure.diagnostic.code)]);
            let text = render(&failure.diagnostic, Style::Plain);
            element.write_text_content(BytesText::new(&text))?;
        }
        Ok(())
    })?;
    Ok(())
}
