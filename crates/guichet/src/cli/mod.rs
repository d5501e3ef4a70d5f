//! The administration verbs of the command line. Each is a client of the admin protocol: it builds
//! a call of one or two cmdlets, prints what comes back, and chooses the exit status. None opens a
//! database.
//!
//! Results go to stdout, messages to stderr. One file per verb; `client` speaks to the server,
//! `output` prints, `error` knows the exit statuses.

mod app;
mod app_password;
mod audit;
mod client;
mod confirm;
mod connection;
mod contact;
mod convert;
mod diagnose;
mod dns;
mod domain;
mod error;
mod group;
mod identities;
mod language;
mod organization;
mod output;
mod password;
mod plan;
mod queue;
mod report;
mod rights;
mod session;
mod shared;
mod shell;
mod team;
mod tenant;
mod throttle;
mod tls;
mod token;
mod trace;
mod transport;
mod user;
mod when;
mod whoami;

use std::process::ExitCode;

pub(crate) use connection::Connection;
pub(crate) use tenant::login::LoginArgs;

use error::Error;
use session::{Outcome, Session};

/// What can be administered.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Users: persons with a mailbox and a login
    #[command(subcommand)]
    User(user::UserVerb),
    /// Teams: groups with channels
    #[command(subcommand)]
    Team(team::TeamVerb),
    /// Groups: mailboxes that their members read together
    #[command(subcommand)]
    Group(group::GroupVerb),
    /// Shared mailboxes: opened by those who hold Full Access
    #[command(subcommand)]
    Shared(shared::SharedVerb),
    /// Contacts: names for addresses elsewhere
    #[command(subcommand)]
    Contact(contact::ContactVerb),
    /// Accepted domains
    #[command(subcommand)]
    Domain(domain::DomainVerb),
    /// Give a right, in force at once
    Grant(rights::GrantArgs),
    /// Take a right back, in force at once
    Revoke(rights::RevokeArgs),
    /// Who may do what
    Rights(rights::RightsArgs),
    /// From which addresses may somebody send now, and as what
    Identities(identities::IdentitiesArgs),
    /// Why may somebody send from an address, or not
    Diagnose(diagnose::DiagnoseArgs),
    /// What became of messages
    Trace(trace::TraceArgs),
    /// Who changed what, and who sent as whom
    Audit(audit::AuditArgs),
    /// Mail waiting for other servers
    #[command(subcommand)]
    Queue(queue::QueueVerb),
    /// Bearer tokens for programs
    #[command(subcommand)]
    Token(token::TokenVerb),
    /// Passwords for single mail programs
    #[command(subcommand)]
    AppPassword(app_password::AppPasswordVerb),
    /// Programs that get tokens by OAuth 2
    #[command(subcommand)]
    App(app::AppVerb),
    /// Reports for reviews
    #[command(subcommand)]
    Report(report::ReportVerb),
    /// What would change, so that teams and rights are as files say
    Plan(plan::PlanArgs),
    /// Make teams and rights as files say
    Apply(plan::ApplyArgs),
    /// Write teams and rights as a file
    Snapshot(plan::SnapshotArgs),
    /// Take rights over from Postfix, mailcow or Exchange
    #[command(subcommand)]
    Import(plan::import::ImportVerb),
    /// Cmdlets and pipelines, as in Exchange's PowerShell
    Shell(shell::ShellArgs),
    /// Failed logins that count at this moment
    #[command(subcommand)]
    Throttle(throttle::ThrottleVerb),
    /// Settings of the whole organisation
    #[command(subcommand)]
    Organization(organization::OrganizationVerb),
    /// The DNS records that each domain needs
    Dns(dns::DnsArgs),
    /// Who am I to the server, and which server is it
    Whoami(whoami::WhoamiArgs),
}

/// Runs a verb against the server that `connection` names, prints, and gives the exit status.
pub(crate) fn run(verb: Verb, connection: &Connection) -> ExitCode {
    end(Session::open(connection).and_then(|mut session| dispatch(verb, &mut session)))
}

/// Signs in to the tenant that `connection` names.
pub(crate) fn login(args: LoginArgs, connection: &Connection) -> ExitCode {
    end(tenant::login::run(args, connection).map(|()| Outcome::Done))
}

/// Says what went wrong, and gives the exit status.
fn end(ran: Result<Outcome, Error>) -> ExitCode {
    match ran {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(error::STATUS_NO),
        Ok(Outcome::Status(status)) => ExitCode::from(status),
        Err(Error::BrokenPipe) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("guichet: {error}");
            if let Some(hint) = error.hint() {
                eprintln!("hint: {hint}");
            }
            ExitCode::from(error.status())
        }
    }
}

fn dispatch(verb: Verb, session: &mut Session) -> Result<Outcome, Error> {
    match verb {
        Verb::User(verb) => user::run(verb, session),
        Verb::Team(verb) => team::run(verb, session),
        Verb::Group(verb) => group::run(verb, session),
        Verb::Shared(verb) => shared::run(verb, session),
        Verb::Contact(verb) => contact::run(verb, session),
        Verb::Domain(verb) => domain::run(verb, session),
        Verb::Grant(args) => rights::grant(&args, session),
        Verb::Revoke(args) => rights::revoke(&args, session),
        Verb::Rights(args) => rights::list(args, session),
        Verb::Identities(args) => identities::run(args, session),
        Verb::Diagnose(args) => diagnose::run(args, session),
        Verb::Trace(args) => trace::run(&args, session),
        Verb::Audit(args) => audit::run(args, session),
        Verb::Queue(verb) => queue::run(verb, session),
        Verb::Token(verb) => token::run(verb, session),
        Verb::AppPassword(verb) => app_password::run(verb, session),
        Verb::App(verb) => app::run(verb, session),
        Verb::Throttle(verb) => throttle::run(verb, session),
        Verb::Organization(verb) => organization::run(verb, session),
        Verb::Dns(args) => dns::run(args, session),
        Verb::Report(verb) => report::run(verb, session),
        Verb::Plan(args) => plan::plan(&args, session),
        Verb::Apply(args) => plan::apply(&args, session),
        Verb::Snapshot(args) => plan::snapshot(&args, session),
        Verb::Import(verb) => plan::import::run(&verb, session),
        Verb::Shell(args) => shell::run(&args, session),
        Verb::Whoami(args) => whoami::run(&args, session),
    }
}
