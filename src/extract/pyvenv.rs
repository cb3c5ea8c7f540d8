//! `pyvenv.cfg`: what makes a virtual environment (PEP 405); never whether its home exists.

use std::collections::BTreeMap;

use super::text::{lines, text};

/// A virtual environment's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pyvenv {
    /// The directory of the interpreter that it was made with: the first `home`.
    pub home: Option<String>,
    /// Whether the packages of that interpreter are seen too; where the key is missing they are.
    pub include_system_site_packages: bool,
    /// `version` (venv) or `version_info` (virtualenv, uv): as text, and not to be trusted over the interpreter.
    pub version: Option<String>,
    /// Every key, in lower case, with its last value.
    pub keys: BTreeMap<String, String>,
}

/// Reads lines of `key = value` as `site.venv` does; other lines are ignored.
pub fn pyvenv(bytes: &[u8]) -> Pyvenv {
    let text = text(bytes);
    let mut home = None;
    let mut keys = BTreeMap::new();
    for line in lines(&text) {
        let Some((key, value)) = line.split_once('=') else { continue };
        let (key, value) = (key.trim().to_lowercase(), value.trim().to_owned());
        if key == "home" {
            home.get_or_insert_with(|| value.clone());
        }
        keys.insert(key, value);
    }
    let system = keys.get("include-system-site-packages");
    Pyvenv {
        home,
        include_system_site_packages: system.is_none_or(|value| value.to_lowercase() == "true"),
        version: keys.get("version").or_else(|| keys.get("version_info")).cloned(),
        keys,
    }
}

#[cfg(test)]
mod tests {
    use super::pyvenv;

    #[test]
    fn keys_are_in_lower_case_and_values_trimmed() {
        let found = pyvenv(
            b"Home = /usr/bin\r\ninclude-system-site-packages = False\nversion = 3.11.2\nnonsense\nprompt='a=b'\nhome = /x\n",
        );
        assert_eq!(found.home.as_deref(), Some("/usr/bin"));
        assert!(!found.include_system_site_packages);
        assert_eq!(found.version.as_deref(), Some("3.11.2"));
        assert_eq!(found.keys["prompt"], "'a=b'");
    }

    #[test]
    fn missing_key_includes_the_system() {
        assert!(pyvenv(b"home = /usr/bin\n").include_system_site_packages);
        assert!(pyvenv(b"include-system-site-packages = TRUE\n").include_system_site_packages);
        assert!(!pyvenv(b"include-system-site-packages = yes\n").include_system_site_packages);
    }
}
