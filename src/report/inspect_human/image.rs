//! The image's configuration and its layers; never what is inside them.

use std::io::{self, Write};

use super::section::Section;
use crate::{
    facts::{Fact, Image, Layer},
    report::{
        human::short_digest,
        instruction::shortened,
        layout::cut,
        look::{Look, paint},
        quantity::size,
        sanitise::sanitise,
    },
};

pub(super) fn write(look: &Look, image: &Image, out: &mut dyn Write) -> io::Result<()> {
    let mut section = Section::new("Image");
    section.row_if("created", image.created.clone());
    section.row("user", user(image));
    let commands = [("entrypoint", &image.entrypoint), ("command", &image.cmd)];
    for (name, words) in commands {
        if !words.is_empty() {
            section.row(name, command_line(words));
        }
    }
    section.row_if("directory", image.workdir.clone());
    if !image.exposed_ports.is_empty() {
        section.row("ports", image.exposed_ports.join(", "));
    }
    for variable in &image.env {
        section.row("environment", format!("{}={}", variable.name, variable.value.shown()));
    }
    for (name, value) in &image.labels {
        section.row("labels", format!("{name}={value}"));
    }
    section.write(look, out)
}

fn user(image: &Image) -> String {
    let name = image.user.as_deref().filter(|user| !user.is_empty());
    match (name, &image.uid) {
        (None, _) => "root (none is set)".to_owned(),
        (Some(name), Fact::Known(uid)) if name != uid.to_string() => format!("{name} (uid {uid})"),
        (Some(name), Fact::Unknown(reason)) => format!("{name} (uid not known: {reason})"),
        (Some(name), _) => name.to_owned(),
    }
}

/// Words as a shell would take them.
fn command_line(words: &[String]) -> String {
    let quoted = words.iter().map(|word| {
        let plain =
            !word.is_empty() && word.chars().all(|character| character.is_alphanumeric() || "-_./:=,@%+".contains(character));
        if plain { word.clone() } else { format!("'{}'", word.replace('\'', "'\\''")) }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// One line for each layer, from the bottom: size, digest, instruction.
pub(super) fn write_layers(look: &Look, layers: &[Layer], out: &mut dyn Write) -> io::Result<()> {
    if layers.is_empty() {
        return Ok(());
    }
    let total: u64 = layers.iter().map(|layer| layer.size).fold(0, u64::saturating_add);
    let title = paint(look.palette.strong, "Layers");
    writeln!(out, "\n{title}{}", paint(look.palette.dim, format!(" · {} unpacked", size(total))))?;
    for layer in layers {
        let digest = short_digest(&layer.digest);
        let hex = digest.rsplit(':').next().unwrap_or_default();
        let left = look.width.saturating_sub(29).max(24);
        let instruction = match &layer.created_by {
            Some(created_by) => cut(&shortened(created_by), left),
            None => paint(look.palette.dim, "(the history does not say)"),
        };
        let hex = paint(look.palette.dim, format!("{:<8}", sanitise(hex)));
        writeln!(out, "  {:>3}  {:>8}   {hex}   {instruction}", layer.index, size(layer.size))?;
    }
    Ok(())
}
