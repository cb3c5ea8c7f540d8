//! `douane explain`: what the code of a mistake means, with an example that has it and one that has not.

use std::io::{self, Write};

use super::{arguments::ExplainArguments, exit::Failure, output::print, terminal::Terminal};
use crate::policy::codes::{self, Example, Explanation, Part};

pub(super) fn run(arguments: &ExplainArguments, terminal: &Terminal) -> Result<u8, Failure> {
    match &arguments.code {
        None => print(terminal, list)?,
        Some(code) => {
            // `error[may-be-absent]` is what a person has before them.
            let bare = code.split_once('[').map_or(code.as_str(), |(_, rest)| rest.trim_end_matches(']'));
            let explanation = codes::find(bare)
                .ok_or_else(|| Failure::NoSuchCode { code: code.clone(), suggestion: codes::nearest(bare) })?;
            print(terminal, |out| explain(&explanation, out))?;
        }
    }
    Ok(0)
}

/// A line for each code.
fn list(out: &mut dyn Write) -> io::Result<()> {
    let widest = codes::all().map(|explanation| explanation.code.len()).max().unwrap_or(0);
    codes::all().try_for_each(|Explanation { code, summary, .. }| writeln!(out, "{code:widest$}  {summary}"))
}

fn explain(explanation: &Explanation, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: {}", explanation.code, explanation.summary)?;
    for part in explanation.parts() {
        match part {
            Part::Prose(text) => writeln!(out, "\n{text}")?,
            Part::Example { kind, attributes, text, .. } => {
                writeln!(out, "\n{}:\n", caption(kind, attributes))?;
                for line in text.lines() {
                    writeln!(out, "{}", format!("    {line}").trim_end())?;
                }
            }
        }
    }
    Ok(())
}

fn caption(kind: Example, attributes: &str) -> String {
    let attribute = |name: &str| attributes.split(',').find_map(|attribute| attribute.strip_prefix(name));
    let param = attribute("param=").map(|param| format!(", with `--param {param}`")).unwrap_or_default();
    let day = attribute("on=").map(|day| format!(", on {day}")).unwrap_or_default();
    match kind {
        Example::Wrong => format!("Wrong{param}{day}"),
        Example::Right => format!("Right{param}{day}"),
        Example::Beside => "Another policy of the run".to_owned(),
        Example::File => format!("The file `{}`", attribute("file=").unwrap_or_default()),
    }
}
