//! `forbid import A -> B`: module by module, edge by edge.

use std::collections::{BTreeMap, BTreeSet};

use douane::{
    facts::{
        Certainty, Environment, ImportEdge, Module, Owner,
        schema::{Kind, Record, Value, fields},
    },
    policy::syntax::ast::{Clause, ClauseKind, ImportBan, Patterns},
};

use crate::{
    identity, matching,
    meaning::World,
    rule::Judged,
    truth::{Truth, every, some},
    verdict::Verdict,
};

/// The three words that name classes of modules, and whom they mean.
const CLASSES: [(&str, &[Owner]); 3] =
    [("own", &[Owner::Own]), ("third_party", &[Owner::Distribution, Owner::OsPackage]), ("stdlib", &[Owner::Stdlib])];

/// The owners that a pattern means, where it names a class.
fn class(pattern: &str) -> Option<&'static [Owner]> {
    CLASSES.iter().find(|(word, _)| *word == pattern).map(|(_, owners)| *owners)
}

/// Whether a module lies on a side; whose module one is that is not in the environment cannot be told.
pub fn lies_in(side: &Patterns, name: &str, owner: Option<Owner>) -> Truth {
    some(side.patterns.iter().map(|pattern| match (class(&pattern.text), owner) {
        (Some(owners), Some(owner)) => Some(owners.contains(&owner)),
        (Some(_), None) => None,
        (None, _) => Some(matching::module(&pattern.text, name)),
    }))
}

/// Whose module a name is, where the environment has it.
pub fn owner(environment: &Environment, name: &str) -> Option<Owner> {
    environment.modules.iter().find(|module| module.name == name).map(|module| module.owner)
}

/// Whether one name lies below another.
pub fn below(inner: &str, outer: &str) -> bool {
    inner.starts_with(&format!("{outer}."))
}

/// The word for the kind of an edge's import.
pub fn kind_of(module: &Module, edge: &ImportEdge) -> String {
    let import = &module.source.imports[edge.import as usize];
    serde_json::to_value(import.kind).expect("a kind").as_str().expect("a word").to_owned()
}

impl<'a> World<'a> {
    /// What the bans of a rule make of every environment; `meant` is whether its premises hold.
    pub fn bans(&self, judged: &mut Judged<'a>, meant: Truth) {
        let rule = judged.rule;
        let mut importers = Vec::new();
        for clause in &rule.clauses {
            let ClauseKind::ForbidImport(ban) = &clause.kind else { continue };
            let mut of_clause = BTreeSet::new();
            for environment in &self.inventory.environments {
                let subject = identity::subject(Record::Environment(environment));
                if !environment.modules_complete.is_complete() {
                    let place = judged.place(subject, clause);
                    judged.outcome.doubt(place, judged.on_unknown, false);
                }
                for module in &environment.modules {
                    if lies_in(&ban.from, &module.name, Some(module.owner)) == Some(true) {
                        of_clause.insert((module.name.clone(), module.file.clone()));
                        self.importer(judged, clause, ban, (environment, module), meant);
                    }
                }
            }
            importers.push(of_clause);
            // Where there may be more environments, there may be more importers.
            if !self.inventory.environments_complete.is_complete() {
                let place = judged.place(identity::subject(Record::Target(self.inventory)), clause);
                judged.outcome.doubt(place, judged.on_unknown, false);
            }
        }
        if let Some(first) = importers.first() {
            let same = importers.iter().all(|importers| importers == first);
            let known = judged.outcome.subjects.filter(|_| same).map(|subjects| subjects + first.len() as u64);
            judged.outcome.subjects = known.or_else(|| importers.iter().all(BTreeSet::is_empty).then_some(0));
        }
    }

    fn importer(
        &self,
        judged: &mut Judged<'a>,
        clause: &Clause,
        ban: &ImportBan,
        (environment, module): (&'a Environment, &'a Module),
        meant: Truth,
    ) {
        let mut hits: BTreeMap<(u32, &str), Truth> = BTreeMap::new();
        for edge in &module.edges {
            if ban.exempt.ignoring.iter().any(|ignored| ignored.text == kind_of(module, edge)) {
                continue;
            }
            let owner = owner(environment, &edge.target);
            let excepted = ban.exempt.exceptions.iter().any(|(from, to, _)| {
                lies_in(from, &module.name, Some(module.owner)) == Some(true) && lies_in(to, &edge.target, owner) == Some(true)
            });
            let sure = if edge.certainty == Certainty::Must { Some(true) } else { None };
            let banned = every([sure, lies_in(&ban.to, &edge.target, owner)]);
            if banned != Some(false) && !excepted {
                hits.insert((edge.import, &edge.target), banned);
            }
        }
        for ((import, target), hit) in &hits {
            // Of a statement the innermost is told; below a sure one, and on the way to it, nothing that is not sure.
            let of_statement = hits.iter().filter(|((other, _), _)| other == import);
            let others: Vec<(&str, Truth)> = of_statement.map(|((_, other), verdict)| (*other, *verdict)).collect();
            let related = |name: &str| {
                let mut sure = others.iter().filter(|(_, verdict)| *verdict == Some(true));
                sure.any(|(other, _)| below(other, name) || below(name, other))
            };
            let inner = |sure: Truth| {
                let mut alike =
                    others.iter().filter(|(other, verdict)| *verdict == sure && (sure.is_some() || !related(other)));
                alike.any(|(other, _)| below(other, target))
            };
            if inner(*hit) || hit.is_none() && related(target) {
                continue;
            }
            let line = module.source.imports[*import as usize].line;
            let subject = ("import".into(), format!("{} -> {target}", module.name), module.file.clone(), Some(line));
            let place = judged.place(subject, clause);
            match every([*hit, meant]) {
                Some(true) => judged.outcome.tell(place, Verdict::Broken),
                _ => judged.outcome.doubt(place, judged.on_unknown, false),
            }
        }
        self.unread(judged, clause, ban, (environment, module));
    }

    /// What a module may import beside what is known.
    fn unread(
        &self,
        judged: &mut Judged<'a>,
        clause: &Clause,
        ban: &ImportBan,
        (environment, module): (&'a Environment, &'a Module),
    ) {
        let record = Record::Module(environment, module);
        let imports = fields(Kind::Module).iter().find(|field| field.name == "imports").expect("a field");
        let Value::List(_, lacks) = (imports.get)(record) else { panic!("imports are a list") };
        let source = &module.source;
        let could_be = |prefix: &str| {
            let relative = prefix.is_empty() || prefix.starts_with('.');
            ban.to
                .patterns
                .iter()
                .any(|pattern| relative || class(&pattern.text).is_some() || matching::could_begin(&pattern.text, prefix))
        };
        let computed = source.computed_imports.iter().find(|import| could_be(&import.prefix));
        // Computed imports are one reason, and an error is one.
        let explained = usize::from(!source.computed_imports.is_empty()) + usize::from(source.error.is_some());
        let in_doubt = computed.is_some() || source.error.is_some() || lacks.len() > explained;
        if in_doubt {
            let subject = identity::subject(record);
            let subject = (subject.0, subject.1, subject.2, computed.map(|import| import.line));
            let place = judged.place(subject, clause);
            judged.outcome.doubt(place, judged.on_unknown, false);
        }
    }
}
