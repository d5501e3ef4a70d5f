//! `Search-UnifiedAuditLog`, `Search-AdminAuditLog` and `Test-UnifiedAuditLog`.

use admin_protocol::failure::Failure;
use admin_protocol::text::timestamp;
use app::App;
use app::read::audit::{AuditQuery, AuditRecord, CLIENT_PARAMETER, ChainedRecord};
use serde_json::{Map, Value, json};

use super::call::{Answer, Call, object};
use super::session::{Position, SessionKey};

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

/// The same of the older search.
const ADMIN_RESULT_SIZE_DEFAULT: u64 = 1_000;
const ADMIN_RESULT_SIZE_MAX: u64 = 250_000;

/// Said by the older search, as in Exchange.
const DEPRECATED: &str = "Search-AdminAuditLog is deprecated. Use Search-UnifiedAuditLog instead.";

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    match call.cmdlet.name {
        "Search-UnifiedAuditLog" => search(call).await,
        "Search-AdminAuditLog" => search_changes(call).await,
        _ => verify(call).await,
    }
}

/// `ResultSize` within its bounds.
fn result_size(call: &Call<'_>, default: u64, most: u64) -> Result<usize, Failure> {
    let size = call.parameters.integer("ResultSize")?.unwrap_or(default);
    if (1..=most).contains(&size) {
        return Ok(usize::try_from(size).unwrap_or(usize::MAX));
    }
    let why = format!("a number from 1 to {most} is expected.");
    Err(Failure::bad_parameter("ResultSize", &why))
}

async fn search(call: &Call<'_>) -> Result<Answer, Failure> {
    let parameters = &call.parameters;
    let limit = result_size(call, RESULT_SIZE_DEFAULT, RESULT_SIZE_MAX)?;
    let session = session_key(call)?;
    let begun = session.as_ref().and_then(|key| call.sessions.position(key, call.now));
    let begun = begun.filter(|_| !is_initialised_anew(call));
    let query = AuditQuery {
        from: parameters.timestamp("StartDate")?,
        to: parameters.timestamp("EndDate")?,
        before_seq: begun.map(|position| position.last),
        actors: parameters.text_list("UserIds")?,
        operations: recorded_as(parameters.text_list("Operations")?),
        objects: named_objects(call)?,
    };
    let wanted = Wanted::read(call)?;
    let office = Office::of(call.app);
    let found = call.app.audit(&query, limit, |record| wanted.takes(record, &office)).await;
    let (records, count) = found.map_err(|failure| call.store_failed(&failure))?;
    let given = begun.map_or(0, |position| position.given);
    let count = begun.map_or(u64::try_from(count).unwrap_or(u64::MAX), |position| position.count);
    if let (Some(key), Some(last)) = (session, records.last()) {
        let given = given + u64::try_from(records.len()).unwrap_or(0);
        let position = Position { last: last.seq, given, count, used_at: call.now };
        call.sessions.keep(key, position);
    }
    let objects = records.iter().zip(given + 1..).map(|(record, index)| {
        object(json!({
            "Identity": record.seq.to_string(),
            "RecordType": record_type(record).0,
            "CreationDate": timestamp(record.record.at),
            "UserIds": record.record.actor,
            "Operations": record.record.operation,
            "ObjectIds": record.record.object,
            "AuditData": audit_data(record, &office),
            "ResultIndex": index,
            "ResultCount": count,
            "IsValid": true,
            "ObjectState": "Unchanged",
        }))
    });
    Ok(Answer::of(objects.collect()))
}

/// The search that a session goes on with: the caller's, of this name, with these filters.
fn session_key(call: &Call<'_>) -> Result<Option<SessionKey>, Failure> {
    let Some(id) = call.parameters.text("SessionId")?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let mut filters: Vec<String> = call
        .parameters
        .names()
        .filter(|name| !name.to_ascii_lowercase().starts_with("session"))
        .map(|name| format!("{}={:?}", name.to_lowercase(), call.parameters.value(name)))
        .collect();
    filters.sort();
    let caller = call.caller.actor.name(&call.app.directory());
    Ok(Some((caller, id, filters.join(" "))))
}

/// Whether the caller wants the session from its beginning again.
fn is_initialised_anew(call: &Call<'_>) -> bool {
    let command = call.parameters.text("SessionCommand").ok().flatten().unwrap_or_default();
    command.eq_ignore_ascii_case("Initialize")
}

/// What the parameters ask of a record beside what the query asks.
struct Wanted {
    record_type: Option<String>,
    addresses: Vec<String>,
    free_text: String,
}

impl Wanted {
    fn read(call: &Call<'_>) -> Result<Wanted, Failure> {
        let parameters = &call.parameters;
        Ok(Wanted {
            record_type: parameters.text("RecordType")?.filter(|text| !text.is_empty()),
            addresses: parameters.text_list("IPAddresses")?,
            free_text: parameters.text("FreeText")?.unwrap_or_default().to_lowercase(),
        })
    }

    fn takes(&self, record: &ChainedRecord, office: &Office<'_>) -> bool {
        let is_of = |name: &String| name.eq_ignore_ascii_case(record_type(record).0);
        let is_from = || self.addresses.contains(&client_of(record));
        let has_text = || audit_data(record, office).to_lowercase().contains(&self.free_text);
        self.record_type.as_ref().is_none_or(is_of)
            && (self.addresses.is_empty() || is_from())
            && (self.free_text.is_empty() || has_text())
    }
}

