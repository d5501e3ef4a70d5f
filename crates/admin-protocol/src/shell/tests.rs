//! Tests of the shell against a host of the test's own: it records calls, answers what it is told,
//! and keeps files in memory.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::host::{Answer, Consent, Refusal, Style, WriteMode};
use super::value::literal;
use super::*;
use crate::cmdlet::{self, Cmdlet, Object};
use crate::parameters::Parameters;

/// 2027-01-01T12:00:00Z.
const NOW: domain::Timestamp = domain::Timestamp(1_798_804_800_000);

#[derive(Default)]
struct Fake {
    calls: Vec<(String, Json)>,
    answers: BTreeMap<&'static str, Vec<Object>>,
    refusals: BTreeMap<&'static str, Refusal>,
    files: BTreeMap<String, Vec<u8>>,
    printed: String,
    warned: Vec<String>,
    complained: String,
    consents: Vec<Consent>,
    asked: Vec<String>,
    has_person: bool,
    /// How often it may be asked before it interrupts.
    patience: Option<usize>,
}

impl Host for Fake {
    fn invoke(
        &mut self,
        cmdlet: &'static Cmdlet,
        parameters: Parameters,
    ) -> Result<Answer, Refusal> {
        assert_eq!(cmdlet.check(&parameters), Ok(()), "{}", cmdlet.name);
        let asks = parameters.asks_confirmation() || parameters.is_what_if();
        self.calls.push((cmdlet.name.to_owned(), serde_json::to_value(&parameters).expect("JSON")));
        if let Some(refusal) = self.refusals.get(cmdlet.name) {
            return Err(refusal.clone());
        }
        let question = asks.then(|| format!("{}?", cmdlet.name));
        let objects = match asks {
            true => Vec::new(),
            false => self.answers.get(cmdlet.name).cloned().unwrap_or_default(),
        };
        Ok(Answer { objects, warnings: Vec::new(), question })
    }

    fn asks(&self) -> bool {
        self.has_person
    }

    fn ask(&mut self, question: &str) -> Consent {
        self.asked.push(question.to_owned());
        if self.consents.is_empty() { Consent::No } else { self.consents.remove(0) }
    }

    fn read_file(&mut self, path: &str) -> Result<Vec<u8>, String> {
        self.files.get(path).cloned().ok_or_else(|| "it is not there".to_owned())
    }

    fn write_file(&mut self, path: &str, octets: &[u8], mode: WriteMode) -> Result<(), String> {
        let file = self.files.entry(path.to_owned()).or_default();
        match mode {
            WriteMode::Create if !file.is_empty() => return Err("it exists".to_owned()),
            WriteMode::Create | WriteMode::Replace => *file = octets.to_vec(),
            WriteMode::Append => file.extend_from_slice(octets),
        }
        Ok(())
    }

    fn now(&self) -> domain::Timestamp {
        NOW
    }

    fn print(&mut self, text: &str) -> Result<(), Refusal> {
        self.printed.push_str(text);
        Ok(())
    }

    fn warn(&mut self, text: &str) {
        self.warned.push(text.to_owned());
    }

    fn complain(&mut self, report: &str) {
        self.complained.push_str(report);
        self.complained.push('\n');
    }

    fn interruption(&mut self) -> Option<Refusal> {
        self.patience = self.patience.map(|left| left.saturating_sub(1));
        (self.patience == Some(0)).then(|| Refusal {
            text: "interrupted".to_owned(),
            hint: None,
            exit_status: 130,
            ends_all: true,
        })
    }

    fn style(&self) -> Style {
        Style::default()
    }

    fn server(&self) -> String {
        "the test".to_owned()
    }
}

impl Fake {
    fn answering(cmdlet: &'static str, objects: &Json) -> Fake {
        let objects = objects.as_array().expect("an array").iter();
        let objects = objects.map(|object| object.as_object().expect("an object").clone());
        Fake { answers: [(cmdlet, objects.collect())].into(), ..Fake::default() }
    }

