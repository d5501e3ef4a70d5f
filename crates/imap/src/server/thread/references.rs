//! Threads by References (RFC 5256 §4, REFERENCES).
//!
//! Nodes from 0 are the messages in the order of their dates, those behind stand for messages that
//! are only referred to.

use std::collections::HashMap;

use super::Letter;
use super::tree::Forest;

/// Most ancestors that are looked through for a loop; what would lie deeper is not linked.
const ANCESTORS_MAX: usize = 1_000;

/// Nodes with their parents.
struct Links {
    letters: usize,
    parents: Vec<Option<usize>>,
}

/// Makes trees of messages that are sorted by date.
pub(super) fn forest(letters: &[Letter]) -> Forest {
    let links = linked(letters);
    let mut children = vec![Vec::new(); links.parents.len()];
    let mut roots = Vec::new();
    for (node, parent) in links.parents.iter().enumerate() {
        match parent {
            Some(parent) => children[*parent].push(node),
            None => roots.push(node),
        }
    }
    prune(links.letters, &mut children, &mut roots);
    gather_subjects(letters, &mut children, &mut roots);
    // RFC 5256 §4 (6): messages are numbered by date, and absent ones by their first child.
    for each in &mut children {
        each.sort_unstable();
    }
    let first = |node: &usize| {
        if *node < letters.len() {
            *node
        } else {
            children[*node].first().copied().unwrap_or(*node)
        }
    };
    roots.sort_by_key(first);
    Forest::of(letters.len(), children, roots)
}

/// RFC 5256 §4 (1): who answers whom.
fn linked(letters: &[Letter]) -> Links {
    let mut nodes: HashMap<&str, usize> = HashMap::new();
    for (index, letter) in letters.iter().enumerate() {
        // Of two messages with one identity the first has it.
        if let Some(id) = &letter.message_id {
            nodes.entry(id).or_insert(index);
        }
    }
    let mut links = Links { letters: letters.len(), parents: vec![None; letters.len()] };
    for (index, letter) in letters.iter().enumerate() {
        let mut above = None;
        for id in &letter.references {
            let node = *nodes.entry(id).or_insert_with(|| {
                links.parents.push(None);
                links.parents.len() - 1
            });
            // (A): links that are there already stay.
            if let Some(above) = above.filter(|_| links.parents[node].is_none()) {
                links.link(above, node);
            }
            above = Some(node);
        }
        // (B): the last reference is the parent, whatever was guessed before.
        if let Some(above) = above {
            links.parents[index] = None;
            links.link(above, index);
        }
    }
    links
}

impl Links {
    /// Puts `child` below `parent`, unless that makes a loop.
    fn link(&mut self, parent: usize, child: usize) {
        let mut node = parent;
        for _ in 0..ANCESTORS_MAX {
            if node == child {
                return;
            }
            match self.parents[node] {
                Some(above) => node = above,
                None => {
                    self.parents[child] = Some(parent);
                    return;
                }
            }
        }
    }
}

/// RFC 5256 §4 (3): absent messages go, but for those that hold several threads together.
fn prune(letters: usize, children: &mut [Vec<usize>], roots: &mut Vec<usize>) {
    // Each node behind all nodes below it.
    let mut order = Vec::new();
    let mut stack = roots.clone();
    while let Some(node) = stack.pop() {
        order.push(node);
        stack.extend(&children[node]);
    }
    for node in order.into_iter().rev() {
        let mut kept = Vec::new();
        for child in std::mem::take(&mut children[node]) {
            if child < letters {
                kept.push(child);
            } else {
                kept.append(&mut children[child]);
            }
        }
        children[node] = kept;
    }
    let mut kept = Vec::new();
    for root in std::mem::take(roots) {
        match &children[root][..] {
            [] if root >= letters => {}
            [only] if root >= letters => kept.push(*only),
            _ => kept.push(root),
        }
    }
    *roots = kept;
}

/// RFC 5256 §4 (5): trees of one subject become one.
fn gather_subjects(letters: &[Letter], children: &mut Vec<Vec<usize>>, roots: &mut Vec<usize>) {
    let subject_of = |node: usize, children: &[Vec<usize>]| {
        let first =
            if node < letters.len() { Some(node) } else { children[node].iter().min().copied() };
        first.map(|first| &letters[first])
    };
    roots.sort_by_key(|node| {
        if *node < letters.len() {
            *node
        } else {
            children[*node].iter().min().copied().unwrap_or(*node)
        }
    });
    // (B): for each subject the tree that the others join: one without a message, else one that is
    // no answer, else the first.
    let mut heads: HashMap<&str, usize> = HashMap::new();
    for root in roots.iter().copied() {
        let Some(letter) = subject_of(root, children).filter(|letter| !letter.subject.is_empty())
        else {
            continue;
        };
        let head = heads.entry(&letter.subject).or_insert(root);
        let is_absent = |node: usize| node >= letters.len();
        let is_answer = |node: usize| !is_absent(node) && letters[node].is_answer;
        let is_better = is_absent(root) && !is_absent(*head)
            || is_answer(*head) && !is_answer(root) && !is_absent(*head);
        if is_better {
            *head = root;
        }
    }
    let mut kept = Vec::new();
    let mut replaced = HashMap::new();
    for root in std::mem::take(roots) {
        let head =
            subject_of(root, children).and_then(|letter| heads.get_mut(letter.subject.as_str()));
        match head {
            Some(head) if *head != root => {
                let both = joined(letters, children, *head, root);
                if both != *head {
                    // The head was kept before: only a later tree needs a node above both.
                    replaced.insert(*head, both);
                    *head = both;
                }
            }
            _ => kept.push(root),
        }
    }
    *roots = kept.iter().map(|root| replaced.get(root).copied().unwrap_or(*root)).collect();
}

/// RFC 5256 §4 (C): puts `other` to `head`; answers the root of both.
fn joined(letters: &[Letter], children: &mut Vec<Vec<usize>>, head: usize, other: usize) -> usize {
    let is_absent = |node: usize| node >= letters.len();
    if is_absent(head) && is_absent(other) {
        let mut moved = std::mem::take(&mut children[other]);
        children[head].append(&mut moved);
        return head;
    }
    let other_is_answer = is_absent(other) || letters[other].is_answer;
    if is_absent(head) || other_is_answer && !letters[head].is_answer {
        children[head].push(other);
        return head;
    }
    children.push(vec![head, other]);
    children.len() - 1
}
