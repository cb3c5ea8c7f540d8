//! Why an import may lead nowhere: names of other platforms and of other versions of Python; never whether a module is there.

use super::{Import, ImportKind};

/// Why an import leads nowhere. The first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unresolved {
    /// The module is there on another operating system only (`winreg`).
    OtherPlatform,
    /// The module is in the standard library of other versions only (`urllib2`, `distutils`, `tomllib`).
    OtherVersion,
    /// Only a type checker sees the import.
    TypeChecking,
    /// The import may fail: it stands in a `try` that catches `ImportError`.
    Optional,
    /// None of these: nothing provides the module.
    NotInstalled,
}

/// Modules of the standard library, of pywin32 and of PyObjC that only one operating system has.
const OTHER_PLATFORMS: [&str; 27] = [
    "AppKit",
    "Foundation",
    "_msi",
    "_overlapped",
    "_scproxy",
    "_winapi",
    "_winreg",
    "_wmi",
    "msilib",
    "msvcrt",
    "nt",
    "objc",
    "pythoncom",
    "pywintypes",
    "win32api",
    "win32com",
    "win32con",
    "win32event",
    "win32file",
    "win32gui",
    "win32pipe",
    "win32process",
    "win32security",
    "win32service",
    "win32serviceutil",
    "winreg",
    "winsound",
];

/// Modules that came to the standard library of Python 3, or went from it (What's New of 3.3 to 3.14).
const OTHER_VERSIONS: [&str; 42] = [
    "_bootlocale",
    "_dummy_thread",
    "aifc",
    "annotationlib",
    "asynchat",
    "asyncore",
    "audioop",
    "binhex",
    "cgi",
    "cgitb",
    "chunk",
    "compression",
    "contextvars",
    "crypt",
    "dataclasses",
    "distutils",
    "dummy_threading",
    "formatter",
    "graphlib",
    "imghdr",
    "imp",
    "lib2to3",
    "macpath",
    "mailcap",
    "nis",
    "nntplib",
    "ossaudiodev",
    "parser",
    "pipes",
    "smtpd",
    "sndhdr",
    "spwd",
    "sunau",
    "symbol",
    "telnetlib",
    "tomllib",
    "uu",
    "xdrlib",
    "zoneinfo",
    "asyncio",
    "enum",
    "pathlib",
];

/// Top-level modules of Python 2 that Python 3 calls otherwise or lacks (`lib2to3.fixes.fix_imports`, PEP 3108).
const PYTHON_2: [&str; 60] = [
    "BaseHTTPServer",
    "CGIHTTPServer",
    "Canvas",
    "ConfigParser",
    "Cookie",
    "Dialog",
    "FileDialog",
    "HTMLParser",
    "Queue",
    "ScrolledText",
    "SimpleDialog",
    "SimpleHTTPServer",
    "SimpleXMLRPCServer",
    "SocketServer",
    "StringIO",
    "Tix",
    "Tkconstants",
    "Tkdnd",
    "Tkinter",
    "UserDict",
    "UserList",
    "UserString",
    "__builtin__",
    "_abcoll",
    "anydbm",
    "bsddb",
    "cPickle",
    "cStringIO",
    "commands",
    "compiler",
    "cookielib",
    "copy_reg",
    "dbhash",
    "dircache",
    "dl",
    "dumbdbm",
    "dummy_thread",
    "exceptions",
    "future_builtins",
    "gdbm",
    "hotshot",
    "htmlentitydefs",
    "htmllib",
    "httplib",
    "ihooks",
    "imputil",
    "md5",
    "mhlib",
    "mimetools",
    "new",
    "popen2",
    "rfc822",
    "robotparser",
    "sets",
    "sha",
    "sgmllib",
    "thread",
    "urllib2",
    "urlparse",
    "xmlrpclib",
];

impl Unresolved {
    /// The words for them, as policies spell them.
    pub(crate) const WORDS: &'static [&'static str] =
        &["other_platform", "other_version", "type_checking", "optional", "not_installed"];

    /// Why an import of this name leads nowhere, given that it does.
    pub(crate) fn why(target: &str, import: &Import) -> Self {
        let top = target.split('.').next().unwrap_or_default();
        if OTHER_PLATFORMS.contains(&top) {
            Self::OtherPlatform
        } else if OTHER_VERSIONS.contains(&top) || PYTHON_2.contains(&top) {
            Self::OtherVersion
        } else {
            match import.kind {
                ImportKind::TypeChecking => Self::TypeChecking,
                ImportKind::Guarded => Self::Optional,
                _ => Self::NotInstalled,
            }
        }
    }

    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::OtherPlatform => "other_platform",
            Self::OtherVersion => "other_version",
            Self::TypeChecking => "type_checking",
            Self::Optional => "optional",
            Self::NotInstalled => "not_installed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{OTHER_PLATFORMS, OTHER_VERSIONS, PYTHON_2, Unresolved};
    use crate::facts::{ImportKind, edge_fixtures::import};

    #[test]
    fn platform_and_version_come_before_how_it_is_imported() {
        let why = |target: &str, kind| Unresolved::why(target, &super::Import { kind, ..import(0, target, &[]) }).word();
        assert_eq!(why("winreg", ImportKind::Guarded), "other_platform");
        assert_eq!(why("distutils.core", ImportKind::Guarded), "other_version");
        assert_eq!(why("simplejson", ImportKind::Guarded), "optional");
        assert_eq!(why("numpy.typing", ImportKind::TypeChecking), "type_checking");
        assert_eq!(why("yaml", ImportKind::Function), "not_installed");
    }

    #[test]
    fn no_name_is_listed_twice() {
        let mut names: Vec<&str> = [&OTHER_PLATFORMS[..], &OTHER_VERSIONS, &PYTHON_2].concat();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
