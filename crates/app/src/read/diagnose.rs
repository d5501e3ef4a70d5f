//! Diagnosis: why may somebody (not) send from an address?
//!
//! The verdict is the gate's own: [`domain::gate::explain`] on the same snapshot by which the next
//! message would be judged. Around it stand checks that explain the circumstances: what became of
//! a right that was there once, which address was probably meant, whether the account is slowed
//! down, whether the recipient would be taken. All sentences are in `texts`.

mod circumstances;
mod nearest;
mod texts;

use std::cell::OnceCell;
use std::collections::HashSet;

use domain::gate::{self, Check, Explanation, HeldAs, SendRequest};
use domain::routing::{self, Origin};
use domain::{
    AccountRole, Directory, Grant, Language, MemberRole, Recipient, RecipientId, RecipientKind,
    Refusal, Right, SendMode, Timestamp,
};
use mail::Address;
use store::directory::GrantRecord;
use store::trace::{TraceEvent, TraceKind};

use super::identities::{self, Writes};
use crate::App;
use crate::throttle::{SendLimitReached, ThrottleKey};

use texts::{Named, Texts};

/// Who can grant is named at most so many times.
const GRANTERS_NAMED_MAX: usize = 10;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its name, from a closed list.
    pub name: &'static str,
    /// Whether it is as it should be; `None` for what neither allows nor forbids.
    pub passed: Option<bool>,
    /// What was found, in a sentence.
    pub text: String,
    /// The command line that mends it.
    pub fix: Option<String>,
}

impl Finding {
    fn new(name: &'static str, passed: Option<bool>, text: String) -> Finding {
        Finding { name, passed, text, fix: None }
    }

    fn mended_by(self, fix: String) -> Finding {
        Finding { fix: Some(fix), ..self }
    }
}

/// What is known around a question, and the language of the answer.
#[derive(Debug, Clone, Default)]
pub struct Circumstances {
    /// In which language the answer speaks.
    pub language: Language,
    /// What DNS publishes for the author's domain; empty where DNS was not asked.
    pub dns: Vec<DnsFact>,
}

/// What DNS publishes for one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DnsFact {
    /// `SPF`, `DKIM` or `DMARC`.
    pub purpose: &'static str,
    /// Whether it is what this server needs.
    pub status: DnsStatus,
}

/// How a published record compares with the one that is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DnsStatus {
    /// It is there.
    Found,
    /// There is none.
    Missing,
    /// There is another one.
    Differs,
    /// DNS did not answer.
    Unknown,
}

impl DnsFact {
    fn check_name(&self) -> &'static str {
        match self.purpose {
            "SPF" => "SpfRecord",
            "DKIM" => "DkimRecord",
            _ => "DmarcRecord",
        }
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Whether a message would be accepted under this author now.
    pub is_allowed: bool,
    /// The user: the login.
    pub user: String,
    /// The author asked about.
    pub from: String,
    /// The recipient asked about.
    pub to: Option<String>,
    /// As what the user would send.
    pub mode: Option<SendMode>,
    /// The reason's name, when refused.
    pub cause: Option<&'static str>,
    /// The verdict in one sentence.
    pub verdict: String,
    /// Commands that would mend it, best first.
    pub fixes: Vec<String>,
    /// Who can grant what is missing.
    pub granters: Vec<String>,
    /// What would leave.
    pub writes: Option<Writes>,
    /// The refusal that was asked about: its reference and when it was.
    pub refused: Option<(String, Timestamp)>,
    /// Everything that was looked at, in order.
    pub findings: Vec<Finding>,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// Who wants to send.
    pub user: RecipientId,
    /// Under which author.
    pub from: Address,
    /// To whom, if that matters.
    pub to: Option<Address>,
}

impl App {
    /// Says whether and why, in English and without DNS.
    pub async fn diagnose(
        &self,
        question: &Question,
        now: Timestamp,
    ) -> Result<Diagnosis, store::Failure> {
        self.diagnose_in(question, &Circumstances::default(), now).await
    }

