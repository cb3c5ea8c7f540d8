//! What policies say, as pages for those who do not write them; never a verdict.

mod html;
mod markdown;
mod page;
#[cfg(test)]
mod tests;
mod words;

use std::{collections::BTreeMap, sync::Arc};

use self::page::{Block, Inline, code, prose, severity, text};
use super::{
    compiled::{PolicyText, Purpose, parsed},
    syntax::{
        ast::{ClauseKind, Data, File, Param, Rule, Waiver},
        print, print_expression, print_type,
    },
};
use crate::diagnostic::{Diagnostic, Severity, SourceText};

/// A page about one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagePage {
    /// The package.
    pub package: String,
    blocks: Vec<Block>,
}

/// A format of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageFormat {
    /// Markdown.
    Markdown,
    /// One HTML file that needs no other.
    Html,
}

/// Pages about the packages of these policies, sorted by name; or the mistakes in their syntax. Files that hold nothing but
/// tests have none.
pub fn pages(texts: &[PolicyText]) -> Result<Vec<PackagePage>, Vec<Diagnostic>> {
    let (files, diagnostics) = parsed(texts, Purpose::Judge);
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(diagnostics);
    }
    let mut packages: BTreeMap<&str, Vec<&File>> = BTreeMap::new();
    for file in &files {
        // What a policy uses has pages of its own.
        let given = texts.iter().any(|given| given.name == file.source.name && given.text == file.source.text);
        if let (Some(package), true) = (&file.package, given) {
            packages.entry(&package.text).or_default().push(file);
        }
    }
    let pages = packages
        .into_iter()
        .map(|(package, files)| PackagePage { package: package.to_owned(), blocks: blocks(package, &files) });
    Ok(pages.collect())
}

/// Pages in one text.
pub fn write_pages(pages: &[PackagePage], format: PageFormat) -> String {
    let title = match pages {
        [only] => only.package.clone(),
        _ => "Policies".to_owned(),
    };
    let mut blocks = vec![Block::Heading(1, title.clone(), "top".to_owned())];
    if pages.len() > 1 {
        let items = pages.iter().map(|page| vec![Inline::Place(page.package.clone(), page.package.clone())]);
        blocks.push(Block::List(items.collect()));
    }
    for page in pages {
        if pages.len() > 1 {
            blocks.push(Block::Heading(2, page.package.clone(), page.package.clone()));
        }
        blocks.extend(page.blocks.iter().cloned());
    }
    match format {
        PageFormat::Markdown => markdown::markdown(&blocks),
        PageFormat::Html => html::html(&title, &blocks),
    }
}

