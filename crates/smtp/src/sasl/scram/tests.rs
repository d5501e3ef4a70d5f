//! RFC 7677's example, and messages that are not as they should be.

use proptest::prelude::*;

use super::*;

const FIRST: &str = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
const NONCE: &str = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const FINAL: &str = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                     p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

fn salt() -> Salt {
    let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").expect("base64");
    Salt { nonce: NONCE.to_owned(), salt, iterations: 4096 }
}

fn exchange() -> Exchange {
    read_client_first(FIRST).expect("it can be read").challenge(&salt()).1
}

#[test]
fn rfc_7677_section_3_is_spoken_to_the_letter() {
    let first = read_client_first(FIRST).expect("it can be read");
    assert_eq!(first.login, "user");
    let (server_first, exchange) = first.challenge(&salt());
    assert_eq!(
        server_first,
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    );
    let proof = exchange.read_client_final(FINAL).expect("it can be read");
    assert_eq!(
        proof.signed,
        "n=user,r=rOprNGfwEbeRWgbNEkqO,\
         r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
         c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    );
    assert_eq!(STANDARD.encode(proof.proof), "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    let signature = STANDARD.decode("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    let signature = signature.expect("base64").try_into().expect("32 octets");
    assert_eq!(server_final(&signature), "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

#[test]
fn names_may_hold_commas_and_equals_signs() {
    let login = |message: &str| read_client_first(message).map(|first| first.login);
    assert_eq!(login("n,,n=a=2Cb=3Dc,r=x"), Ok("a,b=c".to_owned()));
    assert_eq!(login("n,,n==2C=3D=2C,r=x"), Ok(",=,".to_owned()));
    for wrong in ["n,,n=a=b,r=x", "n,,n=a=,r=x", "n,,n==2,r=x", "n,,n==2c,r=x"] {
        assert_eq!(login(wrong), Err(SaslError::Layout), "{wrong:?}");
    }
}

#[test]
fn whoever_acts_for_another_is_refused() {
    assert!(read_client_first("n,a=user,n=user,r=x").is_ok());
    assert!(read_client_first("y,,n=user,r=x,ext=1").is_ok());
    assert_eq!(read_client_first("n,a=bob,n=user,r=x"), Err(SaslError::OtherIdentity));
}

#[test]
fn first_messages_out_of_shape_are_refused() {
    for wrong in [
        "",
        "n",
        "n,,",
        "n,,n=user",
        "n,,n=,r=x",
        "n,,n=user,r=",
        "n,,n=user,r=a b",
        "n,,r=x,n=user",
        "n,,m=1,n=user,r=x",
        "n,b=user,n=user,r=x",
        "p=tls-exporter,,n=user,r=x",
        "x,,n=user,r=x",
    ] {
        assert_eq!(read_client_first(wrong), Err(SaslError::Layout), "{wrong:?}");
    }
}

#[test]
fn final_messages_that_do_not_belong_to_the_first_are_refused() {
    let nonce = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    let proof = "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    for wrong in [
        String::new(),
        format!("c=biws,{nonce}"),
        // Another header: "y,," instead of "n,,".
        format!("c=eSws,{nonce},{proof}"),
        format!("c=!,{nonce},{proof}"),
        format!("c=biws,r=rOprNGfwEbeRWgbNEkqO,{proof}"),
        format!("c=biws,{nonce}x,{proof}"),
        format!("{nonce},c=biws,{proof}"),
        // 31 and 33 octets of proof, and none.
        format!("c=biws,{nonce},p={}", STANDARD.encode([0; HASH_OCTETS - 1])),
        format!("c=biws,{nonce},p={}", STANDARD.encode([0; HASH_OCTETS + 1])),
        format!("c=biws,{nonce},p="),
        format!("c=biws,{nonce},{proof},"),
    ] {
        assert_eq!(exchange().read_client_final(&wrong), Err(SaslError::Layout), "{wrong:?}");
    }
    let extended = format!("c=biws,{nonce},x=1,{proof}");
    let read = exchange().read_client_final(&extended).expect("extensions are passed over");
    assert!(read.signed.ends_with(",x=1"), "and signed: {}", read.signed);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(first in "\\PC{0,60}", last in "\\PC{0,60}") {
        let _ = read_client_first(&first);
        let _ = exchange().read_client_final(&last);
    }

    #[test]
    fn any_login_survives_the_escaping(login in "[!-~é]{1,30}") {
        let escaped = login.replace('=', "=3D").replace(',', "=2C");
        let first = read_client_first(&format!("n,,n={escaped},r=abc"));
        prop_assert_eq!(first.map(|first| first.login), Ok(login));
    }
}
