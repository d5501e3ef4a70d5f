//! The table of the shell's own commands.

use super::super::bind::Slot;
use super::{BuiltIn, connection, csv, filter, group, help, json, layout, output, select};

const fn value(name: &'static str) -> Slot {
    Slot { name, is_switch: false, position: None }
}

const fn switch(name: &'static str) -> Slot {
    Slot { name, is_switch: true, position: None }
}

const fn at(position: u8, name: &'static str) -> Slot {
    Slot { name, is_switch: false, position: Some(position) }
}

/// Comparisons as parameters of Where-Object, each with its value.
const WHERE: &[Slot] = &[
    at(1, "FilterScript"),
    at(2, "Value"),
    value("Property"),
    switch("Not"),
    value("EQ"),
    value("NE"),
    value("GT"),
    value("GE"),
    value("LT"),
    value("LE"),
    value("Like"),
    value("NotLike"),
    value("Match"),
    value("NotMatch"),
    value("Contains"),
    value("NotContains"),
    value("In"),
    value("NotIn"),
    value("CEQ"),
    value("CNE"),
    value("CLike"),
    value("CMatch"),
];
const SELECT: &[Slot] = &[
    at(1, "Property"),
    value("ExcludeProperty"),
    value("ExpandProperty"),
    value("First"),
    value("Last"),
    value("Skip"),
    value("SkipLast"),
    value("Index"),
    switch("Unique"),
];
const SORT: &[Slot] = &[
    at(1, "Property"),
    switch("Descending"),
    switch("Unique"),
    value("Top"),
    value("Bottom"),
    switch("CaseSensitive"),
];
const MEASURE: &[Slot] = &[
    at(1, "Property"),
    switch("Sum"),
    switch("Average"),
    switch("Minimum"),
    switch("Maximum"),
    switch("AllStats"),
];
const FORMAT: &[Slot] = &[
    at(1, "Property"),
    switch("AutoSize"),
    switch("Wrap"),
    switch("HideTableHeaders"),
    value("GroupBy"),
    value("Column"),
];
const EXPORT: &[Slot] = &[
    at(1, "Path"),
    at(2, "Delimiter"),
    value("Encoding"),
    switch("NoTypeInformation"),
    switch("IncludeTypeInformation"),
    switch("Append"),
    switch("Force"),
    switch("NoClobber"),
];
const IMPORT: &[Slot] = &[at(1, "Path"), at(2, "Delimiter"), value("Encoding"), value("Header")];
const OUT_FILE: &[Slot] = &[
    at(1, "FilePath"),
    value("Encoding"),
    switch("Append"),
    switch("Force"),
    switch("NoClobber"),
    value("Width"),
];
const GET_COMMAND: &[Slot] = &[at(1, "Name"), value("Verb"), value("Noun"), value("Module")];
const GET_HELP: &[Slot] = &[
    at(1, "Name"),
    switch("Examples"),
    switch("Full"),
    switch("Detailed"),
    switch("Online"),
    value("Parameter"),
];

/// An entry whose flags are off.
const fn entry(name: &'static str, synopsis: &'static str, run: super::Run) -> BuiltIn {
    BuiltIn {
        name,
        aliases: &[],
        synopsis,
        slots: &[],
        takes_anything: false,
        takes_rest: false,
        example: "",
        run,
    }
}

impl BuiltIn {
    const fn short(self, aliases: &'static [&'static str]) -> BuiltIn {
        BuiltIn { aliases, ..self }
    }

    const fn with(self, slots: &'static [Slot], example: &'static str) -> BuiltIn {
        BuiltIn { slots, example, ..self }
    }

    const fn lenient(self) -> BuiltIn {
        BuiltIn { takes_anything: true, ..self }
    }

    const fn open_ended(self) -> BuiltIn {
        BuiltIn { takes_rest: true, ..self }
    }
}

