//! Which Python the image's entry point starts, and the directory that it puts first; never what the program does.
//!
//! Wrappers that only start another program (`sh -c`, `env`, `tini`...) are looked through. A shell script is taken to end in
//! `exec "$@"`, as entry point scripts do: what it would start is what follows it.

use crate::{
    extract::FileFacts,
    filesystem::{NodeId, Tree},
    image::ImagePath,
};

use super::context::Context;

/// Most programs that are looked through.
const STEPS: usize = 8;

/// Directories in which nobody keeps the modules of an application.
const SYSTEM: [&str; 10] = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev", "/run"];

/// Programs that start the program in their arguments, and how many words of their own they take first.
const WRAPPERS: [(&str, usize); 8] =
    [("env", 0), ("tini", 0), ("tini-static", 0), ("dumb-init", 0), ("exec", 0), ("nohup", 0), ("gosu", 1), ("su-exec", 1)];

/// How the image starts Python.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntryPoint {
    /// The interpreter under the name by which it is started, which decides the environment.
    pub(crate) executable: ImagePath,
    /// `sys.path[0]`, where an application may keep its modules.
    pub(crate) script_directory: Option<ImagePath>,
}

/// What the image starts, where that is Python. `is_interpreter` knows the nodes of interpreters.
pub(crate) fn entry_point(tree: &Tree, context: &Context<'_>, is_interpreter: impl Fn(NodeId) -> bool) -> Option<EntryPoint> {
    let image = context.image?;
    let mut words: Vec<String> = image.entrypoint.iter().chain(&image.cmd).cloned().collect();
    for _ in 0..STEPS {
        let program = words.first()?.clone();
        let arguments = words.split_off(1);
        let path = find_program(tree, context, &program)?;
        let resolved = tree.resolve(&path).ok()?;
        if is_interpreter(resolved.node) {
            let script_directory = first_entry(tree, context, &arguments);
            return Some(EntryPoint { executable: path, script_directory });
        }
        words = match &tree.node(resolved.node).facts {
            Some(FileFacts::Script(line)) => after_script(line, &path, arguments),
            // The interpreter line of a source is not kept; `env python3` is what nearly all have.
            Some(FileFacts::Python(_)) => ["python3".to_owned(), path.to_string()].into_iter().chain(arguments).collect(),
            _ => after_program(&program, arguments)?,
        };
    }
    None
}

/// The program by path, relative to the working directory, or by `PATH`.
fn find_program(tree: &Tree, context: &Context<'_>, program: &str) -> Option<ImagePath> {
    let working_directory = ImagePath::new(context.working_directory())?;
    if program.contains('/') {
        return Some(working_directory.join(program));
    }
    context.search_path().map(|directory| working_directory.join(directory).join(program)).find(|path| {
        tree.resolve(path).is_ok_and(|resolved| {
            let node = tree.node(resolved.node);
            node.is_file() && node.mode & 0o111 != 0
        })
    })
}

/// What a script's interpreter line makes of the words.
fn after_script(line: &str, script: &ImagePath, arguments: Vec<String>) -> Vec<String> {
    let line = line.trim();
    let (interpreter, options) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let name = interpreter.rsplit('/').next().unwrap_or_default();
    if is_shell(name) {
        return arguments;
    }
    let options = options.trim();
    // The kernel passes all after the interpreter as one word; only `env -S` splits it.
    let options = match options.strip_prefix("-S") {
        Some(split) if name == "env" => split.split_whitespace().map(str::to_owned).collect(),
        _ if options.is_empty() => Vec::new(),
        _ => vec![options.to_owned()],
    };
    [interpreter.to_owned()].into_iter().chain(options).chain([script.to_string()]).chain(arguments).collect()
}

/// What a wrapper would start; nothing for any other program.
fn after_program(program: &str, arguments: Vec<String>) -> Option<Vec<String>> {
    let name = program.rsplit('/').next().unwrap_or_default();
    if is_shell(name) {
        let command = arguments.iter().position(|argument| argument == "-c" || argument == "-ec" || argument == "-lc")?;
        return Some(last_command(arguments.get(command + 1)?));
    }
    let (_, own) = WRAPPERS.iter().find(|(wrapper, _)| *wrapper == name)?;
    let rest = arguments.into_iter().skip_while(|argument| argument.starts_with('-') || is_assignment(argument)).skip(*own);
    Some(rest.collect())
}

fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "dash" | "ash" | "busybox" | "zsh" | "ksh")
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|character| character == '_' || character.is_ascii_alphanumeric())
    })
}

/// The words of a shell line's last command, without `exec` and assignments before it.
fn last_command(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for raw in line.split_whitespace() {
        if matches!(raw, "&&" | "||" | "|" | ";") {
            words.clear();
            continue;
        }
        let word = raw.trim_end_matches(';').trim_matches(['"', '\'']);
        if !(words.is_empty() && (word == "exec" || is_assignment(word))) {
            words.push(word.to_owned());
        }
        if raw.ends_with(';') {
            words.clear();
        }
    }
    words
}

