//! Diagnostics as text in rustc's style, plain or coloured; never deciding what is said.

use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Severity, SourceText};

/// Texts from this length on, in bytes, are not drawn from their first line on.
const LONG: usize = 1 << 16;

/// How diagnostics are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without escape sequences.
    Plain,
    /// With ANSI colours.
    Coloured,
}

/// One diagnostic as text, without a line end at its end.
pub fn render(diagnostic: &Diagnostic, style: Style) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(shown(&diagnostic.message)).id(diagnostic.code);
    let mut group = Group::with_title(title);
    for source in sources(diagnostic) {
        let (text, line, before) = window(diagnostic, source);
        if let Some(place) = place_in_long_line(diagnostic, source, text, line, before) {
            group = group.element(place);
            continue;
        }
        let annotations = diagnostic.labels.iter().filter(|label| Arc::ptr_eq(&label.span.source, source)).map(|label| {
            let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let (start, end) = inside(text, label.span.start.saturating_sub(before), label.span.end.saturating_sub(before));
            let annotation = kind.span(start..end);
            if label.text.is_empty() { annotation } else { annotation.label(shown(&label.text)) }
        });
        let snippet = Snippet::source(text).line_start(line).path(shown(&source.name));
        group = group.element(snippet.annotations(annotations));
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(shown(note)));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(shown(help)));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    renderer.render(&[group])
}

/// The texts that a diagnostic speaks of, the primary one first.
fn sources(diagnostic: &Diagnostic) -> Vec<&Arc<SourceText>> {
    let mut sources: Vec<&Arc<SourceText>> = Vec::new();
    for label in &diagnostic.labels {
        if !sources.iter().any(|source| Arc::ptr_eq(source, &label.span.source)) {
            sources.push(&label.span.source);
        }
    }
    sources
}

/// The lines of a long text that are spoken of, the number of the first of them, and the bytes before it: who draws a hundred
/// mistakes of a large file is not to walk through all of it for each.
fn window<'a>(diagnostic: &Diagnostic, source: &'a Arc<SourceText>) -> (&'a str, usize, usize) {
    let text = source.text.as_str();
    if text.len() < LONG {
        return (text, 1, 0);
    }
    let spans = diagnostic.labels.iter().map(|label| &label.span).filter(|span| Arc::ptr_eq(&span.source, source));
    let (first, last) = spans.fold((text.len(), 0), |(first, last), span| (first.min(span.start), last.max(span.end)));
    let bytes = text.as_bytes();
    let before = bytes.get(..first).and_then(|before| memchr::memrchr(b'\n', before)).map_or(0, |end| end + 1);
    let rest = bytes.get(last..).unwrap_or_default();
    let end = memchr::memchr(b'\n', rest).map_or(text.len(), |end| last + end + 1);
    match (text.get(before..end), bytes.get(..before)) {
        (Some(lines), Some(passed)) => (lines, memchr::memchr_iter(b'\n', passed).count() + 1, before),
        _ => (text, 1, 0),
    }
}

/// The place alone, where the line of the first label is longer than anybody reads: nothing of it is drawn.
fn place_in_long_line<'a>(
    diagnostic: &Diagnostic,
    source: &Arc<SourceText>,
    text: &str,
    first: usize,
    before: usize,
) -> Option<Origin<'a>> {
    let label =
        diagnostic.labels.iter().find(|label| Arc::ptr_eq(&label.span.source, source)).filter(|_| text.len() >= LONG)?;
    let (at, _) = inside(text, label.span.start.saturating_sub(before), text.len());
    let (passed, rest) = text.split_at_checked(at)?;
    let (lines, ahead) = passed.rsplit_once('\n').map_or(("", passed), |(lines, ahead)| (lines, ahead));
    let length = ahead.len() + memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
    let line = first
        + if lines.len() < passed.len() - ahead.len() { memchr::memchr_iter(b'\n', lines.as_bytes()).count() + 1 } else { 0 };
    (length >= LONG).then(|| Origin::path(shown(&source.name)).line(line).char_column(ahead.chars().count() + 1))
}

/// A range that lies inside the text and on character boundaries: a renderer must not panic for a wrong span.
fn inside(text: &str, start: usize, end: usize) -> (usize, usize) {
    let start = text.floor_char_boundary(start.min(text.len()));
    let end = text.ceil_char_boundary(end.min(text.len()));
    (start, end.max(start))
}

/// Control characters, and those that reorder or join what stands around them.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Harmful characters escaped, so that no text can steer a terminal.
fn shown(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\t' => character.to_string(),
            other if is_harmful(other) => other.escape_default().to_string(),
            other => other.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Style, render};
    use crate::diagnostic::{Diagnostic, Severity, SourceText, Span};

    #[test]
    fn labels_stand_under_the_text() {
        let source = Arc::new(SourceText { name: "a.douane".into(), text: "rule x eror \"t\" {\n}\n".into() });
        let diagnostic = Diagnostic::new("unknown-severity", Severity::Error, "`eror` is no severity")
            .label(Span { source, start: 7, end: 11 }, "not a severity")
            .note("a rule is an `error`, a `warning` or a `note`")
            .help("did you mean `error`?");
        insta::assert_snapshot!(render(&diagnostic, Style::Plain), @r##"
error[unknown-severity]: `eror` is no severity
 --> a.douane:1:8
  |
1 | rule x eror "t" {
  |        ^^^^ not a severity
  |
  = note: a rule is an `error`, a `warning` or a `note`
  = help: did you mean `error`?
"##);
    }

    #[test]
    fn of_a_long_text_only_what_is_spoken_of_is_drawn() {
        let text = format!("{}rule x\nend\n", "// é\n".repeat(20_000));
        let start = text.find("rule").expect("there");
        let source = Arc::new(SourceText { name: "a".into(), text });
        let drawn = |start, end| {
            let span = Span { source: Arc::clone(&source), start, end };
            render(&Diagnostic::new("x", Severity::Error, "m").label(span, "here"), Style::Plain)
        };
        assert!(drawn(start, start + 4).contains("20001 | rule x\n      | ^^^^ here"), "{}", drawn(start, start + 4));
        assert!(drawn(start + 99, start + 100).contains("a:20003"), "{}", drawn(start + 99, start + 100));
    }

    #[test]
    fn of_a_long_line_only_the_place_is_told() {
        let text = format!("a\nb\n{}rule\nc\n", "é".repeat(100_000));
        let start = text.find("rule").expect("there");
        let source = Arc::new(SourceText { name: "a".into(), text });
        let diagnostic =
            Diagnostic::new("x", Severity::Error, "m").label(Span { source, start, end: start + 4 }, "here").help("h");
        insta::assert_snapshot!(render(&diagnostic, Style::Plain), @"
        error[x]: m
        --> a:3:100001
         = help: h
        ");
    }

    #[test]
    fn a_span_beyond_the_text_is_drawn_at_its_end() {
        let source = Arc::new(SourceText { name: "a".into(), text: "ü".into() });
        let diagnostic = Diagnostic::new("x", Severity::Error, "m").label(Span { source, start: 1, end: 99 }, "here");
        assert!(render(&diagnostic, Style::Plain).contains("here"));
    }
}
