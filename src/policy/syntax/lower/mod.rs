//! Grammar pairs to the tree: items and clauses; never resolving a name.

mod architecture;
mod expression;
mod structure;
mod test;
mod text;
mod waiver;

use pest::iterators::Pair;

use super::{
    ast::{
        Alternative, Clause, ClauseKind, Codes, Data, File, Function, Grouping, Name, OnUnknown, Param, Region,
        Rule as RuleNode, TypeName,
    },
    errors::{self, Message},
    parse::Rule,
};
use crate::diagnostic::{Diagnostic, Severity};

/// A file being built, and what was found wrong in it.
pub(super) struct Lowering {
    pub(super) file: File,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// How many mistakes there are beyond those that are kept.
    more: usize,
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
        Self { file, diagnostics: Vec::new(), more: 0 }
    }

    pub(super) fn finish(mut self) -> (File, Vec<Diagnostic>) {
        let place = |diagnostic: &Diagnostic| diagnostic.labels.first().map_or(0, |label| label.span.start);
        self.diagnostics.sort_by_key(place);
        if self.more > 0 {
            let end = self.file.source.text.len();
            let message = errors::too_many(self.diagnostics.len() + self.more);
            self.diagnostics.push(message.at(self.file.span(Region { start: end, end })));
        }
        (self.file, self.diagnostics)
    }

    pub(super) fn report(&mut self, message: Message, region: Region) {
        self.add_with(|file| message.at(file.span(region)));
    }

    /// Adds mistakes; beyond a bound they are only counted.
    pub(super) fn add(&mut self, found: impl IntoIterator<Item = Diagnostic>) {
        found.into_iter().for_each(|diagnostic| self.add_with(|_| diagnostic));
    }

    /// Adds a mistake whose words are only made where it is kept.
    pub(super) fn add_with(&mut self, words: impl FnOnce(&File) -> Diagnostic) {
        if self.diagnostics.len() < errors::MOST_MISTAKES {
            self.diagnostics.push(words(&self.file));
        } else {
            self.more += 1;
        }
    }

    /// How many mistakes were found.
    pub(super) fn told(&self) -> usize {
        self.diagnostics.len() + self.more
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
            Rule::param => {
                let param = self.param(pair, base);
                self.file.params.extend(param);
            }
            Rule::data => self.data(pair, base),
            Rule::waiver => self.waiver(pair, base),
            Rule::test_item => self.test(pair, base),
            Rule::function => self.function(pair, base),
            Rule::rule_item => self.rule(pair, base),
            _ => {}
        }
    }

    fn param(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<Param> {
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
        Some(Param { name: name?, type_name: type_name?, value: value?, documentation })
    }

    fn data(&mut self, pair: Pair<'_, Rule>, base: usize) {
        let documentation = self.documentation(base + pair.as_span().start());
        let (mut name, mut type_name, mut texts) = (None, None, Vec::new());
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::name => name = Some(self.name(&inner, base)),
                Rule::type_name => type_name = Some(self.type_name(inner, base)),
                Rule::text => texts.push(self.quoted(&inner, base)),
                _ => {}
            }
        }
        let mut texts = texts.into_iter();
        if let (Some(name), Some(type_name), Some(path)) = (name, type_name, texts.next()) {
            self.file.data.push(Data { name, type_name, path, key: texts.next(), documentation });
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

    /// `alternative "..." of "..."`.
    fn alternative(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<Alternative> {
        let texts = pair.into_inner().filter(|inner| inner.as_rule() == Rule::text);
        let mut texts = texts.map(|text| self.text(&text, base).0).collect::<Vec<_>>().into_iter();
        Some(Alternative { name: texts.next()?, group: texts.next()? })
    }

    /// `code "..." different "..." unknown "..."`.
    fn codes(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<Codes> {
        let mut codes: Option<Codes> = None;
        let mut word = Rule::code_word;
        for inner in pair.into_inner() {
            let rule = inner.as_rule();
            if rule != Rule::text {
                word = rule;
                continue;
            }
            let (text, _) = self.text(&inner, base);
            match (&mut codes, word) {
                (Some(codes), Rule::different_word) => codes.different = Some(text),
                (Some(codes), _) => codes.unknown = Some(text),
                (None, _) => codes = Some(Codes { missing: text, different: None, unknown: None }),
            }
        }
        codes
    }

    /// Lowers a clause.
    pub(super) fn clause(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<Clause> {
        let region = self.region(&pair, base);
        let rule = pair.as_rule();
        let kind = match rule {
            Rule::for_clause => self.for_clause(pair, base)?,
            Rule::protected_clause | Rule::layers_clause | Rule::independent_clause | Rule::acyclic_clause => {
                self.architecture(pair, base)?
            }
            Rule::structure_clause => ClauseKind::Structure(self.structure(pair, base)?),
            Rule::code_clause => ClauseKind::Code(self.codes(pair, base)?),
            Rule::alternative_clause => ClauseKind::Alternative(self.alternative(pair, base)?),
            Rule::owner_clause => ClauseKind::Owner(self.named(pair, base)?.text),
            Rule::link_clause => ClauseKind::Link(self.named(pair, base)?.text),
            Rule::tags_clause => {
                let texts = pair.into_inner().find(|inner| inner.as_rule() == Rule::texts)?;
                ClauseKind::Tags(self.texts(texts, base).into_iter().map(|tag| tag.text).collect())
            }
            Rule::param => ClauseKind::Param(self.param(pair, base)?),
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

    /// `for x in r where c`, `for key, items in r group x by e where c`.
    fn for_clause(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<ClauseKind> {
        let parts: Vec<_> = pair.clone().into_inner().collect();
        let Some(grouping) = parts.iter().find(|part| part.as_rule() == Rule::grouping) else {
            return self.binding(pair, base).map(ClauseKind::For);
        };
        let (mut element, mut by) = (None, None);
        for inner in grouping.clone().into_inner() {
            match inner.as_rule() {
                Rule::name => element = Some(self.name(&inner, base)),
                Rule::fallback => by = Some(Box::new(self.expression(inner, base))),
                _ => {}
            }
        }
        let items = parts.iter().find(|part| part.as_rule() == Rule::group_name)?.clone().into_inner().next()?;
        let items = self.name(&items, base);
        let key = self.binding(pair, base)?;
        let (relation, condition) = (key.relation, key.condition);
        Some(ClauseKind::ForGroups(Grouping { key: key.variable, items, relation, element: element?, by: by?, condition }))
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

    /// The `///` lines right above an item.
    fn documentation(&self, start: usize) -> String {
        let mut next = start;
        let mut lines = Vec::new();
        let count = self.file.comments.partition_point(|comment| comment.start < start);
        for comment in self.file.comments.get(..count).unwrap_or_default().iter().rev() {
            let between = self.file.text(Region { start: comment.end, end: next });
            let Some(line) = self.file.text(*comment).strip_prefix("///") else { break };
            // Behind something on its line it speaks of that.
            let before = self.file.source.text.get(..comment.start).and_then(|before| before.rsplit('\n').next());
            let alone = before.is_none_or(|before| before.trim_start_matches('\u{feff}').trim().is_empty());
            if !alone || !between.trim().is_empty() || between.matches('\n').count() != 1 {
                break;
            }
            lines.push(line.strip_prefix(' ').unwrap_or(line).trim_end());
            next = comment.start;
        }
        lines.reverse();
        lines.join("\n")
    }
}
