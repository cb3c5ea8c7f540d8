//! Two texts line by line, as `diff -u` shows them; never a patch of anything else.

use std::fmt::Write as _;

/// Unchanged lines around what has changed.
const CONTEXT: usize = 3;
/// Most changed lines that are told apart one by one; beyond, all of the old stands before all of the new.
const MOST: usize = 2_000;

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Kept,
    Removed,
    Added,
}

/// The difference between two texts of one name; nothing where there is none.
pub(super) fn difference(name: &str, old: &str, new: &str) -> String {
    let lines = changes(&old.lines().collect::<Vec<_>>(), &new.lines().collect::<Vec<_>>());
    let mut text = String::new();
    let (mut at, mut old_line, mut new_line) = (0, 1, 1);
    while let Some(first) = lines.iter().skip(at).position(|(change, _)| *change != Change::Kept).map(|found| at + found) {
        let start = first.saturating_sub(CONTEXT).max(at);
        old_line += start - at;
        new_line += start - at;
        let end = hunk_end(&lines, first);
        let hunk = lines.get(start..end).unwrap_or_default();
        let count = |without: Change| hunk.iter().filter(|(change, _)| *change != without).count();
        let (removed, added) = (count(Change::Added), count(Change::Removed));
        if text.is_empty() {
            let _ = write!(text, "--- {name}\n+++ {name}\n");
        }
        let _ = writeln!(text, "@@ -{old_line},{removed} +{new_line},{added} @@");
        for (change, line) in hunk {
            let mark = match change {
                Change::Kept => ' ',
                Change::Removed => '-',
                Change::Added => '+',
            };
            let _ = writeln!(text, "{mark}{line}");
        }
        (at, old_line, new_line) = (end, old_line + removed, new_line + added);
    }
    text
}

/// Where the changes that begin at `first` end, with the lines around them.
fn hunk_end(lines: &[(Change, &str)], first: usize) -> usize {
    let mut end = first + 1;
    for (index, (change, _)) in lines.iter().enumerate().skip(first) {
        if *change != Change::Kept {
            end = index + 1;
        } else if index >= end + 2 * CONTEXT {
            break;
        }
    }
    (end + CONTEXT).min(lines.len())
}

/// The lines of both texts in order: the longest common subsequence is kept.
fn changes<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<(Change, &'t str)> {
    let before = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (old.get(before..).unwrap_or_default(), new.get(before..).unwrap_or_default());
    let after = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(old, new)| old == new).count();
    let old_middle = old_rest.get(..old_rest.len() - after).unwrap_or_default();
    let new_middle = new_rest.get(..new_rest.len() - after).unwrap_or_default();
    let mut all: Vec<_> = old.iter().take(before).map(|line| (Change::Kept, *line)).collect();
    if old_middle.len().max(new_middle.len()) > MOST {
        all.extend(old_middle.iter().map(|line| (Change::Removed, *line)));
        all.extend(new_middle.iter().map(|line| (Change::Added, *line)));
    } else {
        all.extend(told_apart(old_middle, new_middle));
    }
    all.extend(old_rest.iter().skip(old_middle.len()).map(|line| (Change::Kept, *line)));
    all
}

fn told_apart<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<(Change, &'t str)> {
    // How many lines the rests of both texts have in common, from the end.
    let width = new.len() + 1;
    let mut common = vec![0_u32; (old.len() + 1) * width];
    let get = |common: &[u32], row: usize, column: usize| common.get(row * width + column).copied().unwrap_or(0);
    for (row, old_line) in old.iter().enumerate().rev() {
        for (column, new_line) in new.iter().enumerate().rev() {
            let best = if old_line == new_line {
                get(&common, row + 1, column + 1) + 1
            } else {
                get(&common, row + 1, column).max(get(&common, row, column + 1))
            };
            if let Some(cell) = common.get_mut(row * width + column) {
                *cell = best;
            }
        }
    }
    let (mut row, mut column, mut all) = (0, 0, Vec::new());
    loop {
        match (old.get(row), new.get(column)) {
            (Some(old_line), Some(new_line)) if old_line == new_line => {
                all.push((Change::Kept, *old_line));
                (row, column) = (row + 1, column + 1);
            }
            (Some(line), other) if other.is_none() || get(&common, row + 1, column) >= get(&common, row, column + 1) => {
                all.push((Change::Removed, *line));
                row += 1;
            }
            (_, Some(line)) => {
                all.push((Change::Added, *line));
                column += 1;
            }
            (_, None) => return all,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn changes_are_shown_with_the_lines_around_them() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\n";
        let new = "a\nB\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\n";
        insta::assert_snapshot!(difference("x", old, new), @r##"
--- x
+++ x
@@ -1,5 +1,5 @@
 a
-b
+B
 c
 d
 e
@@ -11,3 +11,4 @@
 k
 l
 m
+n
"##);
        assert_eq!(difference("x", old, old), "");
    }
}
