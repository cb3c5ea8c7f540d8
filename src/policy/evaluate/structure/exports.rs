//! What a star import takes from a module: its `__all__`, else names without a leading underscore; never what they stand for.

use crate::facts::{Module, Variable};

/// Whether `from module import *` takes `name`, where the module has it; nothing where `__all__` is computed.
pub(super) fn exports(module: &Module, name: &str) -> Option<bool> {
    let lists: Vec<&Variable> = module.source.variables.iter().filter(|variable| variable.name == "__all__").collect();
    let by_import = module.source.imports.iter().any(|import| import.names.iter().any(|taken| taken == "__all__"));
    let listed = match lists.as_slice() {
        [] if by_import => return None,
        [] => return Some(!name.starts_with('_')),
        lists => lists,
    };
    let mut is_known = !by_import;
    for variable in listed {
        let text = variable.value.as_deref().unwrap_or_default();
        let (names, is_whole) = literals(text.trim_start_matches("+= "));
        if names.contains(&name) && !variable.conditional {
            return Some(true);
        }
        is_known &= is_whole && !variable.conditional;
    }
    is_known.then_some(false)
}

/// The strings in the text of a list or tuple, and whether there is nothing else in it.
fn literals(text: &str) -> (Vec<&str>, bool) {
    let inside = text.strip_prefix(['[', '(']).and_then(|rest| rest.strip_suffix([']', ')']));
    let is_cut = text.ends_with('…');
    let Some(inside) = inside.or(text.strip_prefix(['[', '(']).filter(|_| is_cut)) else { return (Vec::new(), false) };
    let mut names = Vec::new();
    let mut is_whole = !is_cut;
    for item in inside.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let name = item
            .strip_prefix('"')
            .and_then(|item| item.strip_suffix('"'))
            .or_else(|| item.strip_prefix('\'').and_then(|item| item.strip_suffix('\'')));
        match name.filter(|name| !name.contains(['"', '\'', '\\'])) {
            Some(name) => names.push(name),
            None => is_whole = false,
        }
    }
    (names, is_whole)
}

#[cfg(test)]
mod tests {
    use super::literals;

    #[test]
    fn a_list_of_names_is_read_as_far_as_it_goes() {
        assert_eq!(literals("['a', \"b\",]"), (vec!["a", "b"], true));
        assert_eq!(literals("('a',)"), (vec!["a"], true));
        assert_eq!(literals("['a', b, 'c'] "), (vec![], false));
        assert_eq!(literals("['a', b]"), (vec!["a"], false));
        assert_eq!(literals("['a', 'b…"), (vec!["a"], false));
        assert_eq!(literals("names()"), (vec![], false));
    }
}
