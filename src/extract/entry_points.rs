//! `entry_points.txt`: the commands and plug-ins that a distribution offers; never imported.

use super::text::{lines, text};

/// One entry point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryPoint {
    /// The section: `console_scripts`, `gui_scripts`, or a plug-in group.
    pub group: String,
    /// The name: of a command for `console_scripts`.
    pub name: String,
    /// The module.
    pub module: String,
    /// The dotted object inside the module.
    pub attribute: Option<String>,
}

/// Entry points in order; lines that name no module are left out.
pub fn entry_points(bytes: &[u8]) -> Vec<EntryPoint> {
    let text = text(bytes);
    let mut group = String::new();
    let mut found = Vec::new();
    for line in lines(&text).map(str::trim) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            group = section.trim().to_owned();
        } else if !line.starts_with(['#', ';'])
            && let Some((name, object)) = line.split_once('=')
        {
            // `module:attribute [extra1, extra2]`
            let object = object.split('[').next().unwrap_or_default().trim();
            let (module, attribute) =
                object.split_once(':').map_or((object, None), |(module, attribute)| (module, Some(attribute)));
            let (name, module) = (name.trim().to_owned(), module.trim().to_owned());
            if !name.is_empty() && !module.is_empty() {
                let attribute =
                    attribute.map(|attribute| attribute.trim().to_owned()).filter(|attribute| !attribute.is_empty());
                found.push(EntryPoint { group: group.clone(), name, module, attribute });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::entry_points;

    #[test]
    fn commands_and_plug_ins_are_read() {
        let found = entry_points(b"# c\n[console_scripts]\nrun = a.b:main.go [x]\n; d\n[ plug ]\nname=mod\nnothing\n");
        let found: Vec<_> = found
            .iter()
            .map(|point| (point.group.as_str(), point.name.as_str(), point.module.as_str(), point.attribute.as_deref()))
            .collect();
        assert_eq!(found, [("console_scripts", "run", "a.b", Some("main.go")), ("plug", "name", "mod", None)]);
    }
}
