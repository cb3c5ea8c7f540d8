//! YAML to a tree; never what the values mean.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, StrInput, options};

use super::{DEEPEST, Entry, Node, Value, message::Message};
use crate::policy::syntax::ast::{Name, Region};

/// Most values, those that aliases repeat counted each time: a few lines of anchors could else stand for billions.
const MOST_VALUES: usize = 200_000;

/// The tree of a text that holds one document; `None` where the text holds nothing.
pub(in crate::policy) fn tree(text: &str) -> Result<Option<Node>, Message> {
    let settings = options! { block_nesting_limit: DEEPEST, flow_nesting_limit: DEEPEST };
    let parser = Parser::new_from_str_with_options(text, settings);
    let mut builder = Builder { events: parser, text, anchors: HashMap::new(), values: 0, last: 0 };
    builder.document()
}

struct Builder<'a> {
    events: Parser<'a, StrInput<'a>>,
    text: &'a str,
    anchors: HashMap<usize, Node>,
    values: usize,
    /// The end of the last token that was read.
    last: usize,
}

impl<'a> Builder<'a> {
    fn next(&mut self) -> Result<Option<(Event<'a>, Region)>, Message> {
        let Some(next) = self.events.next() else { return Ok(None) };
        let (event, span) = next.map_err(|error| self.unreadable(&error))?;
        let start = span.start.byte_offset().unwrap_or(self.text.len());
        let region = Region { start, end: span.end.byte_offset().unwrap_or(start).max(start) };
        self.last = region.end;
        Ok(Some((event, self.trimmed(region))))
    }

    fn document(&mut self) -> Result<Option<Node>, Message> {
        let mut found = None;
        while let Some((event, region)) = self.next()? {
            match event {
                Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
                Event::DocumentStart(..) if found.is_some() => {
                    return Err(Message::new("yaml-syntax", region, "this is one YAML document", "a second one begins")
                        .help("write one file for each of them"));
                }
                Event::DocumentStart(..) => {}
                other => found = Some(self.node(other, region, 0)?),
            }
        }
        Ok(found)
    }

    fn node(&mut self, event: Event<'a>, region: Region, depth: usize) -> Result<Node, Message> {
        self.count(1, region)?;
        if depth > DEEPEST {
            return Err(too_deep(region));
        }
        let (value, region, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let text = text.into_owned();
                let value = match tag.as_deref() {
                    None if style == ScalarStyle::Plain => Value::Plain(text),
                    None => Value::Quoted(text),
                    Some(tag) if tag.handle() == "tag:yaml.org,2002:" && tag.suffix() == "str" => Value::Quoted(text),
                    Some(tag) if is_core(tag) => Value::Plain(text),
                    Some(_) => return Err(foreign_tag(region)),
                };
                (value, region, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                if tag.as_deref().is_some_and(|tag| !is_core(tag)) {
                    return Err(foreign_tag(region));
                }
                let mut items = Vec::new();
                let mut end = region.end;
                while let Some((event, inner)) = self.next()? {
                    if event == Event::SequenceEnd {
                        end = end.max(inner.end);
                        break;
                    }
                    let item = self.node(event, inner, depth + 1)?;
                    end = end.max(item.region.end);
                    items.push(item);
                }
                (Value::List(items), self.trimmed(Region { start: region.start, end }), anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                if tag.as_deref().is_some_and(|tag| !is_core(tag)) {
                    return Err(foreign_tag(region));
                }
                let (entries, end) = self.entries(depth)?;
                (Value::Map(entries), self.trimmed(Region { start: region.start, end: end.max(region.end) }), anchor)
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor).cloned() else {
                    return Err(Message::new(
                        "yaml-syntax",
                        region,
                        "an alias stands inside of what it stands for",
                        "never ends",
                    ));
                };
                self.count(node.size(), region)?;
                if depth + node.depth() > DEEPEST {
                    return Err(too_deep(region));
                }
                (node.value, region, 0)
            }
            _ => (Value::Plain(String::new()), region, 0),
        };
        let node = Node { value, region };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    /// The entries of a mapping, up to its end, with those that `<<` takes from other mappings.
    fn entries(&mut self, depth: usize) -> Result<(Vec<Entry>, usize), Message> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut known: HashMap<String, Region> = HashMap::new();
        let mut merged = Vec::new();
        let mut end = 0;
        while let Some((event, region)) = self.next()? {
            if event == Event::MappingEnd {
                end = end.max(region.end);
                break;
            }
            let key = self.node(event, region, depth + 1)?;
            let Some((event, region)) = self.next()? else { break };
            let value = self.node(event, region, depth + 1)?;
            end = end.max(value.region.end).max(key.region.end);
            let (Value::Plain(text) | Value::Quoted(text)) = key.value else {
                let message = Message::new("yaml-syntax", key.region, "a key is a word", "not a word");
                return Err(message);
            };
            if text == "<<" {
                merged.extend(mappings(value)?);
                continue;
            }
            if let Some(first) = known.insert(text.clone(), key.region) {
                let message = format!("the key `{text}` stands twice in a mapping");
                return Err(Message::new("duplicate-name", key.region, message, "the second time")
                    .context(first, "the first time")
                    .help("join them, or remove one"));
            }
            entries.push(Entry { key: Name { text, region: key.region }, value });
        }
        for entry in merged {
            if known.insert(entry.key.text.clone(), entry.key.region).is_none() {
                entries.push(entry);
            }
        }
        Ok((entries, end))
    }

