//! The server: opens everything in the right order, runs until told to stop, closes in order.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use app::App;
use app::mailbox::names::{DELIMITER, GROUPS, SHARED};
use app::throttle::{SendLimits, SignInLimits};
use axum::Router;
use domain::retry::RetrySchedule;
use smtp::Secret;
use smtp::server::{ContentRoom, ROOM_OCTETS, Role, ServerSettings};
use store::{Event, Store};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

use crate::authenticate::Authenticator;
use crate::clock;
use crate::cms;
use crate::config::{self, Config, DatabaseUrl};
use crate::data_dir::{DataDir, DirLock};
use crate::dns::Dns;
use crate::http::{self, WebSecurity};
use crate::identity_provider;
use crate::jobs;
use crate::listen::{self, ConnectionLimits, Service, Shared};
use crate::outbox;
use crate::push;
use crate::tls::{self, ReloadableTls};
use crate::transmit::{ClientTls, Connections, Outbound, Smarthost, Transmitter};
use crate::upkeep;

/// Errors of one submission session before it is cut. People of ours may be refused often in one
/// session, by a program that sends for many; guessing is slowed down elsewhere.
const SUBMISSION_ERRORS_MAX: u32 = 200;
/// How long everything may take to end.
const STOP_TIMEOUT: Duration = Duration::from_secs(9);

/// What the web listeners do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClearWeb {
    /// The clear port sends everybody to the secured one.
    Redirects,
    /// The clear port serves the same pages: the demo, on loopback.
    Serves,
}

/// A running server.
pub(crate) struct Server {
    app: Arc<App>,
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
    tls: Arc<ReloadableTls>,
    _lock: DirLock,
}

/// The data directory, locked, with the application on its database.
pub(crate) struct Opened {
    /// The application.
    pub(crate) app: Arc<App>,
    dir: DataDir,
    lock: DirLock,
}

/// Locks the data directory and opens the database, without any listener.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Opened> {
    let dir = DataDir::open(&config.data_dir)?;
    let lock = dir.lock()?;
    let location = match &config.database {
        DatabaseUrl::Sqlite(path) => store::Location::Sqlite(path.clone()),
        DatabaseUrl::Postgres(url) => store::Location::Postgres(url.clone()),
    };
    let store = Store::open(location, store::Options::default())
        .await
        .with_context(|| format!("cannot open the database {:?}", config.database))?;
    store::queue::end_abandoned_leases(&store).await?;
    let mut app = App::start(store, settings(config), clock::fill_random).await?;
    if let Some(provider) = identity_provider::configured(config)? {
        app = app.with_identity_provider(provider);
    }
    Ok(Opened { app: Arc::new(app), dir, lock })
}

impl Server {
    /// Opens every listener. When it returns the server takes mail.
    pub(crate) async fn start(
        config: &Config,
        opened: Opened,
        clear_web: ClearWeb,
    ) -> anyhow::Result<Server> {
        let Opened { app, dir, lock } = opened;
        let tls = Arc::new(ReloadableTls::load(&config.tls.certificate, &config.tls.key)?);
        let (stop, shutdown) = watch::channel(false);
        let mut server = Server { app, tasks: JoinSet::new(), stop, tls, _lock: lock };
        let dns = Arc::new(resolver(config)?);
        server.listen_for_mail(config, &dns, &shutdown).await?;
        server.listen_for_readers(config, &shutdown).await?;
        let signer = push::Signer::load(&server.app, config.hostname.as_str()).await?;
        let push_key = web::PushKey(signer.public_key().into());
        let router = server.router(config, Arc::clone(&dns)).layer(axum::Extension(push_key));
        server.listen_for_admin(&dir, router.clone(), &shutdown)?;
        server.listen_for_web(config, router, clear_web, &shutdown).await?;
        server.transmit(config, dns, shutdown.clone())?;
        server.tasks.spawn(jobs::run(Arc::clone(&server.app), server.stop.subscribe()));
        server.tasks.spawn(follow_events(Arc::clone(&server.app), shutdown.clone()));
        server.tasks.spawn(outbox::run(Arc::clone(&server.app), shutdown.clone()));
        server.tasks.spawn(push::run(Arc::clone(&server.app), signer, shutdown.clone()));
        server.tasks.spawn(upkeep::run(Arc::clone(&server.app), shutdown));
        Ok(server)
    }