    /// Says whether and why.
    pub async fn diagnose_in(
        &self,
        question: &Question,
        given: &Circumstances,
        now: Timestamp,
    ) -> Result<Diagnosis, store::Failure> {
        let around = self.surroundings(question, now).await?;
        let author = self.directory().resolve(&question.from).map(|found| found.id);
        let history = match author {
            Some(id) => store::directory::grant_history(&self.store, Some(id), None).await?,
            None => Vec::new(),
        };
        let has_password = self.has_password(question.user).await?;
        let blocked_until = self.blocked_until(question.user, now);
        let limit = self.meter().check(question.user, 1, now).err();
        let directory = self.directory();
        let language = given.language;
        let mut case = Case {
            directory: &directory,
            question,
            now,
            language,
            findings: Vec::new(),
            near: OnceCell::new(),
        };
        let explanation = case.ask_gate();
        let revoked = case.look_at_history(&explanation, &history);
        case.look_at_author(&explanation);
        case.look_at_contacts();
        case.look_at_account(has_password, blocked_until, limit);
        case.look_at_recipient();
        case.look_around(&around, given);
        Ok(case.conclude(&explanation, revoked))
    }

    /// The refusal with this reference, judged anew. `None` where there is none.
    pub async fn diagnose_reference(
        &self,
        reference: &str,
        now: Timestamp,
    ) -> Result<Option<Diagnosis>, store::Failure> {
        self.diagnose_reference_in(reference, &Circumstances::default(), now).await
    }

    /// What was asked for when this reference was given, where it can be asked again.
    pub async fn refused_question(
        &self,
        reference: &str,
    ) -> Result<Option<Question>, store::Failure> {
        let events = self.refusal(reference).await?;
        let refused = events.iter().find(|event| event.kind == TraceKind::Refuse);
        Ok(refused.and_then(|event| self.question_of(event)))
    }

    /// The refusal with this reference, judged anew. `None` where there is none.
    pub async fn diagnose_reference_in(
        &self,
        reference: &str,
        given: &Circumstances,
        now: Timestamp,
    ) -> Result<Option<Diagnosis>, store::Failure> {
        let said = texts::texts(given.language);
        let events = self.refusal(reference).await?;
        let refused = events.into_iter().find(|event| event.kind == TraceKind::Refuse);
        let Some(event) = refused else { return Ok(None) };
        if let Some(mut diagnosis) = rejected_by_rule(&event, said) {
            diagnosis.refused = Some((reference.trim().to_owned(), event.at));
            return Ok(Some(diagnosis));
        }
        let question = self.question_of(&event);
        let mut diagnosis = match question {
            Some(question) => self.diagnose_in(&question, given, now).await?,
            None => unreadable(&event, said),
        };
        diagnosis.verdict = said.verdict_of_reference(&diagnosis, event.at);
        diagnosis.refused = Some((reference.trim().to_owned(), event.at));
        Ok(Some(diagnosis))
    }

    /// The account that was refused under this reference.
    pub async fn refused_account(
        &self,
        reference: &str,
    ) -> Result<Option<RecipientId>, store::Failure> {
        let events = self.refusal(reference).await?;
        let login = events.into_iter().find_map(|event| event.actor);
        let directory = self.directory();
        Ok(login.and_then(|login| directory.find(&login)).map(|found| found.id))
    }

    /// The events of a refusal, also of one that was answered a moment ago.
    async fn refusal(&self, reference: &str) -> Result<Vec<TraceEvent>, store::Failure> {
        self.later.finish().await;
        store::trace::by_reference(&self.store, reference.trim()).await
    }

    /// What a refused sender had asked for, where it can be asked again.
    fn question_of(&self, event: &TraceEvent) -> Option<Question> {
        let directory = self.directory();
        let user = directory.find(event.actor.as_deref()?)?.id;
        let from = Address::parse(event.sender.as_deref()?).ok()?;
        Some(Question { user, from, to: None })
    }

