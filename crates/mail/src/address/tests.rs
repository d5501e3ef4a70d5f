use super::*;

fn parse(text: &str) -> Result<String, AddressError> {
    Address::parse(text).map(|a| a.to_string())
}

#[test]
fn valid_addresses_print_as_they_are_compared() {
    assert_eq!(parse("Jean.Dupont@Contoso.COM").as_deref(), Ok("Jean.Dupont@contoso.com"));
    assert_eq!(parse("\"a b\"@contoso.com").as_deref(), Ok("\"a b\"@contoso.com"));
    assert_eq!(parse("\"plain\"@contoso.com").as_deref(), Ok("plain@contoso.com"));
    assert_eq!(parse("é@bücher.example").as_deref(), Ok("é@xn--bcher-kva.example"));
    assert_eq!(parse("a@[192.0.2.1]").as_deref(), Ok("a@[192.0.2.1]"));
}

#[test]
fn invalid_addresses_say_why() {
    assert_eq!(parse("support"), Err(AddressError::NoAt));
    assert_eq!(parse("@contoso.com"), Err(AddressError::LocalPart));
    assert_eq!(parse("a..b@contoso.com"), Err(AddressError::LocalPart));
    assert_eq!(parse("a b@contoso.com"), Err(AddressError::LocalPart));
    assert_eq!(parse("a@b@contoso.com"), Err(AddressError::Domain));
    assert_eq!(parse("a@con_toso.com"), Err(AddressError::Domain));
    assert_eq!(parse("a@contoso..com"), Err(AddressError::Domain));
    assert_eq!(parse("a@contoso.com "), Err(AddressError::Domain));
    assert_eq!(parse("\"a\rb\"@contoso.com"), Err(AddressError::LocalPart));
}

#[test]
fn local_part_limit_is_64_octets() {
    assert!(parse(&format!("{}@c.com", "a".repeat(64))).is_ok());
    assert_eq!(parse(&format!("{}@c.com", "a".repeat(65))), Err(AddressError::LocalPartTooLong));
}

#[test]
fn keys_fold_case_quotes_and_unicode_form() {
    let key = |t: &str| Address::parse(t).expect("valid").key();
    assert_eq!(key("Support@CONTOSO.com"), key("\"support\"@contoso.com"));
    assert_eq!(key("E\u{301}@c.com"), key("é@c.com"));
    assert_ne!(key("support@contoso.com"), key("supp0rt@contoso.com"));
}

#[test]
fn detail_is_cut_at_the_first_plus() {
    let bare = |t: &str| Address::parse(t).expect("valid").without_detail().map(|a| a.to_string());
    assert_eq!(bare("support+x+y@c.com").as_deref(), Some("support@c.com"));
    assert_eq!(bare("support@c.com"), None);
    assert_eq!(bare("+x@c.com"), None);
}
