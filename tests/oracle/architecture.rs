//! Chains, layers, independence and cycles: searched for every rule and every module on its own.

use std::collections::BTreeSet;

use douane::{
    facts::{Module, schema::Record},
    policy::syntax::ast::{Clause, ClauseKind, Exempt, Group, ImportBan, Layers, Patterns, Reach, Siblings},
};

use crate::{
    ban::{below, lies_in},
    graph::{Graph, Reached, Search, View, tangles},
    identity::{self, Subject},
    meaning::World,
    rule::{Counted, Judged},
    truth::Truth,
    verdict::Verdict,
};

/// Layers or members: what a name lies in.
struct Part {
    name: String,
    row: usize,
}

/// Which parts must not reach which others.
type MustNot<'m> = &'m dyn Fn(&Part, &Part) -> bool;

impl<'a> World<'a> {
    /// What the rules over the graph make of every environment; `meant` is whether the rule's premises hold.
    pub fn graphs(&self, judged: &mut Judged<'a>, meant: Truth) {
        for clause in &judged.rule.clauses {
            let mut counted = Counted::exactly();
            let exempt = match &clause.kind {
                ClauseKind::ForbidImport(ban) if ban.reach == Reach::Chain => &ban.exempt,
                ClauseKind::Layers(layers) => &layers.exempt,
                ClauseKind::Independent(group) | ClauseKind::Acyclic(group) => &group.exempt,
                _ => continue,
            };
            judged.graph_lines.insert(judged.line(clause));
            for environment in &self.inventory.environments {
                let graph = Graph::new(environment);
                self.missing_modules(judged, clause, environment);
                match &clause.kind {
                    ClauseKind::ForbidImport(ban) => self.chains(judged, clause, ban, &graph, meant, &mut counted),
                    ClauseKind::Layers(layers) => self.layers(judged, clause, layers, &graph, meant, &mut counted),
                    ClauseKind::Independent(group) => self.independent(judged, clause, group, &graph, meant, &mut counted),
                    ClauseKind::Acyclic(group) => self.acyclic(judged, clause, (group, exempt), &graph, meant, &mut counted),
                    _ => {}
                }
            }
            if let ClauseKind::Layers(layers) = &clause.kind {
                self.absent_layers(judged, clause, layers, meant, &mut counted);
            }
            self.missing_environments(judged, clause);
            judged.counted.push(counted);
        }
    }

    fn chains(
        &self,
        judged: &mut Judged<'a>,
        clause: &Clause,
        ban: &ImportBan,
        graph: &Graph<'a>,
        meant: Truth,
        counted: &mut Counted,
    ) {
        let surely = |side: &Patterns, name: &str| graph.lies_in(side, name) == Some(true);
        let is_target = |name: &str| surely(&ban.to, name);
        let is_possible_target = |name: &str| graph.lies_in(&ban.to, name) != Some(false);
        let is_stop = |name: &str| {
            surely(&ban.from, name) || surely(&ban.to, name) || ban.via.as_ref().is_some_and(|via| surely(via, name))
        };
        for module in &graph.environment.modules {
            if lies_in(&ban.from, &module.name, Some(module.owner)) != Some(true) {
                continue;
            }
            counted.add(module);
            let sure = Search { is_target: &is_target, is_stop: &is_stop, to: None };
            let unsure = Search { is_target: &is_possible_target, is_stop: &is_stop, to: Some(&ban.to) };
            self.tell_chain(judged, clause, (graph, &ban.exempt), module, (&sure, &unsure), meant);
        }
    }