    async fn has_password(&self, user: RecipientId) -> Result<bool, store::Failure> {
        if store::credential::password(&self.store, user).await?.is_some() {
            return Ok(true);
        }
        Ok(!store::credential::app_passwords(&self.store, user).await?.is_empty())
    }

    /// Until when sign-ins of the user are refused unheard from some address.
    fn blocked_until(&self, user: RecipientId, now: Timestamp) -> Option<Timestamp> {
        let logins: HashSet<String> = {
            let directory = self.directory();
            let addresses = directory.recipient(user).map(|found| found.addresses.clone());
            addresses.unwrap_or_default().iter().map(|a| a.to_string().to_lowercase()).collect()
        };
        let failures = self.throttled_sign_ins().into_iter();
        let of_user = failures.filter(|(key, _)| match key {
            ThrottleKey::LoginFrom(login, _) | ThrottleKey::SecondFactor(login) => {
                logins.contains(login)
            }
            ThrottleKey::Address(_) => false,
        });
        of_user.map(|(_, found)| found.blocked_until).filter(|until| now < *until).max()
    }
}

/// A diagnosis in the making.
struct Case<'a> {
    directory: &'a Directory,
    question: &'a Question,
    now: Timestamp,
    language: Language,
    findings: Vec<Finding>,
    /// Existing addresses that look like an unknown author; looking costs a walk over all.
    near: OnceCell<Vec<String>>,
}

