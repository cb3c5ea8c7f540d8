//! Source that no newest Python parses, as one would write it for Python 3: Python 2's statements, literals and names, and names that
//! have become keywords; never another meaning, and every offset leads back to the source itself.

mod lexer;
mod obstacles;
mod statements;

use self::{
    lexer::{Kind, Token, tokens},
    statements::Rewriter,
};

pub(super) use obstacles::obstacle;

/// Marks a name that stands for one that Python 3 cannot have; no source uses this letter.
pub(super) const MARK: char = '\u{a66e}';

/// A source as Python 3 can parse it.
pub(super) struct Rewritten {
    pub(super) text: String,
    /// Offsets of the text and of the source, from which on they run side by side.
    pub(super) shifts: Vec<(usize, usize)>,
    /// Whether something in it was Python 2's alone, not only a name that Python 3.7 made a keyword.
    pub(super) python_2_only: bool,
    /// Where a statement `exec` of the module's own body may bind names.
    pub(super) exec: Option<usize>,
}

/// A part of the source, and what stands in its place.
struct Edit {
    start: usize,
    end: usize,
    text: String,
}

/// Rewrites a source, with tabs of eight columns where `tabs` says so; nothing where there is nothing to rewrite.
pub(super) fn rewrite(text: &str, tabs: bool) -> Option<Rewritten> {
    if text.contains(MARK) {
        return None;
    }
    let tokens = tokens(text)?;
    let mut rewriter = Rewriter::new(text, &tokens);
    if tabs {
        rewriter.expand_tabs();
    }
    rewriter.run();
    let Rewriter { mut edits, python_2_only, exec, .. } = rewriter;
    if edits.is_empty() {
        return None;
    }
    edits.sort_by_key(|edit| (edit.start, edit.end));
    let mut made = String::with_capacity(text.len() + edits.len());
    let mut shifts = vec![(0, 0)];
    let mut done = 0;
    for edit in edits.iter().filter(|edit| edit.start <= edit.end) {
        if edit.start < done {
            continue;
        }
        made.push_str(text.get(done..edit.start)?);
        shifts.push((made.len(), edit.start));
        made.push_str(&edit.text);
        shifts.push((made.len(), edit.end));
        done = edit.end;
    }
    made.push_str(text.get(done..)?);
    Some(Rewritten { text: made, shifts, python_2_only, exec })
}

/// A name without the mark.
pub(super) fn unmarked(name: &str) -> Option<String> {
    name.contains(MARK).then(|| name.replace(MARK, ""))
}

#[cfg(test)]
mod tests {
    use super::rewrite;

    #[track_caller]
    fn becomes(source: &str, expected: &str) {
        assert_eq!(rewrite(source, false).map_or(source.to_owned(), |made| made.text), expected);
    }

    #[test]
    fn statements_of_python_2() {
        becomes("print 'x', y\n", "yield 'x', y\n");
        becomes("if x: print >>f, y\n", "if x: yield f, y\n");
        becomes("print('x')\nprint\n", "print('x')\nprint\n");
        becomes("exec code in ns\n", "yield code in ns\n");
        becomes("raise E, 'm', tb\n", "raise (E, 'm', tb)\n");
        becomes("raise E(a, b)\n", "raise E(a, b)\n");
        becomes("x = `y` <> 1\n", "x = (y) != 1\n");
    }

    #[test]
    fn literals_of_python_2() {
        becomes("x = 0777, 10L, 0xFFl, 0, 00, 0.5, 09.5\n", "x = 0o777, 10, 0xFF, 0, 00, 0.5, 09.5\n");
        becomes("x = ur'a' b'\u{e9}'\n", "x = r'a' '\u{e9}'\n");
        becomes("x = '\\N' r'\\u'\n", "x = '\\\\N' r'\\u'\n");
        becomes("x = -7L.real\n", "x = -7 .real\n");
        becomes("[x for x in lambda: 1, 2]\n", "[x for x in (lambda: 1, 2)]\n");
        becomes("[x for x in 1, 2 if x]\n", "[x for x in (1, 2) if x]\n");
    }

    #[test]
    fn parameters_in_parentheses() {
        becomes("def f(a, (b, c)=(1, 2)): pass\n", "def f(a, \u{a66e}1=(1, 2)): pass\n");
        becomes("lambda (a, b), c: a\n", "lambda \u{a66e}1, c: a\n");
        becomes("x = (lambda x: (x, (1)))\n", "x = (lambda x: (x, (1)))\n");
    }

    #[test]
    fn names_that_became_keywords() {
        becomes("async = x.async\n", "\u{a66e}async = x.\u{a66e}async\n");
        becomes("async def f(): await x\n", "async def f(): await x\n");
        becomes("from a.async import await\n", "from a.\u{a66e}async import \u{a66e}await\n");
        becomes("True, False = 1, 0\n", "\u{a66e}True, \u{a66e}False = 1, 0\n");
    }
}
