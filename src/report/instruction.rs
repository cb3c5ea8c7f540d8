//! An instruction of an image's history as its author wrote it; never the builder's wrapping.

use super::{layout::cut, sanitise::sanitise};

/// Columns that an instruction may take.
const LONGEST: usize = 100;

/// The instruction on one line, without what builders wrap around it, at most 100 columns, harmless to a terminal.
pub fn shortened(created_by: &str) -> String {
    let words: Vec<&str> = created_by.split_whitespace().collect();
    let line = words.join(" ");
    let line = line.strip_suffix("# buildkit").unwrap_or(&line).trim();
    let instruction = match line.strip_prefix("/bin/sh -c ") {
        Some(rest) => match rest.strip_prefix("#(nop) ") {
            Some(instruction) => instruction.trim().to_owned(),
            None => format!("RUN {rest}"),
        },
        None => unwrapped(line),
    };
    cut(&sanitise(&without_checksums(&instruction)), LONGEST)
}

/// `RUN /bin/sh -c make` is `RUN make`, and so is `|1 A=b /bin/sh -c make`, with or without `RUN` before it.
fn unwrapped(line: &str) -> String {
    let body = match line.strip_prefix("RUN ") {
        Some(command) => without_flags(command),
        None => line,
    };
    let command = match body.strip_prefix('|') {
        Some(arguments) => arguments.split_once("/bin/sh -c ").map(|(_, command)| command),
        None => body.strip_prefix("/bin/sh -c "),
    };
    match command {
        Some(command) => format!("RUN {}", command.trim()),
        None if line.starts_with("RUN ") => format!("RUN {body}"),
        None => line.to_owned(),
    }
}

/// The command of a `RUN` without `--mount=...` and its like, which say how it ran and not what it did.
fn without_flags(mut command: &str) -> &str {
    while let Some((flag, rest)) = command.split_once(' ') {
        if !flag.starts_with("--") {
            break;
        }
        command = rest;
    }
    command
}

/// `ADD file:4f1c9b... in /` tells nothing by its checksum: eight digits of it are enough.
fn without_checksums(instruction: &str) -> String {
    let words = instruction.split(' ').map(|word| {
        let checksum = ["file:", "dir:", "multi:"].iter().find_map(|kind| Some((*kind, word.strip_prefix(kind)?)));
        match checksum {
            Some((kind, digits)) if digits.len() >= 32 && digits.chars().all(|digit| digit.is_ascii_hexdigit()) => {
                format!("{kind}{}…", digits.chars().take(8).collect::<String>())
            }
            _ => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn builders_wrapping_is_taken_off() {
        for (written, shown) in [
            ("/bin/sh -c #(nop)  CMD [\"python3\"]", "CMD [\"python3\"]"),
            ("/bin/sh -c #(nop) COPY dir:0123456789abcdef0123456789abcdef in /srv ", "COPY dir:01234567… in /srv"),
            ("/bin/sh -c apt-get update \t&& apt-get install -y curl", "RUN apt-get update && apt-get install -y curl"),
            ("RUN /bin/sh -c pip install django # buildkit", "RUN pip install django"),
            ("RUN |1 VERSION=3 /bin/sh -c make # buildkit", "RUN make"),
            ("RUN --mount=type=cache,target=/root/.cache /bin/sh -c pip install django # buildkit", "RUN pip install django"),
            ("RUN --network=none make", "RUN make"),
            ("COPY src /srv/app # buildkit", "COPY src /srv/app"),
            ("# debian.sh --arch 'amd64' out/ 'bookworm'", "# debian.sh --arch 'amd64' out/ 'bookworm'"),
        ] {
            assert_eq!(shortened(written), shown);
        }
    }

    #[test]
    fn long_instructions_are_cut() {
        assert_eq!(shortened(&"x".repeat(300)).chars().count(), 100);
    }
}
