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
mod slice;
mod structure;
#[cfg(test)]
mod structure_tests;
#[cfg(test)]
mod tests;

use ruff_text_size::TextSize;

use self::{
    decode::decode,
    imports::imports,
    lines::Lines,
    namespace::names_complete,
    parse::{Syntax, parse},
    structure::structure,
};
use crate::facts::{PythonSource, SourceError};

/// Reads one source file with the newest grammar. What cannot be read is told in [`PythonSource::error`], and makes the
/// imports incomplete. The size of `bytes` is the caller's to limit.
pub fn source(bytes: &[u8]) -> PythonSource {
    if u32::try_from(bytes.len()).is_err() {
        return unread(SourceError { message: "larger than 4 GiB".to_owned(), line: 1 });
    }
    let text = match decode(bytes) {
        Ok(text) => text,
        Err(error) => return unread(error),
    };
    let lines = Lines::new(&text);
    parse(&text, |syntax| read(syntax, &lines))
        .unwrap_or_else(|error| unread(SourceError { message: error.message, line: lines.line(error.at) }))
}

fn read(syntax: &Syntax<'_>, lines: &Lines<'_>) -> PythonSource {
    let end = syntax.error.as_ref().map_or(TextSize::of(lines.text()), |error| error.at);
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
    source
}

fn unread(error: SourceError) -> PythonSource {
    let mut source = PythonSource::default();
    source.ends_with(error);
    source
}
