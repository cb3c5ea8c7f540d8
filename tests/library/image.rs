//! Cases of `policies/image.douane`.

use douane::facts::{Fact, Inventory};

use crate::{
    Case,
    Expected::{Accepted, NotJudged, OpenAndFailing, Rejected},
    case,
    facts::{clean, in_a_directory, on_a_machine, variable, with},
};

fn user(user: Option<&str>, uid: Fact<u64>) -> Inventory {
    with(|inventory| {
        if let Some(image) = &mut inventory.image {
            (image.user, image.uid) = (user.map(str::to_owned), uid);
        }
    })
}

fn set(name: &str, value: &str) -> Inventory {
    with(|inventory| {
        if let Some(image) = &mut inventory.image {
            image.env.push(variable(name, value));
        }
    })
}

fn for_platform(platform: Option<&str>) -> Inventory {
    with(|inventory| inventory.target.platform = platform.map(str::to_owned))
}

pub fn cases() -> Vec<Case> {
    [not_root(), no_secrets(), names_its_source(), deployed_platform()].into_iter().flatten().collect()
}

fn not_root() -> Vec<Case> {
    const RULE: &str = "douane.image/not-root";
    const ROOT: &[&str] = &["the image runs as root (uid 0)"];
    vec![
        case(RULE, "a numeric user passes", clean(), Accepted),
        case(RULE, "a name that /etc/passwd knows passes", user(Some("app"), Fact::Known(1000)), Accepted),
        case(RULE, "without `USER` it is root", user(None, Fact::Known(0)), Rejected(ROOT)),
        case(RULE, "another name for uid 0 is root", user(Some("toor"), Fact::Known(0)), Rejected(ROOT)),
        case(
            RULE,
            "a name that /etc/passwd does not know may be root, and fails",
            user(Some("app"), Fact::Unknown("the user `app` is not in /etc/passwd".into())),
            OpenAndFailing(&["it is not known whether `image.user.uid != 0` holds"]),
        ),
        case(RULE, "a machine has no user of an image", on_a_machine(clean()), NotJudged),
        case(RULE, "nor has a directory", in_a_directory(clean()), NotJudged),
    ]
}

fn no_secrets() -> Vec<Case> {
    const RULE: &str = "douane.image/no-secrets-in-env";
    vec![
        case(RULE, "PATH is no secret", clean(), Accepted),
        case(
            RULE,
            "GPG_KEY, which Python's images have, is no secret",
            set("GPG_KEY", "7169605F62C751356D054A26A821E680E5FA6305"),
            Accepted,
        ),
        case(
            RULE,
            "a password fails",
            set("POSTGRES_PASSWORD", "hunter2"),
            Rejected(&["the variable POSTGRES_PASSWORD has a value in the image's configuration"]),
        ),
        case(
            RULE,
            "a token fails",
            set("GITHUB_TOKEN", "ghp_x"),
            Rejected(&["the variable GITHUB_TOKEN has a value in the image's configuration"]),
        ),
        case(
            RULE,
            "a name in lower case fails too",
            set("db_password", "hunter2"),
            Rejected(&["the variable db_password has a value in the image's configuration"]),
        ),
        case(RULE, "the path of a mounted secret is none", set("POSTGRES_PASSWORD_FILE", "/run/secrets/x"), Accepted),
        case(RULE, "nor is it under a secret's own name", set("DB_PASSWORD", "/run/secrets/x"), Accepted),
        case(RULE, "nor is the place of a key file", set("GOOGLE_APPLICATION_CREDENTIALS", "/var/run/key.json"), Accepted),
        case(
            RULE,
            "a secret in base64 that begins with a slash fails",
            set("API_TOKEN", "/9j4AAQSkZJRg=="),
            Rejected(&["the variable API_TOKEN has a value in the image's configuration"]),
        ),
        case(RULE, "an empty value is none", set("GITHUB_TOKEN", ""), Accepted),
        case(RULE, "a switch is none", set("MYSQL_ALLOW_EMPTY_PASSWORD", "yes"), Accepted),
        case(RULE, "what a browser loads is none", set("NEXT_PUBLIC_MAPS_API_KEY", "AIza"), Accepted),
        case(RULE, "a name that only holds the word is none", set("TOKENIZERS_PARALLELISM", "false"), Accepted),
        case(RULE, "a directory has no environment", in_a_directory(clean()), NotJudged),
    ]
}

fn names_its_source() -> Vec<Case> {
    const RULE: &str = "douane.image/names-its-source";
    let without = with(|inventory| inventory.image.iter_mut().for_each(|image| image.labels.clear()));
    vec![
        case(RULE, "the label passes", clean(), Accepted),
        case(
            RULE,
            "without the label it fails",
            without,
            Rejected(&["the image has no label org.opencontainers.image.source"]),
        ),
        case(RULE, "a machine has no labels", on_a_machine(clean()), NotJudged),
    ]
}

fn deployed_platform() -> Vec<Case> {
    const RULE: &str = "douane.image/deployed-platform";
    vec![
        case(RULE, "linux/amd64 passes", clean(), Accepted),
        case(RULE, "a variant of arm64 passes", for_platform(Some("linux/arm64/v8")), Accepted),
        case(RULE, "32-bit ARM fails", for_platform(Some("linux/arm/v7")), Rejected(&["the image is for linux/arm/v7"])),
        case(RULE, "Windows fails", for_platform(Some("windows/amd64")), Rejected(&["the image is for windows/amd64"])),
        case(RULE, "a machine declares no platform", on_a_machine(clean()), NotJudged),
    ]
}
