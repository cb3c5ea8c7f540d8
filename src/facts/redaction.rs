//! Takes secrets out of text that is kept: values given to secret-looking names and passwords in URLs; never deciding on names that say nothing.

use std::borrow::Cow;

use super::environment_value::{REDACTED, is_secret_name};

/// The text without what it says after secret-looking names (`API_TOKEN=abc`, `--password abc`) and between `://user:` and `@`.
///
/// Of an `ENV` or `ARG` instruction a value reaches to the next assignment, for classic builders wrote it without its quotes.
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    let instruction = text.trim_start().trim_start_matches("/bin/sh -c").trim_start().trim_start_matches("#(nop)").trim_start();
    let declares = ["ENV ", "ARG "].iter().any(|word| instruction.starts_with(word));
    let mut kept = String::new();
    let (mut rest, mut changed) = (text, false);
    while let Some(at) = rest.find(|character: char| is_name(character)) {
        let (before, from) = rest.split_at(at);
        kept.push_str(before);
        let (name, after) = from.split_at(from.find(|character: char| !is_name(character)).unwrap_or(from.len()));
        kept.push_str(name);
        rest = after;
        let is_flag = before.ends_with("--") || name.starts_with("--");
        let bare = name.trim_start_matches('-').replace('-', "_");
        let separator = match after.chars().next() {
            Some('=') => Some(1),
            Some(' ') if is_flag && !after.trim_start().starts_with('-') => Some(after.len() - after.trim_start().len()),
            // `ENV NAME value`, as old Dockerfiles have it.
            Some(' ') if declares && kept.trim_end_matches(name).trim_end().ends_with("ENV") => Some(1),
            _ => None,
        };
        let Some((mark, value)) = separator.filter(|_| is_secret_name(&bare)).and_then(|length| after.split_at_checked(length))
        else {
            continue;
        };
        let end = if declares { declared_end(value) } else { word_end(value) };
        let Some((secret, after)) = value.split_at_checked(end) else { continue };
        if secret.is_empty() || is_reference(secret) {
            continue;
        }
        kept.push_str(mark);
        kept.push_str(REDACTED);
        (rest, changed) = (after, true);
    }
    kept.push_str(rest);
    match without_passwords(&kept) {
        Cow::Owned(text) => Cow::Owned(text),
        Cow::Borrowed(_) if changed => Cow::Owned(kept),
        Cow::Borrowed(_) => Cow::Borrowed(text),
    }
}

/// The text with the password of every `scheme://user:password@host` taken out.
pub fn without_passwords(text: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    let (mut rest, mut changed) = (text, false);
    while let Some((before, after)) = rest.split_once("://") {
        kept.push_str(before);
        kept.push_str("://");
        rest = after;
        let end =
            after.find(|character: char| character.is_whitespace() || "/\"'?#,;".contains(character)).unwrap_or(after.len());
        let Some((authority, _)) = after.split_at_checked(end) else { continue };
        let Some((user, host)) = authority.rsplit_once('@') else { continue };
        let Some((name, password)) = user.split_once(':') else { continue };
        if password.is_empty() || is_reference(password) {
            continue;
        }
        kept.push_str(name);
        kept.push(':');
        kept.push_str(REDACTED);
        let host = host.len() + 1;
        rest = after.get(end.saturating_sub(host)..).unwrap_or_default();
        changed = true;
    }
    kept.push_str(rest);
    if changed { Cow::Owned(kept) } else { Cow::Borrowed(text) }
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || character == '-'
}

/// `$NAME`, `${NAME}` and `$(command)` name a secret and do not tell it.
fn is_reference(value: &str) -> bool {
    value.trim_start_matches(['"', '\'']).starts_with('$')
}

/// Where a word of a shell ends, quotes and escapes followed.
fn word_end(value: &str) -> usize {
    let (mut quote, mut escaped) = (None, false);
    for (at, character) in value.char_indices() {
        match (quote, character) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, ' ' | '\t' | '\n' | '\r' | ';' | '&' | '|' | ')' | ',' | ']') => return at,
            (None, _) => {}
        }
    }
    value.len()
}

/// Where a value of an `ENV` ends: before the next ` NAME=`, or with the instruction.
fn declared_end(value: &str) -> usize {
    let end = word_end(value);
    let is_quoted = value.starts_with(['"', '\'']);
    if is_quoted {
        return end;
    }
    for (at, _) in value.match_indices(' ') {
        let next = value.get(at + 1..).unwrap_or_default();
        let name = next.find(|character: char| !is_name(character)).unwrap_or(next.len());
        if at >= end && name > 0 && next.get(name..).is_some_and(|rest| rest.starts_with('=')) {
            return at;
        }
    }
    value.strip_suffix(" # buildkit").map_or(value.len(), str::len)
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn instructions_keep_names_and_lose_secrets() {
        for (written, kept) in [
            ("ENV DB_PASSWORD=hunter2", "ENV DB_PASSWORD=<redacted>"),
            ("ENV DB_PASSWORD hunter2", "ENV DB_PASSWORD <redacted>"),
            ("/bin/sh -c #(nop)  ENV API_TOKEN=a b c", "/bin/sh -c #(nop)  ENV API_TOKEN=<redacted>"),
            ("ENV A=1 API_TOKEN=abc PATH=/bin # buildkit", "ENV A=1 API_TOKEN=<redacted> PATH=/bin # buildkit"),
            ("ENV API_TOKEN=abc # buildkit", "ENV API_TOKEN=<redacted> # buildkit"),
            ("ENV API_TOKEN=\"a b\" X=1", "ENV API_TOKEN=<redacted> X=1"),
            ("ARG TOKEN=abc", "ARG TOKEN=<redacted>"),
            ("RUN |1 API_TOKEN=abc /bin/sh -c make # buildkit", "RUN |1 API_TOKEN=<redacted> /bin/sh -c make # buildkit"),
            ("RUN export GITHUB_TOKEN='a b';make", "RUN export GITHUB_TOKEN=<redacted>;make"),
            ("RUN login --password=x\\ y --user me", "RUN login --password=<redacted> --user me"),
            ("RUN login --password hunter2 --user me", "RUN login --password <redacted> --user me"),
            (
                "RUN pip install -i https://me:s3cret@pypi.example/simple x",
                "RUN pip install -i https://me:<redacted>@pypi.example/simple x",
            ),
            ("ENV db_password=ünïcode", "ENV db_password=<redacted>"),
        ] {
            assert_eq!(without_secrets(written), kept);
        }
    }

    #[test]
    fn what_tells_no_secret_is_left_alone() {
        for text in [
            "RUN --mount=type=secret,id=token cat /run/secrets/token",
            "RUN test -n \"$API_TOKEN\" && login --password-stdin",
            "RUN login --token=$TOKEN",
            "ARG TOKEN",
            "ENV PATH=/bin TOKENIZERS_PARALLELISM=false",
            "COPY src /srv # https://example.org:8080/@x",
            "",
        ] {
            assert_eq!(without_secrets(text), text);
        }
    }
}
