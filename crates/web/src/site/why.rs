//! Why was it refused? The diagnosis of a refusal as a page: for the refused person about herself,
//! for those who can grant with the form that mends it, for administrators and auditors with
//! everything. For everybody else the reference does not exist.

use app::access::{self, Actor, Need, Purpose};
use app::read::diagnose::{Circumstances, Diagnosis, Question};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::{Directory, RecipientId, RecipientKind};

use super::error::Problem;
use super::frame::{Frame, Section};
use super::texts::Language;
use super::time;
use super::visit::Signed;
use crate::Web;

/// Checks about the refused person's account, which are not the business of an owner.
const PERSONAL: [&str; 3] = ["Password", "SignIn", "SendingLimit"];

/// Records among which the last change of rights is looked for; the others are messages sent.
const RECORDS_READ: u32 = 200;

/// How much somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sight {
    /// Administrators and auditors.
    All,
    /// Owners of the group that the author belongs to.
    Owner,
    /// The refused person.
    Oneself,
}

struct Line {
    /// `None` for what neither allows nor forbids.
    passed: Option<bool>,
    text: String,
    fix: Option<String>,
}

struct Change {
    at: String,
    at_machine: String,
    actor: String,
    operation: String,
    reason: Option<String>,
}

#[derive(Template)]
#[template(path = "why.html")]
struct WhyPage {
    frame: Frame,
    reference: String,
    diagnosis: Diagnosis,
    at: String,
    at_machine: String,
    lines: Vec<Line>,
    /// The last change of who may what on the represented recipient.
    change: Option<Change>,
    /// The recipient on which a right would have to be granted, for whoever can.
    grants_on: Option<String>,
    may_ask: bool,
}

/// `GET /why/{reference}`
pub(crate) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Path(reference): Path<String>,
) -> Response {
    signed.page(page(&signed, &web, reference).await)
}

async fn page(signed: &Signed, web: &Web, reference: String) -> Result<WhyPage, Problem> {
    let question = web.app.refused_question(&reference).await?;
    let account = web.app.refused_account(&reference).await?;
    let actor = signed.actor();
    let (sight, represented) = {
        let directory = web.app.directory();
        let sight = sight(&directory, &actor, question.as_ref(), account);
        let found = question.as_ref().and_then(|question| directory.resolve(&question.from));
        (sight.ok_or(Problem::NotFound)?, found.cloned())
    };
    let language = match signed.visit.texts.language {
        Language::English => domain::Language::English,
        Language::French => domain::Language::French,
    };
    let given = Circumstances { language, dns: Vec::new() };
    let now = signed.visit.now;
    let found = web.app.diagnose_reference_in(&reference, &given, now).await?;
    let diagnosis = found.ok_or(Problem::NotFound)?;
    let change = match &represented {
        Some(found) if sight != Sight::Oneself => {
            last_change(web, found.primary().to_string()).await?
        }
        _ => None,
    };
    let is_grantable = matches!(diagnosis.cause, Some("NoRight" | "Revoked" | "Expired"));
    let grants_on = represented.filter(|found| {
        let directory = web.app.directory();
        let need = match found.kind {
            RecipientKind::Group => Need::OwnerOf(found.id),
            _ => Need::Administrator,
        };
        is_grantable && access::allow(&directory, &actor, need, Purpose::Change).is_ok()
    });
    let refused_at = diagnosis.refused.as_ref().map_or(now, |(_, at)| *at);
    Ok(WhyPage {
        frame: signed.frame(Section::Requests),
        reference: reference.trim().to_owned(),
        at: time::minute(refused_at),
        at_machine: time::machine(refused_at),
        lines: lines(&diagnosis, sight),
        change,
        grants_on: grants_on.map(|found| found.guid),
        may_ask: is_grantable && account == Some(signed.person.id),
        diagnosis,
    })
}

fn sight(
    directory: &Directory,
    actor: &Actor,
    question: Option<&Question>,
    account: Option<RecipientId>,
) -> Option<Sight> {
    let may = |need| access::allow(directory, actor, need, Purpose::Read).is_ok();
    if may(Need::Auditor) {
        return Some(Sight::All);
    }
    let represented = question.and_then(|question| directory.resolve(&question.from));
    let group = represented.filter(|found| found.kind == RecipientKind::Group);
    if account.is_some() && account == actor.account() {
        return Some(Sight::Oneself);
    }
    group.filter(|group| may(Need::OwnerOf(group.id))).map(|_| Sight::Owner)
}

/// What this viewer sees of the checks. Commands are for administrators.
fn lines(diagnosis: &Diagnosis, sight: Sight) -> Vec<Line> {
    let findings = diagnosis.findings.iter();
    let shown = findings.filter(|of| sight != Sight::Owner || !PERSONAL.contains(&of.name));
    shown
        .map(|finding| Line {
            passed: finding.passed,
            text: finding.text.clone(),
            fix: finding.fix.clone().filter(|_| sight == Sight::All),
        })
        .collect()
}

async fn last_change(web: &Web, object: String) -> Result<Option<Change>, Problem> {
    let is_change =
        |operation: &str| !operation.starts_with("Send") && !operation.ends_with("SendRequest");
    let latest = web.app.latest_changes(&object, RECORDS_READ).await?;
    let found = latest.into_iter().find(|of| is_change(&of.record.operation));
    Ok(found.map(|found| Change {
        at: time::minute(found.record.at),
        at_machine: time::machine(found.record.at),
        actor: found.record.actor,
        operation: found.record.operation,
        reason: found.record.reason,
    }))
}
