//! `guichet diagnose`: the gate's own verdict with every check, the cause, and what mends it.
//!
//! Exit status 0 when allowed, 1 when refused, so that it can be used in `if`.

use admin_protocol::cmdlet::Object;
use admin_protocol::parameters::Parameters;
use clap::Args;
use domain::Language;
use serde_json::Value;

use super::error::Error;
use super::language::LanguageOption;
use super::output::{self, JsonOption};
use super::session::{Outcome, Session};

/// `diagnose`.
#[derive(Debug, Args)]
#[command(
    override_usage = "guichet diagnose USER --from ADDRESS [--to ADDRESS]\n       \
                      guichet diagnose --ref REF",
    after_help = "Examples:
  guichet diagnose jean.dupont@contoso.com --from support@contoso.com
  guichet diagnose --ref K7Q2M9
  if guichet diagnose jean.dupont --from support >/dev/null; then …"
)]
pub(crate) struct DiagnoseArgs {
    /// Who sends: address, alias or GUID
    #[arg(required_unless_present = "reference")]
    user: Option<String>,
    /// The address in From
    #[arg(long, value_name = "ADDRESS", required_unless_present = "reference")]
    from: Option<String>,
    /// A recipient to check as well
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
    /// The reference in the text of a refusal
    #[arg(
        long = "ref",
        value_name = "REF",
        conflicts_with_all = ["user", "from", "to"]
    )]
    reference: Option<String>,
    #[command(flatten)]
    language: LanguageOption,
    #[command(flatten)]
    format: JsonOption,
}

/// Runs the verb.
pub(crate) fn run(args: DiagnoseArgs, session: &mut Session) -> Result<Outcome, Error> {
    let what = args.reference.clone().or_else(|| args.user.clone()).unwrap_or_default();
    let parameters = Parameters::new()
        .with_some("User", args.user)
        .with_some("From", args.from)
        .with_some("To", args.to)
        .with_some("Reference", args.reference);
    let language = args.language.language();
    // English is what a server speaks that knows no other language.
    let parameters =
        parameters.with_some("Language", (language != Language::English).then(|| language.tag()));
    let verdict = session.call_for_one("Test-SendAs", parameters, &what)?;
    let is_allowed = verdict.get("Allowed").and_then(Value::as_bool) == Some(true);
    if args.format.json {
        output::print_one(session, verdict, true)?;
    } else {
        print(&verdict, (is_allowed, language), session)?;
    }
    Ok(if is_allowed { Outcome::Done } else { Outcome::No })
}

fn print(
    verdict: &Object,
    (is_allowed, language): (bool, Language),
    session: &mut Session,
) -> Result<(), Error> {
    let words = words(language);
    let mark = session.output.mark(Some(is_allowed));
    let out = &mut session.output;
    out.line(&format!("{mark} {}", output::text(verdict, "Explanation")))?;
    let (reference, refused_at) =
        (output::text(verdict, "Reference"), output::shown(verdict, "RefusedUTC"));
    if !reference.is_empty() {
        let (named, refused) = (words.reference, words.refused);
        out.line(&format!("  {named} {reference}, {refused} {refused_at}"))?;
    }
    out.line("")?;
    for check in verdict.get("Checks").and_then(Value::as_array).into_iter().flatten() {
        if let Some(check) = check.as_object() {
            let mark = out.mark(check.get("Passed").and_then(Value::as_bool));
            let (name, detail) = (output::text(check, "Name"), output::text(check, "Detail"));
            out.line(format!("  {mark} {name:<28} {detail}").trim_end())?;
            let fix = output::text(check, "Fix");
            if !fix.is_empty() {
                out.line(&format!("    {:<28} → {fix}", ""))?;
            }
        }
    }
    for (title, property) in
        [("From", "WritesFrom"), ("Sender", "WritesSender"), ("Reverse-path", "WritesReversePath")]
    {
        let value = output::text(verdict, property);
        if is_allowed && !value.is_empty() {
            out.line(&format!("  {title:<14}{value}"))?;
        }
    }
    print_ways_out(verdict, &words, session)
}

/// The words around what the server says.
struct Words {
    reference: &'static str,
    refused: &'static str,
    cause: &'static str,
    reply: &'static str,
    mend: &'static str,
    who_can: &'static str,
}

fn words(language: Language) -> Words {
    match language {
        Language::English => Words {
            reference: "reference",
            refused: "refused",
            cause: "Cause",
            reply: "Reply",
            mend: "To mend it",
            who_can: "Who can",
        },
        Language::French => Words {
            reference: "référence",
            refused: "refusé le",
            cause: "Cause",
            reply: "Réponse",
            mend: "Pour y remédier",
            who_can: "Qui le peut",
        },
    }
}

fn print_ways_out(verdict: &Object, words: &Words, session: &mut Session) -> Result<(), Error> {
    let out = &mut session.output;
    let cause = output::text(verdict, "Cause");
    if !cause.is_empty() {
        out.line("")?;
        out.line(&format!("{}: {cause}", words.cause))?;
    }
    let reply = output::text(verdict, "Reply");
    if !reply.is_empty() {
        out.line(&format!("{}: {reply}", words.reply))?;
    }
    let remedies = output::texts(verdict, "Remedies");
    if !remedies.is_empty() {
        out.line(&format!("{}:", words.mend))?;
        for remedy in remedies {
            out.line(&format!("  {remedy}"))?;
        }
    }
    let grantors = output::texts(verdict, "CanBeGrantedBy");
    if !grantors.is_empty() {
        out.line(&format!("{}: {}", words.who_can, grantors.join(", ")))?;
    }
    Ok(())
}
