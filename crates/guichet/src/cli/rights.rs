//! `guichet grant`, `revoke` and `rights`: who holds what on which recipient.

use admin_protocol::cmdlet::Object;
use admin_protocol::parameters::Parameters;
use admin_protocol::text::timestamp;
use clap::{Args, ValueEnum};

use crate::clock::now;

use super::error::Error;
use super::output::{self, Column, JsonOption, ListOptions, column};
use super::session::{Outcome, Session};
use super::when::When;

const COLUMNS: &[Column] = &[
    column("Recipient", "Identity"),
    column("Right", "Right"),
    column("Trustee", "Trustee"),
    column("In force", "IsInForce"),
    column("Until", "UntilUTC"),
    column("Through", "Via"),
    column("Since", "WhenGrantedUTC"),
    column("Granted by", "GrantedBy"),
    column("Reason", "Reason"),
];

/// A right, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Right {
    /// Send in the recipient's name; nothing tells the person
    SendAs,
    /// Send for the recipient; the person is named
    SendOnBehalf,
    /// Open the mailbox; gives no right to send
    FullAccess,
}

impl From<Right> for domain::Right {
    fn from(right: Right) -> domain::Right {
        match right {
            Right::SendAs => domain::Right::SendAs,
            Right::SendOnBehalf => domain::Right::SendOnBehalf,
            Right::FullAccess => domain::Right::FullAccess,
        }
    }
}

impl Right {
    fn as_parameter(self) -> &'static str {
        match self {
            Right::SendAs => "SendAs",
            Right::SendOnBehalf => "SendOnBehalf",
            Right::FullAccess => "FullAccess",
        }
    }
}

/// Which right of whom on what.
#[derive(Debug, Args)]
pub(crate) struct RightOnRecipient {
    /// Which right
    right: Right,
    /// On what: a team, group, shared mailbox or user
    recipient: String,
    /// For whom: a user, or a group for all of its members
    trustee: String,
    /// Why; kept in the audit
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl RightOnRecipient {
    fn parameters(&self) -> Parameters {
        Parameters::new()
            .with("Identity", self.recipient.clone())
            .with("Trustee", self.trustee.clone())
            .with("Right", self.right.as_parameter())
            .with_some("Reason", self.reason.clone())
    }

    fn sentence(&self) -> String {
        let right = domain::Right::from(self.right);
        format!("{right} on {} for {}", self.recipient, self.trustee)
    }
}

/// `grant`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  guichet grant send-as support@contoso.com jean.dupont@contoso.com
  guichet grant send-as support claire.martin --until 30d --reason \"holiday cover\"
  guichet grant full-access facturation jean.dupont --until 2027-01-31

A date alone counts to the end of that day, UTC. Granting again changes end and reason.")]
pub(crate) struct GrantArgs {
    #[command(flatten)]
    what: RightOnRecipient,
    /// When it ends by itself: 12h, 30d, 2w, a date, or a date and time
    #[arg(long, value_name = "WHEN")]
    until: Option<When>,
    #[command(flatten)]
    format: JsonOption,
}

/// `revoke`.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  guichet revoke send-as support@contoso.com jean.dupont@contoso.com --reason \"left the team\"")]
pub(crate) struct RevokeArgs {
    #[command(flatten)]
    what: RightOnRecipient,
}

/// `rights`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  guichet rights
  guichet rights --recipient support@contoso.com
  guichet rights --trustee jean.dupont --expand --json")]
pub(crate) struct RightsArgs {
    /// Only rights on this recipient
    #[arg(long, value_name = "RECIPIENT")]
    recipient: Option<String>,
    /// Only rights of this user or group
    #[arg(long, value_name = "TRUSTEE")]
    trustee: Option<String>,
    /// Only this right
    #[arg(long)]
    right: Option<Right>,
    /// Also list each person who holds a right through a group
    #[arg(long)]
    expand: bool,
    #[command(flatten)]
    format: ListOptions,
}

/// Runs `grant`.
pub(crate) fn grant(args: &GrantArgs, session: &mut Session) -> Result<Outcome, Error> {
    let until = match args.until {
        Some(when) => Some(
            when.as_end_ahead(now()).map_err(|error| Error::Usage(format!("--until: {error}")))?,
        ),
        None => None,
    };
    let parameters = args.what.parameters().with_some("Until", until.map(timestamp));
    let granted = session.call("Add-GuichetPermission", parameters)?;
    let end = until.and_then(|at| output::short_time(&timestamp(at)));
    let end = end.map(|end| format!(", until {end}")).unwrap_or_default();
    let done = if session.is_of_tenant() {
        "granted; the tenant may take an hour"
    } else {
        "granted, in force now"
    };
    eprintln!("{done}: {}{end}", args.what.sentence());
    output::print_changed(session, granted, args.format)?;
    Ok(Outcome::Done)
}

/// Runs `revoke`.
pub(crate) fn revoke(args: &RevokeArgs, session: &mut Session) -> Result<Outcome, Error> {
    session.call("Remove-GuichetPermission", args.what.parameters())?;
    let done = if session.is_of_tenant() {
        "taken back; the tenant may take an hour"
    } else {
        "no longer in force"
    };
    eprintln!("{done}: {}", args.what.sentence());
    Ok(Outcome::Done)
}

/// Runs `rights`.
pub(crate) fn list(args: RightsArgs, session: &mut Session) -> Result<Outcome, Error> {
    let parameters = Parameters::new()
        .with_some("Identity", args.recipient)
        .with_some("Trustee", args.trustee)
        .with_some("Right", args.right.map(Right::as_parameter))
        .with_some("Expand", args.expand.then_some(true))
        .with("ResultSize", "Unlimited");
    output::list(session, ("Get-GuichetPermission", parameters), COLUMNS, args.format)?;
    Ok(Outcome::Done)
}

/// The rights on one recipient.
pub(crate) fn on(session: &mut Session, recipient: &str) -> Result<Vec<Object>, Error> {
    let parameters = Parameters::new().with("Identity", recipient).with("ResultSize", "Unlimited");
    session.call("Get-GuichetPermission", parameters)
}

/// Prints rights as a table under something else.
pub(crate) fn print_below(session: &mut Session, granted: &[Object]) -> Result<(), Error> {
    if granted.is_empty() {
        return Ok(());
    }
    session.output.line("")?;
    // The recipient stands above already.
    session.output.table(&COLUMNS[1..], granted)
}
