//! What can go wrong in the shell, and how it is told: place, sentence, picture, hint.

use super::host::Refusal;
use super::source::{Span, picture, position};

/// Why something could not be read or run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Fault {
    /// What kind of failure it is.
    pub cause: Cause,
    /// The sentence for the person.
    pub text: String,
    /// What the person could do next.
    pub hint: Option<String>,
    /// Where in the source it is.
    pub span: Option<Span>,
    /// Whether the script was told to stop at it.
    pub(crate) stops: bool,
}

/// Kinds of failure, by what follows from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The text ends too early: more lines would make it whole.
    Incomplete,
    /// The text cannot be read.
    Syntax,
    /// It can be read and means nothing: an unknown name, a wrong type.
    Meaning,
    /// A file cannot be read or written.
    File,
    /// The server or the way to it said no.
    Refused(Box<Refusal>),
    /// Not a failure: the script asked to end with this status.
    Exit(u8),
}

/// Something tolerated that the person should know of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The sentence.
    pub text: String,
    /// Where.
    pub span: Span,
}

impl Fault {
    /// The text cannot be read.
    pub(crate) fn syntax(span: Span, text: impl Into<String>) -> Fault {
        Fault {
            cause: Cause::Syntax,
            text: text.into(),
            hint: None,
            span: Some(span),
            stops: false,
        }
    }

    /// The text ends too early.
    pub(crate) fn incomplete(span: Span, text: impl Into<String>) -> Fault {
        Fault { cause: Cause::Incomplete, ..Fault::syntax(span, text) }
    }

    /// It means nothing.
    pub(crate) fn meaning(span: Span, text: impl Into<String>) -> Fault {
        Fault { cause: Cause::Meaning, ..Fault::syntax(span, text) }
    }

    /// A file cannot be read or written.
    pub(crate) fn file(span: Span, text: impl Into<String>) -> Fault {
        Fault { cause: Cause::File, ..Fault::syntax(span, text) }
    }

    /// The server or the way to it said no.
    pub(crate) fn refused(span: Span, refusal: Refusal) -> Fault {
        Fault {
            text: refusal.text.clone(),
            hint: refusal.hint.clone(),
            cause: Cause::Refused(Box::new(refusal)),
            span: Some(span),
            stops: false,
        }
    }

    /// The same with a hint.
    #[must_use]
    pub(crate) fn with_hint(self, hint: impl Into<String>) -> Fault {
        Fault { hint: Some(hint.into()), ..self }
    }

    /// The same with a hint when there are near names.
    #[must_use]
    pub(crate) fn with_nearest(self, names: &[&str]) -> Fault {
        if names.is_empty() {
            return self;
        }
        let text = format!("{} Did you mean {}?", self.text, names.join(" or "));
        Fault { text, ..self }
    }

    /// Whether nothing after it can succeed, whatever `$ErrorActionPreference` says: the server is
    /// gone, the person pressed Ctrl-C, the script asked to end, or to stop.
    pub fn ends_all(&self) -> bool {
        if self.stops {
            return true;
        }
        match &self.cause {
            Cause::Refused(refusal) => refusal.ends_all,
            Cause::Exit(_) => true,
            Cause::Incomplete | Cause::Syntax | Cause::Meaning | Cause::File => false,
        }
    }

    /// For the terminal: `line 2, column 5: sentence`, the line with a caret, and the hint. Without
    /// a final line break.
    pub fn report(&self, source: &str) -> String {
        let mut report = match self.span {
            None => self.text.clone(),
            Some(span) => {
                let place = position(source, span.start);
                let (line, column) = (place.line, place.column);
                let picture = picture(source, span);
                format!("line {line}, column {column}: {}\n{picture}", self.text)
            }
        };
        if let Some(hint) = &self.hint {
            report.push_str("\nhint: ");
            report.push_str(hint);
        }
        report
    }
}
