//! `python3XX._pth` beside an interpreter: the whole of its `sys.path`; never whether a path exists.

use super::text::{lines, text};

/// What replaces the search path. The interpreter is isolated by the file's mere presence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PathConfig {
    /// Paths in order, relative to the file's directory.
    pub paths: Vec<String>,
    /// Whether `import site` has `site` run nevertheless.
    pub site: bool,
}

/// Reads the file as `getpath` does: `#` begins a comment anywhere; other `import` lines do nothing.
pub fn path_config(bytes: &[u8]) -> PathConfig {
    let text = text(bytes);
    let mut config = PathConfig::default();
    for line in lines(&text) {
        match line.split('#').next().unwrap_or_default().trim() {
            "" => {}
            "import site" => config.site = true,
            line if line.starts_with("import ") => {}
            path => config.paths.push(path.to_owned()),
        }
    }
    config
}

#[cfg(test)]
mod tests {
    use super::path_config;

    #[test]
    fn only_import_site_is_obeyed() {
        let config = path_config(b"python311.zip\n.\n# import site\nimport os\n lib # x\n");
        assert_eq!(
            (config.paths.as_slice(), config.site),
            (["python311.zip", ".", "lib"].map(str::to_owned).as_slice(), false)
        );
        assert!(path_config(b"import site\r\n").site);
    }
}