/// All of them.
pub(in crate::shell) const ALL: &[BuiltIn] = &[
    entry("Where-Object", "Keeps the objects for which a condition holds.", filter::filter)
        .short(&["where", "?"])
        .with(WHERE, "Get-Mailbox | Where-Object {$_.RecipientTypeDetails -eq 'SharedMailbox'}"),
    entry("ForEach-Object", "Runs a block once for each object, as $_.", filter::for_each)
        .short(&["foreach", "%"])
        .with(
            &[at(1, "Process"), value("Begin"), value("End"), value("MemberName")],
            "'a', 'b' | ForEach-Object { $_.ToUpper() }",
        ),
    entry("Select-Object", "Takes some properties, or some of the objects.", select::select)
        .short(&["select"])
        .with(SELECT, "Get-Recipient | Select-Object -First 5 -Property DisplayName, Alias"),
    entry("Sort-Object", "Puts objects into an order.", select::sort)
        .short(&["sort"])
        .with(SORT, "Get-Mailbox | Sort-Object DisplayName -Descending"),
    entry("Group-Object", "Gathers objects that have a property in common.", group::group)
        .short(&["group"])
        .with(
            &[at(1, "Property"), switch("NoElement"), switch("AsHashTable")],
            "Get-Recipient | Group-Object RecipientTypeDetails",
        ),
    entry("Measure-Object", "Counts objects, and adds up a property.", group::measure)
        .short(&["measure"])
        .with(MEASURE, "Get-MessageTraceV2 | Measure-Object Size -Sum -Maximum"),
    entry("Format-Table", "Shows objects as a table.", layout::table)
        .short(&["ft"])
        .with(FORMAT, "Get-Recipient | Format-Table DisplayName, PrimarySmtpAddress"),
    entry("Format-List", "Shows objects as lists of names and values.", layout::list)
        .short(&["fl"])
        .with(FORMAT, "Get-Mailbox facturation | Format-List *"),
    entry("Format-Wide", "Shows one property of each object, in columns.", layout::wide)
        .short(&["fw"])
        .with(FORMAT, "Get-Mailbox | Format-Wide DisplayName"),
    entry("Out-String", "Makes one text of what would be shown.", output::out_string)
        .with(&[value("Width"), switch("Stream")], "Get-AcceptedDomain | Out-String"),
    entry("Out-File", "Writes what would be shown to a file.", output::out_file)
        .with(OUT_FILE, "Get-AcceptedDomain | Out-File domains.txt"),
    entry("Out-Null", "Shows nothing.", output::out_null)
        .with(&[], "New-Mailbox -Shared -Name Accueil | Out-Null"),
    entry("Out-Default", "Shows what would be shown anyway.", output::pass)
        .short(&["Out-Host", "oh"])
        .with(&[switch("Paging")], "Get-Mailbox | Out-Host"),
    entry("Write-Output", "Gives its values to the pipeline.", output::write_output)
        .short(&["echo", "write"])
        .with(&[switch("NoEnumerate")], "Write-Output 'support@contoso.com'")
        .open_ended(),
    entry("Write-Host", "Prints a text at once.", output::write_host)
        .with(
            &[
                switch("NoNewline"),
                value("ForegroundColor"),
                value("BackgroundColor"),
                value("Separator"),
            ],
            "Write-Host 'Done'",
        )
        .open_ended(),
    entry("Write-Warning", "Prints a warning.", output::write_warning)
        .with(&[at(1, "Message")], "Write-Warning 'This takes a while'"),
    entry("Write-Error", "Tells a failure.", output::write_error)
        .with(&[at(1, "Message")], "Write-Error 'No such team'"),
    entry("Export-Csv", "Writes objects to a CSV file.", csv::export)
        .short(&["epcsv"])
        .with(EXPORT, "Get-RecipientPermission | Export-Csv rights.csv -NoTypeInformation"),
    entry("Import-Csv", "Reads objects from a CSV file.", csv::import)
        .short(&["ipcsv"])
        .with(IMPORT, "Import-Csv rights.csv | Where-Object Trustee -like '*@contoso.com'"),
    entry("ConvertTo-Csv", "Makes CSV lines of objects.", csv::convert_to)
        .with(EXPORT, "Get-AcceptedDomain | ConvertTo-Csv"),
    entry("ConvertFrom-Csv", "Reads objects from CSV lines.", csv::convert_from).with(
        &[at(1, "InputObject"), at(2, "Delimiter"), value("Header")],
        "'a,b', '1,2' | ConvertFrom-Csv",
    ),
    entry("ConvertTo-Json", "Makes a JSON text of objects.", json::convert_to).with(
        &[value("Depth"), switch("Compress"), switch("AsArray"), at(1, "InputObject")],
        "Get-UnifiedGroup | ConvertTo-Json -Depth 4",
    ),
    entry("ConvertFrom-Json", "Reads objects from a JSON text.", json::convert_from).with(
        &[at(1, "InputObject"), value("Depth"), switch("AsHashtable")],
        "'{\"Alias\": \"support\"}' | ConvertFrom-Json",
    ),
    entry("Get-Content", "Reads the lines of a file.", output::get_content)
        .short(&["gc", "cat", "type"])
        .with(
            &[at(1, "Path"), switch("Raw"), value("Encoding")],
            "Get-Content addresses.txt | Get-Recipient",
        ),
    entry("Get-Member", "Lists the properties of objects.", help::get_member)
        .short(&["gm"])
        .with(&[at(1, "Name"), value("MemberType")], "Get-AcceptedDomain | Get-Member"),
    entry("Get-Command", "Lists cmdlets.", help::get_command)
        .short(&["gcm"])
        .with(GET_COMMAND, "Get-Command *permission*"),
    entry("Get-Help", "Explains a cmdlet.", help::get_help)
        .short(&["help", "man"])
        .with(GET_HELP, "Get-Help Add-RecipientPermission"),
    entry("Get-Date", "Gives the present instant, or a date.", output::get_date).with(
        &[at(1, "Date"), value("Format")],
        "Get-MessageTraceV2 -StartDate (Get-Date).AddDays(-7)",
    ),
    entry("Get-Variable", "Lists the variables that are set.", output::get_variable)
        .short(&["gv"])
        .with(&[at(1, "Name")], "Get-Variable"),
    entry("Connect-ExchangeOnline", "Is done already: says which server.", connection::connect)
        .lenient()
        .with(&[], "Connect-ExchangeOnline -UserPrincipalName admin@contoso.com"),
    entry("Disconnect-ExchangeOnline", "There is nothing to leave.", connection::disconnect)
        .lenient()
        .with(&[], "Disconnect-ExchangeOnline -Confirm:$false"),
    entry("Import-Module", "All cmdlets are there already.", connection::import)
        .short(&["ipmo", "Install-Module"])
        .lenient()
        .with(&[], "Import-Module ExchangeOnlineManagement"),
];