    fn file(&self, path: &str) -> &str {
        std::str::from_utf8(&self.files[path]).expect("UTF-8")
    }
}

fn permissions() -> Fake {
    Fake::answering(
        "Get-RecipientPermission",
        &json!([
            {"Identity": "NomGroupe", "Trustee": "jean.dupont@contoso.com",
             "AccessControlType": "Allow", "AccessRights": ["SendAs"]},
            {"Identity": "NomGroupe", "Trustee": "marie.durand@contoso.com",
             "AccessControlType": "Allow", "AccessRights": ["SendAs"]},
        ]),
    )
}

/// Runs a text that must not fail, and gives what it printed.
fn printed(source: &str) -> String {
    printed_by(source, &mut Fake::default())
}

fn printed_by(source: &str, fake: &mut Fake) -> String {
    let ended = Shell::new().run(source, fake);
    assert_eq!(ended, Ended::Done, "{source}: {}", fake.complained);
    std::mem::take(&mut fake.printed)
}

/// Runs a text that must fail, and gives what was told.
fn complaint(source: &str) -> String {
    let mut fake = Fake::default();
    let ended = Shell::new().run(source, &mut fake);
    assert!(matches!(ended, Ended::Failed(_) | Ended::Stopped(_)), "{source}: {ended:?}");
    fake.complained
}

#[test]
fn the_article_runs_as_printed() {
    let article = "# connexion\n\
        Connect-ExchangeOnline -UserPrincipalName admin@contoso.com\n\
        # octroi SendAs à un utilisateur\n\
        Add-RecipientPermission -Identity \"NomGroupe\" ` -Trustee \"jean.dupont@contoso.com\"`\n\
        -AccessRights SendAs\n\
        # vérification\n\
        Get-RecipientPermission -Identity \"NomGroupe\" | Where-Object {$\\_.Trustee -eq \
        'jean.dupont'}\n\
        Set-Group -Identity \"NomGroupe\" -RequireSenderAuthenticationEnabled $false\n";
    let mut fake = permissions();
    let printed = printed_by(article, &mut fake);
    assert_eq!(
        fake.calls,
        [
            (
                "Add-RecipientPermission".to_owned(),
                json!({"Identity": "NomGroupe", "Trustee": "jean.dupont@contoso.com",
                       "AccessRights": "SendAs", "Confirm": false}),
            ),
            ("Get-RecipientPermission".to_owned(), json!({"Identity": "NomGroupe"})),
            (
                "Set-Group".to_owned(),
                json!({"Identity": "NomGroupe", "RequireSenderAuthenticationEnabled": false}),
            ),
        ]
    );
    assert!(printed.contains("jean.dupont@contoso.com"), "{printed}");
    assert!(!printed.contains("marie"), "{printed}");
    let warned = fake.warned.join("\n");
    assert!(warned.contains("connected to the test already; -UserPrincipalName"), "{warned}");
    assert!(warned.contains("`$\\_` was read as `$_`"), "{warned}");
    assert!(warned.contains("compared with the local part"), "{warned}");
}

#[test]
fn every_example_of_the_table_runs() {
    for cmdlet in cmdlet::all() {
        assert!(!cmdlet.examples.is_empty(), "{}", cmdlet.name);
        for example in cmdlet.examples {
            let mut fake = Fake::default();
            let ended = Shell::new().run(example.line, &mut fake);
            assert_eq!(ended, Ended::Done, "{}: {}", example.line, fake.complained);
            assert!(!fake.calls.is_empty(), "{} calls nothing", example.line);
        }
    }
}

#[test]
fn every_example_of_the_shell_runs() {
    for known in builtin::table::ALL {
        let mut fake = Fake::default();
        fake.files.insert("rights.csv".to_owned(), b"Trustee\nx@contoso.com".to_vec());
        fake.files.insert("addresses.txt".to_owned(), b"x@contoso.com".to_vec());
        let ended = Shell::new().run(known.example, &mut fake);
        let is_fine = ended == Ended::Done || known.name == "Write-Error";
        assert!(is_fine, "{}: {}", known.example, fake.complained);
    }
}

