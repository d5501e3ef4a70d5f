//! The reference page of all cmdlets (`docs/cmdlets.md`), written from the table. A test compares
//! the page that is checked in with what is written here.

use crate::cmdlet::{self, Cmdlet, Parameter, ParameterKind, Pause, Property, PropertyKind};

const HEAD: &str = "# Cmdlets\n\n\
    What the administration protocol, `guichet shell` and the PowerShell module `Guichet.psm1` \
    understand. Names are Exchange's where Exchange has them; what is Guichet's own says so. Names \
    and words are compared without regard to case.\n\n\
    This page is written from the table in `crates/admin-protocol/src/cmdlets`; after a change \
    run `cargo run -p guichet-admin-protocol --example cmdlet_page > docs/cmdlets.md`.\n\n\
    Every cmdlet also takes PowerShell's common parameters. With `-Confirm` one that changes \
    something is checked and asks, and changes nothing until it is called with `-Confirm:$false`; \
    with `-WhatIf` it is only checked.\n";

/// The page, in Markdown.
pub fn page() -> String {
    let mut page = String::from(HEAD);
    page.push_str("\n| Cmdlet | Does |\n|---|---|\n");
    for cmdlet in cmdlet::all() {
        let anchor = cmdlet.name.to_lowercase();
        page.push_str(&format!("| [{}](#{anchor}) | {} |\n", cmdlet.name, cell(cmdlet.synopsis)));
    }
    for cmdlet in cmdlet::all() {
        write_cmdlet(&mut page, cmdlet);
    }
    page
}

fn write_cmdlet(page: &mut String, cmdlet: &Cmdlet) {
    page.push_str(&format!("\n## {}\n\n{}\n\n", cmdlet.name, cmdlet.synopsis));
    page.push_str(&format!("```powershell\n{}\n```\n\n", syntax(cmdlet)));
    page.push_str(&format!("May be called by {}.", cmdlet.caller.describe()));
    if cmdlet.pause == Pause::AsksFirst {
        page.push_str(" Asks first, unless called with `-Confirm:$false`.");
    }
    page.push('\n');
    if !cmdlet.parameters.is_empty() {
        page.push_str("\n| Parameter | Type | |\n|---|---|---|\n");
        for parameter in cmdlet.parameters {
            let kind = kind_cell(parameter.kind);
            let help = cell(parameter.help);
            page.push_str(&format!("| `-{}` | {kind} | {help} |\n", parameter.name));
        }
    }
    if !cmdlet.output.is_empty() {
        page.push_str("\n| Output | Type | |\n|---|---|---|\n");
        write_properties(page, cmdlet.output, "");
    }
    page.push('\n');
    for example in cmdlet.examples {
        page.push_str(&format!("{}\n\n```powershell\n{}\n```\n", example.says, example.line));
    }
}

fn write_properties(page: &mut String, properties: &[Property], under: &str) {
    for property in properties {
        let name = format!("{under}{}", property.name);
        let kind = property.kind.type_name();
        page.push_str(&format!("| `{name}` | {kind} | {} |\n", cell(property.help)));
        if let PropertyKind::Objects(parts) = property.kind {
            write_properties(page, parts, &format!("{name}."));
        }
    }
}

/// The cmdlet with its parameters as PowerShell's help shows it, such as
/// `Get-X [[-Identity] <String>] -Trustee <String>`.
pub fn syntax(cmdlet: &Cmdlet) -> String {
    let mut ordered: Vec<&Parameter> = cmdlet.parameters.iter().collect();
    ordered.sort_by_key(|known| (known.position.unwrap_or(u8::MAX), !known.is_mandatory));
    let mut line = cmdlet.name.to_owned();
    for parameter in ordered {
        let name = match parameter.position {
            Some(_) => format!("[-{}]", parameter.name),
            None => format!("-{}", parameter.name),
        };
        let whole = match parameter.kind {
            ParameterKind::Switch => name,
            ParameterKind::Secret => format!("{name} <String>"),
            kind => format!("{name} <{}>", kind.type_name()),
        };
        line.push(' ');
        line.push_str(&if parameter.is_mandatory { whole } else { format!("[{whole}]") });
    }
    line
}

fn kind_cell(kind: ParameterKind) -> String {
    match kind {
        ParameterKind::OneOf(words) => words.join(", "),
        other => other.type_name().to_owned(),
    }
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_that_is_checked_in_is_this_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cmdlets.md");
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            kept == page(),
            "docs/cmdlets.md is not what the table says. Write it anew: \
             cargo run -p guichet-admin-protocol --example cmdlet_page > docs/cmdlets.md"
        );
    }

    #[test]
    fn syntax_is_powershells() {
        let cmdlet = cmdlet::find("Get-UnifiedGroupLinks").expect("in the table");
        assert_eq!(
            syntax(cmdlet),
            "Get-UnifiedGroupLinks [-Identity] <String> -LinkType <String> \
             [-ResultSize <UInt64 or Unlimited>]"
        );
    }

    #[test]
    fn every_cmdlet_and_every_name_is_on_the_page() {
        let page = page();
        for cmdlet in cmdlet::all() {
            assert!(page.contains(&format!("\n## {}\n", cmdlet.name)), "{}", cmdlet.name);
            for parameter in cmdlet.parameters {
                assert!(page.contains(&format!("| `-{}` |", parameter.name)), "{}", parameter.name);
            }
        }
    }
}
