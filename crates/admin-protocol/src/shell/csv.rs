//! CSV as PowerShell writes it (every field in quotes) and as anybody writes it, RFC 4180; and the
//! encodings of text files.

use super::bind::Binding;
use super::fault::Fault;

/// How a text file is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-8 with a byte order mark, which Excel wants.
    Utf8Marked,
    /// UTF-16, little-endian, with a byte order mark.
    Utf16,
    /// ASCII, with `?` for all else.
    Ascii,
}

impl Encoding {
    /// What `-Encoding` says.
    pub(super) fn of(binding: &Binding) -> Result<Encoding, Fault> {
        let name = binding.text("Encoding").unwrap_or_default().to_ascii_lowercase();
        match name.as_str() {
            "" | "utf8" | "utf-8" | "utf8nobom" | "default" => Ok(Encoding::Utf8),
            "utf8bom" => Ok(Encoding::Utf8Marked),
            "unicode" | "utf-16" | "utf16" => Ok(Encoding::Utf16),
            "ascii" => Ok(Encoding::Ascii),
            _ => Err(Fault::meaning(
                binding.span_of("Encoding"),
                "-Encoding wants one of UTF8, UTF8BOM, Unicode, ASCII",
            )),
        }
    }

    /// The octets of a text. `is_first` says that they begin the file.
    pub(super) fn encode(self, text: &str, is_first: bool) -> Vec<u8> {
        let mark = if is_first { "\u{feff}" } else { "" };
        match self {
            Encoding::Utf8 => text.as_bytes().to_vec(),
            Encoding::Utf8Marked => [mark, text].concat().into_bytes(),
            Encoding::Utf16 => {
                [mark, text].concat().encode_utf16().flat_map(u16::to_le_bytes).collect()
            }
            Encoding::Ascii => text
                .chars()
                .map(|c| u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(b'?'))
                .collect(),
        }
    }
}

/// The text of a file: UTF-16 where its mark says so, else UTF-8.
pub fn decode(octets: &[u8]) -> Option<String> {
    let wide = |octets: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = octets
            .chunks(2)
            .map(|pair| Some(unit([*pair.first()?, *pair.get(1)?])))
            .collect::<Option<_>>()?;
        String::from_utf16(&units).ok()
    };
    match octets {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(octets.to_vec()).ok(),
    }
}

/// One line, without its end.
pub(super) fn line<'a>(fields: impl Iterator<Item = &'a str>, delimiter: char) -> String {
    let fields: Vec<String> =
        fields.map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
    fields.join(&delimiter.to_string())
}

/// Reads records, each with the line on which it begins. Empty lines, and a first line with
/// `#TYPE`, are left out. Fails with the line of a quote that is never closed.
pub(super) fn read(text: &str, delimiter: char) -> Result<Vec<(usize, Vec<String>)>, usize> {
    let mut records = Vec::new();
    let mut reader = Reader { letters: text.chars().peekable(), line: 1, delimiter };
    while reader.letters.peek().is_some() {
        let line = reader.line;
        let record = reader.record()?;
        let is_empty = matches!(record.as_slice(), [single] if single.is_empty());
        let is_type = line == 1 && record[0].starts_with("#TYPE ");
        if !is_empty && !is_type {
            records.push((line, record));
        }
    }
    Ok(records)
}

struct Reader<'a> {
    letters: std::iter::Peekable<std::str::Chars<'a>>,
    line: usize,
    delimiter: char,
}

impl Reader<'_> {
    fn record(&mut self) -> Result<Vec<String>, usize> {
        let mut fields = Vec::new();
        loop {
            fields.push(self.field()?);
            match self.letters.next() {
                Some(letter) if letter == self.delimiter => {}
                Some('\r') => {
                    self.letters.next_if_eq(&'\n');
                    self.line += 1;
                    return Ok(fields);
                }
                Some(_) => {
                    self.line += 1;
                    return Ok(fields);
                }
                None => return Ok(fields),
            }
        }
    }

    /// One field; the delimiter or line end after it is left.
    fn field(&mut self) -> Result<String, usize> {
        let mut field = String::new();
        // Blanks before a quote are no part of the field.
        while self.delimiter != ' ' && self.letters.next_if_eq(&' ').is_some() {
            field.push(' ');
        }
        if self.letters.next_if_eq(&'"').is_some() {
            field.clear();
            self.quoted(&mut field)?;
        }
        let delimiter = self.delimiter;
        while let Some(letter) =
            self.letters.next_if(|next| *next != delimiter && *next != '\r' && *next != '\n')
        {
            field.push(letter);
        }
        Ok(field)
    }

    fn quoted(&mut self, field: &mut String) -> Result<(), usize> {
        let begins = self.line;
        loop {
            match self.letters.next() {
                None => return Err(begins),
                Some('"') if self.letters.next_if_eq(&'"').is_some() => field.push('"'),
                Some('"') => return Ok(()),
                Some(letter) => {
                    self.line += usize::from(letter == '\n');
                    field.push(letter);
                }
            }
        }
    }
}
