//! From `-p` to policy texts: files, directories, packages of the library; never what is in them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::exit::Failure;
use crate::policy::{self, DataFiles, PolicyText, library};

/// Directories below a directory of policies that are looked into.
const DEEPEST: usize = 32;
/// What standard input is called in messages.
const STANDARD_INPUT: &str = "standard input";

/// The policies that the arguments name, each once, and those beside them that they use; without arguments what the library applies unasked.
pub(super) fn gather(arguments: &[String], limit: u64) -> Result<Vec<PolicyText>, Failure> {
    if arguments.is_empty() {
        return Ok(library::unasked());
    }
    let mut gathered = named(arguments, limit)?;
    used(&mut gathered, limit);
    Ok(gathered)
}

/// Adds the files of packages that a policy uses and nobody named: they are looked for in the directory of the policy, and below.
///
/// What cannot be read there is no mistake: nobody asked for it. A package that is not found is one, and the compiler says so.
fn used(gathered: &mut Vec<PolicyText>, limit: u64) {
    let mut beside: BTreeMap<PathBuf, Vec<(String, PolicyText)>> = BTreeMap::new();
    let mut headers: Vec<_> = gathered.iter().map(policy::package_and_uses).collect();
    let mut known: BTreeSet<String> = headers.iter().filter_map(|(package, _)| package.clone()).collect();
    let mut at = 0;
    while let (Some(text), Some((_, uses))) = (gathered.get(at), headers.get(at).cloned()) {
        at += 1;
        let Some(directory) = Path::new(&text.name).parent().filter(|_| !uses.is_empty()) else { continue };
        let missing: Vec<String> =
            uses.into_iter().filter(|used| !known.contains(used) && library::find(used).is_none()).collect();
        if missing.is_empty() {
            continue;
        }
        let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        let found = beside.entry(directory.to_owned()).or_insert_with(|| {
            let mut files = Vec::new();
            let _ = collect(directory, 0, &mut files);
            files.sort();
            let texts = files.iter().filter_map(|file| read(file.strip_prefix("./").unwrap_or(file), limit).ok());
            texts.filter_map(|text| policy::package_and_uses(&text).0.map(|package| (package, text))).collect()
        });
        let wanted = found.iter().filter(|(package, _)| missing.contains(package)).map(|(_, text)| text.clone());
        let wanted: Vec<PolicyText> = wanted.filter(|text| !gathered.contains(text)).collect();
        headers.extend(wanted.iter().map(policy::package_and_uses));
        known.extend(missing);
        gathered.extend(wanted);
    }
}

/// The files that `data` items name, taken from the directory of their policy.
pub(super) struct FilesBeside {
    /// The largest file, in bytes.
    pub(super) limit: u64,
}

impl DataFiles for FilesBeside {
    fn read(&self, policy: &str, path: &str) -> Result<String, String> {
        let path = Path::new(policy).parent().unwrap_or(Path::new("")).join(path);
        match read(&path, self.limit) {
            Ok(text) => Ok(text.text),
            Err(Failure::UnreadPolicy { error, .. }) => Err(error.to_string()),
            Err(failure) => Err(failure.to_string()),
        }
    }
}

fn named(arguments: &[String], limit: u64) -> Result<Vec<PolicyText>, Failure> {
    let mut gathered: Vec<PolicyText> = Vec::new();
    for argument in arguments {
        for text in policies_of(argument, limit)? {
            if !gathered.contains(&text) {
                gathered.push(text);
            }
        }
    }
    Ok(gathered)
}

/// The files that the arguments name, each once; a directory stands for all policies below it.
pub(super) fn files(arguments: &[String]) -> Result<Vec<PathBuf>, Failure> {
    let mut found: Vec<PathBuf> = Vec::new();
    for argument in arguments {
        let path = Path::new(argument);
        if library::find(argument).is_some() && !path.exists() {
            return Err(Failure::BuiltIn { argument: argument.clone() });
        }
        let mut files = vec![path.to_owned()];
        if path.is_dir() {
            files.clear();
            collect(path, 0, &mut files)?;
            files.sort();
            if files.is_empty() {
                return Err(Failure::NoPolicies { path: path.to_owned() });
            }
        }
        for file in files {
            if !found.contains(&file) {
                found.push(file);
            }
        }
    }
    Ok(found)
}

fn policies_of(argument: &str, limit: u64) -> Result<Vec<PolicyText>, Failure> {
    if let Some(package) = library::find(argument) {
        return Ok(vec![package]);
    }
    let path = Path::new(argument);
    if path.is_dir() {
        let mut files = Vec::new();
        collect(path, 0, &mut files)?;
        if files.is_empty() {
            return Err(Failure::NoPolicies { path: path.to_owned() });
        }
        files.sort();
        return files.iter().map(|file| read(file, limit)).collect();
    }
    if path.exists() {
        return Ok(vec![read(path, limit)?]);
    }
    let near = library::packages()
        .map(|package| (strsim::damerau_levenshtein(argument, package), package))
        .filter(|(distance, _)| *distance <= 3)
        .min();
    let names: Vec<String> = library::packages().map(|package| format!("`{package}`")).collect();
    Err(Failure::NoSuchPolicy {
        argument: argument.to_owned(),
        library: names.join(", "),
        suggestion: near.map(|(_, package)| package.to_owned()),
    })
}

