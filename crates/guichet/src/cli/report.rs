//! `guichet report`: who may send as whom, since when, why, until when, and who still does; and
//! what is counted: volume, refusals, room.
//!
//! The server writes the report piece by piece; each is passed on as it comes, so a report of any
//! length needs little memory here. Only the table is gathered first, for its columns.

use admin_protocol::cmdlet::Object;
use admin_protocol::parameters::Parameters;
use clap::{Args, Subcommand, ValueEnum};
use domain::Language;
use serde_json::Value;

use super::error::Error;
use super::language::LanguageOption;
use super::output::{self, Column, ListOptions, column};
use super::session::{Outcome, Session};

const COLUMNS: &[Column] = &[
    column("Recipient", "Recipient"),
    column("Right", "Right"),
    column("Holder", "Holder"),
    column("Through", "Via"),
    column("Since", "WhenGrantedUTC"),
    column("Granted by", "GrantedBy"),
    column("Reason", "Reason"),
    column("Until", "UntilUTC"),
    column("Last used", "LastUsedUTC"),
    column("State", "Mark"),
];

const COLUMNS_FRENCH: &[Column] = &[
    column("Au nom de", "Recipient"),
    column("Droit", "Right"),
    column("Titulaire", "Holder"),
    column("Par le groupe", "Via"),
    column("Depuis", "WhenGrantedUTC"),
    column("Accordé par", "GrantedBy"),
    column("Motif", "Reason"),
    column("Jusqu’au", "UntilUTC"),
    column("Dernier usage", "LastUsedUTC"),
    column("État", "Mark"),
];

/// What can be reported.
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:
  guichet report send-as --format html --lang fr > rapport.html")]
pub(crate) enum ReportVerb {
    /// Who may send as whom, and who still does
    SendAs(SendAsArgs),
    /// How many messages each team sent and received, day by day
    Volume(CountedArgs),
    /// Who was refused as which sender, day by day, and why
    Refusals(CountedArgs),
    /// How full mailboxes are, and which would take a licence in Exchange Online
    Storage(StorageArgs),
}

const VOLUME: &[Column] = &[
    column("Day", "Date"),
    column("Team", "Recipient"),
    column("Sent", "Sent"),
    column("Received", "Received"),
];

const REFUSALS: &[Column] = &[
    column("Day", "Date"),
    column("Reason", "Reason"),
    column("Account", "Account"),
    column("As", "Author"),
    column("Times", "Count"),
    column("Last", "LastRefusedUTC"),
];

const STORAGE: &[Column] = &[
    column("Mailbox", "Mailbox"),
    column("Kind", "RecipientType"),
    column("Bytes", "Bytes"),
    column("Messages", "Messages"),
    column("Quota", "QuotaBytes"),
    column("Licence", "Licence"),
];

/// `report volume` and `report refusals`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  guichet report volume --days 7
  guichet report refusals --recipient support@contoso.com --json

Days are counted in UTC; today is one of them.")]
pub(crate) struct CountedArgs {
    /// Of so many days up to today, at most 92
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    days: u32,
    /// Only of this team, group or shared mailbox
    #[arg(long, value_name = "RECIPIENT")]
    recipient: Option<String>,
    #[command(flatten)]
    format: ListOptions,
}

/// `report storage`.
#[derive(Debug, Args)]
pub(crate) struct StorageArgs {
    /// Only of this mailbox
    #[arg(long, value_name = "RECIPIENT")]
    recipient: Option<String>,
    #[command(flatten)]
    format: ListOptions,
}

/// `report send-as`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  guichet report send-as
  guichet report send-as --recipient support@contoso.com --unused-days 30
  guichet report send-as --format csv > send-as.csv
  guichet report send-as --format html --lang fr > rapport.html

The page prints on A4 in landscape; `organization set --report monthly` mails it each month.")]
pub(crate) struct SendAsArgs {
    /// How it is written
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Only rights on this team, group, shared mailbox or user
    #[arg(long, value_name = "RECIPIENT")]
    recipient: Option<String>,
    /// After how many days without use a right is marked as unused
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    unused_days: u32,
    #[command(flatten)]
    language: LanguageOption,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table for this terminal
    Table,
    /// Comma-separated values (RFC 4180)
    Csv,
    /// One JSON array
    Json,
    /// A page that prints well
    Html,
}

