//! Arguments of the commands about the session itself: logging in, naming oneself, enabling.

use super::cursor::Cursor;
use crate::codec::{Authenticate, CommandBody, Fault, Login, Secret};

/// Most fields of ID (RFC 2971 §3.3).
pub const ID_FIELDS_MAX: usize = 30;

pub(super) fn authenticate(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    cursor.space()?;
    let mechanism = cursor.name("a mechanism")?;
    let initial = if cursor.accept(b' ') {
        let is_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
        let response = cursor.run(is_base64);
        if response.is_empty() {
            return Err(cursor.expected("an initial response in BASE64, or ="));
        }
        Some(Secret::new(String::from_utf8_lossy(response)))
    } else {
        None
    };
    Ok(CommandBody::Authenticate(Authenticate { mechanism, initial }))
}

pub(super) fn login(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    cursor.space()?;
    let login = cursor.text("a login")?;
    cursor.space()?;
    let password = Secret::new(cursor.text("a password")?);
    Ok(CommandBody::Login(Login { login, password }))
}

pub(super) fn enable(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    let mut capabilities = Vec::new();
    cursor.space()?;
    loop {
        capabilities.push(cursor.atom("a capability")?.to_ascii_uppercase());
        if cursor.peek().is_none() {
            return Ok(CommandBody::Enable(capabilities));
        }
        if capabilities.len() == super::LIST_ELEMENTS_MAX {
            return Err(Fault::TooMany("capabilities"));
        }
        cursor.space()?;
    }
}

pub(super) fn compress(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    cursor.space()?;
    match cursor.name("DEFLATE")?.as_str() {
        "DEFLATE" => Ok(CommandBody::CompressDeflate),
        _ => Err(Fault::Compression),
    }
}

pub(super) fn id(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    cursor.space()?;
    if cursor.nil() {
        return Ok(CommandBody::Id(Vec::new()));
    }
    let fields = cursor.list("NIL or a list of fields", |cursor| {
        let field = cursor.string_text("the name of a field, quoted")?;
        cursor.space()?;
        let value =
            if cursor.nil() { None } else { Some(cursor.string_text("a quoted value or NIL")?) };
        Ok((field, value))
    })?;
    if fields.len() > ID_FIELDS_MAX {
        return Err(Fault::TooMany("fields"));
    }
    Ok(CommandBody::Id(fields))
}
