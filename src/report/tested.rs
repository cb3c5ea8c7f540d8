//! What tests of policies came to, for people: each test, what failed and why, what no test has shown; never a judgement.

use std::io::{self, Write};

use super::{
    human::write_settings,
    layout::{cut, wrap},
    look::{Look, paint},
    quantity::{counted, duration, grouped},
    sanitise::sanitise,
};
use crate::{
    diagnostic::{Style, render},
    finding::{CoverageSummary, RuleCoverageSummary, TestReport, TestSummary, TestVerdict},
};

/// Rules that are named where not everything is asked for.
const MOST_RULES: usize = 8;

/// How much is told of what no test has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The numbers, and rules that were never seen broken or kept.
    Summary,
    /// Every rule and clause.
    Full,
    /// Nothing: only some tests ran.
    Nothing,
}

/// The page about tests.
#[derive(Debug, Clone, Copy)]
pub struct TestedPage {
    /// How it looks.
    pub look: Look,
    /// How much is told of what no test has shown.
    pub coverage: Detail,
    /// Whether diagnostics have colours.
    pub style: Style,
}

impl TestedPage {
    /// Writes the report of tests.
    pub fn write(&self, report: &TestReport, out: &mut dyn Write) -> io::Result<()> {
        write_settings(&self.look, report.settings.as_deref(), out)?;
        for file in report.tests.chunk_by(|left, right| left.file == right.file) {
            self.file(file, out)?;
        }
        for test in report.tests.iter().filter(|test| test.verdict == TestVerdict::Fail) {
            self.failures(test, out)?;
        }
        match self.coverage {
            Detail::Nothing => {}
            Detail::Summary => self.gaps(&report.coverage, out)?,
            Detail::Full => self.whole(&report.coverage, out)?,
        }
        self.counts(report, out)
    }

    /// A file's tests, a line each.
    fn file(&self, tests: &[TestSummary], out: &mut dyn Write) -> io::Result<()> {
        let palette = &self.look.palette;
        if let Some(first) = tests.first() {
            writeln!(out, "{}", paint(palette.strong, sanitise(&first.file)))?;
        }
        for test in tests {
            let word = match test.verdict {
                TestVerdict::Pass => paint(palette.good, "  ok  "),
                TestVerdict::Fail => paint(palette.error, "FAIL  "),
            };
            writeln!(out, "{word}{}", cut(&sanitise(&test.title), self.look.width.saturating_sub(6)))?;
        }
        writeln!(out)
    }

    /// What was not as expected in a test.
    fn failures(&self, test: &TestSummary, out: &mut dyn Write) -> io::Result<()> {
        let palette = &self.look.palette;
        writeln!(out, "{} {}", paint(palette.error, "FAIL"), paint(palette.strong, sanitise(&test.title)))?;
        for failure in &test.failures {
            writeln!(out, "{}\n", render(&failure.diagnostic, self.style))?;
        }
        Ok(())
    }

    /// Rules that no test has seen broken, or kept.
    fn gaps(&self, coverage: &CoverageSummary, out: &mut dyn Write) -> io::Result<()> {
        let partly: Vec<&RuleCoverageSummary> = coverage.rules.iter().filter(|rule| !(rule.fails && rule.passes)).collect();
        for rule in partly.iter().take(MOST_RULES) {
            let missing = match (rule.fails, rule.passes) {
                (false, false) => "no test has seen it broken, none kept",
                (false, true) => "no test has seen it broken",
                _ => "no test has seen it kept",
            };
            self.line("", &format!("{}: {missing}", sanitise(&rule.rule)), out)?;
        }
        if let Some(more) = partly.len().checked_sub(MOST_RULES).filter(|more| *more > 0) {
            self.line("", &format!("and {} more", counted(more, "rule")), out)?;
        }
        if partly.is_empty() { Ok(()) } else { writeln!(out) }
    }

    /// Every rule with what no test has shown of its clauses.
    fn whole(&self, coverage: &CoverageSummary, out: &mut dyn Write) -> io::Result<()> {
        for rule in &coverage.rules {
            let seen = [(rule.fails, "broken"), (rule.passes, "kept"), (rule.unknown, "left open")];
            let seen: Vec<&str> = seen.into_iter().filter(|(seen, _)| *seen).map(|(_, word)| word).collect();
            let seen = if seen.is_empty() { "never seen".to_owned() } else { format!("seen {}", seen.join(", ")) };
            let style = if rule.fails && rule.passes { self.look.palette.good } else { self.look.palette.warning };
            writeln!(out, "{}  {}", sanitise(&rule.rule), paint(style, &seen))?;
            for missing in &rule.missing {
                let place = format!("{}:{}", sanitise(&missing.file), missing.line);
                let clause = cut(&sanitise(&missing.clause), 60);
                writeln!(out, "  {}  `{clause}` {}", paint(self.look.palette.dim, &place), missing.missing)?;
            }
        }
        writeln!(out)
    }

    fn counts(&self, report: &TestReport, out: &mut dyn Write) -> io::Result<()> {
        let totals = &report.totals;
        if self.coverage != Detail::Nothing {
            let coverage = &report.coverage;
            let text = format!(
                "coverage: {} of {} seen broken and kept · {} of {} of clauses ({} %)",
                grouped(coverage.rules_covered),
                counted(coverage.rules.len(), "rule"),
                grouped(coverage.outcomes_covered),
                counted(coverage.outcomes, "outcome"),
                coverage.percent
            );
            let more = if coverage.outcomes_covered < coverage.outcomes && self.coverage == Detail::Summary {
                " · `--coverage` lists the rest"
            } else {
                ""
            };
            self.line("", &format!("{text}{more}"), out)?;
        }
        let (style, word) = match report.verdict {
            TestVerdict::Pass => (self.look.palette.good, "PASS"),
            TestVerdict::Fail => (self.look.palette.error, "FAIL"),
        };
        let failed = if totals.failed > 0 { format!(", {} failed", grouped(totals.failed)) } else { String::new() };
        let skipped = if totals.skipped > 0 { format!(", {} left out", grouped(totals.skipped)) } else { String::new() };
        let counts = format!("{}: {} passed{failed}{skipped}", counted(totals.tests, "test"), grouped(totals.passed));
        writeln!(out, "{} in {} · {counts}", paint(style, word), duration(report.elapsed))
    }

    fn line(&self, indent: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        for line in wrap(text, self.look.width.saturating_sub(indent.len())) {
            writeln!(out, "{indent}{line}")?;
        }
        Ok(())
    }
}
