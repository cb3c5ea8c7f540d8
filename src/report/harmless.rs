//! JSON in which nothing steers a terminal that shows it: lossless, for what is escaped is read as it was; never another form.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, PrettyFormatter, Serializer};

use super::sanitise::is_harmful;

/// Writes a value as indented JSON. JSON itself lets everything beyond ASCII's first controls stand as it is.
pub fn write_json(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(out, Harmless(PrettyFormatter::new()));
    Ok(value.serialize(&mut serializer)?)
}

struct Harmless<'indent>(PrettyFormatter<'indent>);

impl Formatter for Harmless<'_> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, character)) = rest.char_indices().find(|(_, character)| is_harmful(*character)) {
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            writer.write_all(before.as_bytes())?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = from.get(character.len_utf8()..).unwrap_or_default();
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        self.0.write_char_escape(writer, escape)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::write_json;

    #[test]
    fn what_is_escaped_is_read_as_it_was() {
        let value = json!({
            "plain": ["a \"quoted\" text", "gr\u{f6}\u{df}e", 1, null, [], {}],
            "k\u{9b}ey": "\u{1b}[31m\u{7f}\u{85}\u{9b}2J \u{202e}\u{200b}\u{feff}\u{e0041} end\n",
        });
        let mut bytes = Vec::new();
        write_json(&value, &mut bytes).expect("in memory");
        let text = String::from_utf8(bytes).expect("UTF-8");
        assert!(text.contains(r"\u007f\u0085\u009b2J \u202e\u200b\ufeff\udb40\udc41 end\n"), "{text}");
        assert!(text.contains("gr\u{f6}\u{df}e") && !text.chars().any(|character| character.is_control() && character != '\n'));
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), value);
    }

    #[test]
    fn harmless_values_are_as_they_always_were() {
        let value = json!({ "a": [1, { "b": [] }, "x"], "c": {} });
        let mut bytes = Vec::new();
        write_json(&value, &mut bytes).expect("in memory");
        assert_eq!(String::from_utf8(bytes).expect("UTF-8"), serde_json::to_string_pretty(&value).expect("JSON"));
    }
}