#[test]
fn operators() {
    for (source, expected) in [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("7 / 2", "3.5"),
        ("8 / 2", "4"),
        ("7 % 3", "1"),
        ("-2 + 5", "3"),
        ("2MB / 1KB", "2048"),
        ("1.5 + 1", "2.5"),
        ("'a' + 1", "a1"),
        ("1 + '2'", "3"),
        ("'ab' * 3", "ababab"),
        ("'Support' -eq 'SUPPORT'", "True"),
        ("'Support' -ceq 'SUPPORT'", "False"),
        ("'a' -ne 'b'", "True"),
        ("10 -gt 9", "True"),
        ("'10' -gt '9'", "False"),
        ("10 -gt '9'", "True"),
        ("3 -le 3", "True"),
        ("'support@contoso.com' -like '*@CONTOSO.com'", "True"),
        ("'x' -notlike 'y*'", "True"),
        ("'jean.dupont' -match '^jean\\.'", "True"),
        ("'x' -notmatch 'x'", "False"),
        ("1, 2, 3 -contains 2", "True"),
        ("'A', 'b' -contains 'a'", "True"),
        ("2 -in 1, 3", "False"),
        ("2 -notin 1, 3", "True"),
        ("1, 2 -notcontains 3", "True"),
        ("$true -and -not $false", "True"),
        ("$true -and !$true", "False"),
        ("$false -or $true", "True"),
        ("$true -xor $true", "False"),
        ("1, 2, 3, 2 -eq 2", "2\n2"),
        ("$null -eq ''", "False"),
        ("'' -eq $null", "False"),
        ("$null -eq $null", "True"),
        ("(1..4) -join '+'", "1+2+3+4"),
        ("'a;b' -split ';'", "a\nb"),
        ("'a-b' -replace '-', '+'", "a+b"),
        ("'{0} has {1,3}|' -f 'x', 7", "x has   7|"),
        ("3..1", "3\n2\n1"),
        ("'2027-01-02' -gt (Get-Date)", "True"),
        ("(Get-Date).AddDays(-1)", "2026-12-31 12:00:00Z"),
        ("(Get-Date -Format yyyy-MM-dd)", "2027-01-01"),
        ("[int]'5' + 1", "6"),
        ("[string]5 + 1", "51"),
        ("[bool]'x'", "True"),
        ("'a\u{2013}b' \u{2013}eq 'A\u{2013}B'", "True"),
        ("\u{201c}a\u{201d} + \u{2018}b\u{2019}", "ab"),
    ] {
        assert_eq!(printed(source).trim_end(), expected, "{source}");
    }
}

