//! YAML (1.2, core schema) as a tree of values with places.
//!
//! One document. Anchors and aliases are refused: they would let a small file unfold into a huge
//! one, and a list of rights should be readable where it stands.

use std::path::PathBuf;
use std::rc::Rc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};

use super::tree::{Node, Pair, Place, Problem, Value};

/// How deep lists and sections may be nested; a plan needs five levels.
const DEPTH_MAX: usize = 32;

/// Reads YAML.
pub(super) fn read(file: &Rc<PathBuf>, text: &str) -> Result<Node, Problem> {
    let mut reader = Reader { file, events: Parser::new_from_str(text) };
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
            Event::StreamEnd | Event::DocumentEnd => {
                // An empty file wants nothing.
                return Ok(Node { value: Value::Table(Vec::new()), place: reader.place(&span) });
            }
            first => {
                let root = reader.node(first, &span, 0)?;
                reader.end()?;
                return Ok(root);
            }
        }
    }
}

struct Reader<'a> {
    file: &'a Rc<PathBuf>,
    events: Parser<'a, StrInput<'a>>,
}

impl<'a> Reader<'a> {
    fn place(&self, span: &Span) -> Place {
        let (line, column) = (span.start.line().max(1), span.start.col() + 1);
        Place { file: Rc::clone(self.file), line, column }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), Problem> {
        let event = self.events.next_event().unwrap_or(Ok((Event::StreamEnd, Span::default())));
        event.map_err(|error| {
            let (line, column) = (error.marker().line().max(1), error.marker().col() + 1);
            let place = Place { file: Rc::clone(self.file), line, column };
            Problem { place, text: format!("this is not YAML: {}", error.info()) }
        })
    }

    /// Only the end may follow.
    fn end(&mut self) -> Result<(), Problem> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(()),
                Event::DocumentEnd | Event::Nothing => {}
                _ => {
                    let place = self.place(&span);
                    let text = "one file holds one document: put the second one into another file";
                    return Err(Problem::new(&place, text));
                }
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: &Span, depth: usize) -> Result<Node, Problem> {
        let place = self.place(span);
        if depth > DEPTH_MAX {
            return Err(Problem::new(&place, "lists and sections are nested too deep"));
        }
        let value = match event {
            Event::Scalar(text, style, _, _) => scalar(&text, style),
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    let (event, span) = self.next()?;
                    match event {
                        Event::SequenceEnd => break Value::List(items),
                        item => items.push(self.node(item, &span, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(..) => self.mapping(depth)?,
            Event::Alias(_) => {
                let text = "aliases (*name) are not taken: write the value itself";
                return Err(Problem::new(&place, text));
            }
            _ => return Err(Problem::new(&place, "a value is missing here")),
        };
        Ok(Node { value, place })
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, Problem> {
        let mut pairs: Vec<Pair> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let place = self.place(&span);
            let key = match event {
                Event::MappingEnd => return Ok(Value::Table(pairs)),
                Event::Scalar(text, ..) => text.into_owned(),
                _ => return Err(Problem::new(&place, "a key must be a word")),
            };
            if pairs.iter().any(|pair| pair.key == key) {
                return Err(Problem::new(&place, format!("{key} is written twice")));
            }
            let (event, span) = self.next()?;
            let node = self.node(event, &span, depth + 1)?;
            pairs.push(Pair { key, place, node });
        }
    }
}

/// A plain word may be a truth value or nothing (YAML 1.2.2 §10.3.2); in quotes it is text.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::Text(text.to_owned());
    }
    match text {
        "true" | "True" | "TRUE" => Value::Boolean(true),
        "false" | "False" | "FALSE" => Value::Boolean(false),
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        other => Value::Text(other.to_owned()),
    }
}
