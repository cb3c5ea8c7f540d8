//! Which Python the image's entry point starts, and the directory that it puts first; never what the program does.
//!
//! Wrappers that only start another program (`sh -c`, `env`, `tini`...) are looked through. A shell script is taken to end in
//! `exec "$@"`, as entry point scripts do: what it would start is what follows it. Where all this leads to no Python, the
//! image's Python is taken to work in the working directory: to leave the application's modules out would be worse.

use crate::{
    extract::FileFacts,
    filesystem::{NodeId, Tree},
    image::ImagePath,
};

use super::context::Context;

/// Most programs that are looked through.
const STEPS: usize = 8;

/// Directories below which nobody keeps the modules of an application.
const SYSTEM: [&str; 9] = ["/bin", "/sbin", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev", "/run"];

/// Directories in which nobody does, though below them one may (`/usr/src/app`).
const SHARED: [&str; 8] =
    ["/usr", "/usr/include", "/usr/lib", "/usr/lib64", "/usr/share", "/usr/local", "/usr/local/lib", "/usr/local/share"];

/// Programs that start the program in their arguments, and how many words of their own they take first.
const WRAPPERS: [(&str, usize); 8] =
    [("env", 0), ("tini", 0), ("tini-static", 0), ("dumb-init", 0), ("exec", 0), ("nohup", 0), ("gosu", 1), ("su-exec", 1)];

/// Options of servers that name another directory for the application: gunicorn's and uvicorn's.
const DIRECTORY_OPTIONS: [&str; 2] = ["--chdir", "--app-dir"];

/// Endings of archives that Python runs, and puts first on the path themselves.
const ARCHIVES: [&[u8]; 5] = [b".pyz", b".pyzw", b".pex", b".zip", b".egg"];

/// How the image starts Python.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntryPoint {
    /// The interpreter under the name by which it is started, which decides the environment.
    pub(crate) executable: ImagePath,
    /// `sys.path[0]`, where an application may keep its modules; an archive where one is run.
    pub(crate) script_directory: Option<ImagePath>,
    /// The file that runs as `__main__`, where it is no installed program.
    pub(crate) script: Option<ImagePath>,
    /// The words after the interpreter.
    pub(crate) arguments: Vec<String>,
    /// A shell script that was looked through: it may start more than what follows it.
    pub(crate) through: Option<ImagePath>,
    /// Whether the image's own words lead here, rather than there being no other Python that they could mean.
    pub(crate) sure: bool,
}

/// What the image starts, where that is Python. `is_interpreter` knows the nodes of interpreters.
pub(crate) fn entry_point(tree: &Tree, context: &Context<'_>, is_interpreter: impl Fn(NodeId) -> bool) -> Option<EntryPoint> {
    let image = context.image?;
    let directory = ImagePath::new(context.working_directory())?;
    let words: Vec<String> = image.entrypoint.iter().chain(&image.cmd).cloned().collect();
    let start = Start { tree, context, directory: directory.clone() };
    start.follow(words, &is_interpreter).or_else(|| {
        let start = Start { tree, context, directory: directory.clone() };
        let beside = [directory.join(".venv/bin/python"), directory.join("venv/bin/python")];
        let on_path = ["python", "python3"].into_iter().filter_map(|name| start.find_program(name));
        let starts = |path: &ImagePath| tree.resolve(path).is_ok_and(|resolved| is_interpreter(resolved.node));
        let executable = beside.into_iter().chain(on_path).find(starts)?;
        // All images have a root directory: only a working directory that somebody chose says anything.
        let script_directory = Some(directory).filter(|directory| !directory.is_root() && !is_system(directory));
        Some(EntryPoint { executable, script_directory, script: None, arguments: Vec::new(), through: None, sure: false })
    })
}

/// A process that is being started.
struct Start<'a> {
    tree: &'a Tree,
    context: &'a Context<'a>,
    /// Where it works.
    directory: ImagePath,
}