#[test]
fn values_and_texts() {
    for (source, expected) in [
        ("$x = 'a'; \"$x-$($x.ToUpper())`t.\"", "a-A\t."),
        ("\"`$x \"\"q\"\" ${x}\"", "$x \"q\" "),
        ("'it''s'", "it's"),
        ("@\"\nline $(1+1)\nnext\n\"@", "line 2\nnext"),
        ("@'\n$x\n'@", "$x"),
        ("$x = 1, 2, 3; $x[0]; $x[-1]; $x.Count", "1\n3\n3"),
        ("$x = @(); $x.Count; $x += 1; $x += 2; $x.Count", "0\n2"),
        ("$x = @{Add = 'a', 'b'; 'Re move' = 1}; $x.add[1]; $x['re move']", "b\n1"),
        ("'abc'.Length; 'abc'[1]", "3\nb"),
        ("'a b'.Split(' ')[1].ToUpper()", "B"),
        ("' x '.Trim() + '|'", "x|"),
        ("'abc'.Contains('b'); 'abc'.StartsWith('b')", "True\nFalse"),
        ("'abc'.Replace('b', '').EndsWith('c')", "True"),
        ("([pscustomobject]@{a=1; b='x'}).B", "x"),
        ("if (1 -gt 2) {'a'} elseif ($true) {'b'} else {'c'}", "b"),
        ("foreach ($i in 1..3) { $i * 2 }", "2\n4\n6"),
        ("$a = if ($false) {1} else {2}; $a", "2"),
        ("1..5 | % { $_ * 2 } | ? { $_ -gt 4 }", "6\n8\n10"),
        ("1..5 | select -First 2 -Skip 1", "2\n3"),
        ("1..5 | select -Last 2", "4\n5"),
        ("3, 1, 2, 1 | sort -Unique", "1\n2\n3"),
        ("3, 1, 2 | sort -Descending", "3\n2\n1"),
        ("'b', 'A', 'b' | select -Unique", "b\nA"),
        ("(1, 2, 3 | measure -Sum).Sum", "6"),
        ("(1, 2 | Measure-Object -Average).Average", "1.5"),
        ("('a', 'B', 'A' | group)[0].Count", "2"),
        ("1, # one\n2 <# two #>, 3", "1\n2\n3"),
        ("Write-Output a `\n b", "a\nb"),
        ("'[{\"a\":1},{\"a\":2}]' | ConvertFrom-Json | % a", "1\n2"),
        ("@{a=1} | ConvertTo-Json -Compress", "{\"a\":1}"),
        ("$ErrorActionPreference = 'Stop'; $?", "True"),
        ("$script:y = 5; $global:y", "5"),
        ("Write-Host one two", "one two"),
        ("1 | Out-Null", ""),
        ("'x,y' | ConvertFrom-Csv -Header a, b | % b", "y"),
        ("((1, 2), 3).Count", "2"),
        ("$x = 5\n$x", "5"),
    ] {
        let source = if source.starts_with("\"`$x") {
            format!("$x = ''; {source}")
        } else {
            source.to_owned()
        };
        assert_eq!(printed(&source).trim_end_matches('\n'), expected, "{source}");
    }
}

#[test]
fn failures_point_at_their_place() {
    for (source, place, part) in [
        ("Get-Mailbx", "line 1, column 1", "Did you mean Get-Mailbox"),
        ("'a'\nGet-Mailbox -Idenity x", "line 2, column 13", "Did you mean -Identity?"),
        ("Get-Mailbox -R x", "line 1, column 13", "could be"),
        ("Get-Mailbox -ResultSize many", "line 1, column 25", "a whole number or Unlimited"),
        ("Add-RecipientPermission x -Trustee y", "line 1, column 1", "needs -AccessRights"),
        (
            "Add-RecipientPermission x y -AccessRights FullAccess",
            "line 1, column 27",
            "belongs to no",
        ),
        (
            "Add-RecipientPermission x -Trustee y -AccessRights FullAccess",
            "line 1, column 52",
            "wants one of SendAs, not 'FullAccess'",
        ),
        ("Remove-UnifiedGroup x -Confirm $false", "line 1, column 32", "-Confirm:$false"),
        ("Get-Mailbox -Identity $typo", "line 1, column 23", "$typo has no value"),
        ("Get-Mailbox -Identity ''", "line 1, column 23", "-Identity is empty"),
        ("Get-Mailbox -Identity", "line 1, column 13", "needs a value"),
        ("'a' -eqq 'b'", "line 1, column 5", "is no operator. Did you mean -eq"),
        ("'a'.Foo()", "line 1, column 1", "Foo() is not understood"),
        ("[System.IO.File]::ReadAllText('x')", "line 1, column 1", "is not understood here"),
        ("function f {}", "line 1, column 1", "'function' is not understood"),
        ("Get-Mailbox > x.txt", "line 1, column 13", "Out-File"),
        ("Get-Mailbox && Get-Mailbox", "line 1, column 13", "'&'"),
        ("$x.y = 1", "line 1, column 6", "only a plain variable"),
        ("(1", "line 1, column 3", "')' is expected"),
        ("1)", "line 1, column 2", "nothing opens this ')'"),
        ("1 / 0", "line 1, column 1", "division by zero"),
        ("1 -gt 'x'", "line 1, column 1", "cannot be compared"),
        ("'x' -match '('", "line 1, column 1", "no regular expression"),
        ("$true = 1", "line 1, column 1", "cannot be assigned"),
        ("Set-UnifiedGroup x -EmailAddresses @{Plus='a'}", "line 1, column 36", "neither Add nor"),
        ("Get-Content nowhere", "line 1, column 13", "it is not there"),
        ("| sort", "line 1, column 1", "before '|'"),
        ("Get-Mailbox | 'x'", "line 1, column 15", "a command is expected here"),
        ("Get-Mailbox @args", "line 1, column 13", "splatting"),
        ("$env:PATH", "line 1, column 1", "not understood"),
        ("Get-Mailbox -Identity a -Identity b", "line 1, column 25", "twice"),
    ] {
        let told = complaint(source);
        assert!(told.starts_with(place), "{source}:\n{told}");
        assert!(told.contains(part), "{source}:\n{told}");
        assert!(told.contains('^'), "{source}:\n{told}");
    }
}

