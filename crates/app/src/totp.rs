//! One-time codes by time (RFC 6238): six digits of HMAC-SHA-1, a new code every thirty seconds.
//! These are the parameters that every authenticator app knows; some ignore any others.
//!
//! Pure: the secret and the time are parameters. Which code was used already is for the caller to
//! remember.

use domain::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ring::hmac;

/// Octets of a secret; RFC 4226 §4 recommends 160 bits.
pub const SECRET_OCTETS: usize = 20;
/// Digits of a code.
pub const DIGITS: usize = 6;
/// Seconds for which a code is shown.
pub const STEP_SECS: i64 = 30;
/// Steps before and behind the present one whose codes count too: clocks differ, and people type
/// (RFC 6238 §5.2).
pub const STEPS_OFF_MAX: i64 = 1;

/// The step that a moment is in.
pub fn step_at(now: Timestamp) -> i64 {
    now.0.div_euclid(STEP_SECS * 1000)
}

/// The code of a step.
pub fn code(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    // RFC 4226 §5.3: the last four bits say where the 31 bits are taken from.
    let at = tag.last().map_or(0, |octet| usize::from(octet & 0x0f));
    let taken = tag.iter().skip(at).take(4);
    let number = taken.fold(0u32, |number, octet| (number << 8) | u32::from(*octet));
    format!("{:06}", (number & 0x7fff_ffff) % 10u32.pow(6))
}

/// The latest step around now that this code belongs to.
pub fn matching_step(secret: &[u8], typed: &str, now: Timestamp) -> Option<i64> {
    let present = step_at(now);
    let steps = (present - STEPS_OFF_MAX..=present + STEPS_OFF_MAX).rev();
    // All are compared in full, so that time does not tell how much of a code is right.
    let matching = steps.filter(|step| is_equal(&code(secret, *step), typed));
    matching.collect::<Vec<i64>>().first().copied()
}

fn is_equal(right: &str, typed: &str) -> bool {
    let pairs = right.bytes().zip(typed.bytes());
    right.len() == typed.len() && pairs.fold(0, |different, (a, b)| different | (a ^ b)) == 0
}

/// The secret as people type it: base 32 (RFC 4648 §6) without padding.
pub fn base32(octets: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::new();
    for chunk in octets.chunks(5) {
        let mut bits = [0u8; 8];
        bits[3..3 + chunk.len()].copy_from_slice(chunk);
        let number = u64::from_be_bytes(bits);
        for letter in 0..(chunk.len() * 8).div_ceil(5) {
            let index = (number >> (35 - 5 * letter)) & 31;
            text.push(char::from(LETTERS[usize::try_from(index).unwrap_or(0)]));
        }
    }
    text
}

/// The address that the picture holds: `otpauth://totp/`, as authenticator apps read it.
pub fn uri(issuer: &str, login: &str, secret: &[u8]) -> String {
    let issuer = utf8_percent_encode(issuer, NON_ALPHANUMERIC);
    let login = utf8_percent_encode(login, NON_ALPHANUMERIC);
    let secret = base32(secret);
    format!("otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8; 20] = b"12345678901234567890";

    #[test]
    fn rfc_6238_appendix_b_is_computed_to_the_digit() {
        // The appendix has eight digits; the last six are ours.
        for (secs, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = step_at(Timestamp(secs * 1000));
            assert_eq!(code(SECRET, step), expected, "{secs}");
            assert_eq!(expected.len(), DIGITS);
        }
    }

    #[test]
    fn a_code_counts_one_step_early_and_one_late() {
        let now = Timestamp(1_234_567_890_000);
        let step = step_at(now);
        for off in -3..=3 {
            let found = matching_step(SECRET, &code(SECRET, step + off), now);
            let expected = (off.abs() <= STEPS_OFF_MAX).then_some(step + off);
            assert_eq!(found, expected, "{off}");
        }
        for wrong in ["", "5924", "0059244", "00592x", "005925"] {
            assert_eq!(matching_step(SECRET, wrong, now), None, "{wrong}");
        }
    }

    #[test]
    fn secrets_are_written_as_rfc_4648_section_10_says() {
        for (text, expected) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(text.as_bytes()), expected);
        }
    }

    #[test]
    fn names_cannot_break_out_of_the_address() {
        let text = uri("A & B?secret=x", "jean@contoso.com", b"foobar");
        let start =
            "otpauth://totp/A%20%26%20B%3Fsecret%3Dx:jean%40contoso%2Ecom?secret=MZXW6YTBOI";
        assert_eq!(text, format!("{start}&issuer=A%20%26%20B%3Fsecret%3Dx"));
    }
}
