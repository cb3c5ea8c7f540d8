//! Grammar pairs to the tree: items and clauses; never resolving a name.

use pest::iterators::Pair;

use super::{
    ast::{
        Clause, ClauseKind, File, Function, ImportBan, Name, OnUnknown, Param, Patterns, Region, Rule as RuleNode, Template,
        TemplatePart, TypeName,
    },
    errors::{self, Message},
    parse::{PolicyParser, Rule},
    scan,
};
use crate::diagnostic::{Diagnostic, Severity};
use pest::Parser;

/// A file being built, and what was found wrong in it.
pub(super) struct Lowering {
    pub(super) file: File,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The parts of a rule's header.
pub(super) struct Header {
    name: Name,
    severity: Severity,
    title: String,
    documentation: String,
}

impl Lowering {
    pub(super) fn new(file: File) -> Self {
        Self { file, diagnostics: Vec::new() }
    }

    pub(super) fn finish(mut self) -> (File, Vec<Diagnostic>) {
        let place = |diagnostic: &Diagnostic| diagnostic.labels.first().map_or(0, |label| label.span.start);
        self.diagnostics.sort_by_key(place);
        (self.file, self.diagnostics)
    }

    pub(super) fn report(&mut self, message: Message, region: Region) {
        self.diagnostics.push(message.at(self.file.span(region)));
    }

    /// The region of a pair, without the white space and comments that a trailing optional swallowed.
    pub(super) fn region(&self, pair: &Pair<'_, Rule>, base: usize) -> Region {
        let span = pair.as_span();
        let start = base + span.start();
        let mut end = base + span.end();
        loop {
            let trimmed = start + self.file.text(Region { start, end }).trim_end().len();
            let comment = self.file.comments.partition_point(|comment| comment.start < trimmed);
            let before = comment.checked_sub(1).and_then(|index| self.file.comments.get(index));
            match before {
                Some(comment) if comment.end == trimmed && comment.start > start => end = comment.start,
                _ => return Region { start, end: trimmed },
            }
        }
    }

    pub(super) fn name(&self, pair: &Pair<'_, Rule>, base: usize) -> Name {
        Name { text: pair.as_str().to_owned(), region: self.region(pair, base) }
    }

    /// Adds one item to the file.
    pub(super) fn item(&mut self, pair: Pair<'_, Rule>, base: usize) {
        let region = self.region(&pair, base);
        match pair.as_rule() {
            Rule::edition => {
                let number = pair.into_inner().filter(|inner| inner.as_rule() == Rule::integer).last();
                let number = number.and_then(|number| number.as_str().parse().ok()).unwrap_or(0);
                if self.file.edition.replace((number, region)).is_some() {
                    self.report(errors::repeated("edition"), region);
                }
            }
            Rule::package => {
                let name = pair.into_inner().filter(|inner| inner.as_rule() == Rule::dotted).last();
                let name = name.map(|name| self.name(&name, base));
                if self.file.package.is_some() {
                    self.report(errors::repeated("package"), region);
                } else {
                    self.file.package = name;
                }
            }
            Rule::use_item => {
                let name = pair.into_inner().filter(|inner| inner.as_rule() == Rule::dotted).last();
                let name = name.map(|name| self.name(&name, base));
                self.file.uses.extend(name);
            }
            Rule::on_unknown => {
                if let Some(choice) = self.on_unknown(pair, base)
                    && self.file.on_unknown.replace((choice, region)).is_some()
                {
                    self.report(errors::repeated("on unknown"), region);
                }
            }
            Rule::param => self.param(pair, base),
            Rule::function => self.function(pair, base),
            Rule::rule_item => self.rule(pair, base),
            _ => {}
        }
    }

    fn param(&mut self, pair: Pair<'_, Rule>, base: usize) {
        let documentation = self.documentation(base + pair.as_span().start());
        let (mut name, mut type_name, mut value) = (None, None, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::name => name = Some(self.name(&inner, base)),
                Rule::type_name => type_name = Some(self.type_name(inner, base)),
                Rule::expression => value = Some(self.expression(inner, base)),
                _ => {}
            }
        }
        if let (Some(name), Some(type_name), Some(value)) = (name, type_name, value) {
            self.file.params.push(Param { name, type_name, value, documentation });
        }
    }

