//! `Search-UnifiedAuditLog` and `Test-UnifiedAuditLog`.

use admin_protocol::failure::Failure;
use admin_protocol::text::timestamp;
use app::read::audit::{AuditQuery, CLIENT_PARAMETER, ChainedRecord};
use serde_json::{Map, Value, json};

use super::call::{Answer, Call, object};

/// Records of one search without `ResultSize`, and at most; as in Exchange.
const RESULT_SIZE_DEFAULT: u64 = 100;
const RESULT_SIZE_MAX: u64 = 5_000;

/// RecordType of a change of the configuration, and of a message; both numbers are Microsoft's.
const RECORD_ADMIN: (&str, u64) = ("ExchangeAdmin", 1);
const RECORD_ITEM: (&str, u64) = ("ExchangeItem", 2);

/// What our own cmdlets for rights are recorded as: the cmdlets by which Exchange does it.
const RECORDED_AS: [(&str, &[&str]); 2] = [
    ("Add-GuichetPermission", &["Add-RecipientPermission", "Add-MailboxPermission"]),
    ("Remove-GuichetPermission", &["Remove-RecipientPermission", "Remove-MailboxPermission"]),
];

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    match call.cmdlet.name {
        "Search-UnifiedAuditLog" => search(call).await,
        _ => verify(call).await,
    }
}

async fn search(call: &Call<'_>) -> Result<Answer, Failure> {
    let parameters = &call.parameters;
    let limit = parameters.integer("ResultSize")?.unwrap_or(RESULT_SIZE_DEFAULT);
    if !(1..=RESULT_SIZE_MAX).contains(&limit) {
        let why = format!("a number from 1 to {RESULT_SIZE_MAX} is expected.");
        return Err(Failure::bad_parameter("ResultSize", &why));
    }
    let query = AuditQuery {
        from: parameters.timestamp("StartDate")?,
        to: parameters.timestamp("EndDate")?,
        actors: parameters.text_list("UserIds")?,
        operations: recorded_as(parameters.text_list("Operations")?),
        objects: named_objects(call)?,
    };
    let wanted_type = parameters.text("RecordType")?.filter(|text| !text.is_empty());
    let free_text = parameters.text("FreeText")?.unwrap_or_default().to_lowercase();
    let organization = call.app.directory().organization().guid.clone();
    let is_wanted = |record: &ChainedRecord| {
        wanted_type.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(record_type(record).0))
            && (free_text.is_empty()
                || audit_data(record, &organization).to_lowercase().contains(&free_text))
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let found = call.app.audit(&query, limit, is_wanted).await;
    let (records, count) = found.map_err(|failure| call.store_failed(&failure))?;
    let objects = records.iter().zip(1_u64..).map(|(record, index)| {
        object(json!({
            "Identity": record.seq.to_string(),
            "RecordType": record_type(record).0,
            "CreationDate": timestamp(record.record.at),
            "UserIds": record.record.actor,
            "Operations": record.record.operation,
            "ObjectIds": record.record.object,
            "AuditData": audit_data(record, &organization),
            "ResultIndex": index,
            "ResultCount": count,
            "IsValid": true,
        }))
    });
    Ok(Answer::of(objects.collect()))
}

/// The operations under which ours are recorded.
fn recorded_as(operations: Vec<String>) -> Vec<String> {
    let names = operations.into_iter().flat_map(|name| {
        let ours = RECORDED_AS.iter().find(|(own, _)| own.eq_ignore_ascii_case(&name));
        match ours {
            Some((_, names)) => names.iter().map(|name| (*name).to_owned()).collect(),
            None => vec![name],
        }
    });
    names.collect()
}

/// Objects are recorded by primary address; an alias or a name is translated where it still can be.
fn named_objects(call: &Call<'_>) -> Result<Vec<String>, Failure> {
    let directory = call.app.directory();
    let names = call.parameters.text_list("ObjectIds")?;
    let translated = names.iter().filter_map(|name| app::read::find(&directory, name));
    let translated: Vec<String> = translated.map(|found| found.primary().to_string()).collect();
    Ok(names.into_iter().chain(translated).collect())
}

fn record_type(record: &ChainedRecord) -> (&'static str, u64) {
    match record.record.operation.as_str() {
        "SendAs" | "SendOnBehalf" | "SendAsDenied" => RECORD_ITEM,
        _ => RECORD_ADMIN,
    }
}

/// The record with the fields of Microsoft's schema, as a JSON text.
fn audit_data(chained: &ChainedRecord, organization: &str) -> String {
    let record = &chained.record;
    let mut parameters = table(Some(&record.parameters));
    let is_item = record_type(chained) == RECORD_ITEM;
    let client = parameters.remove(CLIENT_PARAMETER).unwrap_or_default();
    let mut data = json!({
        "Id": chained.seq.to_string(),
        "RecordType": record_type(chained).1,
        "CreationTime": timestamp(record.at),
        "Operation": record.operation,
        "OrganizationId": organization,
        "UserType": if record.actor.contains('@') { 0 } else { 2 },
        "UserId": record.actor,
        "ClientIP": client,
        "ObjectId": record.object,
        "ResultStatus": "True",
        "Workload": "Exchange",
        "Reason": record.reason,
        "PreviousHash": chained.prev_hash,
        "Hash": chained.hash,
    });
    if is_item {
        let whom = match record.operation.as_str() {
            "SendOnBehalf" => "SendOnBehalfOfUserSmtp",
            _ => "SendAsUserSmtp",
        };
        data[whom] = record.object.as_str().into();
        data["Item"] = json!({
            "Subject": parameters.get("Subject"),
            "InternetMessageId": parameters.get("InternetMessageId"),
        });
    }
    data["Parameters"] = name_values(parameters);
    data["ModifiedProperties"] = modified(record.before.as_deref(), record.after.as_deref());
    data.to_string()
}

fn table(text: Option<&str>) -> Map<String, Value> {
    let value = text.and_then(|text| serde_json::from_str(text).ok());
    match value {
        Some(Value::Object(table)) => table,
        _ => Map::new(),
    }
}

fn name_values(parameters: Map<String, Value>) -> Value {
    let pairs = parameters.into_iter();
    pairs.map(|(name, value)| json!({ "Name": name, "Value": plain(&value) })).collect()
}

fn modified(before: Option<&str>, after: Option<&str>) -> Value {
    let (before, after) = (table(before), table(after));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let value_of = |table: &Map<String, Value>, name: &str| table.get(name).map(plain);
    names
        .into_iter()
        .map(|name| {
            json!({
                "Name": name,
                "NewValue": value_of(&after, name),
                "OldValue": value_of(&before, name),
            })
        })
        .collect()
}

/// A value as Exchange writes it: a text, lists joined by semicolons.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(";"),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}

async fn verify(call: &Call<'_>) -> Result<Answer, Failure> {
    let verified = call.app.verify_audit().await.map_err(|failure| call.store_failed(&failure))?;
    let detail = match &verified.first_bad {
        None => format!("All {} records fit.", verified.records),
        Some((seq, fault)) => format!(
            "Record {seq} does not fit: {fault}. The {} records before it do.",
            verified.records
        ),
    };
    Ok(Answer::of(vec![object(json!({
        "IsValid": verified.first_bad.is_none(),
        "RecordCount": verified.records,
        "FirstInvalidIdentity": verified.first_bad.map(|(seq, _)| seq.to_string()),
        "LastHash": verified.head,
        "Detail": detail,
    }))]))
}