#[test]
fn nothing_runs_of_a_text_that_cannot_be_read() {
    let mut fake = Fake::default();
    let ended = Shell::new().run("Get-Mailbox\nGet-Mailbox | (", &mut fake);
    assert!(matches!(ended, Ended::Stopped(_)));
    assert!(fake.calls.is_empty());
}

#[test]
fn unfinished_texts_are_told_from_wrong_ones() {
    for source in [
        "Get-Mailbox |",
        "Get-Mailbox `",
        "'a",
        "\"a",
        "@(",
        "@{a = ",
        "{",
        "if ($true) {",
        "<#",
        "@'\nx",
        "$x =",
        "(Get-Mailbox",
        "1,",
        "1 +",
        "foreach ($x in 1..2) {",
        "\"$(",
    ] {
        let fault = parse(source).expect_err(source);
        assert_eq!(fault.cause, Cause::Incomplete, "{source}: {fault}");
    }
    for source in [")", "1 1", "$x = )", "foreach x", "Get-Mailbox | |"] {
        if let Err(fault) = parse(source) {
            assert_eq!(fault.cause, Cause::Syntax, "{source}: {fault}");
        }
    }
}

#[test]
fn what_pauses_asks_a_person_in_two_calls() {
    let source = "'a', 'b', 'c' | Remove-UnifiedGroup";
    let run = |consents: &[Consent], source: &str| {
        let mut fake = Fake { has_person: true, consents: consents.to_vec(), ..Fake::default() };
        Shell::new().run(source, &mut fake);
        let calls: Vec<String> = fake
            .calls
            .iter()
            .map(|(_, given)| {
                format!("{} {}", given["Identity"].as_str().unwrap_or(""), given["Confirm"])
            })
            .collect();
        (calls, fake.asked.len())
    };
    let (calls, asked) = run(&[Consent::Yes, Consent::No, Consent::Yes], source);
    assert_eq!(calls, ["a true", "a false", "b true", "c true", "c false"]);
    assert_eq!(asked, 3);
    let (calls, asked) = run(&[Consent::YesToAll], source);
    assert_eq!((calls.len(), asked), (4, 1), "{calls:?}");
    let (calls, asked) = run(&[Consent::NoToAll], source);
    assert_eq!((calls.len(), asked), (1, 1), "{calls:?}");
    let (calls, asked) = run(&[], "Remove-UnifiedGroup a -Confirm:$false");
    assert_eq!((calls, asked), (vec!["a false".to_owned()], 0));
    let (_, asked) = run(&[], "$ConfirmPreference = 'None'; Remove-UnifiedGroup a");
    assert_eq!(asked, 0);
    let (calls, asked) = run(&[], "Set-UnifiedGroup a -Notes x -Confirm");
    assert_eq!((calls.len(), asked), (0, 1), "a cmdlet without a pause is asked for by the shell");
}

