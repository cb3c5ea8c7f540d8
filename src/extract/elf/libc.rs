//! The version that a C library announces of itself; never that of a program that only carries the words.

use super::{headers::Headers, strings};
use crate::extract::facts::LibcBanner;

/// The beginning of musl's banner.
pub(super) const MUSL: &[u8] = b"musl libc (";

/// The banner of glibc's `libc.so.6`, or of musl's one file, which is library and loader.
pub(super) fn banner(headers: &Headers, loaded: &[&[u8]]) -> Option<LibcBanner> {
    if can_be_glibc(headers) {
        glibc(loaded)
    } else if can_be_musl(headers) {
        musl(loaded)
    } else {
        None
    }
}

/// Whether it has glibc's name.
pub(super) fn can_be_glibc(headers: &Headers) -> bool {
    headers.soname.as_deref().is_some_and(|name| name.starts_with("libc.so."))
}

/// Whether it needs nothing, as musl does. Debian builds musl without a soname; Alpine's is `libc.musl-x86_64.so.1`.
pub(super) fn can_be_musl(headers: &Headers) -> bool {
    let stands_alone = headers.needed.is_empty() && headers.loader.is_none() && !headers.loaded.is_empty();
    let soname = headers.soname.as_deref();
    stands_alone && soname.is_none_or(|name| name.starts_with("libc.musl-") || name.starts_with("libc.so"))
}

/// `GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.`
fn glibc(loaded: &[&[u8]]) -> Option<LibcBanner> {
    let mut banners = strings::find(loaded, b"GNU C Library (");
    banners.find_map(|banner| {
        let (_, after) = banner.text.split_once(" release version ")?;
        let version: String = after.chars().take_while(|letter| letter.is_ascii_digit() || *letter == '.').collect();
        let version = version.trim_end_matches('.');
        (!version.is_empty()).then(|| LibcBanner { name: "glibc", version: version.to_owned() })
    })
}

/// `musl libc (x86_64)`, and the version as a string of its own.
fn musl(loaded: &[&[u8]]) -> Option<LibcBanner> {
    if !strings::holds(loaded, MUSL) {
        return None;
    }
    let version = [&b"1."[..], b"0.", b"2."].into_iter().find_map(|start| {
        strings::find(loaded, start).find(|found| found.whole && is_release(found.text)).map(|found| found.text)
    })?;
    Some(LibcBanner { name: "musl", version: version.to_owned() })
}

/// `1.2.4`, or `1.2.4-git-...`.
fn is_release(text: &str) -> bool {
    let release = text.split_once("-git-").map_or(text, |(release, _)| release);
    let parts: Vec<&str> = release.split('.').collect();
    parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}