    /// The application, for whoever runs the server in the same process.
    pub(crate) fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Loads certificate and key again.
    pub(crate) fn reload(&self) {
        match self.tls.reload() {
            Ok(()) => tracing::info!("certificate and key are loaded again"),
            Err(error) => tracing::error!(%error, "the old certificate stays in use"),
        }
    }

    /// Ends all conversations and waits for them.
    pub(crate) async fn stop(mut self) {
        // Receivers may be gone already, which is what is wanted.
        let _ = self.stop.send(true);
        let all = async {
            while self.tasks.join_next().await.is_some() {}
            self.app.finish().await;
            if let Err(error) = self.app.store().checkpoint().await {
                tracing::warn!(%error, "the database's log stays beside its file");
            }
        };
        if tokio::time::timeout(STOP_TIMEOUT, all).await.is_err() {
            tracing::warn!("some tasks did not end in time and are cut");
        }
    }

    async fn listen_for_mail(
        &mut self,
        config: &Config,
        dns: &Arc<Dns>,
        shutdown: &watch::Receiver<bool>,
    ) -> anyhow::Result<()> {
        let hostname = config.hostname.as_str();
        let authenticator = Arc::new(Authenticator::new(Arc::clone(dns), hostname));
        let style = config.smtp.denial_style;
        let shared = Shared {
            app: Arc::clone(&self.app),
            tls: Arc::clone(&self.tls),
            limits: ConnectionLimits::new(
                config.smtp.connections_max,
                config.smtp.connections_per_address_max,
                config.limits.is_loopback_exempt,
            ),
            shutdown: shutdown.clone(),
        };
        let services = [
            (&config.listen.smtp, Role::Reception, Service::Reception(authenticator)),
            (&config.listen.submission, Role::Submission, Service::Submission(style)),
            (&config.listen.submissions, Role::Submission, Service::Submissions(style)),
        ];
        // One room for all listeners; a message of the largest size always has a chance.
        let largest = config.smtp.message_octets_max as u64;
        let room = ContentRoom::new(ROOM_OCTETS.max(2 * largest));
        for (addresses, role, service) in services {
            let mut settings = session_settings(config, role);
            settings.room = room.clone();
            let settings = Arc::new(settings);
            for address in addresses {
                let listener = http::bind(*address).await?;
                let (settings, shared) = (Arc::clone(&settings), shared.clone());
                self.tasks.spawn(listen::run(listener, service.clone(), settings, shared));
            }
        }
        Ok(())
    }

    async fn listen_for_readers(
        &mut self,
        config: &Config,
        shutdown: &watch::Receiver<bool>,
    ) -> anyhow::Result<()> {
        let mut settings = imap::server::ServerSettings::new(config.hostname.as_str());
        settings.append_octets_max = config.smtp.message_octets_max as u64;
        settings.namespaces.shared =
            [GROUPS, SHARED].map(|prefix| format!("{prefix}{DELIMITER}")).to_vec();
        let settings = Arc::new(settings);
        let shared = Shared {
            app: Arc::clone(&self.app),
            tls: Arc::clone(&self.tls),
            limits: ConnectionLimits::new(
                config.imap.connections_max,
                config.imap.connections_per_address_max,
                config.limits.is_loopback_exempt,
            ),
            shutdown: shutdown.clone(),
        };
        let services = [
            (&config.listen.imap, Service::Imap(Arc::clone(&settings))),
            (&config.listen.imaps, Service::Imaps(settings)),
        ];
        // Only SMTP services look at these.
        let smtp = Arc::new(session_settings(config, Role::Submission));
        for (addresses, service) in services {
            for address in addresses {
                let listener = http::bind(*address).await?;
                let (service, smtp, shared) = (service.clone(), Arc::clone(&smtp), shared.clone());
                self.tasks.spawn(listen::run(listener, service, smtp, shared));
            }
        }
        Ok(())
    }

