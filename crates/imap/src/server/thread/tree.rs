//! Trees of messages, and how THREAD writes them (RFC 5256 §4).
//!
//! Nodes are numbers. Nothing here calls itself: conversations can be as deep as somebody makes
//! them.

use crate::codec::write;

/// Trees over nodes; those from `letters` on stand for messages that are not there.
#[derive(Debug, Clone)]
pub(super) struct Forest {
    letters: usize,
    children: Vec<Vec<usize>>,
    roots: Vec<usize>,
}

impl Forest {
    /// No trees yet, over so many messages.
    pub(super) fn new(letters: usize) -> Forest {
        Forest { letters, children: vec![Vec::new(); letters], roots: Vec::new() }
    }

    /// Trees that are made elsewhere.
    pub(super) fn of(letters: usize, children: Vec<Vec<usize>>, roots: Vec<usize>) -> Forest {
        Forest { letters, children, roots }
    }

    pub(super) fn roots(&self) -> &[usize] {
        &self.roots
    }

    /// Begins a tree.
    pub(super) fn plant(&mut self, root: usize) {
        self.roots.push(root);
    }

    /// Puts a node below another.
    pub(super) fn adopt(&mut self, parent: usize, child: usize) {
        self.children[parent].push(child);
    }

    /// Writes all trees; `number` is what a message is called.
    pub(super) fn write(&self, out: &mut Vec<u8>, number: impl Fn(usize) -> u32) {
        enum Piece {
            Node(usize),
            Text(&'static [u8]),
        }
        let mut stack = Vec::new();
        let open = |stack: &mut Vec<Piece>, nodes: &[usize]| {
            for node in nodes.iter().rev() {
                stack.push(Piece::Text(b")"));
                stack.push(Piece::Node(*node));
                stack.push(Piece::Text(b"("));
            }
        };
        open(&mut stack, &self.roots);
        while let Some(piece) = stack.pop() {
            let node = match piece {
                Piece::Text(text) => {
                    out.extend_from_slice(text);
                    continue;
                }
                Piece::Node(node) => node,
            };
            let is_there = node < self.letters;
            if is_there {
                write::number(out, u64::from(number(node)));
            }
            match &self.children[node][..] {
                [] => {}
                [only] => {
                    stack.push(Piece::Node(*only));
                    stack.extend(is_there.then_some(Piece::Text(b" ")));
                }
                many => {
                    open(&mut stack, many);
                    stack.extend(is_there.then_some(Piece::Text(b" ")));
                }
            }
        }
    }
}
