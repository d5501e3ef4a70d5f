//! The five steps: organisation, domain, team, people, and a message that proves it.

use app::access::{self, Need, Purpose};
use app::command::{
    Command, CommandError, GrantOrder, Link, LinkOrder, NewGroup, NewUser, OrganizationChanges,
    Password,
};
use app::envelope::{Envelope, EnvelopeRecipient};
use app::submit::{Submission, SubmitError};
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::{Directory, Recipient, RecipientKind, Right};
use mail::ReversePath;
use mail::compose::{Draft, Mailbox};
use serde::Deserialize;

use crate::Web;
use crate::site::admin::carry_out;
use crate::site::error::Problem;
use crate::site::frame::{Frame, Section, render, see_other};
use crate::site::visit::Signed;

/// People or teams that a step lists at most: it is for beginnings.
const LISTED_MAX: usize = 200;

/// What stands above every step.
struct Progress {
    steps: Vec<Step>,
}

struct Step {
    path: &'static str,
    text: String,
    is_here: bool,
}

impl Progress {
    fn at(frame: &Frame, here: &str) -> Progress {
        let steps = [
            ("/setup/organization", frame.t("setup-organization")),
            ("/setup/domain", frame.t("setup-domain")),
            ("/setup/team", frame.t("setup-team")),
            ("/setup/people", frame.t("setup-people")),
            ("/setup/send", frame.t("setup-send")),
        ];
        let steps = steps
            .into_iter()
            .map(|(path, text)| Step { path, text, is_here: path == here })
            .collect();
        Progress { steps }
    }
}

/// Frame and progress of a step, for administrators only.
fn step(signed: &Signed, web: &Web, here: &str) -> Result<(Frame, Progress), Problem> {
    let directory = web.app.directory();
    access::allow(&directory, &signed.actor(), Need::Administrator, Purpose::Change)?;
    let frame = signed.frame(Section::Admin);
    let progress = Progress::at(&frame, here);
    Ok((frame, progress))
}

/// `GET /setup`
pub(super) async fn start(_: Signed) -> Response {
    see_other("/setup/organization")
}

#[derive(Template)]
#[template(path = "setup/organization.html")]
struct OrganizationPage {
    frame: Frame,
    progress: Progress,
    name: String,
    hostname: String,
}

/// `GET /setup/organization`
pub(super) async fn organization(signed: Signed, State(web): State<Web>) -> Response {
    let (frame, progress) = match step(&signed, &web, "/setup/organization") {
        Ok(step) => step,
        Err(problem) => return signed.visit.problem(problem),
    };
    let name = web.app.directory().organization().name.clone();
    let hostname = web.app.settings().hostname.clone();
    render(&OrganizationPage { frame, progress, name, hostname })
}

#[derive(Debug, Deserialize)]
pub(super) struct NameForm {
    name: String,
}

/// `POST /setup/organization`
pub(super) async fn name_organization(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<NameForm>,
) -> Response {
    let name = Some(form.name.trim().to_owned());
    let changes = OrganizationChanges { name, ..OrganizationChanges::default() };
    match carry_out(&web, &signed, Command::SetOrganization(changes), None).await {
        Ok(_) => see_other("/setup/domain"),
        Err(error) => signed.visit.problem(error.into()),
    }
}

#[derive(Template)]
#[template(path = "setup/domain.html")]
struct DomainPage {
    frame: Frame,
    progress: Progress,
    domain: String,
}

/// `GET /setup/domain`: leads to the domain's own page, which has the records and asks DNS.
pub(super) async fn domain(signed: Signed, State(web): State<Web>) -> Response {
    let (frame, progress) = match step(&signed, &web, "/setup/domain") {
        Ok(step) => step,
        Err(problem) => return signed.visit.problem(problem),
    };
    let domain = default_domain(&web.app.directory());
    render(&DomainPage { frame, progress, domain })
}

fn default_domain(directory: &Directory) -> String {
    directory.accepted_domains().first().map(ToString::to_string).unwrap_or_default()
}

#[derive(Template)]
#[template(path = "setup/team.html")]
struct TeamPage {
    frame: Frame,
    progress: Progress,
    domain: String,
    teams: Vec<String>,
}

/// `GET /setup/team`
pub(super) async fn team(signed: Signed, State(web): State<Web>) -> Response {
    let (frame, progress) = match step(&signed, &web, "/setup/team") {
        Ok(step) => step,
        Err(problem) => return signed.visit.problem(problem),
    };
    let directory = web.app.directory();
    let teams = teams(&directory);
    render(&TeamPage { frame, progress, domain: default_domain(&directory), teams })
}

/// The addresses of groups, which channels are not, in their order.
fn teams(directory: &Directory) -> Vec<String> {
    listed(directory, RecipientKind::Group, |group| group.primary().to_string())
}

/// The first recipients of a kind, as they are to be shown.
fn listed(
    directory: &Directory,
    kind: RecipientKind,
    show: impl Fn(&Recipient) -> String,
) -> Vec<String> {
    let of_kind = directory.recipients().filter(|found| found.kind == kind);
    let mut shown: Vec<String> = of_kind.map(show).collect();
    shown.sort_by_key(|text| text.to_lowercase());
    shown.truncate(LISTED_MAX);
    shown
}

#[derive(Debug, Deserialize)]
pub(super) struct TeamForm {
    name: String,
    address: String,
}

/// `POST /setup/team`: a team that its maker owns and may send as.
pub(super) async fn create_team(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<TeamForm>,
) -> Response {
    let address = form.address.trim().to_owned();
    let team = NewGroup {
        display_name: form.name.trim().to_owned(),
        addresses: vec![address.clone()],
        owners: vec![signed.person.address.clone()],
        members: vec![signed.person.address.clone()],
        is_team: true,
        ..NewGroup::default()
    };
    let grant = send_as(address, signed.person.address.clone());
    for command in [Command::CreateGroup(team), grant] {
        if let Err(error) = carry_out(&web, &signed, command, None).await {
            return signed.visit.problem(error.into());
        }
    }
    see_other("/setup/people")
}