    fn router(&self, config: &Config, dns: Arc<Dns>) -> Router {
        let resolve = move |name: &str, kind: &str| -> web::Resolved {
            let (dns, name, kind) = (Arc::clone(&dns), name.to_owned(), kind.to_owned());
            Box::pin(async move { dns.records(&name, &kind).await })
        };
        let calls = web::CallLimits {
            calls_per_window: config.limits.admin_calls_per_window,
            ..web::CallLimits::default()
        };
        let options = web::Options { clock: clock::now, calls, mail_ports: mail_ports(config) };
        let tls = Arc::clone(&self.tls);
        let sign = move |profile: &[u8]| {
            cms::sign(profile, &tls.certified()).map_err(|error| error.to_string())
        };
        web::router(Arc::clone(&self.app), options)
            .layer(axum::Extension(web::Resolver(Arc::new(resolve))))
            .layer(axum::Extension(web::ProfileSigner(Arc::new(sign))))
    }

    fn listen_for_admin(
        &mut self,
        dir: &DataDir,
        router: Router,
        shutdown: &watch::Receiver<bool>,
    ) -> anyhow::Result<()> {
        let socket = dir.admin_socket();
        let listener = http::bind_admin_socket(&socket).with_context(|| {
            format!("cannot open the administration socket {}", socket.display())
        })?;
        self.tasks.spawn(http::serve_socket(listener, router, shutdown.clone()));
        Ok(())
    }

    async fn listen_for_web(
        &mut self,
        config: &Config,
        router: Router,
        clear_web: ClearWeb,
        shutdown: &watch::Receiver<bool>,
    ) -> anyhow::Result<()> {
        let secured = WebSecurity::Tls(Arc::clone(&self.tls));
        self.serve_web(&config.listen.https, &router, &secured, shutdown).await?;
        let clear = match clear_web {
            ClearWeb::Serves => router,
            ClearWeb::Redirects => {
                let port = config.listen.https.first().map_or(443, SocketAddr::port);
                http::redirections(config.hostname.as_str(), port)
            }
        };
        self.serve_web(&config.listen.http, &clear, &WebSecurity::None, shutdown).await
    }

    async fn serve_web(
        &mut self,
        addresses: &[SocketAddr],
        router: &Router,
        security: &WebSecurity,
        shutdown: &watch::Receiver<bool>,
    ) -> anyhow::Result<()> {
        for address in addresses {
            let listener = http::bind(*address).await?;
            let (router, security) = (router.clone(), security.clone());
            self.tasks.spawn(http::serve_web(listener, router, security, shutdown.clone()));
        }
        Ok(())
    }

    fn transmit(
        &mut self,
        config: &Config,
        dns: Arc<Dns>,
        shutdown: watch::Receiver<bool>,
    ) -> anyhow::Result<()> {
        let outbound = outbound(config)?;
        let opportunistic = TlsConnector::from(tls::opportunistic_client()?);
        let needs_verified =
            matches!(&outbound.smarthost, Some(smarthost) if smarthost.is_verified());
        let verified = if needs_verified {
            TlsConnector::from(tls::verified_client()?)
        } else {
            opportunistic.clone()
        };
        let client_tls = ClientTls { opportunistic, verified };
        let connections = Connections::new(dns, outbound.clone(), client_tls);
        let worker = worker_name(config.hostname.as_str());
        let transmitter = Transmitter::new(Arc::clone(&self.app), connections, outbound, worker);
        self.tasks.spawn(transmitter.run(shutdown));
        Ok(())
    }
}

/// Where mail programs are sent: the first address of each service.
fn mail_ports(config: &Config) -> web::MailPorts {
    let port = |addresses: &[SocketAddr]| addresses.first().map(SocketAddr::port);
    web::MailPorts {
        imap: port(&config.listen.imap),
        imaps: port(&config.listen.imaps),
        submission: port(&config.listen.submission),
        submissions: port(&config.listen.submissions),
    }
}

/// A name that no other worker has, on any node, after any restart.
fn worker_name(hostname: &str) -> String {
    let mut random = [0u8; 8];
    clock::fill_random(&mut random);
    format!("{hostname}/{}/{:016x}", std::process::id(), u64::from_be_bytes(random))
}

