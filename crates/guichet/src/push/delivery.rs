//! Handing an encrypted message to a push service (RFC 8030 §5).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use app::push::Push;
use bytes::Bytes;
use domain::Timestamp;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::encryption::encrypt;
use super::hosts::is_public;
use super::vapid::Signer;
use crate::clock;
use crate::tls::{self, TlsError};

/// For a whole delivery, from the look-up of the name to the answer.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(20);
/// Seconds for which a push service keeps a message for a browser that is not there.
const TIME_TO_LIVE_SECS: u32 = 24 * 3600;
/// Octets of an answer that are read.
const ANSWER_OCTETS_MAX: usize = 16 * 1024;

/// What a push service said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivered {
    /// It takes care of it.
    Taken,
    /// The subscription is there no more.
    Gone,
    /// Something else, with its status.
    Refused(u16),
}

/// How push services are reached.
enum Reach {
    /// Under HTTPS, at public addresses.
    Public(Arc<ClientConfig>),
    /// In clear text on loopback, where tests stand in for them.
    #[cfg(test)]
    Loopback,
}

/// Delivers.
pub(super) struct Delivery {
    signer: Signer,
    reach: Reach,
}

impl Delivery {
    /// To push services on the public network.
    pub(super) fn to_public_hosts(signer: Signer) -> Result<Delivery, TlsError> {
        Ok(Delivery { signer, reach: Reach::Public(tls::verified_client()?) })
    }

    /// Delivers a message. The error is a sentence.
    pub(super) async fn deliver(&self, push: &Push, now: Timestamp) -> Result<Delivered, String> {
        let mut salt = [0; 16];
        clock::fill_random(&mut salt);
        let body = encrypt(push.payload.as_bytes(), &push.public_key, &push.auth, &salt);
        let body = body.map_err(|error| error.to_string())?;
        let uri: Uri = push.endpoint.parse().map_err(|_| "the endpoint is no address")?;
        let request = self.request(&uri, push, (body, now))?;
        let status = tokio::time::timeout(DELIVERY_TIMEOUT, self.send(&uri, request)).await;
        match status.map_err(|_| "it does not answer in time")?? {
            200..=299 => Ok(Delivered::Taken),
            404 | 410 => Ok(Delivered::Gone),
            status => Ok(Delivered::Refused(status)),
        }
    }

    fn request(
        &self,
        uri: &Uri,
        push: &Push,
        (body, now): (Vec<u8>, Timestamp),
    ) -> Result<Request<Full<Bytes>>, String> {
        let authority = uri.authority().ok_or("the endpoint names no host")?.as_str();
        let scheme = uri.scheme_str().unwrap_or_default();
        let audience = format!("{scheme}://{authority}");
        let authorization =
            self.signer.authorization(&audience, now).map_err(|error| error.to_string())?;
        Request::post(uri.path_and_query().map_or("/", |path| path.as_str()))
            .header(HOST, authority)
            .header(AUTHORIZATION, authorization)
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_ENCODING, "aes128gcm")
            .header("ttl", TIME_TO_LIVE_SECS)
            .header("urgency", "normal")
            // RFC 8030 §5.4: of several about one folder the last is enough.
            .header("topic", format!("folder-{}", push.folder.0))
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| error.to_string())
    }

    async fn send(&self, uri: &Uri, request: Request<Full<Bytes>>) -> Result<u16, String> {
        let host = uri.host().ok_or("the endpoint names no host")?.to_owned();
        match &self.reach {
            Reach::Public(config) => {
                if uri.scheme_str() != Some("https") {
                    return Err("the endpoint is not under https".to_owned());
                }
                let name = ServerName::try_from(host.clone());
                let name = name.map_err(|_| format!("{host} is no host name"))?;
                let tcp = connect(&host, uri.port_u16().unwrap_or(443)).await?;
                let connector = TlsConnector::from(Arc::clone(config));
                let stream = connector.connect(name, tcp).await;
                let stream = stream.map_err(|error| format!("{host}: {error}"))?;
                converse(stream, request).await
            }
            #[cfg(test)]
            Reach::Loopback => {
                let port = uri.port_u16().unwrap_or(80);
                let tcp = TcpStream::connect(("127.0.0.1", port)).await;
                converse(tcp.map_err(|error| error.to_string())?, request).await
            }
        }
    }
}

