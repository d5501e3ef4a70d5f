//! Health checks for supervisors and load balancers.

use axum::extract::State;
use axum::http::StatusCode;

use crate::Web;

/// The process runs.
pub(crate) async fn live() -> &'static str {
    "live\n"
}

/// The process can do its work: the database answers.
pub(crate) async fn ready(State(web): State<Web>) -> (StatusCode, &'static str) {
    match web.app.refresh_directory().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(failure) => {
            tracing::warn!(%failure, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