    fn function(&mut self, pair: Pair<'_, Rule>, base: usize) {
        let (mut name, mut parameters, mut returns, mut body) = (None, Vec::new(), None, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::name => name = Some(self.name(&inner, base)),
                Rule::parameter => {
                    let (mut name, mut type_name) = (None, None);
                    for part in inner.into_inner() {
                        match part.as_rule() {
                            Rule::name => name = Some(self.name(&part, base)),
                            Rule::type_name => type_name = Some(self.type_name(part, base)),
                            _ => {}
                        }
                    }
                    parameters.extend(name.zip(type_name));
                }
                Rule::type_name => returns = Some(self.type_name(inner, base)),
                Rule::expression => body = Some(self.expression(inner, base)),
                _ => {}
            }
        }
        if let (Some(name), Some(returns), Some(body)) = (name, returns, body) {
            self.file.functions.push(Function { name, parameters, returns, body });
        }
    }

    fn type_name(&self, pair: Pair<'_, Rule>, base: usize) -> TypeName {
        let region = self.region(&pair, base);
        let mut built = TypeName { name: Name { text: String::new(), region }, arguments: Vec::new(), optional: false, region };
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::choice => built.name = self.name(&inner, base),
                Rule::element => built.arguments.push(self.name(&inner, base)),
                Rule::optional_mark => built.optional = true,
                _ => {}
            }
        }
        built
    }

    fn rule(&mut self, pair: Pair<'_, Rule>, base: usize) {
        let start = base + pair.as_span().start();
        let (mut parts, mut clauses, mut damaged) = (Vec::new(), Vec::new(), false);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::rule_word | Rule::rule_name | Rule::choice | Rule::text | Rule::open | Rule::close => parts.push(inner),
                _ => match self.clause(inner, base) {
                    Some(clause) => clauses.push(clause),
                    None => damaged = true,
                },
            }
        }
        if let Some(header) = self.header(parts, base, start) {
            self.push_rule(header, clauses, damaged);
        }
    }

    /// Lowers the header of a rule whose body has errors.
    pub(super) fn rule_header(&mut self, pairs: Vec<Pair<'_, Rule>>, base: usize) -> Option<Header> {
        self.header(pairs, base, base)
    }

    fn header(&mut self, pairs: Vec<Pair<'_, Rule>>, base: usize, start: usize) -> Option<Header> {
        let (mut name, mut severity, mut title) = (None, None, String::new());
        for inner in pairs {
            match inner.as_rule() {
                Rule::rule_name => name = Some(self.name(&inner, base)),
                Rule::choice => {
                    severity = Some(match inner.as_str() {
                        "error" => Severity::Error,
                        "warning" => Severity::Warning,
                        "note" => Severity::Note,
                        other => {
                            let region = self.region(&inner, base);
                            self.report(errors::choice("severity", other, &["error", "warning", "note"]), region);
                            Severity::Error
                        }
                    });
                }
                Rule::text => title = self.text(&inner, base).0,
                _ => {}
            }
        }
        Some(Header { name: name?, severity: severity?, title, documentation: self.documentation(start) })
    }

    /// Adds a rule of which a part could not be read.
    pub(super) fn damaged_rule(&mut self, header: Option<Header>, clauses: Vec<Clause>) {
        if let Some(header) = header {
            self.push_rule(header, clauses, true);
        }
    }

    fn push_rule(&mut self, header: Header, clauses: Vec<Clause>, damaged: bool) {
        let Header { name, severity, title, documentation } = header;
        self.file.rules.push(RuleNode { name, severity, title, documentation, clauses, damaged });
    }

    /// Lowers a clause.
    pub(super) fn clause(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<Clause> {
        let region = self.region(&pair, base);
        let rule = pair.as_rule();
        let kind = match rule {
            Rule::for_clause => ClauseKind::For(self.binding(pair, base)?),
            Rule::on_unknown => ClauseKind::OnUnknown(self.on_unknown(pair, base)?),
            Rule::message_clause | Rule::help_clause => {
                let text = pair.into_inner().find(|inner| inner.as_rule() == Rule::text)?;
                let template = self.template(&text, base);
                if rule == Rule::help_clause { ClauseKind::Help(template) } else { ClauseKind::Message(template) }
            }
            Rule::where_clause | Rule::require_clause | Rule::forbid_clause => {
                let mut expressions = Vec::new();
                for inner in pair.into_inner() {
                    match inner.as_rule() {
                        Rule::expression => expressions.push(self.expression(inner, base)),
                        Rule::import_ban => {
                            return Some(Clause { kind: ClauseKind::ForbidImport(self.ban(inner, base)?), region });
                        }
                        _ => {}
                    }
                }
                let mut expressions = expressions.into_iter();
                let first = expressions.next()?;
                match rule {
                    Rule::where_clause => ClauseKind::Where(first),
                    Rule::require_clause => ClauseKind::Require(first, expressions.next()),
                    _ => ClauseKind::Forbid(first, expressions.next()),
                }
            }
            _ => return None,
        };
        Some(Clause { kind, region })
    }

    fn on_unknown(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<OnUnknown> {
        let choice = pair.into_inner().find(|inner| inner.as_rule() == Rule::choice)?;
        match choice.as_str() {
            "fail" => Some(OnUnknown::Fail),
            "warn" => Some(OnUnknown::Warn),
            "pass" => Some(OnUnknown::Pass),
            other => {
                let region = self.region(&choice, base);
                self.report(errors::choice("choice for `on unknown`", other, &["fail", "warn", "pass"]), region);
                None
            }
        }
    }

    fn ban(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<ImportBan> {
        let (mut sides, mut exceptions, mut ignoring) = (Vec::new(), Vec::new(), Vec::new());
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::patterns => sides.push(self.patterns(inner, base)),
                Rule::exceptions => {
                    for exception in inner.into_inner().filter(|part| part.as_rule() == Rule::exception) {
                        let region = self.region(&exception, base);
                        let parts = exception.into_inner().filter(|part| part.as_rule() == Rule::patterns);
                        let mut parts = parts.map(|part| self.patterns(part, base)).collect::<Vec<_>>().into_iter();
                        exceptions.extend(parts.next().zip(parts.next()).map(|(from, to)| (from, to, region)));
                    }
                }
                Rule::ignoring => {
                    let kinds = inner.into_inner().filter(|part| part.as_rule() == Rule::choice);
                    ignoring.extend(kinds.map(|kind| self.name(&kind, base)));
                }
                _ => {}
            }
        }
        let mut sides = sides.into_iter();
        Some(ImportBan { from: sides.next()?, to: sides.next()?, exceptions, ignoring })
    }

    fn patterns(&self, pair: Pair<'_, Rule>, base: usize) -> Patterns {
        let region = self.region(&pair, base);
        Patterns { patterns: pair.into_inner().map(|pattern| self.name(&pattern, base)).collect(), region }
    }

    /// The text of a string, and whether it stands in the source just as it is (no escapes).
    pub(super) fn text(&mut self, pair: &Pair<'_, Rule>, base: usize) -> (String, Verbatim) {
        let region = self.region(pair, base);
        let raw = pair.as_str();
        let raw = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(raw);
        if !raw.contains('\\') {
            return (raw.to_owned(), Verbatim::Yes);
        }
        let mut text = String::with_capacity(raw.len());
        let mut characters = raw.char_indices();
        while let Some((at, character)) = characters.next() {
            if character != '\\' {
                text.push(character);
                continue;
            }
            match characters.next() {
                Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                Some((_, other)) => {
                    let start = region.start + 1 + at;
                    self.report(errors::escape(other), Region { start, end: start + 1 + other.len_utf8() });
                }
                None => {}
            }
        }
        (text, Verbatim::No)
    }

    /// A message: text with expressions in braces; `{{` and `}}` are braces themselves.
    fn template(&mut self, pair: &Pair<'_, Rule>, base: usize) -> Template {
        let start = base + pair.as_span().start() + 1;
        let (text, verbatim) = self.text(pair, base);
        let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), text.as_str());
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            plain.push_str(before);
            let offset = start + (text.len() - from.len());
            if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                plain.push_str(if from.starts_with('{') { "{" } else { "}" });
                rest = after;
                continue;
            }
            let inside = from.strip_prefix('{').and_then(|inner| inner.split_once('}'));
            let Some((expression, after)) = inside else {
                let region =
                    if verbatim == Verbatim::Yes { Region { start: offset, end: offset + 1 } } else { self.region(pair, base) };
                self.report(errors::lone_brace(), region);
                return Template { parts };
            };
            if verbatim == Verbatim::No {
                let region = self.region(pair, base);
                self.report(errors::escape_in_template(), region);
                return Template { parts };
            }
            if !plain.is_empty() {
                parts.push(TemplatePart::Text(std::mem::take(&mut plain)));
            }
            if let Some(value) = self.embedded(expression, offset + 1) {
                parts.push(TemplatePart::Value(value));
            }
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(TemplatePart::Text(plain));
        }
        Template { parts }
    }

    /// An expression inside a message.
    fn embedded(&mut self, text: &str, base: usize) -> Option<super::ast::Expression> {
        let region = Region { start: base, end: base + text.len() };
        if let Some(problem) = scan::scan(text).problems.first() {
            let at = problem.region();
            self.report(errors::embedded(), Region { start: base + at.start, end: base + at.end });
            return None;
        }
        match PolicyParser::parse(Rule::whole_expression, text) {
            Ok(mut pairs) => {
                let expression = pairs.next()?.into_inner().find(|pair| pair.as_rule() == Rule::expression)?;
                Some(self.expression(expression, base))
            }
            Err(error) => {
                let diagnostic = errors::expected(&self.file, &error, region);
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }

    /// The `///` lines right above an item.
    fn documentation(&self, start: usize) -> String {
        let mut next = start;
        let mut lines = Vec::new();
        let count = self.file.comments.partition_point(|comment| comment.start < start);
        for comment in self.file.comments.get(..count).unwrap_or_default().iter().rev() {
            let between = self.file.text(Region { start: comment.end, end: next });
            let Some(line) = self.file.text(*comment).strip_prefix("///") else { break };
            if !between.trim().is_empty() || between.matches('\n').count() != 1 {
                break;
            }
            lines.push(line.strip_prefix(' ').unwrap_or(line).trim_end());
            next = comment.start;
        }
        lines.reverse();
        lines.join("\n")
    }
}

/// Whether a string's text stands in the source just as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verbatim {
    Yes,
    No,
}