/// `Search-AdminAuditLog`: changes of the configuration in the older shape.
async fn search_changes(call: &Call<'_>) -> Result<Answer, Failure> {
    let parameters = &call.parameters;
    let limit = result_size(call, ADMIN_RESULT_SIZE_DEFAULT, ADMIN_RESULT_SIZE_MAX)?;
    let query = AuditQuery {
        from: parameters.timestamp("StartDate")?,
        to: parameters.timestamp("EndDate")?,
        before_seq: None,
        actors: parameters.text_list("UserIds")?,
        operations: recorded_as(parameters.text_list("Cmdlets")?),
        objects: named_objects(call)?,
    };
    let names = parameters.text_list("Parameters")?;
    let is_wanted = |record: &ChainedRecord| {
        let given = table(Some(&record.record.parameters));
        let has = |name: &String| given.keys().any(|key| key.eq_ignore_ascii_case(name));
        record_type(record) == RECORD_ADMIN && (names.is_empty() || names.iter().any(has))
    };
    let found = call.app.audit(&query, limit, is_wanted).await;
    let (records, _) = found.map_err(|failure| call.store_failed(&failure))?;
    let objects = records.iter().map(|chained| {
        let record = &chained.record;
        let mut given = table(Some(&record.parameters));
        given.remove(CLIENT_PARAMETER);
        object(json!({
            "Identity": chained.seq.to_string(),
            "CmdletName": record.operation,
            "CmdletParameters": name_values(given),
            "ObjectModified": record.object,
            "RunDate": timestamp(record.at),
            "Caller": record.actor,
            "Succeeded": true,
            "ClientIP": client_of(chained),
            "Reason": record.reason,
        }))
    });
    Ok(Answer::of(objects.collect()).with_warning(DEPRECATED))
}

/// What of the organisation stands in every record.
struct Office<'a> {
    app: &'a App,
    guid: String,
    name: String,
}

impl Office<'_> {
    fn of(app: &App) -> Office<'_> {
        let directory = app.directory();
        let domain = directory.accepted_domains().first().map(ToString::to_string);
        let guid = directory.organization().guid.clone();
        Office { app, guid, name: domain.unwrap_or_default() }
    }

    /// GUID and display name of what a record names by address; empty where it is gone.
    fn known(&self, address: &str) -> (String, String) {
        let directory = self.app.directory();
        let found = directory.find(address);
        found.map(|found| (found.guid.clone(), found.display_name.clone())).unwrap_or_default()
    }
}

/// Where the caller was; empty at the administration socket.
fn client_of(record: &ChainedRecord) -> String {
    let given = table(Some(&record.record.parameters));
    given.get(CLIENT_PARAMETER).map(plain).unwrap_or_default()
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
fn audit_data(chained: &ChainedRecord, office: &Office<'_>) -> String {
    let record = &chained.record;
    let mut parameters = table(Some(&record.parameters));
    let client = parameters.remove(CLIENT_PARAMETER).unwrap_or_default();
    let is_item = record_type(chained) == RECORD_ITEM;
    let result = match (is_item, record.operation.as_str()) {
        (false, _) => "True",
        (true, "SendAsDenied") => "Failed",
        (true, _) => "Succeeded",
    };
    let mut data = json!({
        "Id": chained.seq.to_string(),
        "RecordType": record_type(chained).1,
        "CreationTime": timestamp(record.at),
        "Operation": record.operation,
        "OrganizationId": office.guid,
        "OrganizationName": office.name,
        // 0 is a user, 2 an administrator: who acts at the socket, or as one.
        "UserType": if record.actor.contains('@') { 0 } else { 2 },
        "UserKey": record.actor,
        "UserId": record.actor,
        "ClientIP": client,
        "ObjectId": record.object,
        "ResultStatus": result,
        "Workload": "Exchange",
        "Version": 1,
        "ExternalAccess": false,
        "Reason": record.reason,
        "PreviousHash": chained.prev_hash,
        "Hash": chained.hash,
    });
    if is_item {
        add_item(&mut data, record, &parameters, office);
    }
    data["Parameters"] = name_values(parameters);
    data["ModifiedProperties"] = modified(record.before.as_deref(), record.after.as_deref());
    data.to_string()
}

/// LogonType and InternalLogonType of who sends as somebody else: 2 is Delegated, 0 Owner.
const LOGON_DELEGATED: u64 = 2;
const LOGON_OWNER: u64 = 0;

/// Adds what a record of a message has besides.
fn add_item(
    data: &mut Value,
    record: &AuditRecord,
    parameters: &Map<String, Value>,
    office: &Office<'_>,
) {
    let whom = match record.operation.as_str() {
        "SendOnBehalf" => "SendOnBehalfOfUser",
        _ => "SendAsUser",
    };
    let (guid, _) = office.known(&record.object);
    data[format!("{whom}Smtp")] = record.object.as_str().into();
    data[format!("{whom}MailboxGuid")] = guid.as_str().into();
    data["MailboxGuid"] = guid.into();
    data["MailboxOwnerUPN"] = record.object.as_str().into();
    data["LogonType"] = LOGON_DELEGATED.into();
    data["InternalLogonType"] = LOGON_OWNER.into();
    data["LogonUserDisplayName"] = office.known(&record.actor).1.into();
    data["ClientIPAddress"] = data["ClientIP"].clone();
    // What is sent from a mailbox always stays in its Sent folder.
    data["SaveToSentItems"] = true.into();
    data["Item"] = json!({
        "Subject": parameters.get("Subject"),
        "InternetMessageId": parameters.get("InternetMessageId"),
    });
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