fn blocks(package: &str, files: &[&File]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let rules = || files.iter().flat_map(|file| file.rules.iter().map(move |rule| (*file, rule)));
    let uses: Vec<Vec<Inline>> = files.iter().flat_map(|file| &file.uses).map(|used| vec![code(used.text.clone())]).collect();
    if !uses.is_empty() {
        blocks.extend([Block::Paragraph(vec![text("Brings in:")]), Block::List(uses)]);
    }
    for (choice, _) in files.iter().filter_map(|file| file.on_unknown) {
        blocks
            .push(Block::Paragraph(vec![text(format!("{}, where a rule does not say otherwise.", words::undecided(choice)))]));
    }
    let rows = rules().map(|(_, rule)| {
        let place = Inline::Place(rule.name.text.clone(), anchor(package, rule));
        vec![vec![place], vec![text(severity(rule.severity))], vec![text(rule.title.clone())]]
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        blocks.push(Block::Table(vec!["rule", "severity", "what it says"], rows));
    }
    let params: Vec<_> = files.iter().flat_map(|file| file.params.iter().map(|param| parameter(file, param))).collect();
    if !params.is_empty() {
        blocks.extend([Block::Paragraph(vec![Inline::Strong("Parameters".to_owned())]), Block::List(params)]);
    }
    let data: Vec<_> = files.iter().flat_map(|file| file.data.iter().map(data_file)).collect();
    if !data.is_empty() {
        blocks.extend([Block::Paragraph(vec![Inline::Strong("Data".to_owned())]), Block::List(data)]);
    }
    let functions: Vec<_> = files.iter().flat_map(|file| file.functions.iter().cloned()).collect();
    if !functions.is_empty() {
        blocks.push(Block::Paragraph(vec![Inline::Strong("Functions".to_owned())]));
        blocks.push(Block::Source(print(&File { functions, ..nothing() })));
    }
    rules().for_each(|(file, rule)| about_rule(package, file, rule, &mut blocks));
    let waivers: Vec<_> = files.iter().flat_map(|file| file.waivers.iter().map(waived)).collect();
    if !waivers.is_empty() {
        blocks.extend([Block::Paragraph(vec![Inline::Strong("Waivers".to_owned())]), Block::List(waivers)]);
    }
    blocks
}

fn anchor(package: &str, rule: &Rule) -> String {
    format!("{package}/{}", rule.name.text)
}

fn parameter(file: &File, param: &Param) -> Vec<Inline> {
    let head = format!("{}: {}", param.name.text, print_type(&param.type_name));
    let mut words = vec![code(head)];
    words.extend(in_line(&param.documentation));
    words.extend([text(" By default "), code(print_expression(file, &param.value)), text(".")]);
    words
}

fn data_file(data: &Data) -> Vec<Inline> {
    let mut words = vec![code(format!("{}: {}", data.name.text, print_type(&data.type_name)))];
    words.extend(in_line(&data.documentation));
    words.extend([text(" From the file "), code(data.path.text.clone())]);
    if let Some(key) = &data.key {
        words.extend([text(", of which "), code(key.text.clone())]);
    }
    words.push(text("."));
    words
}

/// Documentation behind a name, on its line.
fn in_line(documentation: &str) -> Vec<Inline> {
    let lines: Vec<&str> = documentation.split_whitespace().collect();
    if lines.is_empty() {
        return vec![text(".")];
    }
    let mut words = vec![text(": ")];
    words.extend(page::inline(&lines.join(" ")));
    words
}

fn about_rule(package: &str, file: &File, rule: &Rule, blocks: &mut Vec<Block>) {
    blocks.push(Block::Rule(rule.name.text.clone(), rule.severity, anchor(package, rule)));
    blocks.push(Block::Paragraph(vec![Inline::Strong(format!("{}.", rule.title.trim_end_matches('.')))]));
    blocks.extend(prose(&rule.documentation));
    let clauses: Vec<_> = rule.clauses.iter().filter_map(|clause| words::clause(file, &clause.kind)).collect();
    blocks.extend([Block::Paragraph(vec![text("What it asks:")]), Block::List(clauses)]);
    let params = rule.clauses.iter().filter_map(|clause| match &clause.kind {
        ClauseKind::Param(param) => Some(parameter(file, param)),
        _ => None,
    });
    let params: Vec<_> = params.collect();
    if !params.is_empty() {
        blocks.extend([Block::Paragraph(vec![text("Parameters of this rule:")]), Block::List(params)]);
    }
    let mut said = Vec::new();
    for words in rule.clauses.iter().filter_map(|clause| metadata(&clause.kind)) {
        said.extend((!said.is_empty()).then(|| text(" · ")));
        said.extend(words);
    }
    blocks.extend((!said.is_empty()).then_some(Block::Paragraph(said)));
    blocks.push(Block::Source(source(rule)));
}

fn metadata(kind: &ClauseKind) -> Option<Vec<Inline>> {
    match kind {
        ClauseKind::Tags(tags) => Some(vec![text(format!("Tags: {}", tags.join(", ")))]),
        ClauseKind::Owner(owner) => Some(vec![text(format!("Owner: {owner}"))]),
        ClauseKind::Link(link) if page::is_address(link) && !link.contains(char::is_whitespace) => {
            Some(vec![text("See "), Inline::Address(link.clone())])
        }
        ClauseKind::Link(link) => Some(vec![text(format!("See {link}"))]),
        _ => None,
    }
}

/// The rule as it stands in a policy, without what stands above on the page.
fn source(rule: &Rule) -> String {
    print(&File { rules: vec![Rule { documentation: String::new(), ..rule.clone() }], ..nothing() })
}

fn nothing() -> File {
    File::new(&Arc::new(SourceText { name: String::new(), text: String::new() }))
}

fn waived(waiver: &Waiver) -> Vec<Inline> {
    let mut words = vec![code(waiver.rule.text.clone())];
    if let Some((day, _)) = waiver.expires {
        words.push(text(format!(" until {day}")));
    }
    if let Some((most, _)) = waiver.at_most {
        words.push(text(format!(", at most {most}")));
    }
    if let Some(reason) = &waiver.reason {
        words.push(text(format!(": {}", reason.text)));
    }
    if let Some(owner) = &waiver.owner {
        words.push(text(format!(" ({})", owner.text)));
    }
    words
}
