//! apk's database of installed packages (`lib/apk/db/installed`): packages and their files; never scripts or triggers.

use super::text::text;

/// An installed package of Alpine and its kin.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlpinePackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its architecture.
    pub architecture: Option<String>,
    /// The package that it was built from.
    pub origin: Option<String>,
    /// Its licence.
    pub license: Option<String>,
    /// Paths of its files, relative to the root.
    pub files: Vec<Vec<u8>>,
}

/// Packages in order: blocks of `X:value` lines, ended by an empty line.
pub fn apk_installed(bytes: &[u8]) -> Vec<AlpinePackage> {
    let mut packages = Vec::new();
    let mut package = AlpinePackage::default();
    let mut directory: &[u8] = b"";
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some((field, value)) = line.split_at_checked(2) else {
            if line.is_empty() && !package.name.is_empty() {
                packages.push(std::mem::take(&mut package));
            }
            directory = b"";
            continue;
        };
        let word = || text(value).trim().to_owned();
        match field {
            b"P:" => package.name = word(),
            b"V:" => package.version = word(),
            b"A:" => package.architecture = Some(word()),
            b"L:" => package.license = Some(word()),
            b"o:" => package.origin = Some(word()),
            b"F:" => directory = value,
            b"R:" if directory.is_empty() => package.files.push(value.to_vec()),
            b"R:" => package.files.push([directory, b"/", value].concat()),
            _ => {}
        }
    }
    if !package.name.is_empty() {
        packages.push(package);
    }
    packages
}

#[cfg(test)]
mod tests {
    use super::apk_installed;

    #[test]
    fn files_belong_to_the_directory_above_them() {
        let found = apk_installed(
            b"C:Q1x=\nP:musl\nV:1.2.4-r2\nA:x86_64\nL:MIT\no:musl\nF:lib\nR:ld-musl.so.1\na:0:0:755\nF:\nR:top\n\nP:b\nV:1\nF:\nR:x\n",
        );
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].name.as_str(), found[0].version.as_str()), ("musl", "1.2.4-r2"));
        assert_eq!((found[0].architecture.as_deref(), found[0].origin.as_deref()), (Some("x86_64"), Some("musl")));
        assert_eq!((found[0].license.as_deref(), found[1].license.as_deref()), (Some("MIT"), None));
        assert_eq!(found[0].files, [b"lib/ld-musl.so.1".to_vec(), b"top".to_vec()]);
        assert_eq!((found[1].name.as_str(), found[1].files.len()), ("b", 1));
    }
}
