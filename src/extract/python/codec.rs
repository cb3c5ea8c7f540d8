//! Python's names of source encodings, and their decoders; never a name that Python does not know.

use std::borrow::Cow;

use encoding_rs::Encoding;

/// A decoder. All are supersets of ASCII, as a source encoding has to be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Codec {
    /// UTF-8.
    Utf8,
    /// Seven bits.
    Ascii,
    /// ISO 8859-1 itself, which the web's encodings read as Windows-1252.
    Latin1,
    /// A code page with bytes that stand for nothing in Python, but for control characters on the web.
    Holes(&'static Encoding, &'static [u8]),
    /// As on the web.
    Web(&'static Encoding),
    /// Known to Python, not to us: ASCII characters are read, others cannot be.
    AsciiPart,
}

/// Where a byte has no meaning in the encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Undecodable {
    /// Of the first such byte; for encodings of several bytes a character, of its line.
    pub offset: usize,
}

impl Codec {
    /// Decodes all of `bytes`, or says where that fails.
    pub(super) fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, Undecodable> {
        match self {
            Self::Utf8 => str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| Undecodable { offset: error.valid_up_to() }),
            Self::Ascii | Self::AsciiPart => match bytes.iter().position(|byte| !byte.is_ascii()) {
                None => Ok(String::from_utf8_lossy(bytes)),
                Some(offset) => Err(Undecodable { offset }),
            },
            Self::Latin1 => Ok(match str::from_utf8(bytes) {
                Ok(text) if text.is_ascii() => Cow::Borrowed(text),
                _ => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
            }),
            Self::Holes(encoding, holes) => match bytes.iter().position(|byte| holes.contains(byte)) {
                None => web(encoding, bytes),
                Some(offset) => Err(Undecodable { offset }),
            },
            Self::Web(encoding) => web(encoding, bytes),
        }
    }
}

fn web<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Result<Cow<'a, str>, Undecodable> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(|| {
        let mut offset = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if encoding.decode_without_bom_handling_and_without_replacement(line).is_none() {
                break;
            }
            offset += line.len();
        }
        Undecodable { offset }
    })
}

/// The codec that Python finds by `name` (`encodings.aliases`).
pub(super) fn codec(name: &str) -> Option<Codec> {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let encoding = match name.as_str() {
        "utf_8" | "utf8" | "u8" | "utf" | "utf8_ucs2" | "utf8_ucs4" | "cp65001" => return Some(Codec::Utf8),
        "ascii" | "646" | "us_ascii" | "us" | "ansi_x3.4_1968" | "iso646_us" => return Some(Codec::Ascii),
        "latin_1" | "latin1" | "l1" | "latin" | "iso8859_1" | "iso_8859_1" | "8859" | "iso8859" | "cp819" | "ibm819" => {
            return Some(Codec::Latin1);
        }
        "cp1252" | "windows_1252" | "1252" => {
            return Some(Codec::Holes(encoding_rs::WINDOWS_1252, &[0x81, 0x8d, 0x8f, 0x90, 0x9d]));
        }
        "cp1250" | "windows_1250" | "1250" => encoding_rs::WINDOWS_1250,
        "cp1251" | "windows_1251" | "1251" => encoding_rs::WINDOWS_1251,
        "cp1253" | "windows_1253" | "1253" => encoding_rs::WINDOWS_1253,
        "cp1254" | "windows_1254" | "1254" => encoding_rs::WINDOWS_1254,
        "cp1255" | "windows_1255" | "1255" => encoding_rs::WINDOWS_1255,
        "cp1256" | "windows_1256" | "1256" => encoding_rs::WINDOWS_1256,
        "cp1257" | "windows_1257" | "1257" => encoding_rs::WINDOWS_1257,
        "cp1258" | "windows_1258" | "1258" => encoding_rs::WINDOWS_1258,
        "iso8859_2" | "iso_8859_2" | "latin2" | "latin_2" | "l2" => encoding_rs::ISO_8859_2,
        "iso8859_3" | "iso_8859_3" | "latin3" | "latin_3" | "l3" => encoding_rs::ISO_8859_3,
        "iso8859_4" | "iso_8859_4" | "latin4" | "latin_4" | "l4" => encoding_rs::ISO_8859_4,
        "iso8859_5" | "iso_8859_5" | "cyrillic" => encoding_rs::ISO_8859_5,
        "iso8859_6" | "iso_8859_6" | "arabic" => encoding_rs::ISO_8859_6,
        "iso8859_7" | "iso_8859_7" | "greek" | "greek8" => encoding_rs::ISO_8859_7,
        "iso8859_8" | "iso_8859_8" | "hebrew" => encoding_rs::ISO_8859_8,
        "iso8859_10" | "iso_8859_10" | "latin6" | "latin_6" | "l6" => encoding_rs::ISO_8859_10,
        "iso8859_13" | "iso_8859_13" | "latin7" | "latin_7" | "l7" => encoding_rs::ISO_8859_13,
        "iso8859_14" | "iso_8859_14" | "latin8" | "latin_8" | "l8" => encoding_rs::ISO_8859_14,
        "iso8859_15" | "iso_8859_15" | "latin9" | "latin_9" | "l9" => encoding_rs::ISO_8859_15,
        "iso8859_16" | "iso_8859_16" | "latin10" | "latin_10" | "l10" => encoding_rs::ISO_8859_16,
        "koi8_r" | "cskoi8r" => encoding_rs::KOI8_R,
        "koi8_u" => encoding_rs::KOI8_U,
        "cp866" | "ibm866" | "866" => encoding_rs::IBM866,
        "mac_roman" | "macroman" | "macintosh" => encoding_rs::MACINTOSH,
        "mac_cyrillic" | "maccyrillic" => encoding_rs::X_MAC_CYRILLIC,
        "euc_jp" | "eucjp" | "ujis" | "u_jis" => encoding_rs::EUC_JP,
        "shift_jis" | "shiftjis" | "sjis" | "s_jis" | "cp932" | "932" | "ms932" | "mskanji" | "ms_kanji" => {
            encoding_rs::SHIFT_JIS
        }
        "gbk" | "cp936" | "936" | "ms936" | "gb2312" | "euc_cn" | "euccn" | "chinese" => encoding_rs::GBK,
        "gb18030" | "gb18030_2000" => encoding_rs::GB18030,
        "big5" | "big5_tw" | "cp950" | "950" | "ms950" => encoding_rs::BIG5,
        "euc_kr" | "euckr" | "cp949" | "949" | "ms949" | "uhc" | "korean" => encoding_rs::EUC_KR,
        "cp437" | "437" | "ibm437" | "cp720" | "cp737" | "cp775" | "cp850" | "850" | "ibm850" | "cp852" | "852" | "cp855"
        | "cp856" | "cp857" | "cp858" | "cp860" | "cp861" | "cp862" | "cp863" | "cp864" | "cp865" | "cp869" | "cp874"
        | "cp1006" | "cp1125" | "hp_roman8" | "roman8" | "iso8859_9" | "iso_8859_9" | "latin5" | "latin_5" | "l5"
        | "iso8859_11" | "iso_8859_11" | "tis_620" | "tis620" | "thai" | "mac_greek" | "mac_latin2" | "mac_iceland"
        | "mac_turkish" | "koi8_t" | "ptcp154" | "johab" | "big5hkscs" | "big5_hkscs" | "euc_jis_2004" | "euc_jisx0213" => {
            return Some(Codec::AsciiPart);
        }
        _ => return None,
    };
    Some(Codec::Web(encoding))
}
