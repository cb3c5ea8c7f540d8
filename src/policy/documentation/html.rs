//! A page as one HTML file that stands by itself: no script, nothing loaded, everything that a policy says escaped.

use super::page::{Block, Inline, is_address, severity};

/// How it looks: set for reading, in the colours that the reader's system asks for.
const STYLE: &str = "\
:root { color-scheme: light dark; --ink: #1c2126; --soft: #59636e; --line: #d8dee4; --field: #f5f7f9; --link: #0a5bb5;
  --error: #b42318; --warning: #8a5300; --note: #175cd3; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e7eb; --soft: #9aa5b1; --line: #343b43; --field: #1e242a;
  --link: #7db4f5; --error: #ff8a7d; --warning: #e8b05c; --note: #8ab8ff; } body { background: #14181c; } }
body { color: var(--ink); font: 16px/1.55 system-ui, sans-serif; margin: 0 auto; max-width: 52rem; padding: 2rem 1.25rem 4rem; }
h1, h2, h3 { line-height: 1.25; } h1 { margin-top: 0; } h2 { border-top: 1px solid var(--line); margin-top: 3rem; padding-top: 1.5rem; }
h3 { margin: 2.5rem 0 .5rem; } a { color: var(--link); }
code, pre { font: .875em/1.5 ui-monospace, monospace; } code { background: var(--field); border-radius: 3px; overflow-wrap: anywhere;
  padding: .1em .3em; } pre { background: var(--field); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto;
  padding: .75rem 1rem; } pre code { background: none; padding: 0; } h1 code, h2 code, h3 code { background: none; font-size: 1em; padding: 0; }
table { border-collapse: collapse; width: 100%; } th, td { border-bottom: 1px solid var(--line); padding: .4rem .75rem .4rem 0;
  text-align: left; vertical-align: top; } th { color: var(--soft); font-weight: 600; } li { margin: .3rem 0; }
.severity { border: 1px solid currentcolor; border-radius: 999px; font: 600 .75rem/1.4 system-ui, sans-serif; margin-left: .5rem;
  padding: .05rem .55rem; vertical-align: middle; } .error { color: var(--error); } .warning { color: var(--warning); }
.note { color: var(--note); }
@media print { body { max-width: none; } h3 { break-after: avoid; } pre { white-space: pre-wrap; } }";

/// The page.
pub(super) fn html(title: &str, blocks: &[Block]) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>\n{STYLE}\n</style>\n\
         </head>\n<body>\n",
        escaped(title)
    );
    for block in blocks {
        page.push_str(&part(block));
    }
    page.push_str("</body>\n</html>\n");
    page
}

fn part(block: &Block) -> String {
    match block {
        Block::Heading(level, name, anchor) => {
            let name = if name.contains('.') { code(name) } else { escaped(name) };
            format!("<h{level} id=\"{}\">{name}</h{level}>\n", escaped(anchor))
        }
        Block::Rule(name, level, anchor) => {
            format!("<h3 id=\"{}\">{}{}</h3>\n", escaped(anchor), code(name), badge(severity(*level)))
        }
        Block::Paragraph(pieces) => format!("<p>{}</p>\n", line(pieces)),
        Block::List(items) => {
            let items: String = items.iter().map(|item| format!("<li>{}</li>\n", line(item))).collect();
            format!("<ul>\n{items}</ul>\n")
        }
        Block::Table(head, rows) => {
            let head: String = head.iter().map(|cell| format!("<th scope=\"col\">{}</th>", escaped(cell))).collect();
            let rows = rows.iter().map(|row| {
                let cells: String = row.iter().map(|cell| format!("<td>{}</td>", line(cell))).collect();
                format!("<tr>{cells}</tr>\n")
            });
            format!("<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{}</tbody>\n</table>\n", rows.collect::<String>())
        }
        Block::Source(source) => format!("<pre><code>{}</code></pre>\n", escaped(source.trim_end())),
    }
}

fn badge(word: &str) -> String {
    format!("<span class=\"severity {word}\">{word}</span>")
}

fn line(pieces: &[Inline]) -> String {
    let pieces = pieces.iter().map(|piece| match piece {
        Inline::Text(words) => escaped(words),
        Inline::Strong(words) => format!("<strong>{}</strong>", escaped(words)),
        Inline::Code(words) => code(words),
        Inline::Address(address) if is_address(address) => format!("<a href=\"{0}\">{0}</a>", escaped(address)),
        Inline::Address(address) => escaped(address),
        Inline::Place(words, anchor) => format!("<a href=\"#{}\">{}</a>", escaped(anchor), code(words)),
    });
    pieces.collect()
}

fn code(words: &str) -> String {
    format!("<code>{}</code>", escaped(words))
}

/// Text that is text wherever it stands, also in an attribute.
fn escaped(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for letter in words.chars() {
        match letter {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\'' => text.push_str("&#39;"),
            other => text.push(other),
        }
    }
    text
}
