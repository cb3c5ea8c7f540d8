//! The table of cases in `tests/hostile/README.md`: held to cases and outcomes, and written anew with what each took; never held
//! to times.

use std::{fmt::Write, fs, path::PathBuf};

use super::{Ended, cases::Case};

/// A line of the table.
pub struct Row {
    /// Name, description and outcome: what is held.
    held: String,
    /// What it took.
    took: String,
}

impl Row {
    pub fn new(case: &Case, ended: &Ended) -> Self {
        let more = match case.arguments {
            [] => String::new(),
            arguments => format!(" (`{}`)", arguments.join(" ")),
        };
        let held = format!("| {} | {}{more} | {} |", case.name, case.about, case.outcome.shown());
        let took =
            format!(" {:.2} s | {:.2} s | {} MB |", ended.wall.as_secs_f64(), ended.cpu.as_secs_f64(), ended.memory >> 20);
        Self { held, took }
    }
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/README.md")
}

/// The words before the tables.
const BEFORE: &str = "<!-- cases: written by tests/run hostile -->\n";

/// Holds the file to the cases; with `DOUANE_WRITE_CASES` it is written instead.
pub fn hold(groups: &[(&'static str, Vec<Row>)]) {
    let text = fs::read_to_string(path()).expect("tests/hostile/README.md");
    let (words, tables) = text.split_once(BEFORE).expect("the mark before the tables");
    if std::env::var_os("DOUANE_WRITE_CASES").is_some() {
        let mut text = format!("{words}{BEFORE}");
        for (title, rows) in groups {
            let _ = write!(
                text,
                "\n## {title}\n\n| case | | what comes of it | wall | CPU | memory |\n| --- | --- | --- | --- | --- | --- |\n"
            );
            for Row { held, took } in rows {
                let _ = writeln!(text, "{held}{took}");
            }
        }
        fs::write(path(), text).expect("writable");
        return;
    }
    let written: Vec<&str> = tables
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| case") && !line.starts_with("| ---"))
        .collect();
    let rows: Vec<&Row> = groups.iter().flat_map(|(_, rows)| rows).collect();
    let differs = rows.iter().find(|row| !written.iter().any(|line| line.starts_with(&row.held)));
    if let Some(row) = differs {
        panic!("tests/hostile/README.md does not hold this case; `tests/run hostile` writes it:\n{}", row.held);
    }
    assert_eq!(rows.len(), written.len(), "tests/hostile/README.md has other cases: `tests/run hostile` writes it");
}
