//! Text that is yet to be laid out: groups that stand on one line where they fit; never the tree of a policy.

/// Columns of a line.
const WIDTH: usize = 120;
/// Columns of one level.
const INDENT: usize = 2;

/// Text that is yet to be laid out.
#[derive(Debug, Clone)]
pub(super) enum Document {
    /// As it is; holds no line's end.
    Text(String),
    /// A comment that goes to the end of its line, whatever else stands there.
    Suffix(String),
    /// A space, or a new line where its group is broken.
    Line,
    /// Nothing, or a new line where its group is broken.
    Soft,
    /// A new line.
    Hard,
    /// A blank line.
    Blank,
    /// Text that only a broken group has.
    Broken(&'static str),
    /// One level deeper.
    Nest(Box<Document>),
    /// One after the other.
    All(Vec<Document>),
    /// On one line, where it fits and nothing in it needs another.
    Group(Box<Document>, Forced),
    /// As many on each line as fit.
    Fill(Vec<Document>),
}

/// Whether something in a document needs more than one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Forced {
    Yes,
    No,
}

impl Document {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn nothing() -> Self {
        Self::All(Vec::new())
    }

    pub(super) fn nest(self) -> Self {
        Self::Nest(Box::new(self))
    }

    pub(super) fn group(self) -> Self {
        let forced = if self.is_forced() { Forced::Yes } else { Forced::No };
        Self::Group(Box::new(self), forced)
    }

    /// Puts something behind it.
    pub(super) fn append(&mut self, more: Document) {
        let before = std::mem::replace(self, Self::nothing());
        *self = Self::All(vec![before, more]);
    }

    /// One after the other, with something in between.
    pub(super) fn joined(documents: impl IntoIterator<Item = Document>, between: &Document) -> Self {
        let mut all = Vec::new();
        for document in documents {
            if !all.is_empty() {
                all.push(between.clone());
            }
            all.push(document);
        }
        Self::All(all)
    }

    /// Whether something in it needs more than one line.
    pub(super) fn is_forced(&self) -> bool {
        match self {
            Self::Suffix(_) | Self::Hard | Self::Blank => true,
            Self::Group(_, forced) => *forced == Forced::Yes,
            Self::Nest(inner) => inner.is_forced(),
            Self::All(all) | Self::Fill(all) => all.iter().any(Self::is_forced),
            Self::Text(_) | Self::Line | Self::Soft | Self::Broken(_) => false,
        }
    }

    /// Whether it needs more than one line itself: a comment behind it needs none.
    fn is_long(&self) -> bool {
        match self {
            Self::Suffix(_) => false,
            Self::All(all) => all.iter().any(Self::is_long),
            other => other.is_forced(),
        }
    }

    /// Lays it out in lines.
    pub(super) fn layout(&self) -> String {
        self.laid_out(Mode::Broken)
    }

    /// Lays it out on one line, however long.
    pub(super) fn on_one_line(&self) -> String {
        self.laid_out(Mode::Flat).trim_end().to_owned()
    }

    fn laid_out(&self, mode: Mode) -> String {
        let mut layout = Layout { out: String::new(), column: 0, at_start: true, suffix: None };
        let mut waiting = vec![Command { indent: 0, mode, what: What::Document(self) }];
        while let Some(command) = waiting.pop() {
            layout.run(command, &mut waiting);
        }
        layout.newline();
        layout.out
    }
}

/// Whether a group stands on one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Flat,
    Broken,
}

/// Something to be laid out, and where.
#[derive(Debug, Clone, Copy)]
struct Command<'d> {
    indent: usize,
    mode: Mode,
    what: What<'d>,
}