/// `sys.path[0]` by the interpreter's arguments.
fn first_entry(tree: &Tree, context: &Context<'_>, arguments: &[String]) -> Option<ImagePath> {
    let working_directory = ImagePath::new(context.working_directory())?;
    let mut safe = context.variable("PYTHONSAFEPATH").is_some();
    let mut entry = Some(working_directory.clone());
    let mut rest = arguments.iter();
    'arguments: while let Some(argument) = rest.next() {
        let Some(letters) = argument.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            if argument != "-" {
                entry = script_directory(tree, &working_directory.join(argument));
            }
            break;
        };
        if letters.starts_with('-') {
            continue;
        }
        for (position, letter) in letters.char_indices() {
            match letter {
                'm' | 'c' => break 'arguments,
                'P' | 'I' => safe = true,
                'W' | 'X' => {
                    if position + 1 == letters.len() {
                        rest.next();
                    }
                    break;
                }
                _ => {}
            }
        }
    }
    entry.filter(|entry| !safe && !is_system(entry))
}

/// The directory of a script, links followed; a directory that is run is its own.
fn script_directory(tree: &Tree, script: &ImagePath) -> Option<ImagePath> {
    let resolved = tree.resolve(script).ok()?;
    if tree.node(resolved.node).is_directory() {
        return Some(resolved.path);
    }
    resolved.path.parent()
}

fn is_system(directory: &ImagePath) -> bool {
    let is_programs = directory.file_name() == b"bin" || directory.file_name() == b"sbin";
    let is_below = |system: &str| ImagePath::new(system).is_some_and(|system| directory.starts_with(&system));
    directory.is_root() || is_programs || SYSTEM.into_iter().any(is_below)
}

#[cfg(test)]
mod tests {
    use super::entry_point;
    use crate::{
        facts::{EnvironmentValue, EnvironmentVariable, Image},
        introspect::{Context, test_tree::TestTree},
    };

    fn start(entrypoint: &[&str], cmd: &[&str]) -> Option<(String, Option<String>)> {
        let mut tree = TestTree::new();
        let python = tree.elf("/usr/bin/python3.11", TestTree::cpython_facts("3.11.2"));
        tree.symlink("/opt/venv/bin/python", "/usr/bin/python3.11");
        tree.elf("/bin/sh", crate::extract::ElfFacts::default());
        tree.elf("/usr/bin/env", crate::extract::ElfFacts::default());
        tree.script("/opt/venv/bin/gunicorn", "/opt/venv/bin/python");
        tree.script("/srv/run", "/usr/bin/env python");
        tree.script("/entrypoint.sh", "/bin/sh -e");
        tree.text("/srv/app/main.py", "");
        let image = Image {
            entrypoint: entrypoint.iter().map(|word| (*word).to_owned()).collect(),
            cmd: cmd.iter().map(|word| (*word).to_owned()).collect(),
            workdir: Some("/srv".to_owned()),
            env: vec![EnvironmentVariable {
                name: "PATH".to_owned(),
                value: EnvironmentValue::new("PATH", "/opt/venv/bin:/usr/bin:/bin"),
            }],
            ..Image::default()
        };
        let context = Context { image: Some(&image), platform: None };
        let found = entry_point(tree.tree(), &context, |node| node == python)?;
        Some((found.executable.to_string(), found.script_directory.map(|directory| directory.to_string())))
    }

    fn started(executable: &str, directory: Option<&str>) -> Option<(String, Option<String>)> {
        Some((executable.to_owned(), directory.map(str::to_owned)))
    }

    #[test]
    fn module_and_script_put_their_directories_first() {
        assert_eq!(start(&["/opt/venv/bin/python", "-m", "shop"], &[]), started("/opt/venv/bin/python", Some("/srv")));
        assert_eq!(start(&["python"], &["-u", "app/main.py"]), started("/opt/venv/bin/python", Some("/srv/app")));
        assert_eq!(start(&["python", "-I", "app/main.py"], &[]), started("/opt/venv/bin/python", None));
    }

    #[test]
    fn interpreter_lines_are_followed() {
        assert_eq!(start(&["gunicorn"], &["shop:app"]), started("/opt/venv/bin/python", None));
        assert_eq!(start(&["/srv/run"], &[]), started("/opt/venv/bin/python", Some("/srv")));
    }

    #[test]
    fn shells_and_wrappers_are_looked_through() {
        let expected = started("/opt/venv/bin/python", Some("/srv/app"));
        assert_eq!(start(&["/bin/sh", "-c"], &["cd /srv && A=1 exec python app/main.py"]), expected);
        assert_eq!(start(&["/entrypoint.sh"], &["env", "A=1", "python", "app/main.py"]), expected);
    }

    #[test]
    fn what_is_no_python_is_none() {
        assert_eq!(start(&["/bin/sh"], &[]), None);
        assert_eq!(start(&["/missing"], &[]), None);
    }
}