#[test]
fn what_if_tells_and_does_not_act() {
    let mut fake = Fake::default();
    let printed = printed_by("Remove-UnifiedGroup a -WhatIf", &mut fake);
    assert_eq!(printed, "What if: Remove-UnifiedGroup?\n");
    assert_eq!(fake.calls[0].1, json!({"Identity": "a", "WhatIf": true}));
}

#[test]
fn pipelines_feed_parameters_that_have_a_place() {
    let groups = json!([{"Identity": "support", "DisplayName": "Support"}, {"Identity": "b"}]);
    let mut fake = Fake::answering("Get-UnifiedGroup", &groups);
    printed_by("Get-UnifiedGroup | Get-RecipientPermission -Trustee jean", &mut fake);
    assert_eq!(fake.calls[1].1, json!({"Identity": "support", "Trustee": "jean"}));
    assert_eq!(fake.calls[2].1, json!({"Identity": "b", "Trustee": "jean"}));
    let mut fake = Fake::default();
    printed_by("@() | Remove-UnifiedGroup", &mut fake);
    assert!(fake.calls.is_empty(), "no input, no call");
    assert!(complaint("@{Alias='x'} | Remove-UnifiedGroup").contains("without Identity"));
    assert!(complaint("'x' | Remove-UnifiedGroup y").contains("the pipeline gives it too"));
}

#[test]
fn values_become_json_by_the_table() {
    let mut fake = Fake::default();
    printed_by(
        "$who = [pscustomobject]@{Identity='jean'}\n\
         Set-UnifiedGroup support -GrantSendOnBehalfTo @{Add=$who, 'b'; remove='c'} \
         -HiddenFromAddressListsEnabled:$true -DisplayName 007\n\
         New-UnifiedGroup -DisplayName S -Members a,b -Team",
        &mut fake,
    );
    assert_eq!(
        fake.calls[0].1,
        json!({"Identity": "support", "DisplayName": "007",
               "HiddenFromAddressListsEnabled": true,
               "GrantSendOnBehalfTo": {"@odata.type": "#Exchange.GenericHashTable",
                                       "add": ["jean", "b"], "remove": ["c"]}})
    );
    assert_eq!(fake.calls[1].1, json!({"DisplayName": "S", "Members": ["a", "b"], "Team": true}));
}

#[test]
fn refusals_stop_or_go_on() {
    let refusal =
        Refusal { text: "it is not there".to_owned(), hint: None, exit_status: 5, ends_all: false };
    let run = |source: &str, refusal: &Refusal| {
        let mut fake =
            Fake { refusals: [("Get-Mailbox", refusal.clone())].into(), ..Fake::default() };
        let ended = Shell::new().run(source, &mut fake);
        (ended, fake.printed, fake.complained)
    };
    let (ended, printed, told) = run("Get-Mailbox x; $?; 'on'", &refusal);
    let Ended::Failed(fault) = ended else { panic!("{ended:?}") };
    assert_eq!(fault.cause, Cause::Refused(Box::new(refusal.clone())));
    assert_eq!(printed, "False\non\n");
    assert!(told.contains("it is not there"));
    let (ended, printed, told) = run("Get-Mailbox x -EA SilentlyContinue; 'on'", &refusal);
    assert_eq!((ended, printed.as_str(), told.as_str()), (Ended::Done, "on\n", ""));
    let (ended, printed, _) = run("Get-Mailbox x -ErrorAction Stop; 'on'", &refusal);
    assert!(matches!(ended, Ended::Stopped(_)));
    assert_eq!(printed, "");
    let (ended, printed, _) = run("$ErrorActionPreference='Stop'\nGet-Mailbox x\n'on'", &refusal);
    assert!(matches!(ended, Ended::Stopped(_)));
    assert_eq!(printed, "");
    let gone = Refusal { ends_all: true, ..refusal };
    let (ended, printed, _) = run("1..3 | % { Get-Mailbox x -EA SilentlyContinue }; 'on'", &gone);
    assert!(matches!(ended, Ended::Stopped(_)));
    assert_eq!(printed, "");
}

