//! The tree of a policy as text: canonical, or with the comments and blank lines of the text that it was read from; never a
//! changed meaning.
//!
//! One printer does both. Comments and blank lines are woven in by their places, and a tree without text has none.

mod architecture;
mod clause;
mod document;
mod expression;
mod structure;
mod test;
#[cfg(test)]
mod tests;
mod text;
mod trivia;
mod waiver;

use self::{
    document::Document,
    expression::Precedence,
    trivia::{Distance, Row, Trivia},
};
use super::{
    ast::{Data, File, Function, Name, OnUnknown, Param, Region, TypeName},
    words::ITEM_WORDS,
};

/// The tree as canonical text: its items by kind, documentation above them, no other comments. The tree need not have been
/// read from a policy: places are not looked at.
pub fn print(file: &File) -> String {
    Printer { file, trivia: Trivia::none() }.file()
}

/// The text that the tree was read from, laid out: with its order, its comments, and one blank line where there were any.
///
/// Only for a file without errors: what could not be read is not in the tree.
pub fn format(file: &File) -> String {
    Printer { file, trivia: Trivia::of(file) }.file()
}

/// A tree, and what its text holds besides.
struct Printer<'f> {
    file: &'f File,
    trivia: Trivia<'f>,
}

impl Printer<'_> {
    fn file(&self) -> String {
        let mut rows = self.head();
        let (open, close) = (0, usize::MAX);
        rows.extend(self.file.params.iter().map(|param| self.item(param.name.region, &param.documentation, self.param(param))));
        rows.extend(self.file.data.iter().map(|data| self.item(data.name.region, &data.documentation, self.data(data))));
        rows.extend(self.file.functions.iter().map(|function| self.function(function)));
        rows.extend(self.file.rules.iter().map(|rule| {
            let document = self.rule(rule);
            Row { distance: Distance::Apart, ..self.item(rule.name.region, &rule.documentation, document) }
        }));
        rows.extend(self.file.waivers.iter().map(|waiver| {
            let document = self.waiver(waiver);
            Row { distance: Distance::Apart, ..self.item(waiver.region, "", document) }
        }));
        rows.extend(self.file.tests.iter().map(|test| {
            let document = self.test(test);
            Row { distance: Distance::Apart, ..self.item(test.region, "", document) }
        }));
        self.in_order(&mut rows, |row| row.region);
        self.trivia.rows(open, rows, close).1.layout()
    }

    fn head(&self) -> Vec<Row> {
        let head = |region, text: String| Row { distance: Distance::Head, ..self.item(region, "", Document::text(text)) };
        let mut rows = Vec::new();
        rows.extend(self.file.edition.map(|(number, region)| head(region, format!("edition {number}"))));
        rows.extend(self.file.package.iter().map(|name| head(name.region, format!("package {}", name.text))));
        rows.extend(self.file.uses.iter().map(|name| head(name.region, format!("use {}", name.text))));
        rows.extend(self.file.on_unknown.map(|(choice, region)| head(region, on_unknown(choice))));
        rows
    }

    /// In the order of the text, where there is one.
    fn in_order<T>(&self, list: &mut [T], region: impl Fn(&T) -> Region) {
        if !self.trivia.is_none() {
            list.sort_by_key(|one| region(one).start);
        }
    }

    /// An item; its documentation is among the comments of a text.
    fn item(&self, place: Region, documentation: &str, document: Document) -> Row {
        let region = self.trivia.item(place);
        let documented = self.trivia.is_none() && !documentation.is_empty();
        let distance = if documented { Distance::Apart } else { Distance::AsWritten };
        Row { region, document: self.documented(documentation, document), distance }
    }

    /// Documentation above what it speaks of.
    fn documented(&self, documentation: &str, document: Document) -> Document {
        if !self.trivia.is_none() || documentation.is_empty() {
            return document;
        }
        let lines = documentation.split('\n').map(|line| Document::text(format!("/// {line}").trim_end()));
        Document::joined(lines.chain([document]), &Document::Hard)
    }

    fn param(&self, param: &Param) -> Document {
        Document::All(vec![
            Document::text(format!("param {}: {} = ", param.name.text, type_name(&param.type_name))),
            self.expression(&param.value, Precedence::Or),
        ])
    }

    fn data(&self, data: &Data) -> Document {
        let head = format!("data {}: {}", data.name.text, type_name(&data.type_name));
        let word = if data.path.text.ends_with(".csv") { "column" } else { "key" };
        let key = data.key.as_ref().map(|key| format!(" {word} {}", text::quoted(&key.text))).unwrap_or_default();
        Document::text(format!("{head} from {}{key}", text::quoted(&data.path.text)))
    }

    fn function(&self, function: &Function) -> Row {
        let parameter = |(name, ty): &(Name, TypeName)| format!("{}: {}", name.text, type_name(ty));
        let parameters: Vec<String> = function.parameters.iter().map(parameter).collect();
        let returns = type_name(&function.returns);
        let head = format!("fn {}({}) -> {returns} =", function.name.text, parameters.join(", "));
        let body = self.body(&function.body);
        let below = Document::All(vec![Document::Line, body.clone()]).nest();
        let mut document = Document::All(vec![Document::text(head.clone()), below]).group();
        // A word that begins an item would begin one at the start of a line, were it not in parentheses.
        let begins_item = |line: &str| {
            let word: String = line.trim_start().chars().take_while(|letter| letter.is_alphanumeric()).collect();
            ITEM_WORDS.contains(&word.as_str())
        };
        if document.layout().lines().skip(1).any(begins_item) {
            let body = Document::All(vec![Document::Hard, body]).nest();
            document = Document::All(vec![Document::text(head + " ("), body, Document::Hard, Document::text(")")]);
        }
        Row { distance: Distance::Apart, ..self.item(function.name.region, "", document) }
    }
}

fn on_unknown(choice: OnUnknown) -> String {
    let word = match choice {
        OnUnknown::Fail => "fail",
        OnUnknown::Warn => "warn",
        OnUnknown::Pass => "pass",
    };
    format!("on unknown {word}")
}

fn type_name(ty: &TypeName) -> String {
    let mut text = ty.name.text.clone();
    if !ty.arguments.is_empty() {
        let arguments: Vec<&str> = ty.arguments.iter().map(|argument| argument.text.as_str()).collect();
        text.push_str(&format!("<{}>", arguments.join(", ")));
    }
    if ty.optional {
        text.push('?');
    }
    text
}