/// Connects to the address that was judged, so that no second look-up can give another.
async fn connect(host: &str, port: u16) -> Result<TcpStream, String> {
    let found = tokio::net::lookup_host((host, port)).await;
    let found: Vec<SocketAddr> = found.map_err(|error| format!("{host}: {error}"))?.collect();
    if found.is_empty() || !found.iter().all(|address| is_public(address.ip())) {
        return Err(format!("{host} is not on the public network"));
    }
    let stream = TcpStream::connect(found.as_slice()).await;
    stream.map_err(|error| format!("{host}: {error}"))
}

async fn converse<S>(stream: S, request: Request<Full<Bytes>>) -> Result<u16, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let text = |error: hyper::Error| error.to_string();
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(text)?;
    let driver = tokio::spawn(connection);
    let answer = async {
        let response = sender.send_request(request).await.map_err(text)?;
        let status = response.status().as_u16();
        // What it says beside its status is for nobody.
        let _ = Limited::new(response.into_body(), ANSWER_OCTETS_MAX).collect().await;
        Ok(status)
    };
    let answer = answer.await;
    driver.abort();
    answer
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use domain::FolderId;
    use testkit::{HttpStandIn, StandInAnswer};

    use super::super::encryption::tests::Browser;
    use super::super::vapid::tests::signer;
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn push(endpoint: String, browser: &Browser) -> Push {
        Push {
            id: 1,
            endpoint,
            public_key: browser.key.clone().into(),
            auth: browser.auth.clone().into(),
            folder: FolderId(58),
            payload: "New mail in Support".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_push_service_gets_what_only_the_browser_reads() {
        let service = HttpStandIn::answering(vec![
            StandInAnswer::new(201, ""),
            StandInAnswer::new(410, ""),
            StandInAnswer::new(404, ""),
            StandInAnswer::new(429, ""),
        ]);
        let browser = Browser::new();
        let delivery = Delivery { signer: signer(), reach: Reach::Loopback };
        let push = push(format!("{}/send/abc", service.url()), &browser);
        for expected in
            [Delivered::Taken, Delivered::Gone, Delivered::Gone, Delivered::Refused(429)]
        {
            assert_eq!(delivery.deliver(&push, NOW).await, Ok(expected));
        }
        let asked = service.asked();
        let first = &asked[0];
        assert_eq!(first.path, "/send/abc");
        assert_eq!(first.header("content-encoding"), Some("aes128gcm"));
        assert_eq!(first.header("ttl"), Some("86400"));
        assert_eq!(first.header("topic"), Some("folder-58"));
        let key = URL_SAFE_NO_PAD.encode(delivery.signer.public_key());
        let authorization = first.header("authorization").unwrap();
        assert!(authorization.starts_with("vapid t=") && authorization.ends_with(&key));
        assert_eq!(browser.decrypt(&first.octets), b"New mail in Support");
    }

    #[tokio::test]
    async fn nothing_inside_the_network_is_reached() {
        let service = HttpStandIn::answering(vec![StandInAnswer::new(201, "")]);
        let reach = Reach::Public(tls::opportunistic_client().unwrap());
        let delivery = Delivery { signer: signer(), reach };
        let port = service.url().rsplit(':').next().unwrap().to_owned();
        for endpoint in [
            service.url(),
            format!("https://127.0.0.1:{port}/x"),
            format!("https://localhost:{port}/x"),
        ] {
            let refused = delivery.deliver(&push(endpoint.clone(), &Browser::new()), NOW).await;
            assert!(refused.is_err(), "{endpoint}: {refused:?}");
        }
        assert!(service.asked().is_empty());
    }
}
