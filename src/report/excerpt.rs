//! A source line fitted into a terminal with the columns to underline; never the file that it is from.

use super::{layout::character_columns, sanitise::escape};

/// Columns that a tab takes.
const TAB: &str = "    ";

/// A line as it is shown, and what to underline in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The line, harmless to a terminal, at most as wide as was asked for.
    pub(super) line: String,
    /// Columns before the underline.
    pub(super) offset: usize,
    /// Columns to underline, at least one.
    pub(super) width: usize,
}

/// One character of the line as it is shown.
struct Cell {
    text: String,
    columns: usize,
}

impl Excerpt {
    /// The line `text`, in which `width` characters from the 1-based `column` are underlined, in at most `available` columns.
    pub(super) fn new(text: &str, column: u32, width: u32, available: usize) -> Self {
        let cells: Vec<Cell> = text.trim_end().chars().map(cell).collect();
        let first = (column.max(1) as usize - 1).min(cells.len());
        let last = first.saturating_add(width.max(1) as usize).min(cells.len());
        let measure = |cells: Option<&[Cell]>| cells.unwrap_or_default().iter().map(|cell| cell.columns).sum::<usize>();
        let before = measure(cells.get(..first));
        let underlined = measure(cells.get(first..last)).max(1);
        let whole = measure(Some(&cells));
        // A line that is too long is shown from its start where the underline is still seen, else from a little before it.
        let start =
            if whole <= available || before + underlined < available { 0 } else { before.saturating_sub(available / 4) };
        let (line, skipped) = window(&cells, start, available);
        let offset = (before + usize::from(skipped > 0)).saturating_sub(skipped);
        Self { line, offset, width: underlined.min(available.saturating_sub(offset)).max(1) }
    }
}

fn cell(character: char) -> Cell {
    let text = match character {
        '\t' => TAB.to_owned(),
        _ => escape(character).unwrap_or_else(|| character.to_string()),
    };
    let columns = text.chars().map(character_columns).sum();
    Cell { text, columns }
}

/// The cells from column `start` that fit, with `…` where something was cut off, and how many columns were skipped.
fn window(cells: &[Cell], start: usize, available: usize) -> (String, usize) {
    let mut skipped = 0;
    let mut rest = cells.iter().peekable();
    while skipped < start {
        let Some(cell) = rest.next() else { break };
        skipped += cell.columns;
    }
    let mut line = String::new();
    let mut taken = 0;
    if skipped > 0 {
        line.push('…');
        taken = 1;
    }
    while let Some(cell) = rest.next() {
        let room = available.saturating_sub(taken);
        if cell.columns > room || (cell.columns == room && rest.peek().is_some()) {
            line.push('…');
            break;
        }
        taken += cell.columns;
        line.push_str(&cell.text);
    }
    (line, skipped)
}

#[cfg(test)]
mod tests {
    use super::Excerpt;

    fn drawn(text: &str, column: u32, width: u32, available: usize) -> (String, String) {
        let excerpt = Excerpt::new(text, column, width, available);
        (excerpt.line, " ".repeat(excerpt.offset) + &"^".repeat(excerpt.width))
    }

    #[test]
    fn underlines_behind_tabs_and_wide_characters() {
        assert_eq!(drawn("\timport x", 9, 1, 80), ("    import x".into(), "           ^".into()));
        assert_eq!(drawn("import データ", 8, 3, 80), ("import データ".into(), "       ^^^^^^".into()));
    }

    #[test]
    fn escapes_take_their_columns() {
        assert_eq!(drawn("a\u{1b}b", 3, 1, 80), ("a\\x1bb".into(), "     ^".into()));
    }

    #[test]
    fn long_lines_are_shown_around_the_underline() {
        let text = format!("{}import x{}", " ".repeat(200), "y".repeat(200));
        let (line, underline) = drawn(&text, 208, 1, 40);
        assert_eq!(line.chars().count(), 40);
        let at = underline.chars().count() - 1;
        assert_eq!(line.chars().nth(at), Some('x'));
    }

    #[test]
    fn a_column_behind_the_end_still_shows_a_mark() {
        assert_eq!(drawn("ab", 90, 5, 80), ("ab".into(), "  ^".into()));
    }
}
