//! `Get-SendIdentity` and `Test-SendAs`: the gate's own answers.

use admin_protocol::failure::Failure;
use app::access::Need;
use app::read::diagnose::{Circumstances, Diagnosis, Question};
use app::read::identities::identities;
use domain::Language;
use serde_json::{Value, json};

use super::call::{Answer, Call, object};
use super::domains;
use super::object::{mode, optional_timestamp, type_details};

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    match call.cmdlet.name {
        "Get-SendIdentity" => list(call),
        _ => test(call).await,
    }
}

fn list(call: &Call<'_>) -> Result<Answer, Failure> {
    let directory = call.app.directory();
    let id = call.user(&directory)?;
    let user = directory.recipient(id).ok_or_else(|| call.not_found(&id.to_string()))?;
    let rows = identities(&directory, user, call.now);
    let objects = rows.into_iter().map(|row| {
        object(json!({
            "Address": row.address.to_string(),
            "DisplayName": row.display_name,
            "RecipientTypeDetails": type_details(row.kind),
            "IsPrimary": row.is_primary,
            "Right": mode(row.mode),
            "WritesFrom": row.writes.from,
            "WritesSender": row.writes.sender,
            "WritesReversePath": row.writes.reverse_path,
            "Via": row.through.into_iter().collect::<Vec<_>>(),
            "UntilUTC": optional_timestamp(row.until_at),
        }))
    });
    Ok(Answer::of(objects.collect()))
}

async fn test(call: &Call<'_>) -> Result<Answer, Failure> {
    let reference = call.parameters.text("Reference")?.filter(|text| !text.is_empty());
    let diagnosis = match reference {
        Some(reference) => by_reference(call, &reference).await?,
        None => {
            let question = question(call)?;
            let given = circumstances(call, Some(&question)).await?;
            let diagnosed = call.app.diagnose_in(&question, &given, call.now).await;
            diagnosed.map_err(|failure| call.store_failed(&failure))?
        }
    };
    Ok(Answer::of(vec![object(show(diagnosis))]))
}

async fn by_reference(call: &Call<'_>, reference: &str) -> Result<Diagnosis, Failure> {
    let account = call.app.refused_account(reference).await;
    let account = account.map_err(|failure| call.store_failed(&failure))?;
    // Another's refusal is for auditors; to everybody else it does not exist.
    let is_own = account.is_some() && account == call.caller.actor.account();
    if !is_own {
        call.allow(Need::Auditor).map_err(|_| call.not_found(reference))?;
    }
    let question = call.app.refused_question(reference).await;
    let question = question.map_err(|failure| call.store_failed(&failure))?;
    let given = circumstances(call, question.as_ref()).await?;
    let diagnosis = call.app.diagnose_reference_in(reference, &given, call.now).await;
    let diagnosis = diagnosis.map_err(|failure| call.store_failed(&failure))?;
    diagnosis.ok_or_else(|| call.not_found(reference))
}

/// The language of the answer, and what DNS publishes for the author's domain.
async fn circumstances(
    call: &Call<'_>,
    question: Option<&Question>,
) -> Result<Circumstances, Failure> {
    let language = match call.parameters.text("Language")?.filter(|text| !text.is_empty()) {
        None => Language::English,
        Some(text) => Language::of_tag(&text)
            .ok_or_else(|| Failure::bad_parameter("Language", "Give `en` or `fr`."))?,
    };
    let dns = match question {
        Some(question) => domains::published(call, question.from.domain().as_str()).await?,
        None => Vec::new(),
    };
    Ok(Circumstances { language, dns })
}

fn question(call: &Call<'_>) -> Result<Question, Failure> {
    let directory = call.app.directory();
    let user = call.user(&directory)?;
    let address = |name: &str| {
        let text = call.parameters.text(name)?.filter(|text| !text.is_empty());
        let parsed = text.map(|text| app::read::address(&directory, &text)).transpose();
        parsed.map_err(|error| Failure::bad_parameter(name, &format!("{error}.")))
    };
    let from = address("From")?;
    let from = from.ok_or_else(|| Failure::missing_parameter(call.cmdlet.name, "From"))?;
    Ok(Question { user, from, to: address("To")? })
}

fn show(diagnosis: Diagnosis) -> Value {
    // A rule refuses in its own words, which the verdict has.
    let is_by_rule = diagnosis.cause == Some("RejectedByRule");
    let reply = (!diagnosis.is_allowed && !is_by_rule).then(|| {
        format!(
            "550 5.7.131 SendAsDenied; {} not allowed to send as {}; You do not have permission to \
             send a message from the specified user.",
            diagnosis.user, diagnosis.from
        )
    });
    let checks: Vec<Value> = diagnosis
        .findings
        .iter()
        .map(|finding| {
            json!({
                "Name": finding.name,
                "Passed": finding.passed,
                "Detail": finding.text,
                "Fix": finding.fix,
            })
        })
        .collect();
    let (reference, refused_at) = diagnosis.refused.unzip();
    let writes = diagnosis.writes;
    json!({
        "Allowed": diagnosis.is_allowed,
        "User": diagnosis.user,
        "From": diagnosis.from,
        "To": diagnosis.to,
        "Right": diagnosis.mode.map(mode),
        "Cause": diagnosis.cause,
        "Explanation": diagnosis.verdict,
        "Remedies": diagnosis.fixes,
        "CanBeGrantedBy": diagnosis.granters,
        "WritesFrom": writes.as_ref().map(|writes| writes.from.clone()),
        "WritesSender": writes.as_ref().and_then(|writes| writes.sender.clone()),
        "WritesReversePath": writes.as_ref().map(|writes| writes.reverse_path.clone()),
        "Reply": reply,
        "Reference": reference,
        "RefusedUTC": optional_timestamp(refused_at),
        "Checks": checks,
    })
}
