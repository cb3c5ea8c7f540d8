//! The given facts of a test to an inventory: the image, the system and what was not read; never anything of Python.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::{
    forms::{self, TOP},
    python::Draft,
    values::{Reader, Values, bare, listed},
};
use crate::{
    diagnostic::{Diagnostic, Severity},
    facts::{
        Binary, CondaPackage, EnvironmentValue, EnvironmentVariable, Fact, FilePath, FileType, Gap, HistoryEntry, Image,
        Interpreter, InterpreterSource, Inventory, Layer, Libc, Linkage, Mode, OperatingSystem, OsPackage, SCHEMA_VERSION,
        Target,
    },
    policy::syntax::{
        ast::{self, File, RecordFact, Region, Test},
        words::nearest,
    },
};

/// The platform of what is given where nothing says another.
const PLATFORM: &str = "linux/amd64";

/// The inventory that a test gives, and what is wrong with it.
pub(super) fn inventory(file: &File, test: &Test) -> (Inventory, Vec<Diagnostic>) {
    let mut world = World {
        reader: Reader { file, diagnostics: Vec::new() },
        inventory: empty(),
        environments: Vec::new(),
        first: BTreeMap::new(),
    };
    let records = world.records(&test.given, &TOP, "at the top");
    // What the image says of its platform holds for what stands before it too.
    let (whole, parts): (Vec<_>, Vec<_>) =
        records.iter().partition(|record| matches!(record.kind.text.as_str(), "target" | "image"));
    for record in whole.into_iter().chain(parts) {
        world.top(record);
    }
    world.finish()
}

fn empty() -> Inventory {
    Inventory {
        schema_version: SCHEMA_VERSION,
        target: Target { reference: "test".into(), source: "dir".into(), ..Target::default() },
        ..Inventory::default()
    }
}

/// What is given so far.
pub(super) struct World<'f> {
    pub(super) reader: Reader<'f>,
    pub(super) inventory: Inventory,
    /// The environments, the one that nobody named first where there is one.
    pub(super) environments: Vec<Draft>,
    /// Where facts stand of which there is one.
    first: BTreeMap<String, Region>,
}

