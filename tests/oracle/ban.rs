//! `forbid import A -> B`: module by module, edge by edge.

use std::collections::BTreeMap;

use douane::{
    facts::{
        Certainty, Environment, ImportEdge, Module, Owner,
        schema::{Kind, Record, Value, fields},
    },
    policy::syntax::ast::{Clause, ClauseKind, Exempt, Patterns, Reach},
};

use crate::{
    identity, matching,
    meaning::World,
    rule::{Counted, Judged},
    truth::{Truth, every, some},
    verdict::Verdict,
};

/// The three words that name classes of modules, and whom they mean.
const CLASSES: [(&str, &[Owner]); 3] = [
    ("own", &[Owner::Own]),
    ("third_party", &[Owner::Distribution, Owner::OsPackage, Owner::CondaPackage]),
    ("stdlib", &[Owner::Stdlib]),
];

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

/// A ban on direct imports: `forbid import A -> B`, `protected B only from A`.
struct Ban<'b> {
    /// Who must not import: all of the first but those of the others.
    from: Option<&'b Patterns>,
    spared: Vec<&'b Patterns>,
    to: &'b Patterns,
    exempt: &'b Exempt,
}

impl<'b> Ban<'b> {
    fn new(clause: &'b Clause) -> Option<Self> {
        match &clause.kind {
            ClauseKind::ForbidImport(ban) if ban.reach == Reach::Direct => {
                Some(Self { from: Some(&ban.from), spared: Vec::new(), to: &ban.to, exempt: &ban.exempt })
            }
            ClauseKind::Protected(protected) => Some(Self {
                from: None,
                spared: vec![&protected.importers, &protected.modules],
                to: &protected.modules,
                exempt: &protected.exempt,
            }),
            _ => None,
        }
    }

    fn speaks_of(&self, module: &Module) -> bool {
        let lies_in = |side: &Patterns| lies_in(side, &module.name, Some(module.owner)) == Some(true);
        self.from.is_none_or(lies_in) && !self.spared.iter().any(|side| lies_in(side))
    }
}

/// Whether a computed import that begins so could name something on a side.
pub fn could_be(side: &Patterns, prefix: &str) -> bool {
    let relative = prefix.is_empty() || prefix.starts_with('.');
    let mut patterns = side.patterns.iter();
    patterns.any(|pattern| relative || class(&pattern.text).is_some() || matching::could_begin(&pattern.text, prefix))
}

impl<'a> World<'a> {
    /// What the direct bans of a rule make of every environment; `meant` is whether its premises hold.
    pub fn bans(&self, judged: &mut Judged<'a>, meant: Truth) {
        for clause in &judged.rule.clauses {
            let Some(ban) = Ban::new(clause) else { continue };
            let mut counted = Counted::exactly();
            for environment in &self.inventory.environments {
                self.missing_modules(judged, clause, environment);
                for module in environment.modules.iter().filter(|module| ban.speaks_of(module)) {
                    counted.add(module);
                    self.importer(judged, clause, &ban, (environment, module), meant);
                }
            }
            self.missing_environments(judged, clause);
            judged.counted.push(counted);
        }
    }

    /// Where there may be more modules, there may be more importers.
    pub fn missing_modules(&self, judged: &mut Judged<'a>, clause: &Clause, environment: &'a Environment) {
        if !environment.modules_complete.is_complete() {
            let place = judged.place(identity::subject(Record::Environment(environment)), clause);
            judged.outcome.doubt(place, judged.on_unknown, false);
        }
    }

    /// Where there may be more environments, there may be more importers.
    pub fn missing_environments(&self, judged: &mut Judged<'a>, clause: &Clause) {
        if !self.inventory.environments_complete.is_complete() {
            let place = judged.place(self.whole_target(), clause);
            judged.outcome.doubt(place, judged.on_unknown, false);
        }
    }

    fn importer(
        &self,
        judged: &mut Judged<'a>,
        clause: &Clause,
        ban: &Ban<'_>,
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
            let banned = every([sure, lies_in(ban.to, &edge.target, owner)]);
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
        ban: &Ban<'_>,
        (environment, module): (&'a Environment, &'a Module),
    ) {
        let record = Record::Module(environment, module);
        let imports = fields(Kind::Module).iter().find(|field| field.name == "imports").expect("a field");
        let Value::List(_, lacks) = (imports.get)(record) else { panic!("imports are a list") };
        let source = &module.source;
        let computed = source.computed_imports.iter().find(|import| could_be(ban.to, &import.prefix));
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
