//! ImportSpy's YAML contracts as a second way to write policies: read with their places, lowered to the same syntax tree; never judging.

mod admission;
mod fields;
mod lower;
mod spy_model;
mod starter;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::fields::Reader;
pub use self::starter::starter;
use super::{
    compiled::PolicyText,
    syntax::{
        ast::{Clause, ClauseKind, File, Name, Region},
        print,
    },
    tree::{self, message::Message},
};
use crate::diagnostic::{Diagnostic, SourceText};

/// The largest contract, in bytes.
const MAX_TEXT: usize = 1 << 20;

/// Whether a file is a contract, by its name.
pub(crate) fn is_contract(name: &str) -> bool {
    name.ends_with(".yml") || name.ends_with(".yaml")
}

/// What it takes to judge what a contract asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// The module itself.
    Module,
    /// What the module imports must be found.
    Imports,
    /// The environment that the module runs in: its interpreter, platform and distributions.
    Environment,
}

/// Whether a policy asks for nothing but the structure of modules.
pub(crate) fn asks_for_structure_alone(file: &File) -> bool {
    let is_structure = |clause: &Clause| {
        !matches!(
            clause.kind,
            ClauseKind::For(_)
                | ClauseKind::ForGroups(_)
                | ClauseKind::Where(_)
                | ClauseKind::Require(..)
                | ClauseKind::Forbid(..)
        )
    };
    file.uses.is_empty() && file.rules.iter().flat_map(|rule| &rule.clauses).all(is_structure)
}

/// A contract that was read.
pub(crate) struct Parsed {
    file: File,
    diagnostics: Vec<Diagnostic>,
    /// What it takes to judge it.
    pub(crate) needs: Needs,
}

impl Parsed {
    /// The policy that it is, and what is wrong with it.
    pub(crate) fn into_parts(self) -> (File, Vec<Diagnostic>) {
        (self.file, self.diagnostics)
    }
}

/// Reads a contract of either generation as a policy about the modules that `subject` names; without one, about those whose name
/// is that of the contract's `filename`, else of the contract's own file.
pub(crate) fn parse(source: &Arc<SourceText>, subject: Option<&str>) -> Parsed {
    let text = source.text.as_str();
    let start = Region { start: 0, end: text.lines().next().map_or(0, str::len) };
    let mut file = File { package_damaged: true, ..File::new(source) };
    file.edition = Some((1, start));
    let mut reader = Reader::default();
    let contract = match read(text, start) {
        Ok(node) => reader.contract(&node).map(|contract| (contract, node.region)),
        Err(message) => {
            reader.mistakes.push(message);
            None
        }
    };
    let needs = contract.as_ref().map_or(Needs::Module, |(contract, _)| contract.needs());
    if let Some((contract, region)) = contract {
        let first = Region {
            start: region.start,
            end: region.start + text.get(region.start..).and_then(|rest| rest.lines().next()).map_or(0, str::len),
        };
        let named = contract.module.filename.as_ref().map(|name| name.text.as_str());
        let named = module_name(named.unwrap_or(&source.name));
        let package = match &contract.policy_id {
            Some(identity) => Name { text: package_name(&identity.text), region: identity.region },
            None => Name { text: format!("importspy.{named}"), region: first },
        };
        file.package = Some(package);
        lower::lower(&mut file, &contract, subject.map_or_else(|| format!("**.{named}"), str::to_owned), first);
    }
    let diagnostics = reader.mistakes.into_iter().map(|mistake| mistake.diagnostic(source)).collect();
    Parsed { file, diagnostics, needs }
}

fn read(text: &str, start: Region) -> Result<tree::Node, Message> {
    if text.len() > MAX_TEXT {
        let message = format!("the contract is larger than {} MB", MAX_TEXT >> 20);
        return Err(Message::new("policy-too-large", start, message, "").help("write one for each module"));
    }
    tree::tree(text)?.ok_or_else(|| {
        let message = Message::new("yaml-syntax", start, "the contract holds nothing", "expected keys such as `filename`");
        message.help("`douane policy new --from module.py` writes a contract to begin with")
    })
}

/// A contract as the text of a policy.
pub fn convert(text: &PolicyText) -> Result<String, Vec<Diagnostic>> {
    let source = Arc::new(SourceText { name: text.name.clone(), text: text.text.clone() });
    let (file, diagnostics) = parse(&source, None).into_parts();
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let origin = text.name.rsplit('/').next().unwrap_or(&text.name);
    Ok(format!("// From `{}`.\n{}", origin.replace('\n', " "), print(&file)))
}

/// The name of the module in a file: `plugins/my-tool.importspy.yml` and `my-tool.py` are of `my_tool`.
pub(crate) fn module_name(file: &str) -> String {
    let base = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let endings = [".importspy.yml", ".importspy.yaml", ".yml", ".yaml", ".py"];
    let stem = endings.iter().find_map(|ending| base.strip_suffix(ending)).unwrap_or(base);
    let name: String = stem.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '_' }).collect();
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) { format!("_{name}") } else { name }
}

/// An identity such as `com.acme.plugins-1` in the words of a package.
fn package_name(identity: &str) -> String {
    let words = identity.split(['.', '/', ':', ' ']).filter(|word| !word.is_empty()).map(|word| {
        let word: String = word.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
        if word.starts_with(|first: char| first.is_ascii_digit()) { format!("_{word}") } else { word }
    });
    let words: Vec<_> = words.collect();
    if words.is_empty() { "importspy.contract".to_owned() } else { words.join(".") }
}
