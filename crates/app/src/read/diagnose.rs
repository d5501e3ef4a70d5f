//! Diagnosis: why may somebody (not) send from an address?
//!
//! The verdict is the gate's own: [`domain::gate::explain`] on the same snapshot by which the next
//! message would be judged. Around it stand checks that explain the circumstances: what became of
//! a right that was there once, which address was probably meant, whether the account is slowed
//! down, whether the recipient would be taken. All sentences are in `texts`.

mod nearest;
mod texts;

use std::collections::HashSet;

use domain::gate::{self, Check, Explanation, HeldAs, SendRequest};
use domain::routing::{self, Origin};
use domain::{
    AccountRole, Directory, MemberRole, Recipient, RecipientId, RecipientKind, Refusal, Right,
    SendMode, Timestamp,
};
use mail::Address;
use store::directory::GrantRecord;
use store::trace::{TraceEvent, TraceKind};

use super::identities::{self, Writes};
use crate::App;
use crate::throttle::{SendLimitReached, ThrottleKey};

use texts::Named;

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
    /// Says whether and why.
    pub async fn diagnose(
        &self,
        question: &Question,
        now: Timestamp,
    ) -> Result<Diagnosis, store::Failure> {
        let author = self.directory().resolve(&question.from).map(|found| found.id);
        let history = match author {
            Some(id) => store::directory::grant_history(&self.store, Some(id), None).await?,
            None => Vec::new(),
        };
        let has_password = self.has_password(question.user).await?;
        let blocked_until = self.blocked_until(question.user, now);
        let limit = self.meter().check(question.user, 1, now).err();
        let directory = self.directory();
        let mut case = Case { directory: &directory, question, now, findings: Vec::new() };
        let explanation = case.ask_gate();
        case.look_at_author();
        let revoked = case.look_at_history(&explanation, &history);
        case.look_at_account(has_password, blocked_until, limit);
        case.look_at_recipient();
        Ok(case.conclude(&explanation, revoked))
    }

    /// The refusal with this reference, judged anew. `None` where there is none.
    pub async fn diagnose_reference(
        &self,
        reference: &str,
        now: Timestamp,
    ) -> Result<Option<Diagnosis>, store::Failure> {
        let events = self.refusal(reference).await?;
        let refused = events.into_iter().find(|event| event.kind == TraceKind::Refuse);
        let Some(event) = refused else { return Ok(None) };
        let question = self.question_of(&event);
        let mut diagnosis = match question {
            Some(question) => self.diagnose(&question, now).await?,
            None => unreadable(&event),
        };
        diagnosis.verdict = texts::verdict_of_reference(&diagnosis, event.at);
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
    findings: Vec<Finding>,
}