impl Case<'_> {
    fn said(&self) -> &'static dyn Texts {
        texts::texts(self.language)
    }

    fn named(&self, id: RecipientId) -> Named {
        Named::of(self.directory, id)
    }

    fn user(&self) -> Named {
        self.named(self.question.user)
    }

    fn author(&self) -> Option<&Recipient> {
        self.directory.resolve(&self.question.from)
    }

    fn ask_gate(&mut self) -> Explanation {
        let Question { user, from, .. } = self.question;
        let request = SendRequest { actor: *user, author: from, now: self.now };
        let explanation = gate::explain(self.directory, &request);
        for check in &explanation.checks {
            let finding = self.finding_of(check, &explanation);
            self.findings.push(finding);
        }
        explanation
    }

    /// A check of the gate as a finding.
    fn finding_of(&self, check: &Check, explanation: &Explanation) -> Finding {
        let (from, said) = (&self.question.from, self.said());
        let (name, passed, text) = match check {
            Check::ActorKnown(known) => {
                ("ActorKnown", Some(*known), said.actor_known(&self.user(), *known))
            }
            Check::AccountActive(active) => {
                ("AccountActive", Some(*active), said.account_active(&self.user(), *active))
            }
            Check::AuthorHeld(held) => {
                let held = held.map(|(id, how)| (self.named(id), how));
                ("AuthorHeld", Some(held.is_some()), said.author_held(from, held.as_ref()))
            }
            Check::AuthorDomainAccepted(accepted) => {
                ("AuthorDomain", Some(*accepted), said.author_domain(from, *accepted))
            }
            Check::KindMaySend(kind, may) => {
                ("KindMaySend", Some(*may), said.kind_may_send(*kind, *may))
            }
            // Being somebody else forbids nothing by itself.
            Check::AuthorIsActor(is) => {
                ("AuthorIsActor", is.then_some(true), said.author_is_actor(*is))
            }
            Check::RightInForce(right, found) => {
                let through = found.and_then(|(_, group)| group).map(|group| self.named(group));
                let grant = found.and_then(|(id, _)| self.grant(id));
                let passed = match explanation.decision {
                    Ok(_) if found.is_none() => None,
                    _ => Some(found.is_some()),
                };
                let held = grant.map(|grant| (grant, through.as_ref()));
                let text = said.right_in_force(*right, held);
                (right_check(*right), passed, text)
            }
            Check::RightEnded(grant) => {
                let until = self.grant(*grant).and_then(|grant| grant.until_at);
                ("RightEnded", Some(false), said.right_ended(until))
            }
            Check::MembershipGivesNoRight => ("Membership", None, said.membership()),
            Check::FullAccessGivesNoRight => ("FullAccess", None, said.full_access()),
        };
        let finding = Finding::new(name, passed, text);
        if passed != Some(false) {
            return finding;
        }
        match (check, self.grant_fixes(explanation).into_iter().next()) {
            (Check::AccountActive(_), _) => finding.mended_by(texts::fix_enable(&self.user())),
            (Check::ActorKnown(_), _) => finding.mended_by(texts::fix_users()),
            (Check::RightInForce(right, _), Some(_)) => match self.author() {
                Some(author) => {
                    let author = self.named(author.id);
                    finding.mended_by(texts::fix_grant(*right, &author, &self.user()))
                }
                None => finding,
            },
            (Check::AuthorHeld(_), None) => finding.mended_by(match self.near().first() {
                Some(first) => texts::fix_ask_again(&self.user(), first),
                None => texts::fix_identities(&self.user()),
            }),
            (_, Some(fix)) => finding.mended_by(fix),
            (_, None) => finding,
        }
    }

    /// Existing addresses that look like an unknown author in a domain of ours.
    fn near(&self) -> &[String] {
        let from = &self.question.from;
        self.near.get_or_init(|| match self.directory.is_accepted(from.domain()) {
            true => nearest::nearest(self.directory, from),
            false => Vec::new(),
        })
    }

    /// A grant on the author's recipient.
    fn grant(&self, id: domain::GrantId) -> Option<&Grant> {
        let author = self.author()?;
        self.directory.grants_on(author.id).iter().find(|grant| grant.id == id)
    }

    /// What about the author explains surprises.
    fn look_at_author(&mut self, explanation: &Explanation) {
        let said = self.said();
        let from = &self.question.from;
        let Some(author) = self.author() else {
            if self.directory.is_accepted(from.domain()) {
                let near = self.near().to_vec();
                let finding = Finding::new("NearestAddress", None, said.nearest(&near));
                let user = self.user();
                self.findings.push(match near.first() {
                    Some(first) => finding.mended_by(texts::fix_ask_again(&user, first)),
                    None => finding,
                });
            }
            return;
        };
        let keeps_alias = self.directory.organization().keeps_alias_as_author;
        let is_primary = author.primary().key() == from.key();
        let settings = &author.settings;
        let mut notes = Vec::new();
        if !is_primary && !keeps_alias {
            notes.push(("AliasAsAuthor", said.alias_rewritten(from, author.primary())));
        } else if !is_primary {
            notes.push(("AliasAsAuthor", said.alias_kept(from)));
        }
        if settings.requires_sender_authentication {
            notes.push(("RequireSenderAuthentication", said.sender_authentication()));
        }
        if settings.is_hidden_from_address_lists {
            notes.push(("HiddenFromAddressLists", said.hidden()));
        }
        let permission = explanation.decision.ok();
        let path = permission.zip(self.directory.recipient(self.question.user)).and_then(
            |(permission, actor)| {
                identities::writes(self.directory, &permission, actor, from)
                    .map(|writes| writes.reverse_path)
            },
        );
        notes.push(("Envelope", said.envelope(from, path.as_deref())));
        self.findings.extend(notes.into_iter().map(|(name, text)| Finding::new(name, None, text)));
    }

    /// Whether the user once held a right to send that was revoked; says so.
    fn look_at_history(&mut self, explanation: &Explanation, history: &[GrantRecord]) -> bool {
        if !matches!(explanation.decision, Err(Refusal::NoRight(_))) {
            return false;
        }
        let user = self.question.user;
        let groups = gate::groups_around(self.directory, user);
        let was_held = |record: &&GrantRecord| {
            let trustee = record.grant.trustee;
            record.grant.right != Right::FullAccess
                && (trustee == user || groups.contains(&trustee))
        };
        let revoked = history
            .iter()
            .filter(was_held)
            .filter_map(|record| Some((record.grant.right, record.revoked.as_ref()?)))
            .max_by_key(|(_, revocation)| revocation.at);
        let Some((right, revocation)) = revoked else { return false };
        let text = self.said().revoked(right, revocation);
        let finding = Finding::new("RightRevoked", Some(false), text);
        let fix = self.grant_fixes(explanation).into_iter().next();
        self.findings.push(match fix {
            Some(fix) => finding.mended_by(fix),
            None => finding,
        });
        true
    }

    fn look_at_account(
        &mut self,
        has_password: bool,
        blocked_until: Option<Timestamp>,
        limit: Option<SendLimitReached>,
    ) {
        let (user, said) = (self.user(), self.said());
        let is_user = self
            .directory
            .recipient(self.question.user)
            .is_some_and(|found| found.kind == RecipientKind::User);
        if is_user && !has_password {
            let finding = Finding::new("Password", Some(false), said.no_password(&user));
            self.findings.push(finding.mended_by(texts::fix_password(&user)));
        }
        let sign_in =
            Finding::new("SignIn", Some(blocked_until.is_none()), said.sign_in(blocked_until));
        self.findings.push(match blocked_until {
            Some(_) => sign_in.mended_by(texts::fix_throttle(&user)),
            None => sign_in,
        });
        let sending = Finding::new("SendingLimit", Some(limit.is_none()), said.limit(limit));
        self.findings.push(match limit {
            Some(_) => sending.mended_by(texts::fix_limits()),
            None => sending,
        });
    }

    fn look_at_recipient(&mut self) {
        let Some(to) = &self.question.to else { return };
        let admitted = routing::admit(self.directory, to, Origin::Authenticated);
        let text = self.said().recipient(to, admitted.err());
        let finding = Finding::new("Recipient", Some(admitted.is_ok()), text);
        self.findings.push(match admitted {
            Ok(_) => finding,
            Err(_) => finding.mended_by(texts::fix_users()),
        });
    }

    fn conclude(self, explanation: &Explanation, was_revoked: bool) -> Diagnosis {
        let question = self.question;
        let actor = self.directory.recipient(question.user);
        let permission = explanation.decision.ok();
        let writes = permission.zip(actor).and_then(|(permission, actor)| {
            identities::writes(self.directory, &permission, actor, &question.from)
        });
        let cause = explanation.decision.err().map(|refusal| cause_name(refusal, was_revoked));
        let verdict = self.said().verdict(
            &self.user(),
            &question.from,
            explanation.decision.as_ref().map_err(|refusal| (*refusal, was_revoked)),
            self.author().map(|author| self.named(author.id)).as_ref(),
        );
        let mut fixes = self.grant_fixes(explanation);
        for fix in self.findings.iter().filter_map(|finding| finding.fix.clone()) {
            if !fixes.contains(&fix) {
                fixes.push(fix);
            }
        }
        Diagnosis {
            is_allowed: explanation.decision.is_ok(),
            user: self.user().address,
            from: question.from.to_string(),
            to: question.to.as_ref().map(ToString::to_string),
            mode: permission.map(|permission| permission.mode),
            cause,
            verdict,
            fixes,
            granters: self.granters(explanation),
            writes,
            refused: None,
            findings: self.findings,
        }
    }

    /// The commands that would give what is missing; Send As first.
    fn grant_fixes(&self, explanation: &Explanation) -> Vec<String> {
        match explanation.decision {
            Err(Refusal::NoRight(id) | Refusal::RightEnded(id, _)) => {
                let (recipient, user) = (self.named(id), self.user());
                [Right::SendAs, Right::SendOnBehalf]
                    .map(|right| texts::fix_grant(right, &recipient, &user))
                    .to_vec()
            }
            Err(Refusal::ReceiveOnly(id)) => {
                let team = self.directory.recipient(id).and_then(|found| found.team);
                let team = team.map(|team| self.named(team));
                team.map(|team| texts::fix_ask_again(&self.user(), &team.address))
                    .into_iter()
                    .collect()
            }
            Err(Refusal::AuthorElsewhere | Refusal::AuthorIsContact(_)) => {
                vec![texts::fix_identities(&self.user())]
            }
            Ok(_) | Err(_) => Vec::new(),
        }
    }

    /// Owners of the author's group, then administrators.
    fn granters(&self, explanation: &Explanation) -> Vec<String> {
        let Err(Refusal::NoRight(id) | Refusal::RightEnded(id, _)) = explanation.decision else {
            return Vec::new();
        };
        let members = self.directory.members_of(id).iter();
        let owners = members.filter(|of| of.role == MemberRole::Owner).map(|of| of.member);
        let mut administrators: Vec<RecipientId> = self
            .directory
            .recipients()
            .filter(|found| {
                let account = found.account.as_ref();
                account.is_some_and(|a| !a.is_disabled && a.role == AccountRole::Administrator)
            })
            .map(|found| found.id)
            .collect();
        administrators.sort();
        let mut seen = HashSet::new();
        owners
            .chain(administrators)
            .filter(|id| seen.insert(*id))
            .take(GRANTERS_NAMED_MAX)
            .map(|id| self.named(id).address)
            .collect()
    }
}