impl Start<'_> {
    fn follow(mut self, mut words: Vec<String>, is_interpreter: &impl Fn(NodeId) -> bool) -> Option<EntryPoint> {
        let mut through = None;
        for _ in 0..STEPS {
            let program = words.first()?.clone();
            let arguments = words.split_off(1);
            let path = self.find_program(&program)?;
            let resolved = self.tree.resolve(&path).ok()?;
            if is_interpreter(resolved.node) {
                let (script_directory, script) = self.first_entry(&arguments);
                return Some(EntryPoint { executable: path, script_directory, script, arguments, through, sure: true });
            }
            let facts = self.tree.node(resolved.node).facts.as_ref();
            let line = match facts {
                Some(FileFacts::Script(line)) => Some(line),
                Some(FileFacts::Zip(archive)) => archive.interpreter.as_ref(),
                _ => None,
            };
            words = match (facts, line) {
                (_, Some(line)) => {
                    if starts_shell(line) {
                        through = Some(path.clone());
                    }
                    after_script(line, &path, arguments)
                }
                // The interpreter line of a source is not kept; `env python3` is what nearly all have.
                (Some(FileFacts::Python(_)), _) => {
                    ["python3".to_owned(), path.to_string()].into_iter().chain(arguments).collect()
                }
                _ => self.after_program(&program, arguments)?,
            };
        }
        None
    }

    /// The program by path, relative to the working directory, or by `PATH`.
    fn find_program(&self, program: &str) -> Option<ImagePath> {
        if program.contains('/') {
            return Some(self.directory.join(program));
        }
        self.context.search_path().map(|directory| self.directory.join(directory).join(program)).find(|path| {
            self.tree.resolve(path).is_ok_and(|resolved| {
                let node = self.tree.node(resolved.node);
                node.is_file() && node.mode & 0o111 != 0
            })
        })
    }

    /// What a wrapper would start; nothing for any other program.
    fn after_program(&mut self, program: &str, arguments: Vec<String>) -> Option<Vec<String>> {
        let name = program.rsplit('/').next().unwrap_or_default();
        if is_shell(name) {
            let is_command = |word: &String| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
            let command = arguments.iter().position(is_command)?;
            return Some(self.last_command(arguments.get(command + 1)?));
        }
        let (_, own) = WRAPPERS.iter().find(|(wrapper, _)| *wrapper == name)?;
        let rest = arguments.into_iter().skip_while(|argument| argument.starts_with('-') || is_assignment(argument)).skip(*own);
        Some(rest.collect())
    }

    /// The words of a shell line's last command, without `exec` and assignments before it; `cd` before it is followed.
    fn last_command(&mut self, line: &str) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for raw in line.split_whitespace() {
            let is_separator = matches!(raw, "&&" | "||" | "|" | ";");
            let word = raw.trim_end_matches(';').trim_matches(['"', '\'']);
            if !is_separator && !(words.is_empty() && (word == "exec" || is_assignment(word))) {
                words.push(word.to_owned());
            }
            if is_separator || raw.ends_with(';') {
                if let [command, directory] = words.as_slice()
                    && command == "cd"
                {
                    self.directory = self.directory.join(directory);
                }
                words.clear();
            }
        }
        words
    }

    /// `sys.path[0]` by the interpreter's arguments, and the script among them.
    fn first_entry(&self, arguments: &[String]) -> (Option<ImagePath>, Option<ImagePath>) {
        let mut safe = self.context.variable("PYTHONSAFEPATH").is_some();
        let mut entry = Some(self.directory.clone());
        let mut script = None;
        let mut rest = arguments.iter();
        'arguments: while let Some(argument) = rest.next() {
            let Some(letters) = argument.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
                if argument != "-" {
                    let found = self.tree.resolve(&self.directory.join(argument)).ok().map(|resolved| resolved.path);
                    let directory = found.as_ref().and_then(|file| self.script_directory(file));
                    if directory.as_ref().is_some_and(is_programs) {
                        return (self.of_program(rest), None);
                    }
                    script = found.filter(|file| directory.as_ref() != Some(file));
                    entry = directory;
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
        (entry.filter(|entry| !safe && !is_system(entry)), script)
    }

    /// Where an installed program finds the application: servers and task queues put the working directory first themselves.
    fn of_program<'w>(&self, mut arguments: impl Iterator<Item = &'w String>) -> Option<ImagePath> {
        let mut directory = self.directory.clone();
        while let Some(argument) = arguments.next() {
            let (option, value) = argument.split_once('=').map_or((argument.as_str(), None), |(name, rest)| (name, Some(rest)));
            if DIRECTORY_OPTIONS.contains(&option)
                && let Some(value) = value.or_else(|| arguments.next().map(String::as_str))
            {
                directory = self.directory.join(value);
            }
        }
        Some(directory).filter(|directory| !is_system(directory))
    }

    /// The directory of a script; a directory or an archive that is run is its own.
    fn script_directory(&self, script: &ImagePath) -> Option<ImagePath> {
        let is_directory = self.tree.get(script).is_some_and(|id| self.tree.node(id).is_directory());
        if is_directory || ARCHIVES.iter().any(|ending| script.file_name().ends_with(ending)) {
            return Some(script.clone());
        }
        script.parent()
    }
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

