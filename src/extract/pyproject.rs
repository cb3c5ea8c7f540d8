//! `pyproject.toml`: the distributions that a project declares; never those that these need in turn.

use std::{collections::BTreeSet, str::FromStr};

use pep508_rs::{PackageName, Requirement, VerbatimUrl};
use toml::{Table, Value};

/// Normalised names of what a project declares, for its run time or for an extra; nothing where the file does not say it (a list that
/// a build computes, a requirement that is none, no project at all).
pub fn declared_dependencies(text: &str) -> Option<BTreeSet<String>> {
    let document: Table = text.parse().ok()?;
    if let Some(project) = document.get("project") {
        return project_dependencies(project.as_table()?);
    }
    let poetry = document.get("tool")?.get("poetry")?.get("dependencies")?.as_table()?;
    let names = poetry.keys().filter(|name| *name != "python");
    names.map(|name| PackageName::new(name.clone()).ok().map(|name| name.to_string())).collect()
}

fn project_dependencies(project: &Table) -> Option<BTreeSet<String>> {
    if let Some(dynamic) = project.get("dynamic") {
        let computed = |value: &Value| matches!(value.as_str(), Some("dependencies" | "optional-dependencies"));
        if dynamic.as_array()?.iter().any(computed) {
            return None;
        }
    }
    let mut lists = Vec::new();
    if let Some(dependencies) = project.get("dependencies") {
        lists.push(dependencies);
    }
    if let Some(extras) = project.get("optional-dependencies") {
        lists.extend(extras.as_table()?.values());
    }
    let mut names = BTreeSet::new();
    for list in lists {
        for requirement in list.as_array()? {
            let requirement = Requirement::<VerbatimUrl>::from_str(requirement.as_str()?).ok()?;
            names.insert(requirement.name.to_string());
        }
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::declared_dependencies;

    fn names(text: &str) -> Option<Vec<String>> {
        declared_dependencies(text).map(|names| names.into_iter().collect())
    }

    #[test]
    fn projects_declare_for_run_time_and_for_extras() {
        let text = "[project]\ndependencies = [\"Requests >=2\", \"a_b[x]; python_version > '3'\"]\n\
                    [project.optional-dependencies]\ntest = [\"pytest\"]\n";
        assert_eq!(names(text), Some(vec!["a-b".into(), "pytest".into(), "requests".into()]));
        assert_eq!(names("[project]\nname = \"x\"\n"), Some(vec![]));
        assert_eq!(names("[tool.poetry.dependencies]\npython = \"^3\"\nA_b = \"*\"\n"), Some(vec!["a-b".into()]));
    }

    #[test]
    fn what_a_build_computes_is_not_known() {
        for text in ["[project]\ndynamic = [\"dependencies\"]\n", "[project]\ndependencies = [\"=x\"]\n", "[tool.x]\n", "["] {
            assert_eq!(names(text), None, "{text}");
        }
    }
}
