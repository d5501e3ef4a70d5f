//! The PowerShell module `Guichet.psm1`, written from the table: one function for each cmdlet, with
//! its parameters, help and confirmation, over a fixed head that knows the protocol.
//!
//! It is served at a fixed address, so that whoever has PowerShell needs nothing else.

use crate::cmdlet::{self, Cmdlet, Parameter, ParameterKind, Pause};

/// Where the module is served.
pub const MODULE_PATH: &str = "/Guichet.psm1";

/// What does not depend on the table: connecting, calling, paging, asking, errors.
const HEAD: &str = include_str!("module/head.psm1");

/// The module's text.
pub fn powershell() -> String {
    let mut module = String::from(HEAD);
    for cmdlet in cmdlet::all() {
        module.push('\n');
        write_function(&mut module, cmdlet);
    }
    module.push_str("\n# What Format-Table shows when nobody chooses.\n");
    for cmdlet in cmdlet::all().filter(|cmdlet| !cmdlet.display.is_empty()) {
        let shown: Vec<String> = cmdlet.display.iter().map(|name| quoted(name)).collect();
        module.push_str(&format!(
            "Update-TypeData -TypeName {} -DefaultDisplayPropertySet {} -Force\n",
            quoted(&format!("Guichet.{}", cmdlet.name)),
            shown.join(", ")
        ));
    }
    module.push_str("\nExport-ModuleMember -Function @(\n");
    let names = ["Connect-Guichet", "Disconnect-Guichet"].into_iter();
    let exported: Vec<String> = names
        .chain(cmdlet::all().map(|cmdlet| cmdlet.name))
        .map(|name| format!("    {}", quoted(name)))
        .collect();
    module.push_str(&exported.join("\n"));
    module.push_str("\n)\n");
    module
}

fn write_function(module: &mut String, cmdlet: &Cmdlet) {
    module.push_str(&format!("<#\n.SYNOPSIS\n{}\n", in_comment(cmdlet.synopsis)));
    for parameter in cmdlet.parameters {
        module.push_str(&format!(
            ".PARAMETER {}\n{}\n",
            parameter.name,
            in_comment(parameter.help)
        ));
    }
    for example in cmdlet.examples {
        let (line, says) = (in_comment(example.line), in_comment(example.says));
        module.push_str(&format!(".EXAMPLE\n{line}\n\n{says}\n"));
    }
    let changes = !cmdlet.only_reads();
    let asks_first = cmdlet.pause == Pause::AsksFirst;
    let binding = if changes { "SupportsShouldProcess, ConfirmImpact = 'Medium'" } else { "" };
    module.push_str(&format!(
        "#>\nfunction {} {{\n    [CmdletBinding({binding})]\n    param(\n",
        cmdlet.name
    ));
    let declared: Vec<String> = cmdlet.parameters.iter().map(declaration).collect();
    module.push_str(&declared.join(",\n"));
    module.push_str(&format!(
        "\n    )\n    process {{\n        Invoke-GuichetCmdlet -Name {} -Bound $PSBoundParameters \
         -Caller $PSCmdlet -Changes {} -AsksFirst {}\n    }}\n}}\n",
        quoted(cmdlet.name),
        boolean(changes),
        boolean(asks_first)
    ));
}

fn declaration(parameter: &Parameter) -> String {
    let mut options = Vec::new();
    if parameter.is_mandatory {
        options.push("Mandatory".to_owned());
    }
    if let Some(position) = parameter.position {
        // PowerShell counts from 0.
        options.push(format!("Position = {}", position.saturating_sub(1)));
    }
    if parameter.position == Some(1) {
        options.push("ValueFromPipelineByPropertyName".to_owned());
    }
    let attribute = format!("        [Parameter({})]\n", options.join(", "));
    // Null clears a text or a list.
    let clears = match parameter.kind {
        ParameterKind::Text | ParameterKind::TextList => {
            "        [AllowNull()] [AllowEmptyString()] [AllowEmptyCollection()]\n"
        }
        _ => "",
    };
    let kind = match parameter.kind {
        ParameterKind::Text | ParameterKind::IntegerOrUnlimited => "[string]".to_owned(),
        // A list, an edit of one in a hashtable, or nothing; a password as text or SecureString.
        ParameterKind::TextList | ParameterKind::Secret => "[object]".to_owned(),
        ParameterKind::Boolean => "[bool]".to_owned(),
        ParameterKind::Switch => "[switch]".to_owned(),
        ParameterKind::Integer => "[uint64]".to_owned(),
        ParameterKind::Timestamp => "[datetime]".to_owned(),
        ParameterKind::OneOf(words) => {
            let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
            format!("[ValidateSet({})] [string]", words.join(", "))
        }
    };
    format!("{attribute}{clears}        {kind} ${}", parameter.name)
}

/// A text as a literal of PowerShell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn boolean(value: bool) -> &'static str {
    if value { "$true" } else { "$false" }
}

/// A text within `<# … #>`, which it must not end.
fn in_comment(text: &str) -> String {
    text.replace("#>", "# >")
}

#[cfg(test)]
mod tests;
