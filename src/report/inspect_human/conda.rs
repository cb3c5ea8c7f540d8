//! Prefixes of conda: how many packages each has, and from which channels; never single packages.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use super::section::Section;
use crate::{
    facts::Inventory,
    report::{layout::listed_up_to, look::Look, quantity::counted},
};

/// Channels of one prefix that are named.
const MOST_CHANNELS: usize = 6;

pub(super) fn write(look: &Look, inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let mut prefixes: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for package in &inventory.conda_packages {
        let channel = package.channel.as_deref().unwrap_or("nowhere that is noted");
        *prefixes.entry(&package.prefix).or_default().entry(channel).or_default() += 1;
    }
    let mut section = Section::new("Conda");
    let whole = if inventory.conda_packages_complete.is_complete() { "" } else { ", perhaps not all" };
    for (prefix, channels) in prefixes {
        let from: Vec<String> = match channels.len() {
            1 => channels.keys().map(|channel| (*channel).to_owned()).collect(),
            _ => channels.iter().map(|(channel, number)| format!("{channel} ({number})")).collect(),
        };
        let number = counted(channels.values().sum(), "package");
        section.row(prefix, format!("{number} from {}{whole}", listed_up_to(&from, MOST_CHANNELS)));
    }
    section.write(look, out)
}

#[cfg(test)]
mod tests {
    use super::write;
    use crate::{
        facts::{CondaPackage, Inventory},
        report::Look,
    };

    #[test]
    fn channels_are_counted_in_each_prefix() {
        let package = |prefix: &str, channel: Option<&str>| CondaPackage {
            prefix: prefix.to_owned(),
            channel: channel.map(str::to_owned),
            ..CondaPackage::default()
        };
        let mut inventory = Inventory {
            conda_packages: vec![
                package("/opt/conda", Some("https://a")),
                package("/opt/conda", Some("https://a")),
                package("/opt/conda", Some("https://b")),
                package("/srv/x", None),
            ],
            ..Inventory::default()
        };
        inventory.conda_packages_complete.lacks("one could not be read");
        let mut out = Vec::new();
        write(&Look::plain(100), &inventory, &mut out).expect("a vector takes everything");
        insta::assert_snapshot!(String::from_utf8(out).expect("text"), @"

        Conda
          /opt/conda   3 packages from https://a (2) and https://b (1), perhaps not all
          /srv/x       1 package from nowhere that is noted, perhaps not all
        ");
    }
}
