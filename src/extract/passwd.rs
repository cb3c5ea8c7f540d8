//! `/etc/passwd`: users (passwd(5)); never passwords.

use super::text::{lines, text};

/// One user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswdEntry {
    /// Login name.
    pub name: String,
    /// User number.
    pub uid: u64,
    /// Primary group.
    pub gid: u64,
    /// Home directory.
    pub home: String,
    /// Login shell.
    pub shell: String,
}

/// The users in order; lines with too few fields or without numbers are left out, as the C library leaves them out.
pub fn passwd(bytes: &[u8]) -> Vec<PasswdEntry> {
    let text = text(bytes);
    let entries = lines(&text).filter_map(|line| {
        let [name, _, uid, gid, _, home, shell] = *line.splitn(7, ':').collect::<Vec<_>>() else { return None };
        if name.is_empty() || name.starts_with(['#', '+', '-']) {
            return None;
        }
        let (uid, gid) = (uid.parse().ok()?, gid.parse().ok()?);
        Some(PasswdEntry { name: name.to_owned(), uid, gid, home: home.to_owned(), shell: shell.trim_end().to_owned() })
    });
    entries.collect()
}

#[cfg(test)]
mod tests {
    use super::{PasswdEntry, passwd};

    #[test]
    fn reads_users_and_leaves_out_broken_lines() {
        let users =
            passwd(b"root:x:0:0:root:/root:/bin/sh\nbroken:x:1\n+nis::::::\n# c\nx:y:z:0:::\napp:x:1000:1001::/home/app:\n");
        let root = PasswdEntry { name: "root".into(), uid: 0, gid: 0, home: "/root".into(), shell: "/bin/sh".into() };
        let app = PasswdEntry { name: "app".into(), uid: 1000, gid: 1001, home: "/home/app".into(), shell: String::new() };
        assert_eq!(users, [root, app]);
    }
}