/// Keeps the directory in step with what other processes commit.
async fn follow_events(app: Arc<App>, mut shutdown: watch::Receiver<bool>) {
    let mut events = app.store().subscribe_without_folders();
    loop {
        let event = tokio::select! {
            event = events.recv() => event,
            _ = shutdown.changed() => return,
        };
        let is_stale = match event {
            Ok(Event::DirectoryChanged { version }) => version > app.directory().version(),
            Ok(Event::Resynchronize) | Err(RecvError::Lagged(_)) => true,
            Ok(Event::FolderChanged { .. } | Event::QueueChanged) => false,
            Err(RecvError::Closed) => return,
        };
        if !is_stale {
            continue;
        }
        let domains = app.directory().accepted_domains().to_vec();
        if let Err(error) = app.refresh_directory().await {
            tracing::error!(%error, "the directory could not be brought into step");
        }
        let has_new_domains = app.directory().accepted_domains() != domains;
        if has_new_domains && let Err(error) = app.reload_signing_keys().await {
            tracing::error!(%error, "the DKIM keys could not be loaded again");
        }
    }
}

fn resolver(config: &Config) -> anyhow::Result<Dns> {
    if !config.dns.is_enabled {
        return Ok(Dns::off());
    }
    Dns::new(&config.dns.servers)
        .map_err(|error| anyhow::anyhow!("DNS cannot be used ({error}): set [dns] servers"))
}

fn session_settings(config: &Config, role: Role) -> ServerSettings {
    let mut settings = ServerSettings::new(config.hostname.as_str(), role);
    settings.message_octets_max = config.smtp.message_octets_max as u64;
    settings.recipients_max = config.smtp.recipients_max;
    if role == Role::Submission {
        settings.errors_max = SUBMISSION_ERRORS_MAX;
    }
    settings
}

fn settings(config: &Config) -> app::Settings {
    let limits = &config.limits;
    let secs = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    app::Settings {
        hostname: config.hostname.as_str().to_owned(),
        sign_in: SignInLimits {
            free_failures: limits.failed_sign_ins_free,
            free_failures_per_address: limits.failed_sign_ins_free_per_address,
            first_wait_secs: secs(limits.first_wait),
            longest_wait_secs: secs(limits.longest_wait),
            exempts_loopback: limits.is_loopback_exempt,
            ..SignInLimits::default()
        },
        sending: SendLimits {
            messages_per_hour: limits.messages_per_hour,
            recipients_per_day: limits.recipients_per_day,
        },
        retry: RetrySchedule {
            first_wait_secs: secs(config.queue.first_wait),
            longest_wait_secs: secs(config.queue.longest_wait),
            lifetime_secs: secs(config.queue.lifetime),
            delay_notice_secs: secs(config.queue.delay_notice),
        },
        public_url: config.public_url.clone(),
    }
}

fn outbound(config: &Config) -> anyhow::Result<Outbound> {
    let smarthost = match &config.outbound.smarthost {
        None => None,
        Some(configured) => Some(Smarthost {
            host: configured.server.host.clone(),
            port: configured.server.port,
            tls: configured.tls,
            login: match &configured.account {
                None => None,
                Some(account) => {
                    Some((account.login.clone(), password_of(&account.password_file)?))
                }
            },
        }),
    };
    Ok(Outbound {
        hostname: config.hostname.as_str().to_owned(),
        smarthost,
        mx_port: config.outbound.mx_port,
        connections_per_host: config.outbound.connections_per_host,
        workers: config.queue.workers,
        bind_address: config.outbound.bind_address,
    })
}

/// The first line of a password file.
fn password_of(file: &Path) -> anyhow::Result<Secret> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the smarthost's password from {}", file.display()))?;
    Ok(Secret::new(text.lines().next().unwrap_or_default()))
}

/// `guichet serve`: runs until SIGINT or SIGTERM; SIGHUP loads the certificate again.
pub(crate) async fn run(config: &Config) -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let problems = config::file_problems(config);
    if !problems.is_empty() {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        bail!("files that the configuration names cannot be used:\n{}", lines.join("\n"));
    }
    let opened = open(config).await?;
    let server = Server::start(config, opened, ClearWeb::Redirects).await?;
    let dir = config.data_dir.display();
    tracing::info!(hostname = %config.hostname, %dir, "Guichet is ready");
    let (mut interrupt, mut terminate, mut hang_up) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
        signal(SignalKind::hangup())?,
    );
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            _ = hang_up.recv() => server.reload(),
        }
    }
    tracing::info!("stopping");
    server.stop().await;
    Ok(())
}