    fn count(&mut self, more: usize, region: Region) -> Result<(), Message> {
        self.values = self.values.saturating_add(more);
        if self.values > MOST_VALUES {
            let message = format!("the file holds more than {MOST_VALUES} values");
            return Err(Message::new("policy-too-large", region, message, "more than anybody writes")
                .note("an alias counts as all that it stands for"));
        }
        Ok(())
    }

    /// Without the white space and comments that the end of a block takes along.
    fn trimmed(&self, region: Region) -> Region {
        let inside = self.text.get(region.start..region.end).unwrap_or("");
        Region { start: region.start, end: region.start + inside.trim_end().len() }
    }

    fn unreadable(&self, error: &ScanError) -> Message {
        let at = error.marker().byte_offset().unwrap_or(self.last).min(self.text.len());
        let end = self.text.get(at..).and_then(|rest| rest.chars().next()).map_or(at, |next| at + next.len_utf8());
        let region = Region { start: at, end };
        let reason = error.info();
        if reason.contains("limit") && reason.contains("nest") || reason.contains("recursion") {
            return too_deep(region);
        }
        let reason = reason.lines().next().unwrap_or("").trim_end_matches('.').to_owned();
        Message::new("yaml-syntax", region, format!("the file is no YAML: {reason}"), "cannot be read from here on")
    }
}

/// What `<<` brings: the entries of a mapping, or of several in order.
fn mappings(value: Node) -> Result<Vec<Entry>, Message> {
    let wrong = |region| Message::new("yaml-syntax", region, "`<<` takes the keys of another mapping", "no mapping");
    match value.value {
        Value::Map(entries) => Ok(entries),
        Value::List(items) => {
            let mut entries = Vec::new();
            for item in items {
                match item.value {
                    Value::Map(more) => entries.extend(more),
                    _ => return Err(wrong(item.region)),
                }
            }
            Ok(entries)
        }
        Value::Quoted(_) | Value::Plain(_) => Err(wrong(value.region)),
    }
}

/// Whether a tag is one of YAML's own.
fn is_core(tag: &granit_parser::Tag) -> bool {
    tag.handle() == "tag:yaml.org,2002:" && matches!(tag.suffix(), "null" | "bool" | "int" | "float" | "str" | "seq" | "map")
        || tag.handle().is_empty() && tag.suffix() == "!"
}

fn foreign_tag(region: Region) -> Message {
    Message::new("yaml-syntax", region, "a tag that has no meaning here", "has a tag").help("remove the tag")
}

fn too_deep(region: Region) -> Message {
    let message = format!("the file nests deeper than {DEEPEST} levels");
    Message::new("nested-too-deeply", region, message, "too deep")
}