    /// Tells whether chains lead from a module to a target: surely, perhaps, or not.
    fn tell_chain(
        &self,
        judged: &mut Judged<'a>,
        clause: &Clause,
        (graph, exempt): (&Graph<'a>, &Exempt),
        module: &Module,
        (sure, unsure): (&Search<'_>, &Search<'_>),
        meant: Truth,
    ) {
        let place = judged.place(source(module), clause);
        let view = |unsure, excepts_computed| View { exempt, unsure, excepts_computed };
        let broken = graph.search(&module.name, sure, view(false, true));
        let loose = graph.search(&module.name, unsure, view(true, false));
        let strict = graph.search(&module.name, unsure, view(true, true));
        let ends = judged.ends.entry(place.clone()).or_default();
        ends.extend(broken.targets.iter().map(|target| (true, target.clone())));
        ends.extend(loose.targets.iter().map(|target| (false, target.clone())));
        let is_some = |reached: &Reached| reached.unread || !reached.targets.is_empty();
        if !broken.targets.is_empty() {
            match meant {
                Some(true) => judged.outcome.tell(place, Verdict::Broken),
                _ => judged.outcome.doubt(place, judged.on_unknown, false),
            }
        } else if is_some(&strict) {
            judged.outcome.doubt(place, judged.on_unknown, false);
        } else if is_some(&loose) {
            judged.outcome.leave_open(place);
        }
    }

    fn layers(
        &self,
        judged: &mut Judged<'a>,
        clause: &Clause,
        layers: &Layers,
        graph: &Graph<'a>,
        meant: Truth,
        counted: &mut Counted,
    ) {
        let containers: Vec<Option<&Module>> = match &layers.containers {
            None => vec![None],
            Some(side) => {
                let modules = graph.environment.modules.iter();
                modules.filter(|module| lies_in(side, &module.name, Some(module.owner)) == Some(true)).map(Some).collect()
            }
        };
        counted.leave_open();
        for container in containers {
            let (mut parts, mut missing) = (Vec::new(), false);
            for (row, layer) in
                layers.rows.iter().enumerate().flat_map(|(row, of)| of.layers.iter().map(move |layer| (row, layer)))
            {
                let name = match container {
                    Some(container) => format!("{}.{}", container.name, layer.name.text),
                    None => layer.name.text.clone(),
                };
                if graph.module(&name).is_some() {
                    parts.push(Part { name, row });
                } else {
                    missing |= !layer.optional;
                }
            }
            if container.is_none() && parts.is_empty() {
                continue;
            }
            container.into_iter().for_each(|container| counted.add(container));
            if missing {
                let subject = container.map_or_else(|| self.whole_target(), source);
                let place = judged.place(subject, clause);
                match (graph.environment.modules_complete.is_complete(), meant) {
                    (true, Some(true)) => judged.outcome.tell(place, Verdict::Broken),
                    _ => judged.outcome.doubt(place, judged.on_unknown, false),
                }
            }
            let must_not = |from: &Part, to: &Part| match from.row.cmp(&to.row) {
                std::cmp::Ordering::Greater => true,
                std::cmp::Ordering::Equal => layers.rows[from.row].siblings == Siblings::Independent,
                std::cmp::Ordering::Less => layers.rows[from.row + 1..to.row].iter().any(|row| row.closed),
            };
            self.parts(judged, clause, (graph, &layers.exempt), &parts, &must_not, meant, counted);
        }
    }

    /// Layers with whole names of which no environment holds any.
    fn absent_layers(&self, judged: &mut Judged<'a>, clause: &Clause, layers: &Layers, meant: Truth, counted: &mut Counted) {
        let all = || layers.rows.iter().flat_map(|row| &row.layers);
        let environments = &self.inventory.environments;
        let is_there =
            |name: &str| environments.iter().any(|environment| environment.modules.iter().any(|module| module.name == name));
        let missing = all().any(|layer| !layer.optional) && !all().any(|layer| is_there(&layer.name.text));
        if layers.containers.is_some() || environments.is_empty() || !missing {
            return;
        }
        counted.add_target();
        let whole = environments.iter().all(|environment| environment.modules_complete.is_complete())
            && self.inventory.environments_complete.is_complete();
        let place = judged.place(self.whole_target(), clause);
        match (whole, meant) {
            (true, Some(true)) => judged.outcome.tell(place, Verdict::Broken),
            _ => judged.outcome.doubt(place, judged.on_unknown, false),
        }
    }

    fn independent(
        &self,
        judged: &mut Judged<'a>,
        clause: &Clause,
        group: &Group,
        graph: &Graph<'a>,
        meant: Truth,
        counted: &mut Counted,
    ) {
        let named: Vec<String> =
            graph.names().into_iter().filter(|name| graph.lies_in(&group.modules, name) == Some(true)).collect();
        let outermost = named.iter().filter(|name| !named.iter().any(|other| below(name, other)));
        let parts: Vec<Part> = outermost.map(|name| Part { name: name.clone(), row: 0 }).collect();
        if self.inventory.environments.len() > 1 {
            counted.leave_open();
        }
        self.parts(judged, clause, (graph, &group.exempt), &parts, &|_, _| true, meant, counted);
    }

    /// Chains from parts to others that they must not reach, with no module of any part in between.
    #[expect(clippy::too_many_arguments, reason = "a question about parts is long")]
    fn parts(
        &self,
        judged: &mut Judged<'a>,
        clause: &Clause,
        graph: (&Graph<'a>, &Exempt),
        parts: &[Part],
        must_not: MustNot<'_>,
        meant: Truth,
        counted: &mut Counted,
    ) {
        // Of parts that lie in each other the innermost holds a name.
        let part_of = |name: &str| {
            let around = parts.iter().filter(|part| part.name == name || below(name, &part.name));
            around.max_by_key(|part| part.name.len())
        };
        for module in &graph.0.environment.modules {
            let Some(own) = part_of(&module.name) else { continue };
            counted.add(module);
            let is_target = |name: &str| part_of(name).is_some_and(|part| part.name != own.name && must_not(own, part));
            let is_stop = |name: &str| part_of(name).is_some();
            let search = Search { is_target: &is_target, is_stop: &is_stop, to: None };
            let can_offend = parts.iter().any(|part| part.name != own.name && must_not(own, part));
            if can_offend {
                self.tell_chain(judged, clause, graph, module, (&search, &search), meant);
            }
        }
    }

    fn acyclic(
        &self,
        judged: &mut Judged<'a>,
        clause: &Clause,
        (group, exempt): (&Group, &Exempt),
        graph: &Graph<'a>,
        meant: Truth,
        counted: &mut Counted,
    ) {
        let is_meant = |module: &&Module| lies_in(&group.modules, &module.name, Some(module.owner)) == Some(true);
        let modules: Vec<&Module> = graph.environment.modules.iter().filter(is_meant).collect();
        modules.iter().for_each(|module| counted.add(module));
        let view = |unsure, excepts_computed| View { exempt, unsure, excepts_computed };
        let sure = tangles(graph, &group.modules, view(false, true));
        let surely: BTreeSet<&String> = sure.iter().flatten().collect();
        // A tangle goes by its first module; where it may be one, by the first that is in no sure one.
        for first in sure.iter().filter_map(|tangle| tangle.first()) {
            let place = judged.place(source(graph.module(first).expect("only modules import")), clause);
            match meant {
                Some(true) => judged.outcome.tell(place, Verdict::Broken),
                _ => judged.outcome.doubt(place, judged.on_unknown, false),
            }
        }
        let firsts = |excepts_computed| -> BTreeSet<String> {
            let tangles = tangles(graph, &group.modules, view(true, excepts_computed));
            tangles.iter().filter_map(|tangle| tangle.iter().find(|name| !surely.contains(name))).cloned().collect()
        };
        let (strict, loose) = (firsts(true), firsts(false));
        for name in strict.union(&loose) {
            let place = judged.place(source(graph.module(name).expect("only modules import")), clause);
            if strict.contains(name) && loose.contains(name) {
                judged.outcome.doubt(place, judged.on_unknown, false);
            } else {
                judged.outcome.leave_open(place);
            }
        }
        // What may import anything closes a cycle with what imports it, and two such with each other.
        let unread: Vec<&&Module> = modules.iter().filter(|module| graph.is_anything(&module.name)).collect();
        for module in &unread {
            let imports_it = |exempt| {
                let view = View { exempt, unsure: true, excepts_computed: false };
                let mut others = modules.iter().filter(|other| other.name != module.name);
                others.any(|other| graph.imported(&other.name, view).contains(module.name.as_str()))
            };
            let place = judged.place(source(module), clause);
            if unread.len() > 1 || imports_it(exempt) {
                judged.outcome.doubt(place, judged.on_unknown, false);
            } else if imports_it(&Exempt::default()) {
                judged.outcome.leave_open(place);
            }
        }
    }

    /// The target as a whole.
    pub fn whole_target(&self) -> Subject {
        identity::subject(Record::Target(self.inventory))
    }
}

/// A module as the source of chains: where the chain begins in it is not compared.
fn source(module: &Module) -> Subject {
    ("module".into(), module.name.to_string(), module.file.clone(), None)
}