fn send_as(recipient: String, trustee: String) -> Command {
    Command::Grant(GrantOrder { recipient, trustee, right: Right::SendAs, until_at: None })
}

#[derive(Template)]
#[template(path = "setup/people.html")]
struct PeoplePage {
    frame: Frame,
    progress: Progress,
    domain: String,
    people: Vec<String>,
    teams: Vec<String>,
}

/// `GET /setup/people`
pub(super) async fn people(signed: Signed, State(web): State<Web>) -> Response {
    let (frame, progress) = match step(&signed, &web, "/setup/people") {
        Ok(step) => step,
        Err(problem) => return signed.visit.problem(problem),
    };
    let directory = web.app.directory();
    let people = listed(&directory, RecipientKind::User, |user| {
        format!("{} <{}>", user.display_name, user.primary())
    });
    let teams = teams(&directory);
    render(&PeoplePage { frame, progress, domain: default_domain(&directory), people, teams })
}

#[derive(Deserialize)]
pub(super) struct PersonForm {
    name: String,
    address: String,
    password: String,
    /// The address of a team to join; empty for none.
    #[serde(default)]
    team: String,
    /// Present where the person may send as that team.
    send_as: Option<String>,
}

/// `POST /setup/people`
pub(super) async fn create_person(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<PersonForm>,
) -> Response {
    match person_created(&web, &signed, form).await {
        Ok(()) => see_other("/setup/people"),
        Err(error) => signed.visit.problem(error.into()),
    }
}

async fn person_created(web: &Web, signed: &Signed, form: PersonForm) -> Result<(), CommandError> {
    let address = form.address.trim().to_owned();
    let new = NewUser {
        display_name: form.name.trim().to_owned(),
        address: Some(address.clone()),
        password: Some(Password(form.password)),
        ..NewUser::default()
    };
    carry_out(web, signed, Command::CreateUser(new), None).await?;
    if form.team.is_empty() {
        return Ok(());
    }
    let who = vec![address.clone()];
    let links = LinkOrder { group: form.team.clone(), link: Link::Member, who };
    carry_out(web, signed, Command::AddLinks(links), None).await?;
    if form.send_as.is_some() {
        carry_out(web, signed, send_as(form.team, address), None).await?;
    }
    Ok(())
}

#[derive(Template)]
#[template(path = "setup/send.html")]
struct SendPage {
    frame: Frame,
    progress: Progress,
    address: String,
    teams: Vec<String>,
    refusal: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Refused {
    #[serde(default)]
    refused: String,
}

/// `GET /setup/send`
pub(super) async fn sending(
    signed: Signed,
    State(web): State<Web>,
    Query(refused): Query<Refused>,
) -> Response {
    let (frame, progress) = match step(&signed, &web, "/setup/send") {
        Ok(step) => step,
        Err(problem) => return signed.visit.problem(problem),
    };
    let teams = teams(&web.app.directory());
    let address = signed.person.address.clone();
    let refusal = (!refused.refused.is_empty()).then(|| frame.t("setup-send-refused"));
    render(&SendPage { frame, progress, address, teams, refusal })
}

#[derive(Debug, Deserialize)]
pub(super) struct SendForm {
    team: String,
}

/// `POST /setup/send/now`: sends as the team to oneself, and shows the trace of it.
pub(super) async fn send(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<SendForm>,
) -> Response {
    let submission = match submission(&web, &signed, &form.team) {
        Ok(submission) => submission,
        Err(problem) => return signed.visit.problem(problem),
    };
    match web.app.submit(submission, signed.visit.now).await {
        Ok(accepted) => see_other(&format!("/admin/trace/{}", accepted.message.0)),
        Err(SubmitError::Denied(_)) => see_other("/setup/send?refused=1"),
        Err(SubmitError::Unavailable(failure)) => signed.visit.problem(failure.into()),
        Err(error) => signed.visit.problem(Problem::Invalid(error.to_string())),
    }
}

fn submission(web: &Web, signed: &Signed, team: &str) -> Result<Submission, Problem> {
    step(signed, web, "/setup/send")?;
    let directory = web.app.directory();
    let me = directory.recipient(signed.person.id).ok_or(Problem::NotFound)?;
    let team = directory.find(team).filter(|found| found.kind == RecipientKind::Group);
    let team = team.ok_or(Problem::NotFound)?;
    let texts = signed.visit.texts;
    let draft = Draft {
        from: mailbox(team),
        to: vec![mailbox(me)],
        cc: Vec::new(),
        bcc: Vec::new(),
        keeps_bcc: false,
        subject: texts.t1("setup-message-subject", "team", &team.display_name),
        text: texts.t1("setup-message-text", "team", &team.display_name),
        html: None,
        attachments: Vec::new(),
        references: Vec::new(),
        at_ms: signed.visit.now.0,
        // The message has one part, so no boundary is written.
        boundary: String::new(),
    };
    Ok(Submission {
        actor: me.id,
        envelope: Envelope {
            reverse_path: ReversePath::Address(me.primary().clone()),
            recipients: vec![EnvelopeRecipient::new(me.primary().clone())],
            envelope_id: None,
        },
        message: draft.write(),
        with: mail::Protocol::Http,
        client: format!("browser [{}]", signed.visit.client),
    })
}

fn mailbox(recipient: &Recipient) -> Mailbox {
    Mailbox { name: Some(recipient.display_name.clone()), address: recipient.primary().clone() }
}