#[test]
fn a_person_can_interrupt_loops() {
    for source in [
        "1..1000000 | % { 1..1000000 | ? { $_ } }",
        "foreach ($i in 1..1000000) { foreach ($j in 1..1000000) { $i } }",
        "1..1000000 | Get-Mailbox",
    ] {
        let mut fake = Fake { patience: Some(50), ..Fake::default() };
        let ended = Shell::new().run(source, &mut fake);
        assert!(matches!(ended, Ended::Stopped(fault) if fault.text == "interrupted"), "{source}");
    }
}

#[test]
fn scripts_end_with_a_status() {
    assert_eq!(Shell::new().run("exit 3; 'x'", &mut Fake::default()), Ended::Exit(3));
    assert_eq!(Shell::new().run("if ($true) { exit }", &mut Fake::default()), Ended::Exit(0));
}

#[test]
fn csv_goes_out_and_comes_in() {
    let mut fake = permissions();
    let again = printed_by(
        "Get-RecipientPermission | Export-Csv r.csv -NoTypeInformation -Encoding UTF8\n\
         Import-Csv r.csv | where Trustee -like 'jean*' | % AccessRights",
        &mut fake,
    );
    assert_eq!(again, "SendAs\n");
    assert_eq!(
        fake.file("r.csv"),
        "\"Identity\",\"Trustee\",\"AccessControlType\",\"AccessRights\"\r\n\
         \"NomGroupe\",\"jean.dupont@contoso.com\",\"Allow\",\"SendAs\"\r\n\
         \"NomGroupe\",\"marie.durand@contoso.com\",\"Allow\",\"SendAs\"\r\n"
    );
    for encoding in ["UTF8", "UTF8BOM", "Unicode"] {
        let source = format!(
            "[pscustomobject]@{{a='é \"x\"'; b=\"two`nlines\"}} | \
             Export-Csv f -Enc {encoding} -Del ';'\n\
             [pscustomobject]@{{a='more'; b=2}} | Export-Csv f -Enc {encoding} -Del ';' -Append\n\
             Import-Csv f ';' | ConvertTo-Json -Compress"
        );
        let expected =
            "[{\"a\":\"é \\\"x\\\"\",\"b\":\"two\\nlines\"},{\"a\":\"more\",\"b\":\"2\"}]\n";
        assert_eq!(printed(&source), expected, "{encoding}");
    }
    assert!(complaint("'a,a', '1,2' | ConvertFrom-Csv").contains("twice"));
    assert!(complaint("'a', '1,2' | ConvertFrom-Csv").contains("line 2"));
}

#[test]
fn mistyped_properties_are_told() {
    let mut fake = permissions();
    printed_by("Get-RecipientPermission | ? { $_.Truste -eq 'x' }", &mut fake);
    assert_eq!(fake.warned.len(), 1);
    assert!(fake.warned[0].ends_with("Did you mean Trustee?"), "{}", fake.warned[0]);
}

#[test]
fn tables_and_lists_look_so() {
    let mut fake = permissions();
    let table =
        printed_by("Get-RecipientPermission | Format-Table Identity, AccessRights", &mut fake);
    assert_eq!(
        table,
        "Identity  AccessRights\n--------  ------------\nNomGroupe {SendAs}\nNomGroupe {SendAs}\n"
    );
    let list = printed_by("Get-RecipientPermission | select -First 1 | fl Trustee, A*", &mut fake);
    assert_eq!(
        list,
        "Trustee           : jean.dupont@contoso.com\nAccessControlType : Allow\n\
         AccessRights      : {SendAs}\n"
    );
    assert_eq!(
        printed("1..5 | select @{n='Number';e={$_}}, @{n='Square';e={$_ * $_}} -First 2"),
        "Number Square\n------ ------\n     1      1\n     2      4\n"
    );
    assert_eq!(printed("'a', 'bb', 'c' | Format-Wide -Column 2"), "a\nbb\nc\n");
    let wide = printed_by("Get-RecipientPermission | fw Identity", &mut fake);
    assert_eq!(wide, "NomGroupe NomGroupe\n");
}