/// Whether an interpreter line is a shell's.
fn starts_shell(line: &str) -> bool {
    let interpreter = line.trim().split([' ', '\t']).next().unwrap_or_default();
    is_shell(interpreter.rsplit('/').next().unwrap_or_default())
}

fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "dash" | "ash" | "busybox" | "zsh" | "ksh")
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|character| character == '_' || character.is_ascii_alphanumeric())
    })
}

fn is_programs(directory: &ImagePath) -> bool {
    directory.file_name() == b"bin" || directory.file_name() == b"sbin"
}

fn is_system(directory: &ImagePath) -> bool {
    let is_below = |system: &str| ImagePath::new(system).is_some_and(|system| directory.starts_with(&system));
    let is_shared = SHARED.iter().any(|shared| directory.as_bytes() == shared.as_bytes());
    is_programs(directory) || is_shared || SYSTEM.into_iter().any(is_below)
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
        tree.text("/usr/src/app/main.py", "");
        tree.text("/main.py", "");
        tree.text("/srv/tool.pyz", "");
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
        let context = Context { image: Some(&image), platform: None, ..Context::default() };
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
        assert_eq!(start(&["gunicorn"], &["shop:app"]), started("/opt/venv/bin/python", Some("/srv")));
        assert_eq!(start(&["/srv/run"], &[]), started("/opt/venv/bin/python", Some("/srv")));
    }

    #[test]
    fn shells_and_wrappers_are_looked_through() {
        let expected = started("/opt/venv/bin/python", Some("/srv/app"));
        assert_eq!(start(&["/bin/sh", "-c"], &["cd /srv && A=1 exec python app/main.py"]), expected);
        assert_eq!(start(&["/entrypoint.sh"], &["env", "A=1", "python", "app/main.py"]), expected);
    }

    #[test]
    fn installed_programs_look_for_the_application_where_they_work() {
        let python = "/opt/venv/bin/python";
        assert_eq!(start(&["gunicorn"], &["--chdir", "app", "main:app"]), started(python, Some("/srv/app")));
        assert_eq!(start(&["sh", "-ec"], &["cd app && exec gunicorn main:app"]), started(python, Some("/srv/app")));
    }

    #[test]
    fn applications_live_below_usr_and_at_the_root_too() {
        assert_eq!(start(&["python", "/usr/src/app/main.py"], &[]), started("/opt/venv/bin/python", Some("/usr/src/app")));
        assert_eq!(start(&["python", "/main.py"], &[]), started("/opt/venv/bin/python", Some("/")));
    }

    #[test]
    fn an_archive_is_its_own_first_entry() {
        assert_eq!(start(&["python", "tool.pyz"], &[]), started("/opt/venv/bin/python", Some("/srv/tool.pyz")));
    }

    #[test]
    fn what_starts_no_python_that_is_seen_leaves_the_one_on_path_in_the_working_directory() {
        for words in [&["/bin/sh"][..], &["/missing"], &["/entrypoint.sh"], &[]] {
            assert_eq!(start(words, &[]), started("/opt/venv/bin/python", Some("/srv")), "{words:?}");
        }
    }
}
