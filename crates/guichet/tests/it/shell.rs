//! `guichet shell` against the real server: the lines of the article as a web page prints them,
//! pipelines, files, failures with their places.

use testkit::{Options, Ran, TestServer};

/// The four fragments, with the backticks and the backslash that the page put into them.
const CONNECTION: &str = "# connexion\n\
                          Connect-ExchangeOnline -UserPrincipalName admin@contoso.com";
const GRANT: &str = "# octroi SendAs à un utilisateur\n\
                     Add-RecipientPermission -Identity \"NomGroupe\" ` -Trustee \
                     \"jean.dupont@contoso.com\"`\n-AccessRights SendAs";
const CHECK: &str = "# vérification\n\
                     Get-RecipientPermission -Identity \"NomGroupe\" | Where-Object {$\\_.Trustee \
                     -eq 'jean.dupont'}";
const OUTSIDE: &str =
    "Set-Group -Identity \"NomGroupe\" -RequireSenderAuthenticationEnabled $false";

fn demo() -> TestServer {
    TestServer::start(Options::demo(env!("CARGO_BIN_EXE_guichet")))
}

fn shell(server: &TestServer, text: &str) -> Ran {
    server.run(&["shell", "-c", text])
}

/// What a text prints that must run.
fn printed(server: &TestServer, text: &str) -> String {
    let ran = shell(server, text);
    assert_eq!(ran.status, 0, "{text}\n{}{}", ran.stdout, ran.stderr);
    ran.stdout
}

#[test]
fn the_article_gives_what_it_promises() {
    let server = demo();
    server.done(&["group", "create", "NomGroupe", "--alias", "nomgroupe"]);
    let group = "nomgroupe@contoso.com";
    let mut session = server.session("jean.dupont");
    let message = format!("From: {group}\r\nSubject: before\r\n\r\ntext\r\n");
    let before = session.submit(group, &["customer@fabrikam.com"], &message).unwrap();
    assert_eq!(before.code, 550, "{}", before.text());

    let connected = shell(&server, CONNECTION);
    assert_eq!((connected.status, connected.stdout.as_str()), (0, ""));
    assert!(connected.stderr.contains("connected to the server of"), "{}", connected.stderr);

    let granted = shell(&server, GRANT);
    assert_eq!(granted.status, 0, "{}", granted.stderr);
    assert!(granted.stdout.contains("SendAs"), "{}", granted.stdout);

    let checked = shell(&server, CHECK);
    assert_eq!(checked.status, 0, "{}", checked.stderr);
    assert!(checked.stdout.contains("jean.dupont@contoso.com"), "{}", checked.stdout);
    assert!(checked.stderr.contains("`$\\_` was read as `$_`"), "{}", checked.stderr);

    let opened = shell(&server, OUTSIDE);
    assert_eq!(opened.status, 0, "{}", opened.stderr);
    assert!(opened.stderr.contains("warning: "), "{}", opened.stderr);
    let state = "(Get-UnifiedGroup NomGroupe).RequireSenderAuthenticationEnabled";
    assert_eq!(printed(&server, state), "False\n");

    let message = format!("From: {group}\r\nSubject: after\r\n\r\ntext\r\n");
    let after = session.submit(group, &["customer@fabrikam.com"], &message).unwrap();
    assert_eq!(after.code, 250, "{}", after.text());

    // The whole page as one script, on standard input.
    let page = [CONNECTION, GRANT, CHECK, OUTSIDE].join("\n");
    let ran = server.run_with(&["shell"], &page);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
}

#[test]
fn pipelines_files_and_failures() {
    let server = demo();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rights.csv");
    let file = path.display();

    let names = "Get-Mailbox | ? RecipientTypeDetails -eq UserMailbox | sort Alias | \
                 select -First 2 -ExpandProperty Alias";
    assert_eq!(printed(&server, names), "admin\nauditor\n");
    let count = "(Get-Recipient | group RecipientTypeDetails | ? Name -eq SharedMailbox).Count";
    assert_eq!(printed(&server, count), "1\n");
    let round = format!(
        "Get-RecipientPermission | Export-Csv '{file}' -NoTypeInformation -Encoding UTF8\n\
         Import-Csv '{file}' | % {{ Remove-RecipientPermission $_.Identity -Trustee $_.Trustee \
         -AccessRights SendAs -Confirm:$false }}\n\
         (Get-RecipientPermission | measure).Count\n\
         Import-Csv '{file}' | % {{ Add-RecipientPermission $_.Identity -Trustee $_.Trustee \
         -AccessRights SendAs -Confirm:$false }} | Out-Null\n\
         (Get-RecipientPermission | measure).Count"
    );
    let counts = printed(&server, &round);
    let lines = std::fs::read_to_string(&path).unwrap().lines().count();
    assert_eq!(counts, format!("0\n{}\n", lines - 1));
    assert!(lines > 1);

    // The pipeline feeds -Identity.
    let fed = "Get-UnifiedGroup Support | Get-UnifiedGroupLinks -LinkType Owners | % Name";
    assert!(printed(&server, fed).to_lowercase().contains("marie"));
    let kept = "Set-UnifiedGroup support -Notes 'x' -WhatIf; (Get-UnifiedGroup support).Notes";
    let told = printed(&server, kept);
    assert!(told.starts_with("What if: "), "{told}");
    assert!(!told.contains("\nx\n"), "{told}");

    for (text, status, place) in [
        ("Get-Mailbx", 2, "line 1, column 1: Get-Mailbx is no cmdlet. Did you mean Get-Mailbox"),
        ("'a'\nGet-Mailbox -Idenity x", 2, "line 2, column 13: "),
        ("Get-Mailbox nobody", 5, "line 1, column 1: "),
        ("Get-Mailbox nobody; exit 9", 9, "line 1, column 1: "),
        ("Get-Mailbox nobody -EA SilentlyContinue", 0, ""),
        ("exit 7", 7, ""),
        ("Get-Mailbox (", 2, "line 1, column 14: "),
    ] {
        let ran = shell(&server, text);
        assert_eq!(ran.status, status, "{text}\n{}", ran.stderr);
        assert!(ran.stderr.contains(place), "{text}\n{}", ran.stderr);
    }
    let script = folder.path().join("list.ps1");
    std::fs::write(&script, "\u{feff}Get-AcceptedDomain |\r\n  select -Expand Name\r\n").unwrap();
    let ran = server.run(&["shell", script.to_str().unwrap()]);
    assert_eq!((ran.status, ran.stdout.as_str()), (0, "contoso.com\n"), "{}", ran.stderr);
}
