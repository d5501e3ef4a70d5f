//! Files of other products.

use super::super::document::Kind;
use super::super::live::{Live, LiveObject, LiveOrganization};
use super::*;

fn pairs(reading: &Reading) -> Vec<(&str, &str)> {
    reading.found.iter().map(|found| (found.on.as_str(), found.to.as_str())).collect()
}

#[test]
fn postfix_tables() {
    let text = "# who may\nsupport@contoso.com jean@contoso.com,\n\tclaire@contoso.com\n\n\
                @contoso.com admin@contoso.com\nbilling@contoso.com   marie jean\nlonely@x\n";
    let reading = postfix::read(text).unwrap();
    assert_eq!(
        pairs(&reading),
        [
            ("support@contoso.com", "jean@contoso.com"),
            ("support@contoso.com", "claire@contoso.com"),
            ("billing@contoso.com", "marie"),
            ("billing@contoso.com", "jean"),
        ]
    );
    let skipped: Vec<usize> = reading.skipped.iter().map(|(line, _)| *line).collect();
    assert_eq!(skipped, [5, 7]);
}

#[test]
fn mailcow_in_all_its_forms() {
    let csv = "id,logged_in_as,send_as,external\n1,jean@contoso.com,support@contoso.com,0\n\
               2,jean@contoso.com,*,0\n3,jean@contoso.com,x@else.org,1\n";
    let tsv = csv.replace(',', "\t");
    let json = r#"[{"logged_in_as":"jean@contoso.com","send_as":"support@contoso.com","external":0},
        {"logged_in_as":"jean@contoso.com","send_as":"@contoso.com"},
        {"logged_in_as":"jean@contoso.com","send_as":"x@else.org","external":"1"}]"#;
    let sql = "-- dump\nINSERT INTO `sender_acl` VALUES (1,'jean@contoso.com',\
               'support@contoso.com',0),(2,'jean@contoso.com','*',0),(3,'jean@contoso.com',\
               'x@else.org',1);\n";
    for text in [csv, &tsv, json, sql] {
        let reading = mailcow::read(text).unwrap();
        assert_eq!(pairs(&reading), [("support@contoso.com", "jean@contoso.com")], "{text}");
        assert_eq!(reading.skipped.len(), 2, "{text}");
    }
    let named =
        // tidy: allow(sql): a line of a dump
        "INSERT INTO sender_acl (send_as, logged_in_as) VALUES ('it''s@x.org', 'a\\'b@x.org')";
    assert_eq!(pairs(&mailcow::read(named).unwrap()), [("it's@x.org", "a'b@x.org")]);
    assert!(mailcow::read("a,b\n1,2\n").is_err());
    assert!(mailcow::read("").is_err());
}

#[test]
fn exports_of_exchange() {
    let csv = "#TYPE Deserialized.Permission\r\n\"Identity\",\"Trustee\",\"AccessControlType\",\
               \"AccessRights\"\r\n\"Support\",\"jean@contoso.com\",\"Allow\",\"{SendAs}\"\r\n\
               \"Support\",\"NT AUTHORITY\\SELF\",\"Allow\",\"{SendAs}\"\r\n\
               \"contoso.com/Users/Billing\",\"CONTOSO\\claire\",\"Allow\",\"SendAs\"\r\n\
               \"Support\",\"S-1-5-21-1\",\"Allow\",\"SendAs\"\r\n\
               \"Support\",\"marie\",\"Deny\",\"SendAs\"\r\n";
    let reading = exchange::read_recipient_permissions(csv).unwrap();
    assert_eq!(pairs(&reading), [("Support", "jean@contoso.com"), ("Billing", "claire")]);
    let lines: Vec<usize> = reading.skipped.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [6, 7]);
    let behalf = "Name;PrimarySmtpAddress;GrantSendOnBehalfTo\n\"Support\";support@contoso.com;\
                  \"Jean Dupont, contoso.com/Users/Claire Martin\"\nB;b@x.org;\n\
                  C;c@x.org;Microsoft.Exchange.Data.MultiValuedProperty`1\n";
    let reading = exchange::read_send_on_behalf(behalf).unwrap();
    assert_eq!(
        pairs(&reading),
        [("support@contoso.com", "Jean Dupont"), ("support@contoso.com", "Claire Martin")]
    );
    assert_eq!(reading.skipped.len(), 1);
}

#[test]
fn tables_are_read_whatever_wrote_them() {
    let utf16: Vec<u8> = "\u{feff}a,b\n1,é\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let text = table::decode(&utf16);
    let read = table::Table::read(&text).unwrap();
    assert_eq!(read.rows[0].cell(1), "é");
    assert_eq!(table::decode("\u{feff}x".as_bytes()), "x");
    let quoted = table::Table::read("a;b\n\"x;\"\"y\"\"\nz\";2\n3;4\n").unwrap();
    assert_eq!(quoted.rows[0].cell(0), "x;\"y\"\nz");
    assert_eq!(quoted.rows[1].line, 4);
    assert!(table::Table::read("a,b\n\"open").is_err());
}

#[test]
fn unknown_people_are_listed_and_nothing_is_guessed() {
    let object = |kind, address: &str, name: &str| LiveObject {
        name: name.into(),
        ..LiveObject::born(kind, address)
    };
    let objects = vec![
        object(Kind::Team, "support@contoso.com", "Support"),
        object(Kind::User, "jean@contoso.com", "Jean Dupont"),
        object(Kind::Shared, "billing@contoso.com", "Billing"),
        object(Kind::User, "a@contoso.com", "Twin"),
        object(Kind::User, "b@contoso.com", "Twin"),
    ];
    let live = Live::new(1, LiveOrganization::default(), objects);
    let found = |on: &str, to: &str, line| Found { on: on.into(), to: to.into(), line };
    let reading = Reading {
        found: vec![
            found("support", "jean dupont", 1),
            found("SUPPORT", "jean@contoso.com", 2),
            found("support", "gone@contoso.com", 3),
            found("support", "Twin", 4),
            found("support", "billing@contoso.com", 5),
            found("jean@contoso.com", "jean@contoso.com", 6),
        ],
        skipped: Vec::new(),
    };
    let imported = write(&reading, Right::SendAs, &live);
    assert_eq!(imported.count, 1, "{}", imported.text);
    let lines: Vec<usize> = imported.skipped.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 4, 5]);
    assert!(imported.text.contains("on = \"support@contoso.com\"\nto = \"jean@contoso.com\""));
}