#[test]
fn help_is_there_for_all() {
    for name in cmdlet::all().map(|known| known.name).chain(builtin::names()) {
        let help = printed(&format!("Get-Help {name}"));
        assert!(help.starts_with(&format!("NAME\n    {name}\n")), "{help}");
    }
    assert!(printed("Get-Command *permission*").contains("Add-RecipientPermission"));
    assert!(printed("Get-Help").contains("not a language"));
    let mut fake = permissions();
    let members = printed_by("Get-RecipientPermission | gm", &mut fake);
    assert!(members.contains("AccessRights"), "{members}");
    assert!(complaint("Get-Help Get-Mailbx").contains("Did you mean Get-Mailbox"));
}

#[test]
fn nesting_has_an_edge() {
    let nested = |levels: usize| format!("{}1{}", "(".repeat(levels), ")".repeat(levels));
    assert!(parse(&nested(5)).is_ok());
    assert!(parse(&nested(MAX_NESTING * 2)).is_err());
    let chain = |length: usize| format!("1{}", "+1".repeat(length));
    assert!(parse(&chain(MAX_HEIGHT - 1)).is_ok());
    assert!(parse(&chain(MAX_HEIGHT)).is_err());
    assert!(parse(&"x".repeat(MAX_SOURCE_OCTETS + 1)).is_err());
    assert!(parse(&" ".repeat(MAX_SOURCE_OCTETS)).is_ok());
}

/// Values that a text can hold.
fn any_value() -> impl Strategy<Value = Value> {
    let text = "[ -~éà\u{2019}\n]{0,12}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Boolean),
        any::<i64>().prop_map(Value::Integer),
        (-1e12..1e12f64).prop_map(Value::Decimal),
        text.prop_map(Value::text),
        (0..4_000_000_000_000i64).prop_map(|at| Value::Time(domain::Timestamp(at))),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let entries = prop::collection::btree_map("[a-z]{1,6}", inner.clone(), 0..4)
            .prop_map(|map| map.into_iter().collect::<Vec<_>>());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::list),
            entries.clone().prop_map(|entries| Value::Table(entries.into())),
            entries.prop_map(Value::object),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(source in "\\PC{0,80}") {
        let _ = parse(&source);
    }

    #[test]
    fn any_mix_of_signs_is_read_or_refused(
        words in prop::collection::vec(prop::sample::select(&[
            "$x", "$\\_", "'", "\"", "`", "\n", "@(", "@{", "@\"\n", "\"@", ")", "}", "{", "(",
            "|", ";", ",", "=", "+", "-eq", "-not", "!", "..", ".", "[", "]", "[int]", "#", "<#",
            "#>", "Get-Mailbox", "-Identity", "1KB", "é", "if", "foreach", "in", "else", "$(",
            "where", "% ", " ", "$x = ", "\u{2019}", "\u{2013}", "exit", "?", "\\", "::", "%",
        ][..]), 0..24)
    ) {
        let source = words.concat();
        match parse(&source) {
            Ok(_) => { Shell::new().run(&source, &mut Fake::default()); }
            Err(fault) => {
                let report = fault.report(&source);
                prop_assert!(report.starts_with("line "), "{}", report);
            }
        }
    }

    #[test]
    fn written_values_read_back(value in any_value()) {
        let written = literal(&value);
        let mut shell = Shell::new();
        let source = format!("$x = {written}");
        let mut fake = Fake::default();
        let ended = shell.run(&source, &mut fake);
        prop_assert_eq!(ended, Ended::Done, "{}: {}", source, fake.complained);
        prop_assert_eq!(&shell.variables["x"], &value, "{}", source);
        prop_assert_eq!(literal(&shell.variables["x"]), written);
    }

    #[test]
    fn csv_keeps_texts(fields in prop::collection::vec("[ -~é\n\"]{1,8}", 1..5)) {
        let line = super::csv::line(fields.iter().map(String::as_str), ',');
        let read = super::csv::read(&line, ',').expect("reads");
        prop_assert_eq!(&read[0].1, &fields);
    }
}
