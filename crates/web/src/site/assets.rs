//! The files that pages load: style, script, icons. They are in the binary, under names that
//! change with their content, so that browsers keep them for good.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
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

/// `GET /assets/{fingerprint}/{name}`
pub(crate) async fn serve(Path((fingerprint, name)): Path<(String, String)>) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if address(asset.name) != format!("/assets/{fingerprint}/{name}") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let kind = HeaderValue::from_static(asset.content_type);
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, FOR_GOOD)], asset.content)
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::{ASSETS, address};

    #[test]
    fn every_asset_has_an_address_of_its_own() {
        for asset in ASSETS {
            assert!(address(asset.name).ends_with(asset.name));
            assert!(!asset.content.is_empty());
        }
        assert_eq!(address("none"), "/assets/");
    }
}
