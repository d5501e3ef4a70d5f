//! Exceptions: `// tidy: allow(rule): reason` on the line, or on the comment right above it.
//!
//! In other kinds of file the same words stand behind that kind's comment sign. An exception needs
//! a rule that exists and a reason, and has to excuse something.

use super::finding::{Finding, Rule};
use super::tree::{File, Tree};

/// How an exception starts, behind the comment sign.
const MARK: &str = "tidy: allow(";

/// An exception as written.
struct Allow {
    rule: Rule,
    /// The line of the comment.
    line: usize,
    /// The first line behind the comment that is not a comment itself.
    target: usize,
    is_used: bool,
}

/// Takes the excused findings away and adds those about the exceptions themselves.
pub(super) fn apply(tree: &Tree, mut findings: Vec<Finding>) -> Vec<Finding> {
    for file in tree.files() {
        let mut allows = Vec::new();
        for (line, text) in marked_comments(file) {
            match read(text) {
                Ok(rule) => {
                    allows.push(Allow { rule, line, target: target(file, line), is_used: false });
                }
                Err(reason) => findings.push(Finding::new(&file.path, line, Rule::Allow, reason)),
            }
        }
        findings.retain(|finding| {
            if finding.path != file.path {
                return true;
            }
            let excuse = allows.iter_mut().find(|allow| {
                allow.rule == finding.rule
                    && (allow.line == finding.line || allow.target == finding.line)
            });
            excuse.map(|allow| allow.is_used = true).is_none()
        });
        for allow in allows.iter().filter(|allow| !allow.is_used) {
            let reason = format!("nothing here breaks `{}`; remove the line", allow.rule.name());
            findings.push(Finding::new(&file.path, allow.line, Rule::Allow, reason));
        }
    }
    findings
}

/// Returns the comments that start with [`MARK`], each with its line and what follows the mark.
fn marked_comments(file: &File) -> Vec<(usize, &str)> {
    if let Some(source) = &file.rust {
        let comments = source.comments.iter();
        return comments
            .filter_map(|comment| Some((comment.line, comment.text.strip_prefix(MARK)?)))
            .collect();
    }
    let sign = match file.ending() {
        "md" => "<!-- ",
        "sql" => "-- ",
        "sh" | "toml" | "py" | "" => "# ",
        _ => return Vec::new(),
    };
    let marked = |(index, line): (usize, &'_ str)| -> Option<(usize, usize)> {
        let at = line.find(sign)?;
        let start = at + sign.len();
        line[start..].starts_with(MARK).then_some((index, start + MARK.len()))
    };
    let mut found = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        if let Some((index, start)) = marked((index, line)) {
            found.push((index + 1, line[start..].trim_end_matches("-->")));
        }
    }
    found
}

/// Reads `rule): reason`.
fn read(text: &str) -> Result<Rule, String> {
    let (name, rest) = text.split_once(')').ok_or("write `tidy: allow(rule): reason`")?;
    let rule = Rule::named(name).ok_or_else(|| {
        let names: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        format!("there is no rule `{name}`; there are {}", names.join(", "))
    })?;
    let reason = rest.strip_prefix(':').unwrap_or_default().trim();
    if reason.is_empty() {
        return Err(format!("say why: `tidy: allow({name}): reason`"));
    }
    Ok(rule)
}

fn target(file: &File, line: usize) -> usize {
    let Some(source) = &file.rust else { return line + 1 };
    let mut lines = source.code.lines().zip(file.text.lines()).enumerate().skip(line);
    let is_comment = |code: &str, text: &str| code.trim().is_empty() && !text.trim().is_empty();
    lines.find(|(_, (code, text))| !is_comment(code, text)).map_or(line + 1, |(index, _)| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(text: &str, lines: &[usize]) -> Vec<String> {
        let tree = Tree::of(&[("crates/a/src/lib.rs", text)]);
        let found = lines.iter();
        let found = found.map(|line| Finding::new("crates/a/src/lib.rs", *line, Rule::Clock, "x"));
        apply(&tree, found.collect()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_reasoned_exception_excuses_its_line_and_the_next_code() {
        let same = "now(); // tidy: allow(clock): measured on purpose\n";
        assert!(applied(same, &[1]).is_empty());
        let above = "// tidy: allow(clock): measured\n// on purpose\nnow();\nnow();\n";
        assert!(applied(above, &[3]).is_empty());
        assert_eq!(applied(above, &[3, 4]), ["crates/a/src/lib.rs:4: clock: x"]);
    }

    #[test]
    fn an_exception_of_another_rule_excuses_nothing_and_is_reported() {
        let found = applied("now(); // tidy: allow(sql): because\n", &[1]);
        assert_eq!(found.len(), 2);
        assert!(found.iter().any(|text| text.contains("nothing here breaks `sql`")));
    }

    #[test]
    fn an_exception_needs_a_rule_and_a_reason() {
        assert!(applied("// tidy: allow(clocks): x\n", &[])[0].contains("no rule `clocks`"));
        assert!(applied("// tidy: allow(clock)\n", &[])[0].contains("say why"));
        assert!(applied("// tidy: allow(clock):  \n", &[])[0].contains("say why"));
        assert!(applied("// tidy: allow(clock\n", &[])[0].contains("write `tidy"));
    }

    #[test]
    fn other_files_use_their_own_comment_sign() {
        let tree = Tree::of(&[("a.md", "[x](y) <!-- tidy: allow(link): made by the build -->\n")]);
        assert!(apply(&tree, vec![Finding::new("a.md", 1, Rule::Link, "x")]).is_empty());
    }
}
