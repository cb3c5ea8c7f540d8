//! A Python source file's bytes to its imports and structure, with one parse; never what another file would make of them.

mod certain;
mod codec;
mod constant;
mod context;
mod decode;
mod dynamic;
#[cfg(test)]
mod hostile_tests;
mod imports;
mod instance;
mod lines;
mod names;
mod namespace;
mod nesting;
mod parse;
mod python_2;
mod slice;
mod special;
mod structure;
#[cfg(test)]
mod structure_tests;
#[cfg(test)]
mod tests;
mod versions;

use std::sync::Arc;

use ruff_text_size::TextSize;
use smol_str::SmolStr;

use self::{
    decode::{declares, decode},
    imports::imports,
    lines::Lines,
    namespace::names_complete,
    parse::{Syntax, parse},
    special::special,
    structure::structure,
    versions::versions,
};
use crate::facts::{PythonSource, SourceError, SyntaxChange};

/// Reads one source file with the newest grammar, else as Python 2 or an early Python 3 has it. What cannot be read is told in
/// [`PythonSource::error`], and makes the imports incomplete. The size of `bytes` is the caller's to limit.
pub fn source(bytes: &[u8]) -> PythonSource {
    if u32::try_from(bytes.len()).is_err() {
        return unread(SourceError { message: "larger than 4 GiB".to_owned(), line: 1 });
    }
    let text = match decode(bytes) {
        Ok(text) => text,
        Err(error) => return unread(error),
    };
    let lines = Lines::new(&text);
    let found = parse(&text, |tree| {
        let mut source = read(tree, &lines);
        if tree.error.is_none() {
            source.syntax = versions(tree, &lines, declares(bytes));
        }
        source
    });
    let found = found.unwrap_or_else(|error| unread(SourceError { message: error.message, line: lines.line(error.at) }));
    match &found.error {
        None => found,
        Some(error) => older(&lines, error, declares(bytes)).unwrap_or(found),
    }
}

/// Reads a source that the newest Python does not parse, because of `error`, as one that an older Python does.
fn older(lines: &Lines<'_>, error: &SourceError, declared: bool) -> Option<PythonSource> {
    let tabs = lines.text().contains('\t');
    [false, true].into_iter().filter(|expand| !*expand || tabs).find_map(|expand| {
        let made = python_2::rewrite(lines.text(), expand)?;
        let lines = lines.rewritten(made.shifts);
        let read = |tree: &Syntax<'_>| {
            let syntax = tree.error.is_none().then(|| versions(tree, &lines, declared))?;
            let mut source = read(tree, &lines);
            source.syntax = syntax;
            if made.python_2_only {
                source.syntax.not_python_3 = Some(error.clone());
                source.syntax.since = None;
                if source.syntax.not_python_2.is_some() {
                    return None;
                }
            } else {
                let what = SmolStr::new_static("`async` or `await` as a name");
                source.syntax.before = Some(SyntaxChange { minor: 7, what, line: error.line });
            }
            if let Some(at) = made.exec {
                let line = lines.own_line(at);
                source.names_complete.lacks(format!("`exec` on line {line} may bind more names"));
            }
            source.rename(&|name| python_2::unmarked(name).map(SmolStr::from));
            Some(source)
        };
        parse(&made.text, read).ok().flatten()
    })
}

fn read(syntax: &Syntax<'_>, lines: &Lines<'_>) -> PythonSource {
    let end = syntax.error.as_ref().map_or(TextSize::new(u32::MAX), |error| error.at);
    let found = imports(syntax.body, lines, end);
    let bound = structure(syntax.body, lines, syntax.tokens, end);
    let complete = names_complete(syntax.body, &bound, &found.statements_and_literals, lines, end);
    let mut source = PythonSource {
        imports: found.statements_and_literals,
        computed_imports: found.computed,
        functions: bound.functions,
        classes: bound.classes,
        variables: bound.variables,
        alternatives: bound.alternatives,
        names_complete: complete,
        ..PythonSource::default()
    };
    if let Some(error) = &syntax.error {
        source.ends_with(SourceError { message: error.message.clone(), line: lines.line(error.at) });
    }
    source.lacks_what_is_computed();
    source.special = special(syntax.body, &source).map(Arc::new);
    source
}

fn unread(error: SourceError) -> PythonSource {
    let mut source = PythonSource::default();
    source.ends_with(error);
    source
}