fn right_check(right: Right) -> &'static str {
    match right {
        Right::SendAs => "SendAs",
        Right::SendOnBehalf => "SendOnBehalf",
        Right::FullAccess => "FullAccess",
    }
}

/// The name of a refusal's reason, from a closed list.
fn cause_name(refusal: Refusal, was_revoked: bool) -> &'static str {
    match refusal {
        Refusal::UnknownActor => "UnknownActor",
        Refusal::AccountDisabled => "AccountDisabled",
        Refusal::AuthorElsewhere => "AuthorElsewhere",
        Refusal::AuthorUnknown => "AuthorUnknown",
        Refusal::ReceiveOnly(_) => "ReceiveOnly",
        Refusal::AuthorIsContact(_) => "AuthorIsContact",
        Refusal::NoRight(_) if was_revoked => "Revoked",
        Refusal::NoRight(_) => "NoRight",
        Refusal::RightEnded(..) => "Expired",
    }
}

/// A refusal that cannot be judged anew: the author field could not be read, or the account is
/// gone.
fn unreadable(event: &TraceEvent, said: &dyn Texts) -> Diagnosis {
    let detail = super::trace::detail(event);
    let advice = said.unreadable(detail["advice"].as_str().unwrap_or_default());
    fixed(event, ("AuthorUnreadable", "AuthorReadable"), advice)
}

