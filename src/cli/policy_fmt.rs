//! `douane policy fmt`: policies laid out in place; a policy with mistakes stays as it is.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

use super::{
    arguments::PolicyFmtArguments,
    compiled::show,
    difference::difference,
    exit::Failure,
    output::print,
    policies::{files, read, read_input},
    terminal::Terminal,
};
use crate::{
    limits::Limits,
    policy::{PolicyText, Unformatted, format},
};

/// The process's exit code where something would change.
const WOULD_CHANGE: u8 = 1;

pub(super) fn run(arguments: &PolicyFmtArguments, terminal: &Terminal) -> Result<u8, Failure> {
    let limit = Limits::default().document;
    let (mut changed, mut refused) = (0_usize, 0_usize);
    let (input, paths): (Vec<_>, Vec<_>) = arguments.paths.iter().cloned().partition(|path| path == "-");
    let only_shown = arguments.check || arguments.diff;
    if !input.is_empty() {
        let policy = read_input(limit)?;
        match laid_out(&policy, terminal) {
            None => refused += 1,
            Some(text) if only_shown => {
                changed += usize::from(text != policy.text);
                said(arguments, &policy, &text, terminal)?;
            }
            Some(text) => print(terminal, |out| out.write_all(text.as_bytes()))?,
        }
    }
    for path in files(&paths)? {
        let policy = read(&path, limit)?;
        match laid_out(&policy, terminal) {
            None => refused += 1,
            Some(text) if text == policy.text => {}
            Some(text) => {
                changed += 1;
                if !only_shown {
                    replace(&path, &text).map_err(|error| Failure::UnwrittenPolicy { path: path.clone(), error })?;
                }
                said(arguments, &policy, &text, terminal)?;
            }
        }
    }
    match refused {
        0 if only_shown && changed > 0 => Ok(WOULD_CHANGE),
        0 => Ok(0),
        files => Err(Failure::Unformatted { files }),
    }
}

/// The policy laid out; nothing where it has mistakes, which are shown.
fn laid_out(policy: &PolicyText, terminal: &Terminal) -> Option<String> {
    match format(policy) {
        Ok(text) => Some(text),
        Err(Unformatted::Mistakes(mistakes)) => {
            show(&mistakes, terminal);
            None
        }
        Err(Unformatted::WouldChange) => {
            terminal
                .say(&format!("`{}` cannot be laid out without changing what it says: please report this\n\n", policy.name));
            None
        }
    }
}

/// Says what has changed, or would.
fn said(arguments: &PolicyFmtArguments, policy: &PolicyText, text: &str, terminal: &Terminal) -> Result<(), Failure> {
    if *text == policy.text {
        return Ok(());
    }
    print(terminal, |out| {
        if arguments.diff {
            out.write_all(difference(&policy.name, &policy.text, text).as_bytes())
        } else {
            writeln!(out, "{}", policy.name)
        }
    })
}

/// Puts a text in the place of a file's: whoever reads the file meanwhile sees the old text or the new one, and a failure
/// leaves the old one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // The file that a link leads to, not the link.
    let path = fs::canonicalize(path)?;
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let written = write_new(&beside, &path, text).and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        // What is left there is ours, and of no use.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_new(beside: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(beside)?;
    file.set_permissions(fs::metadata(path)?.permissions())?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::replace;

    #[test]
    fn a_file_is_replaced_with_its_permissions_and_its_links() {
        let directory = tempfile::tempdir().expect("a directory");
        let (file, link) = (directory.path().join("a.douane"), directory.path().join("b.douane"));
        fs::write(&file, "old").expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("changed");
        std::os::unix::fs::symlink(&file, &link).expect("linked");
        replace(&link, "new").expect("replaced");
        assert_eq!(fs::read_to_string(&file).expect("read"), "new");
        assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(fs::read_dir(directory.path()).expect("a directory").count(), 2);
    }
}
