//! What makes the pages an application on a phone: the manifest (W3C Web Application Manifest), the
//! service worker, and the page that it shows without a network. None of them knows who asks.

use std::sync::OnceLock;

use askama::Template;
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ring::digest;
use serde_json::json;

use super::assets;
use super::frame::{Frame, Section, render};
use super::visit::Visit;
use crate::Web;

/// The assets that are kept for pages without a network.
const KEPT: [&str; 4] = ["guichet.css", "guichet.js", "htmx.js", "icon.svg"];
/// Octets of the hash in the name of what is kept.
const VERSION_OCTETS: usize = 8;
/// The colour of the frame, as in the style sheet.
const BRAND: &str = "#0b5c63";
/// The manifest and the worker may change with the program: browsers ask each time.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The routes of the shell.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/manifest.webmanifest", get(manifest))
        .route("/worker.js", get(worker))
        .route("/offline", get(offline))
}

/// `GET /manifest.webmanifest`
async fn manifest(visit: Visit) -> Response {
    let icon = |name: &str, sizes: &str, purpose: &str| {
        let kind = if name.ends_with(".svg") { "image/svg+xml" } else { "image/png" };
        json!({ "src": assets::address(name), "sizes": sizes, "type": kind, "purpose": purpose })
    };
    let manifest = json!({
        "id": "/",
        "name": "Guichet",
        "short_name": "Guichet",
        "description": visit.texts.t("foot"),
        "lang": visit.texts.language.tag(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": BRAND,
        "theme_color": BRAND,
        "icons": [
            icon("icon.svg", "any", "any"),
            icon("icon-192.png", "192x192", "any maskable"),
            icon("icon-512.png", "512x512", "any maskable"),
        ],
        "shortcuts": [
            { "name": visit.texts.t("mail-write"), "url": "/compose" },
        ],
    });
    let kind = HeaderValue::from_static("application/manifest+json");
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, ASK_AGAIN)], manifest.to_string())
        .into_response()
}

/// The service worker with the addresses of what it keeps.
fn worker_script() -> &'static str {
    static SCRIPT: OnceLock<String> = OnceLock::new();
    SCRIPT.get_or_init(|| {
        let kept = KEPT.iter().map(|name| assets::address(name)).chain(["/offline"]);
        let quoted: Vec<String> = kept.map(|address| format!("{address:?}")).collect();
        let script = include_str!("../../assets/worker.js")
            .replace("\"ADDRESSES\"", &quoted.join(", "))
            .replace("\"ICON\"", &format!("{:?}", assets::address("icon-192.png")));
        let hash = digest::digest(&digest::SHA256, script.as_bytes());
        let version = hash.as_ref().iter().take(VERSION_OCTETS);
        let version: String = version.map(|octet| format!("{octet:02x}")).collect();
        script.replace("\"VERSION\"", &format!("\"shell-{version}\""))
    })
}

/// `GET /worker.js`
async fn worker() -> Response {
    let kind = HeaderValue::from_static("text/javascript; charset=utf-8");
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, ASK_AGAIN)], worker_script())
        .into_response()
}

#[derive(Template)]
#[template(path = "offline.html")]
struct OfflinePage {
    frame: Frame,
}

/// `GET /offline`: the same for everybody, since browsers keep it.
async fn offline(visit: Visit) -> Response {
    let nobody = Visit { signed: None, ..visit };
    render(&OfflinePage { frame: nobody.frame(Section::Outside) })
}