/// Every `*.douane` below a directory; hidden directories and links to directories are not entered.
fn collect(directory: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let unread = |error| Failure::UnreadPolicy { path: directory.to_owned(), error };
    if depth > DEEPEST {
        return Err(Failure::DeepPolicies { path: directory.to_owned(), limit: DEEPEST });
    }
    for entry in fs::read_dir(directory).map_err(unread)? {
        let entry = entry.map_err(unread)?;
        let path = entry.path();
        let hidden = entry.file_name().as_encoded_bytes().first() == Some(&b'.');
        if entry.file_type().map_err(unread)?.is_dir() {
            if !hidden {
                collect(&path, depth + 1, files)?;
            }
        } else if !hidden && is_policy(&path) {
            files.push(path);
        }
    }
    Ok(())
}

/// A policy, or a contract of ImportSpy.
fn is_policy(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    [".douane", ".importspy.yml", ".importspy.yaml"].iter().any(|ending| name.ends_with(ending))
}

/// Reads one policy.
pub(super) fn read(path: &Path, limit: u64) -> Result<PolicyText, Failure> {
    let unread = |error| Failure::UnreadPolicy { path: path.to_owned(), error };
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(unread)?;
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() as u64 > limit {
        return Err(Failure::LargePolicy { path: path.to_owned(), limit });
    }
    let text = decoded(bytes).map_err(unread)?;
    Ok(PolicyText { name: path.display().to_string(), text })
}

/// A policy on standard input.
pub(super) fn read_input(limit: u64) -> Result<PolicyText, Failure> {
    let path = PathBuf::from(STANDARD_INPUT);
    let unread = |error| Failure::UnreadPolicy { path: path.clone(), error };
    let mut bytes = Vec::new();
    io::stdin().lock().take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() as u64 > limit {
        return Err(Failure::LargePolicy { path, limit });
    }
    Ok(PolicyText { name: STANDARD_INPUT.into(), text: decoded(bytes).map_err(unread)? })
}

fn decoded(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', valid).count() + 1;
        io::Error::other(format!("line {line} is not UTF-8: save the file as UTF-8"))
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::gather;
    use crate::policy::library;

    fn names(arguments: &[&str]) -> Result<Vec<String>, String> {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        match gather(&arguments, 100) {
            Ok(texts) => Ok(texts.into_iter().map(|text| text.name).collect()),
            Err(failure) => Err(failure.to_string()),
        }
    }

    #[test]
    fn without_arguments_the_library_is_meant_but_for_what_takes_long() {
        let unasked = names(&[]).expect("the library");
        assert_eq!(unasked.len(), library::all().len() - 1);
        assert!(!unasked.iter().any(|name| name == "policies/installed.douane"), "{unasked:?}");
    }

    #[test]
    fn a_package_named_twice_is_taken_once() {
        assert_eq!(names(&["douane.image", "douane.image"]).expect("a package").len(), 1);
    }

    #[test]
    fn a_near_name_is_suggested() {
        let message = names(&["douane.pyton"]).expect_err("no such package");
        assert!(message.contains("did you mean `douane.python`?"), "{message}");
        assert!(message.contains("`douane.image`"), "{message}");
    }

    #[test]
    fn a_directory_gives_its_policies_sorted_and_an_empty_one_is_an_error() {
        let directory = tempfile::tempdir().expect("a directory");
        fs::create_dir_all(directory.path().join("a/.git")).expect("made");
        for file in ["z.douane", "a/b.douane", "a/notes.txt", "a/.git/c.douane"] {
            fs::write(directory.path().join(file), "package x").expect("written");
        }
        let root = directory.path().display().to_string();
        let found = names(&[&root]).expect("policies");
        assert_eq!(found, [format!("{root}/a/b.douane"), format!("{root}/z.douane")]);
        let empty = format!("{root}/a/.git/..");
        fs::remove_file(directory.path().join("a/b.douane")).expect("removed");
        assert!(names(&[&empty]).expect_err("none").contains("holds no policy"));
    }

    #[test]
    fn packages_that_are_used_are_found_beside_and_below_and_through_others() {
        let directory = tempfile::tempdir().expect("a directory");
        fs::create_dir_all(directory.path().join("shared/deep")).expect("made");
        for (file, text) in [
            ("a.douane", "edition 1\npackage acme.a\nuse acme.b\nuse douane.image\n"),
            ("shared/b.douane", "edition 1\npackage acme.b\nuse acme.c\n"),
            ("shared/deep/c.douane", "edition 1\npackage acme.c\n"),
            ("shared/unused.douane", "edition 1\npackage acme.unused\n"),
            ("shared/broken.douane", "package ]"),
        ] {
            fs::write(directory.path().join(file), text).expect("written");
        }
        let root = directory.path().display();
        let found = names(&[&format!("{root}/a.douane")]).expect("policies");
        let expected = ["a.douane", "shared/b.douane", "shared/deep/c.douane"].map(|file| format!("{root}/{file}"));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_policy_beyond_the_limit_is_refused() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), "x".repeat(101)).expect("written");
        assert!(names(&[&file.path().display().to_string()]).expect_err("too large").contains("more than 100 bytes"));
    }
}