impl Case<'_> {
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
        let from = &self.question.from;
        let (name, passed, text) = match check {
            Check::ActorKnown(known) => {
                ("ActorKnown", Some(*known), texts::actor_known(&self.user(), *known))
            }
            Check::AccountActive(active) => {
                ("AccountActive", Some(*active), texts::account_active(&self.user(), *active))
            }
            Check::AuthorHeld(held) => {
                let held = held.map(|(id, how)| (self.named(id), how));
                ("AuthorHeld", Some(held.is_some()), texts::author_held(from, held.as_ref()))
            }
            Check::AuthorDomainAccepted(accepted) => {
                ("AuthorDomain", Some(*accepted), texts::author_domain(from, *accepted))
            }
            Check::KindMaySend(kind, may) => {
                ("KindMaySend", Some(*may), texts::kind_may_send(*kind, *may))
            }
            // Being somebody else forbids nothing by itself.
            Check::AuthorIsActor(is) => {
                ("AuthorIsActor", is.then_some(true), texts::author_is_actor(*is))
            }
            Check::RightInForce(right, found) => {
                let through = found.and_then(|(_, group)| group).map(|group| self.named(group));
                let passed = match explanation.decision {
                    Ok(_) if found.is_none() => None,
                    _ => Some(found.is_some()),
                };
                let text = texts::right_in_force(*right, found.is_some(), through.as_ref());
                (right_check(*right), passed, text)
            }
            Check::RightEnded(grant) => {
                let until = self.author().and_then(|author| {
                    let grants = self.directory.grants_on(author.id);
                    grants.iter().find(|kept| kept.id == *grant)?.until_at
                });
                ("RightEnded", Some(false), texts::right_ended(until))
            }
            Check::MembershipGivesNoRight => ("Membership", None, texts::membership()),
            Check::FullAccessGivesNoRight => ("FullAccess", None, texts::full_access()),
        };
        let finding = Finding::new(name, passed, text);
        match check {
            Check::AccountActive(false) => finding.mended_by(texts::fix_enable(&self.user())),
            _ => finding,
        }
    }

    /// What about the author explains surprises.
    fn look_at_author(&mut self) {
        let from = &self.question.from;
        let Some(author) = self.author() else {
            if self.directory.is_accepted(from.domain()) {
                let near = nearest::nearest(self.directory, from);
                let finding = Finding::new("NearestAddress", None, texts::nearest(&near));
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
            notes.push(("AliasAsAuthor", texts::alias_rewritten(from, author.primary())));
        }
        if settings.requires_sender_authentication {
            notes.push(("RequireSenderAuthentication", texts::sender_authentication()));
        }
        if settings.is_hidden_from_address_lists {
            notes.push(("HiddenFromAddressLists", texts::hidden()));
        }
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
        let text = texts::revoked(right, revocation);
        self.findings.push(Finding::new("RightRevoked", Some(false), text));
        true
    }

    fn look_at_account(
        &mut self,
        has_password: bool,
        blocked_until: Option<Timestamp>,
        limit: Option<SendLimitReached>,
    ) {
        let user = self.user();
        let is_user = self
            .directory
            .recipient(self.question.user)
            .is_some_and(|found| found.kind == RecipientKind::User);
        if is_user && !has_password {
            let finding = Finding::new("Password", Some(false), texts::no_password(&user));
            self.findings.push(finding.mended_by(texts::fix_password(&user)));
        }
        if let Some(until) = blocked_until {
            let finding = Finding::new("SignIn", Some(false), texts::sign_in_blocked(until));
            self.findings.push(finding.mended_by(texts::fix_throttle(&user)));
        }
        if let Some(reached) = limit {
            self.findings.push(Finding::new("SendingLimit", Some(false), texts::limit(reached)));
        }
    }

    fn look_at_recipient(&mut self) {
        let Some(to) = &self.question.to else { return };
        let admitted = routing::admit(self.directory, to, Origin::Authenticated);
        let text = texts::recipient(to, admitted.err());
        self.findings.push(Finding::new("Recipient", Some(admitted.is_ok()), text));
    }

    fn conclude(self, explanation: &Explanation, was_revoked: bool) -> Diagnosis {
        let question = self.question;
        let actor = self.directory.recipient(question.user);
        let permission = explanation.decision.ok();
        let writes = permission.zip(actor).and_then(|(permission, actor)| {
            identities::writes(self.directory, &permission, actor, &question.from)
        });
        let cause = explanation.decision.err().map(|refusal| cause_name(refusal, was_revoked));
        let verdict = texts::verdict(
            &self.user(),
            &question.from,
            explanation.decision.as_ref().map_err(|refusal| (*refusal, was_revoked)),
            self.author().map(|author| self.named(author.id)).as_ref(),
        );
        let mut fixes = self.grant_fixes(explanation);
        fixes.extend(self.findings.iter().filter_map(|finding| finding.fix.clone()));
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
fn unreadable(event: &TraceEvent) -> Diagnosis {
    let detail: serde_json::Value = serde_json::from_str(&event.detail).unwrap_or_default();
    let advice = detail["advice"].as_str().unwrap_or_default().to_owned();
    Diagnosis {
        is_allowed: false,
        user: event.actor.clone().unwrap_or_default(),
        from: event.sender.clone().unwrap_or_default(),
        to: None,
        mode: None,
        cause: Some("AuthorUnreadable"),
        verdict: advice.clone(),
        fixes: Vec::new(),
        granters: Vec::new(),
        writes: None,
        refused: None,
        findings: vec![Finding::new("AuthorReadable", Some(false), advice)],
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
