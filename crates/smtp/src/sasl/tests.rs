//! SASL messages, right and wrong.

use proptest::prelude::*;

use super::*;

fn password(login: &str, secret: &str) -> Result<Credentials, SaslError> {
    Ok(Credentials::Password { login: login.to_owned(), secret: Secret::new(secret) })
}

#[test]
fn plain_reads_login_and_password() {
    assert_eq!(read_plain("\0anna\0secret"), password("anna", "secret"));
    assert_eq!(read_plain("anna\0anna\0secret"), password("anna", "secret"));
    assert_eq!(read_plain("bob\0anna\0secret"), Err(SaslError::OtherIdentity));
    for message in ["", "anna", "\0anna", "\0anna\0", "\0\0secret", "\0anna\0a\0b"] {
        assert_eq!(read_plain(message), Err(SaslError::Layout), "{message:?}");
    }
}

#[test]
fn oauth_bearer_reads_rfc_7628s_example() {
    let message = "n,a=user@example.com,\u{1}host=server.example.com\u{1}port=587\u{1}\
                   auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\u{1}\u{1}";
    let Ok(Credentials::Token { login, token }) = read_oauth_bearer(message) else {
        panic!("a token is expected")
    };
    assert_eq!(login.as_deref(), Some("user@example.com"));
    assert_eq!(token.expose(), "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==");
    for wrong in ["", "n,,", "p=tls-unique,,\u{1}auth=Bearer x\u{1}", "n,,\u{1}auth=Basic x\u{1}"] {
        assert_eq!(read_oauth_bearer(wrong), Err(SaslError::Layout), "{wrong:?}");
    }
}

#[test]
fn xoauth2_reads_user_and_token() {
    let message = "user=anna@example.org\u{1}auth=Bearer abc\u{1}\u{1}";
    let expected = Credentials::Token {
        login: Some("anna@example.org".to_owned()),
        token: Secret::new("abc"),
    };
    assert_eq!(read_xoauth2(message), Ok(expected));
    for wrong in ["user=\u{1}auth=Bearer a\u{1}", "user=a", "user=a\u{1}auth=Bearer \u{1}"] {
        assert_eq!(read_xoauth2(wrong), Err(SaslError::Layout), "{wrong:?}");
    }
}

#[test]
fn decoding_is_strict() {
    assert_eq!(decode("="), Ok(String::new()));
    assert_eq!(decode(""), Ok(String::new()));
    assert_eq!(decode("YQ=="), Ok("a".to_owned()));
    for wrong in ["YQ", "Y Q==", "YQ===", "!!!!", "YR=="] {
        assert_eq!(decode(wrong), Err(SaslError::Base64), "{wrong}");
    }
    assert_eq!(decode("/w=="), Err(SaslError::Layout), "not UTF-8");
    assert_eq!(encode("Username:"), LOGIN_USERNAME);
    assert_eq!(encode("Password:"), LOGIN_PASSWORD);
}

#[test]
fn secrets_do_not_show_themselves() {
    let credentials = read_plain("\0anna\0hunter2").unwrap();
    assert!(!format!("{credentials:?}").contains("hunter2"));
}

proptest! {
    #[test]
    fn plain_reads_what_it_writes(login in "[^\0]{1,20}", secret in "[^\0]{1,20}") {
        let written = encode(&write_plain(&login, &Secret::new(secret.clone())));
        let read = decode(&written).and_then(|message| read_plain(&message));
        prop_assert_eq!(read, password(&login, &secret));
    }

    #[test]
    fn readers_never_panic(message in ".*") {
        let _ = (decode(&message), read_plain(&message), read_oauth_bearer(&message));
        let _ = read_xoauth2(&message);
    }
}