#[derive(Debug, Clone, Copy)]
enum What<'d> {
    Document(&'d Document),
    /// The rest of a fill: what stands before has been laid out.
    Rest(&'d [Document]),
}

struct Layout {
    out: String,
    column: usize,
    at_start: bool,
    suffix: Option<String>,
}

impl Layout {
    fn run<'d>(&mut self, command: Command<'d>, waiting: &mut Vec<Command<'d>>) {
        let Command { indent, mode, what } = command;
        let document = match what {
            What::Document(document) => document,
            What::Rest(rest) => return self.rest(rest, command, waiting),
        };
        match document {
            Document::Text(text) => self.text(text, indent),
            Document::Suffix(comment) => {
                if self.suffix.is_some() {
                    self.newline();
                }
                self.suffix = Some(comment.clone());
            }
            Document::Line if mode == Mode::Flat => self.text(" ", indent),
            Document::Soft if mode == Mode::Flat => {}
            Document::Line | Document::Soft | Document::Hard => self.newline(),
            Document::Blank => {
                self.newline();
                self.out.push('\n');
            }
            Document::Broken(text) if mode == Mode::Broken => self.text(text, indent),
            Document::Broken(_) => {}
            Document::Nest(inner) => {
                waiting.push(Command { indent: indent + INDENT, mode, what: What::Document(inner) });
            }
            Document::All(all) => {
                waiting.extend(all.iter().rev().map(|one| Command { indent, mode, what: What::Document(one) }));
            }
            Document::Group(inner, forced) => {
                let flat = Command { indent, mode: Mode::Flat, what: What::Document(inner) };
                let fits = mode == Mode::Flat || *forced == Forced::No && self.fits(flat, waiting);
                let mode = if fits { Mode::Flat } else { Mode::Broken };
                waiting.push(Command { indent, mode, what: What::Document(inner) });
            }
            Document::Fill(all) => {
                if let Some((first, rest)) = all.split_first() {
                    waiting.push(Command { indent, mode, what: What::Rest(rest) });
                    waiting.push(Command { indent, mode, what: What::Document(first) });
                }
            }
        }
    }

    fn rest<'d>(&mut self, rest: &'d [Document], command: Command<'d>, waiting: &mut Vec<Command<'d>>) {
        let Some((next, rest)) = rest.split_first() else { return };
        let what = What::Document(next);
        waiting.push(Command { what: What::Rest(rest), ..command });
        let flat = Command { mode: Mode::Flat, what, ..command };
        let stays = command.mode == Mode::Flat
            || self.suffix.is_none() && !next.is_long() && {
                self.column += 1;
                let fits = self.fits(flat, waiting);
                self.column -= 1;
                fits
            };
        if stays {
            self.text(" ", command.indent);
        } else {
            self.newline();
        }
        waiting.push(Command { what, ..command });
    }

    /// Whether something fits on the rest of the line, with what must follow it there.
    fn fits<'d>(&self, first: Command<'d>, after: &[Command<'d>]) -> bool {
        let start = if self.at_start { first.indent } else { self.column };
        let Some(mut left) = WIDTH.checked_sub(start) else { return false };
        let mut pending = vec![first];
        let mut after = after.iter().rev();
        loop {
            let Some(Command { indent, mode, what }) = pending.pop().or_else(|| after.next().copied()) else { return true };
            let document = match what {
                What::Document(document) => document,
                What::Rest([]) => continue,
                What::Rest(_) => return true,
            };
            let mut push = |document| pending.push(Command { indent, mode, what: What::Document(document) });
            let width = match document {
                Document::Text(text) => columns(text),
                Document::Line if mode == Mode::Flat => 1,
                Document::Broken(text) if mode == Mode::Broken => text.len(),
                Document::Soft if mode == Mode::Flat => 0,
                Document::Line | Document::Soft | Document::Hard | Document::Blank => return true,
                Document::Suffix(_) | Document::Broken(_) => 0,
                Document::Nest(inner) | Document::Group(inner, _) => {
                    push(inner);
                    0
                }
                Document::All(all) => {
                    all.iter().rev().for_each(push);
                    0
                }
                Document::Fill(all) => {
                    all.iter().rev().for_each(push);
                    all.len().saturating_sub(1)
                }
            };
            match left.checked_sub(width) {
                Some(rest) => left = rest,
                None => return false,
            }
        }
    }

    fn text(&mut self, text: &str, indent: usize) {
        if text.is_empty() {
            return;
        }
        // INVARIANT: nothing stands behind a comment on its line.
        if self.suffix.is_some() {
            self.newline();
        }
        if self.at_start {
            self.out.extend(std::iter::repeat_n(' ', indent));
            (self.column, self.at_start) = (indent, false);
        }
        self.out.push_str(text);
        self.column += columns(text);
    }

    fn newline(&mut self) {
        if let Some(comment) = self.suffix.take() {
            if !self.at_start {
                self.out.push(' ');
            }
            self.out.push_str(&comment);
        }
        self.out.truncate(self.out.trim_end_matches(' ').len());
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        (self.column, self.at_start) = (0, true);
    }
}

fn columns(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

#[cfg(test)]
mod tests {
    use super::Document;

    fn set(words: &[&str]) -> Document {
        let items = words.iter().map(|word| Document::text(format!("{word},"))).collect();
        let inside = Document::All(vec![Document::Soft, Document::Fill(items)]).nest();
        Document::All(vec![Document::text("{"), inside, Document::Soft, Document::text("}")]).group()
    }

    #[test]
    fn a_group_stands_on_one_line_where_it_fits() {
        assert_eq!(set(&["a", "b"]).layout(), "{a, b,}\n");
        let long = "x".repeat(57);
        assert_eq!(set(&[&long, &long, "c"]).layout(), format!("{{\n  {long}, {long},\n  c,\n}}\n"));
    }

    #[test]
    fn nothing_stands_behind_a_comment() {
        let all = vec![Document::text("a"), Document::Suffix("// b".into()), Document::text("c")];
        assert_eq!(Document::All(all).layout(), "a // b\nc\n");
        let fill = vec![Document::All(vec![Document::text("a,"), Document::Suffix("// b".into())]), Document::text("c")];
        assert_eq!(Document::Fill(fill).layout(), "a, // b\nc\n");
    }
}
