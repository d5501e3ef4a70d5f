//! Which octets may stand where (RFC 9051 §9).

/// `ATOM-CHAR`: what atoms, and so keywords, consist of.
pub(crate) fn is_atom_octet(octet: u8) -> bool {
    octet.is_ascii_graphic() && !b"(){%*\"\\]".contains(&octet)
}

/// `ASTRING-CHAR`: what a string may consist of without quotes.
pub(crate) fn is_astring_octet(octet: u8) -> bool {
    is_atom_octet(octet) || octet == b']'
}

/// What a tag consists of: `ASTRING-CHAR` but `+`.
pub(crate) fn is_tag_octet(octet: u8) -> bool {
    is_astring_octet(octet) && octet != b'+'
}

/// `list-char`: what a pattern may consist of without quotes.
pub(crate) fn is_list_octet(octet: u8) -> bool {
    is_astring_octet(octet) || matches!(octet, b'%' | b'*')
}

/// What the names of commands, options, keys and items consist of.
pub(crate) fn is_name_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-' | b'_' | b'=')
}

/// What a set of messages consists of.
pub(crate) fn is_set_octet(octet: u8) -> bool {
    octet.is_ascii_digit() || matches!(octet, b':' | b',' | b'*' | b'$')
}
