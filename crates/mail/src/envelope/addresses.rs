//! Address lists as they stand in stored mail (RFC 5322 §3.4, obsolete syntax of §4.4 included),
//! read so that every field gives something to show.

/// One entry of an address list in an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnvelopeAddress {
    /// A mailbox.
    Mailbox {
        /// The display name as written, without quotation marks.
        name: Option<String>,
        /// The obsolete source route, `@a,@b`.
        route: Option<String>,
        /// What stands before the last `@`.
        local: String,
        /// What stands behind it; empty where there is none.
        domain: String,
    },
    /// A group of this name begins.
    GroupStart(String),
    /// The group ends.
    GroupEnd,
}

/// Reads an unfolded address list.
pub fn addresses(list: &str) -> Vec<EnvelopeAddress> {
    let mut reader = Reader { out: Vec::new(), item: Item::default(), is_in_group: false };
    for piece in pieces(list) {
        reader.take(piece);
    }
    reader.end_item();
    if reader.is_in_group {
        reader.out.push(EnvelopeAddress::GroupEnd);
    }
    reader.out
}

/// A lexical piece of an address list.
enum Piece {
    /// White space.
    Blank,
    /// Text without a meaning of its own.
    Text(String),
    /// The content of a quoted string.
    Quoted(String),
    /// The content of a comment.
    Comment(String),
    /// What stands between `<` and `>`.
    Angle(String),
    /// One of `,`, `:` and `;`.
    Sign(char),
}

/// Cuts a list into pieces, each character looked at once.
fn pieces(list: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut signs = list.chars().peekable();
    while let Some(c) = signs.next() {
        match c {
            ' ' | '\t' => out.push(Piece::Blank),
            '"' => out.push(Piece::Quoted(until(&mut signs, '"'))),
            '<' => out.push(Piece::Angle(until_angle(&mut signs))),
            '(' => out.push(Piece::Comment(comment(&mut signs))),
            ',' | ':' | ';' => out.push(Piece::Sign(c)),
            _ => {
                let mut text = String::from(c);
                while let Some(c) = signs.next_if(|c| !" \t\"<(,:;".contains(*c)) {
                    text.push(c);
                }
                out.push(Piece::Text(text));
            }
        }
    }
    out
}

type Signs<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn until(signs: &mut Signs<'_>, end: char) -> String {
    let mut out = String::new();
    while let Some(c) = signs.next() {
        match c {
            '\\' => out.extend(signs.next()),
            _ if c == end => break,
            _ => out.push(c),
        }
    }
    out
}

/// Up to `>`, quoted strings kept whole.
fn until_angle(signs: &mut Signs<'_>) -> String {
    let mut out = String::new();
    while let Some(c) = signs.next() {
        match c {
            '>' => break,
            '"' => {
                out.push('"');
                out.push_str(&until(signs, '"'));
                out.push('"');
            }
            _ => out.push(c),
        }
    }
    out
}

fn comment(signs: &mut Signs<'_>) -> String {
    let mut out = String::new();
    let mut depth = 1;
    while let Some(c) = signs.next() {
        match c {
            '\\' => {
                out.extend(signs.next());
                continue;
            }
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        out.push(c);
    }
    out
}

/// What was seen of one entry.
#[derive(Default)]
struct Item {
    /// Words, each piece as it should be shown, blanks as one space.
    words: String,
    has_blank: bool,
    angle: Option<String>,
    comment: Option<String>,
    /// Whether a quoted string is the local part: `"a b"@x`.
    is_quoted_last: bool,
}

struct Reader {
    out: Vec<EnvelopeAddress>,
    item: Item,
    is_in_group: bool,
}

impl Reader {
    fn take(&mut self, piece: Piece) {
        let item = &mut self.item;
        match piece {
            Piece::Blank => item.has_blank = !item.words.is_empty(),
            Piece::Text(text) => {
                if std::mem::take(&mut item.has_blank)
                    && !item.words.ends_with(['.', '@'])
                    && !text.starts_with(['.', '@'])
                {
                    item.words.push(' ');
                }
                item.words.push_str(&text);
            }
            Piece::Quoted(text) => {
                if std::mem::take(&mut item.has_blank) {
                    item.words.push(' ');
                }
                item.words.push_str(&text);
                item.is_quoted_last = true;
            }
            Piece::Comment(text) => item.comment = item.comment.take().or(Some(text)),
            Piece::Angle(text) => item.angle = item.angle.take().or(Some(text)),
            Piece::Sign(':') if item.angle.is_none() && !item.words.contains('@') => {
                let name = std::mem::take(&mut self.item).words;
                if self.is_in_group {
                    self.out.push(EnvelopeAddress::GroupEnd);
                }
                self.out.push(EnvelopeAddress::GroupStart(name));
                self.is_in_group = true;
            }
            Piece::Sign(';') => {
                self.end_item();
                if std::mem::take(&mut self.is_in_group) {
                    self.out.push(EnvelopeAddress::GroupEnd);
                }
            }
            Piece::Sign(_) => self.end_item(),
        }
    }

    /// Turns what was seen into an entry, if there was anything.
    fn end_item(&mut self) {
        let item = std::mem::take(&mut self.item);
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let (written, name) = match item.angle {
            Some(angle) => (angle, some(item.words)),
            None if item.words.is_empty() => return,
            // RFC 822 wrote the name as a comment behind the address.
            None => (item.words, item.comment),
        };
        let written = written.trim();
        let (route, address) = match written.strip_prefix('@').and_then(|_| written.split_once(':'))
        {
            Some((route, address)) => (Some(route.to_owned()), address),
            None => (None, written),
        };
        let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
        let local = local.trim().trim_matches('"').to_owned();
        let domain = domain.trim().to_owned();
        self.out.push(EnvelopeAddress::Mailbox { name, route, local, domain });
    }
}
