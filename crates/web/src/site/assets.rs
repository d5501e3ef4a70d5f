//! The files that pages load: style, script, icons. They are in the binary, under names that
//! change with their content, so that browsers keep them for good. Browsers that take gzip get them
//! in that form, which is made once.

use std::io::Write as _;
use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use ring::digest;

struct Asset {
    name: &'static str,
    content_type: &'static str,
    content: &'static [u8],
}

const ASSETS: &[Asset] = &[
    Asset {
        name: "guichet.css",
        content_type: "text/css; charset=utf-8",
        content: include_bytes!("../../assets/guichet.css"),
    },
    Asset {
        name: "guichet.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_bytes!("../../assets/guichet.js"),
    },
    Asset {
        name: "htmx.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_bytes!("../../assets/htmx-2.0.11.min.js"),
    },
    Asset {
        name: "passkey.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_bytes!("../../assets/passkey.js"),
    },
    Asset {
        name: "push.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_bytes!("../../assets/push.js"),
    },
    Asset {
        name: "icon-192.png",
        content_type: "image/png",
        content: include_bytes!("../../assets/icon-192.png"),
    },
    Asset {
        name: "icon-512.png",
        content_type: "image/png",
        content: include_bytes!("../../assets/icon-512.png"),
    },
    Asset {
        name: "icon.svg",
        content_type: "image/svg+xml",
        content: include_bytes!("../../assets/icon.svg"),
    },
];

/// Octets of the hash that stand in an address; enough that no two versions share one.
const FINGERPRINT_OCTETS: usize = 6;
/// Browsers and what stands between may keep an asset for a year without asking.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

fn addresses() -> &'static [String] {
    static ADDRESSES: OnceLock<Vec<String>> = OnceLock::new();
    ADDRESSES.get_or_init(|| ASSETS.iter().map(address_of).collect())
}

fn address_of(asset: &Asset) -> String {
    let hash = digest::digest(&digest::SHA256, asset.content);
    let fingerprint: String =
        hash.as_ref().iter().take(FINGERPRINT_OCTETS).map(|octet| format!("{octet:02x}")).collect();
    format!("/assets/{fingerprint}/{}", asset.name)
}

/// The address of an asset.
pub(crate) fn address(name: &str) -> &'static str {
    let at = ASSETS.iter().position(|asset| asset.name == name);
    at.map_or("/assets/", |at| addresses()[at].as_str())
}

/// The assets in gzip, in the order of [`ASSETS`].
fn packed() -> &'static [Vec<u8>] {
    static PACKED: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    PACKED.get_or_init(|| ASSETS.iter().map(|asset| pack(asset.content)).collect())
}

/// In gzip; nothing where that is not possible.
fn pack(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).and_then(|()| encoder.finish()).unwrap_or_default()
}

/// Whether the browser takes gzip (RFC 9110 §12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.unwrap_or_default().split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse().ok());
        name.trim().eq_ignore_ascii_case("gzip") && weight.unwrap_or(1.0_f32) > 0.0
    })
}

/// `GET /assets/{fingerprint}/{name}`
pub(crate) async fn serve(
    Path((fingerprint, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(at) = ASSETS.iter().position(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let asset = &ASSETS[at];
    if address(asset.name) != format!("/assets/{fingerprint}/{name}") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let kind = HeaderValue::from_static(asset.content_type);
    let vary = HeaderValue::from_static("Accept-Encoding");
    let about =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, FOR_GOOD), (header::VARY, vary)];
    let packed = packed()[at].as_slice();
    if takes_gzip(&headers) && !packed.is_empty() && packed.len() < asset.content.len() {
        let gzip = HeaderValue::from_static("gzip");
        return (about, [(header::CONTENT_ENCODING, gzip)], packed).into_response();
    }
    (about, asset.content).into_response()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use axum::http::{HeaderMap, HeaderValue, header};
    use flate2::read::GzDecoder;

    use super::{ASSETS, address, packed, takes_gzip};

    #[test]
    fn what_is_packed_is_what_was_there() {
        for (asset, packed) in ASSETS.iter().zip(packed()) {
            let mut unpacked = Vec::new();
            GzDecoder::new(packed.as_slice()).read_to_end(&mut unpacked).unwrap();
            assert_eq!(unpacked, asset.content, "{}", asset.name);
        }
    }

    #[test]
    fn gzip_is_for_those_who_take_it() {
        let takes = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            takes_gzip(&headers)
        };
        for value in ["gzip", "br, GZIP;q=0.5", "deflate,gzip ; q=1"] {
            assert!(takes(value), "{value}");
        }
        for value in ["", "br", "gzip;q=0", "gzip;q=0.0, br", "xgzip"] {
            assert!(!takes(value), "{value}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn every_asset_has_an_address_of_its_own() {
        for asset in ASSETS {
            assert!(address(asset.name).ends_with(asset.name));
            assert!(!asset.content.is_empty());
        }
        assert_eq!(address("none"), "/assets/");
    }
}