impl World<'_> {
    /// The records of some facts, as far as they may stand here.
    pub(super) fn records(&mut self, facts: &[ast::Fact], allowed: &[&str], here: &str) -> Vec<RecordFact> {
        let mut records = Vec::new();
        for fact in facts {
            let record = match fact {
                ast::Fact::Record(record) => record.clone(),
                ast::Fact::Member(member) => match bare(member) {
                    Some(record) => record,
                    None => {
                        self.misplaced(member.region, "a member of a module stands in a `module`", here);
                        continue;
                    }
                },
                ast::Fact::Import(import) => {
                    self.misplaced(import.region, "an import stands in a `module`", here);
                    continue;
                }
            };
            let word = record.kind.text.as_str();
            if allowed.contains(&word) && forms::form(word).is_some() {
                records.push(record);
                continue;
            }
            let owners: Vec<&str> =
                forms::FORMS.iter().filter(|form| form.inside.contains(&word)).map(|form| form.word).collect();
            if forms::form(word).is_some() {
                let owners = listed(&owners).replace(", ", " or ");
                let place = match (TOP.contains(&word), owners.is_empty()) {
                    (true, true) => "at the top".to_owned(),
                    (true, false) => format!("at the top or in {owners}"),
                    (false, _) => format!("in {owners}"),
                };
                self.misplaced(record.kind.region, &format!("the fact `{word}` stands {place}"), here);
            } else {
                let help = match nearest(word, forms::FORMS.iter().map(|form| form.word)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("{here} can stand {}", listed(allowed)),
                };
                let message = format!("there is no fact `{word}`");
                self.reader.error(record.kind.region, "unknown-fact", message, "not known", help);
            }
        }
        records
    }

    /// Reports a fact that stands where it cannot.
    pub(super) fn misplaced(&mut self, region: Region, rule: &str, here: &str) {
        self.reader.error(region, "misplaced-fact", rule, format!("{here}, this says nothing"), "move it");
    }

    /// The settings of a fact; what may not stand in its braces is reported by whoever reads them.
    pub(super) fn values(&mut self, record: &RecordFact) -> Values {
        match forms::form(&record.kind.text) {
            Some(form) => {
                if form.inside.is_empty() && !record.facts.is_empty() {
                    let message = format!("nothing stands in a fact `{}`", form.word);
                    self.reader.error(record.region, "misplaced-fact", message, "holds facts", "remove the braces");
                }
                self.reader.values(record, form)
            }
            None => Values::default(),
        }
    }

    /// Notes a fact of which there is one; a second one is reported.
    pub(super) fn once(&mut self, scope: &str, what: &str, region: Region) {
        if let Some(first) = self.first.insert(format!("{scope} {what}"), region) {
            let diagnostic = Diagnostic::new("duplicate-name", Severity::Error, format!("the fact `{what}` is given twice"))
                .label(self.reader.file.span(region), "the second time")
                .context(self.reader.file.span(first), "the first time")
                .help("give it once");
            self.reader.diagnostics.push(diagnostic);
        }
    }

    fn platform(&self) -> String {
        self.inventory.target.platform.clone().unwrap_or_else(|| PLATFORM.into())
    }

    fn top(&mut self, record: &RecordFact) {
        match record.kind.text.as_str() {
            "target" => self.target(record),
            "image" => self.image(record),
            "layer" => self.layer(record),
            "os" => self.os(record),
            "os_package" => self.os_package(record),
            "conda_package" => self.conda_package(record),
            "binary" => self.binary(record),
            "file" => self.file(record),
            "interpreter" => self.interpreter(record),
            "gap" => self.gap(record),
            _ => self.python(record),
        }
    }

    fn target(&mut self, record: &RecordFact) {
        self.once("", "target", record.kind.region);
        let values = self.values(record);
        self.describe(&values);
        let target = &mut self.inventory.target;
        target.source = values.text("source").unwrap_or_else(|| target.source.clone());
        for part in self.records(&record.facts, &["env"], "in a target") {
            let variable = self.variable(&part);
            self.inventory.target.env.get_or_insert_default().push(variable);
        }
    }

    fn variable(&mut self, record: &RecordFact) -> EnvironmentVariable {
        let values = self.values(record);
        let (name, value) = (values.text("name").unwrap_or_default(), values.text("value").unwrap_or_default());
        let value = EnvironmentValue::new(&name, value);
        EnvironmentVariable { name, value }
    }

    /// What both the target and the image say of the whole.
    fn describe(&mut self, values: &Values) {
        let target = &mut self.inventory.target;
        target.reference = values.text("reference").unwrap_or_else(|| target.reference.clone());
        target.digest = values.optional("digest", target.digest.clone());
        target.platform = values.optional("platform", target.platform.clone());
    }

    fn image(&mut self, record: &RecordFact) {
        self.once("", "image", record.kind.region);
        if self.inventory.target.platform.is_none() {
            self.inventory.target.platform = Some(PLATFORM.into());
        }
        if self.inventory.target.source == "dir" {
            self.inventory.target.source = "oci".into();
        }
        let values = self.values(record);
        self.describe(&values);
        let user = values.text("user");
        let mut image = Image {
            uid: values.fact("uid", Values::number).unwrap_or_else(|| uid(user.as_deref())),
            user,
            labels: values.map("labels"),
            entrypoint: values.texts("entrypoint").unwrap_or_default(),
            cmd: values.texts("cmd").unwrap_or_default(),
            workdir: values.text("workdir"),
            exposed_ports: values.texts("exposed_ports").unwrap_or_default(),
            created: values.text("created"),
            ..Image::default()
        };
        for part in self.records(&record.facts, &["env", "label", "history"], "in an image") {
            match part.kind.text.as_str() {
                "env" => image.env.push(self.variable(&part)),
                "label" => {
                    let values = self.values(&part);
                    let value = values.text("value").unwrap_or_default();
                    image.labels.insert(values.text("name").unwrap_or_default(), value);
                }
                _ => {
                    let values = self.values(&part);
                    image.history.push(HistoryEntry {
                        created_by: values.text("created_by"),
                        empty_layer: values.truth("empty_layer").unwrap_or(false),
                        layer: values.number("layer"),
                    });
                }
            }
        }
        self.inventory.image = Some(image);
    }

    fn layer(&mut self, record: &RecordFact) {
        let values = self.values(record);
        let index = values.number("index").unwrap_or_else(|| u32::try_from(self.inventory.layers.len()).unwrap_or(u32::MAX));
        let digest = format!("sha256:{index:064x}");
        self.inventory.layers.push(Layer {
            index,
            digest: values.text("digest").unwrap_or_else(|| digest.clone()),
            diff_id: values.text("diff_id").unwrap_or(digest),
            size: values.number("size").unwrap_or(0),
            created_by: values.text("created_by"),
        });
    }

    fn os(&mut self, record: &RecordFact) {
        self.once("", "os", record.kind.region);
        let values = self.values(record);
        let id = values.text("id").unwrap_or_default();
        let version_id = values.text("version");
        let name = version_id.as_ref().map_or_else(|| id.clone(), |version| format!("{id} {version}"));
        let mut os = OperatingSystem {
            name: values.text("name").unwrap_or(name),
            libc: values.fact("libc", |_, _| None).unwrap_or_default(),
            id,
            version_id,
        };
        if let Some(libc) = self.libc(record, "os", "in an operating system") {
            os.libc = Fact::Known(libc);
        }
        self.inventory.os = Some(os);
    }

    /// The C library in the braces of a fact.
    fn libc(&mut self, record: &RecordFact, scope: &str, place: &str) -> Option<Libc> {
        let mut found = None;
        for part in self.records(&record.facts, &["libc"], place) {
            self.once(scope, "libc", part.kind.region);
            let values = self.values(&part);
            let name = values.text("name").unwrap_or_default();
            let path = if name == "musl" { "/lib/ld-musl-x86_64.so.1" } else { "/lib/x86_64-linux-gnu/libc.so.6" };
            found = Some(Libc {
                name,
                version: values.text_fact("version").unwrap_or_default(),
                path: values.text("path").unwrap_or_else(|| path.into()),
            });
        }
        found
    }

    fn os_package(&mut self, record: &RecordFact) {
        let values = self.values(record);
        self.inventory.os_packages.push(OsPackage {
            name: values.text("name").unwrap_or_default(),
            version: values.text("version").unwrap_or_else(|| "1".into()),
            architecture: values.optional("architecture", Some("amd64".into())),
            manager: values.text("manager").unwrap_or_else(|| "dpkg".into()),
            source: values.text("source"),
            license: values.text_fact("license").unwrap_or_default(),
            layer: values.number("layer"),
        });
    }

    fn conda_package(&mut self, record: &RecordFact) {
        let values = self.values(record);
        let name = values.text("name").unwrap_or_default();
        let version = values.text("version").unwrap_or_else(|| "1".into());
        let build = values.optional("build", Some("0".into()));
        let prefix = values.text("prefix").unwrap_or_else(|| "/opt/conda".into());
        let file = format!("{name}-{version}-{}", build.as_deref().unwrap_or("0"));
        self.inventory.conda_packages.push(CondaPackage {
            location: values.text("location").unwrap_or_else(|| format!("{prefix}/conda-meta/{file}.json")),
            channel: values.optional("channel", Some("https://conda.anaconda.org/conda-forge".into())),
            subdir: values.optional("subdir", Some("linux-64".into())),
            url: values.text("url"),
            license: values.text("license"),
            requires: values.texts("requires").unwrap_or_default(),
            requested: values.truth_fact("requested").unwrap_or_default(),
            layer: values.number("layer"),
            prefix,
            name,
            version,
            build,
        });
    }

    fn binary(&mut self, record: &RecordFact) {
        let values = self.values(record);
        self.inventory.binaries.push(Binary {
            path: values.text("path").unwrap_or_default(),
            platform: values.text("platform").unwrap_or_else(|| self.platform()),
            executable: values.truth("executable").unwrap_or(true),
            layer: values.number("layer"),
        });
    }

    fn file(&mut self, record: &RecordFact) {
        let values = self.values(record);
        let path = values.text("path").unwrap_or_default();
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let kind = match values.text("kind").as_deref() {
            Some("directory") => FileType::Directory,
            Some("symlink") => FileType::Symlink,
            Some("fifo") => FileType::Fifo,
            Some("character_device") => FileType::CharacterDevice,
            Some("block_device") => FileType::BlockDevice,
            None if values.has("target") => FileType::Symlink,
            _ => FileType::File,
        };
        let mode = match kind {
            FileType::Directory => 0o755,
            FileType::Symlink => 0o777,
            _ => 0o644,
        };
        let mode = match values.text("mode").map(|mode| (u16::from_str_radix(&mode, 8), mode)) {
            None => mode,
            Some((Ok(bits), text)) if bits <= 0o7777 && !text.starts_with('+') => bits,
            Some((_, text)) => {
                let message = format!("\"{text}\" is no mode");
                self.reader.error(record.region, "unknown-value", message, "holds it", "write four octal digits: \"0755\"");
                mode
            }
        };
        self.inventory.files.push(crate::facts::File {
            path: FilePath::new(directory.into(), name),
            kind,
            size: values.number("size").unwrap_or(0),
            mode: Mode(mode),
            uid: values.number("uid").unwrap_or(0),
            gid: values.number("gid").unwrap_or(0),
            target: values.text("target").map(Into::into),
            os_package: values.text("os_package").map(Into::into),
            layer: values.number("layer"),
        });
    }

    fn interpreter(&mut self, record: &RecordFact) {
        let values = self.values(record);
        let implementation = values.text("implementation").unwrap_or_else(|| "CPython".into());
        let version = values.text_fact("version");
        let version = version.unwrap_or_else(|| Fact::Unknown("the test does not say which version it is".into()));
        let name = if implementation == "PyPy" { "pypy" } else { "python" };
        let minor = version.known().map(|version| version.split('.').take(2).collect::<Vec<_>>().join("."));
        let path = format!("/usr/bin/{name}{}", minor.unwrap_or_else(|| "3".into()));
        let os_package = values.text("os_package");
        let conda_package = values.text("conda_package");
        let brought = os_package.as_ref().map(|_| InterpreterSource::OsPackage);
        let brought = brought.or(conda_package.as_ref().map(|_| InterpreterSource::Conda)).map(Fact::Known);
        let not_said = |what: &str| SmolStr::from(format!("the test does not say {what}"));
        let tag = || Fact::Unknown("the test does not say which extension modules it loads".into());
        let libc = self.libc(record, &format!("interpreter {}", self.inventory.interpreters.len()), "in an interpreter");
        self.inventory.interpreters.push(Interpreter {
            path: values.text("path").unwrap_or(path),
            aliases: values.texts("aliases").unwrap_or_default(),
            language: values.text("language").unwrap_or_else(|| "python".into()),
            implementation,
            version,
            implementation_version: values.text_fact("implementation_version").unwrap_or_default(),
            platform: values.text("platform").unwrap_or_else(|| self.platform()),
            debug: values.truth_fact("debug").unwrap_or(Fact::Known(false)),
            free_threaded: values.truth_fact("free_threaded").unwrap_or(Fact::Known(false)),
            abi: values.text_fact("abi").unwrap_or_else(tag),
            soabi: values.text_fact("soabi").unwrap_or_else(tag),
            linkage: values
                .fact("linkage", |values, name| Linkage::of(&values.text(name)?))
                .unwrap_or_else(|| Fact::Unknown(not_said("how it is linked"))),
            libc: libc
                .map(Fact::Known)
                .or_else(|| values.fact("libc", |_, _| None))
                .unwrap_or_else(|| Fact::Unknown(not_said("which C library it runs with"))),
            source: values
                .fact("source", |values, name| InterpreterSource::of(&values.text(name)?))
                .or(brought)
                .unwrap_or_else(|| Fact::Unknown(not_said("what brought it"))),
            os_package,
            conda_package,
            layer: values.number("layer"),
        });
    }

    fn gap(&mut self, record: &RecordFact) {
        let values = self.values(record);
        self.inventory.gaps.push(Gap {
            place: values.text("place").unwrap_or_else(|| "/".into()),
            code: values.text("code").unwrap_or_else(|| "unread".into()),
            reason: values.text("reason").unwrap_or_else(|| "the test says so".into()),
            layer: values.number("layer"),
        });
    }
}

/// The numeric user of a `USER`: a number, or root; any other name is one that no file names.
fn uid(user: Option<&str>) -> Fact<u64> {
    let name = user.map(|user| user.split(':').next().unwrap_or_default());
    match name {
        None | Some("" | "root") => Fact::Known(0),
        Some(name) => match name.parse() {
            Ok(number) => Fact::Known(number),
            Err(_) => Fact::Unknown(format!("no file says who the user `{name}` is: set `uid`").into()),
        },
    }
}