/// A refusal by a rule, which is not about rights and is not judged anew: the message is gone.
fn rejected_by_rule(event: &TraceEvent, said: &dyn Texts) -> Option<Diagnosis> {
    let detail = super::trace::detail(event);
    (detail["reason"] == crate::rules::RULE_REASON).then(|| {
        let told = said.rejected_by_rule(detail["advice"].as_str().unwrap_or_default());
        fixed(event, ("RejectedByRule", "AllowedByRules"), told)
    })
}

/// A refusal of which nothing more is known than one finding.
fn fixed(
    event: &TraceEvent,
    (cause, check): (&'static str, &'static str),
    advice: String,
) -> Diagnosis {
    Diagnosis {
        is_allowed: false,
        user: event.actor.clone().unwrap_or_default(),
        from: event.sender.clone().unwrap_or_default(),
        to: None,
        mode: None,
        cause: Some(cause),
        verdict: advice.clone(),
        fixes: Vec::new(),
        granters: Vec::new(),
        writes: None,
        refused: None,
        findings: vec![Finding::new(check, Some(false), advice)],
    }
}

/// How an address is held, for texts.
fn held_word(how: HeldAs) -> &'static str {
    match how {
        HeldAs::Primary => "primary address",
        HeldAs::Alias => "alias",
        HeldAs::SubAddress => "sub-address",
    }
}
