//! Texts to their meaning until the readers of `extract` do it; never trees or paths.

/// A line of a `.pth` file.
pub(crate) enum PthLine {
    Path(String),
    Import(String),
}

pub(crate) fn pth(text: &[u8]) -> Vec<PthLine> {
    String::from_utf8_lossy(text)
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| {
            if line.starts_with("import ") || line.starts_with("import\t") {
                PthLine::Import(line.to_owned())
            } else {
                PthLine::Path(line.trim_end().to_owned())
            }
        })
        .collect()
}

pub(crate) struct PasswdEntry {
    pub(crate) name: String,
    pub(crate) uid: u64,
    pub(crate) home: String,
}

pub(crate) fn passwd(text: &[u8]) -> Vec<PasswdEntry> {
    String::from_utf8_lossy(text)
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?.to_owned();
            let uid = fields.nth(1)?.parse().ok()?;
            let home = fields.nth(2)?.to_owned();
            Some(PasswdEntry { name, uid, home })
        })
        .collect()
}

pub(crate) fn record(text: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(text)
        .lines()
        .filter_map(|line| match line.strip_prefix('"') {
            Some(rest) => Some(rest.split_once('"')?.0.to_owned()),
            None => Some(line.split(',').next()?.to_owned()),
        })
        .collect()
}

pub(crate) struct CoreMetadata {
    pub(crate) name: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) requires: Vec<String>,
}

pub(crate) fn core_metadata(text: &[u8]) -> Result<CoreMetadata, mailparse::MailParseError> {
    use mailparse::MailHeaderMap;
    let (headers, _) = mailparse::parse_headers(text)?;
    Ok(CoreMetadata {
        name: headers.get_first_value("Name"),
        version: headers.get_first_value("Version"),
        requires: headers.get_all_values("Requires-Dist"),
    })
}

pub(crate) fn is_editable(text: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(text)
        .ok()
        .and_then(|value| value.get("dir_info")?.get("editable")?.as_bool())
        .unwrap_or(false)
}

pub(crate) struct Pyvenv {
    pub(crate) home: Option<String>,
    pub(crate) include_system_site_packages: bool,
}

pub(crate) fn pyvenv(text: &[u8]) -> Pyvenv {
    let mut settings = Pyvenv { home: None, include_system_site_packages: true };
    for line in String::from_utf8_lossy(text).lines() {
        let Some((key, value)) = line.split_once('=') else { continue };
        match key.trim().to_lowercase().as_str() {
            "home" => settings.home = Some(value.trim().to_owned()),
            "include-system-site-packages" => {
                settings.include_system_site_packages = value.trim().eq_ignore_ascii_case("true");
            }
            _ => {}
        }
    }
    settings
}

pub(crate) struct OsRelease {
    pub(crate) id: String,
    pub(crate) version_id: Option<String>,
    pub(crate) name: String,
}

pub(crate) fn os_release(text: &[u8]) -> OsRelease {
    let text = String::from_utf8_lossy(text);
    let get = |name: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once('=')?;
            (key == name).then(|| value.trim_matches(['"', '\'']).to_owned())
        })
    };
    OsRelease {
        id: get("ID").unwrap_or_else(|| "linux".to_owned()),
        version_id: get("VERSION_ID"),
        name: get("PRETTY_NAME").or_else(|| get("NAME")).unwrap_or_else(|| "Linux".to_owned()),
    }
}

pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) architecture: Option<String>,
    pub(crate) files: Vec<Vec<u8>>,
}

pub(crate) fn dpkg_status(text: &[u8]) -> Result<Vec<Package>, std::fmt::Error> {
    Ok(String::from_utf8_lossy(text)
        .split("\n\n")
        .filter_map(|paragraph| {
            let get =
                |name: &str| paragraph.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(": ")?.to_owned()));
            if get("Status").is_some_and(|status| !status.ends_with(" installed")) {
                return None;
            }
            Some(Package {
                name: get("Package")?,
                version: get("Version")?,
                architecture: get("Architecture"),
                files: Vec::new(),
            })
        })
        .collect())
}

pub(crate) fn apk_installed(text: &[u8]) -> Vec<Package> {
    String::from_utf8_lossy(text)
        .split("\n\n")
        .filter_map(|paragraph| {
            let get = |name: &str| paragraph.lines().find_map(|line| Some(line.strip_prefix(name)?.to_owned()));
            let mut directory = "";
            let mut files = Vec::new();
            for line in paragraph.lines() {
                if let Some(name) = line.strip_prefix("F:") {
                    directory = name;
                } else if let Some(name) = line.strip_prefix("R:") {
                    files.push(format!("{directory}/{name}").into_bytes());
                }
            }
            Some(Package { name: get("P:")?, version: get("V:")?, architecture: get("A:"), files })
        })
        .collect()
}