/// Runs the verb.
pub(crate) fn run(verb: ReportVerb, session: &mut Session) -> Result<Outcome, Error> {
    let counted = |args: &CountedArgs| {
        Parameters::new()
            .with_some("Identity", args.recipient.clone())
            .with("Days", u64::from(args.days))
    };
    match verb {
        ReportVerb::SendAs(args) => return send_as(&args, session),
        ReportVerb::Volume(args) => {
            let call = ("Get-VolumeReport", counted(&args));
            output::list(session, call, VOLUME, args.format)?;
        }
        ReportVerb::Refusals(args) => {
            let call = ("Get-SendAsDeniedReport", counted(&args));
            output::list(session, call, REFUSALS, args.format)?;
        }
        ReportVerb::Storage(args) => {
            let parameters = Parameters::new().with_some("Identity", args.recipient);
            output::list(session, ("Get-StorageReport", parameters), STORAGE, args.format)?;
        }
    }
    Ok(Outcome::Done)
}

fn send_as(args: &SendAsArgs, session: &mut Session) -> Result<Outcome, Error> {
    let format = if args.json { Format::Json } else { args.format };
    let language = args.language.language();
    let name = match format {
        Format::Csv => "Csv",
        Format::Html => "Html",
        Format::Table | Format::Json => "Json",
    };
    let parameters = Parameters::new()
        .with_some("Identity", args.recipient.clone())
        .with("Format", name)
        .with("Language", language.tag())
        .with("UnusedDays", u64::from(args.unused_days));
    let mut gathered = String::new();
    let mut cursor: Option<String> = None;
    loop {
        let parameters = parameters.clone().with_some("Cursor", cursor);
        let part = session.call_for_one("Get-SendAsReportDocument", parameters, "the report")?;
        let content = output::text(&part, "Content");
        match format {
            Format::Table => gathered.push_str(content),
            Format::Csv | Format::Json | Format::Html => session.output.raw(content)?,
        }
        cursor = part.get("NextCursor").and_then(Value::as_str).map(str::to_owned);
        if cursor.is_none() {
            print_counts(&part, language, args.unused_days);
            break;
        }
    }
    if format == Format::Table {
        print_table(&gathered, language, session)?;
    }
    Ok(Outcome::Done)
}

fn print_table(document: &str, language: Language, session: &mut Session) -> Result<(), Error> {
    let unreadable = |why: String| Error::BadAnswer { cmdlet: "Get-SendAsReportDocument", why };
    let mut rows: Vec<Object> =
        serde_json::from_str(document).map_err(|error| unreadable(error.to_string()))?;
    let never = match language {
        Language::English => "never",
        Language::French => "jamais",
    };
    for row in &mut rows {
        let mark = mark(row, language);
        row.insert("Mark".to_owned(), mark.into());
        if row.get("LastUsedUTC").is_some_and(Value::is_null) {
            row.insert("LastUsedUTC".to_owned(), never.into());
        }
    }
    let columns = match language {
        Language::English => COLUMNS,
        Language::French => COLUMNS_FRENCH,
    };
    session.output.table(columns, &rows)
}

fn mark(row: &Object, language: Language) -> &'static str {
    let is_ended = output::text(row, "State") == "Ended";
    let is_unused = row.get("IsUnused").and_then(Value::as_bool) == Some(true);
    match (is_ended, is_unused, language) {
        (true, _, Language::English) => "ended",
        (true, _, Language::French) => "échu",
        (false, true, Language::English) => "unused",
        (false, true, Language::French) => "inutilisé",
        (false, false, _) => "",
    }
}

fn print_counts(part: &Object, language: Language, days: u32) {
    let count = |name: &str| part.get(name).and_then(Value::as_i64).unwrap_or(0);
    let (rights, unused) = (count("Rights"), count("Unused"));
    let (never, ended) = (count("NeverUsed"), count("Ended"));
    match language {
        Language::English => eprintln!(
            "{rights} rights to send, {unused} unused for {days} days ({never} never used), \
             {ended} ended"
        ),
        Language::French => eprintln!(
            "{rights} droits d’envoi, {unused} inutilisés depuis {days} jours ({never} jamais \
             utilisés), {ended} échus"
        ),
    }
}
