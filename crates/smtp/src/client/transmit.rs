//! One message to one peer: MAIL, RCPT, DATA, content.
//!
//! To a peer with PIPELINING the commands go out in groups, DATA with the last one (RFC 2920 §3.1),
//! so that a message costs three round trips less. A message with octets above 127 is sent as it is
//! even to a peer without 8BITMIME: practically all pass it on, and returning it would be worse.

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::extensions::Extension;
use super::limits::PIPELINED_COMMANDS_MAX;
use super::outcome::{
    ClientError, Gone, RecipientOutcome, RemoteReply, Severity, Stage, Transmission, Unsendable,
};
use super::session::Session;
use crate::codec::{content, xtext};
use crate::envelope::{
    Body, Envelope, MailParameters, Notify, NotifyEvents, RecipientParameters, ReturnContent,
};

/// A command of the group that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    Mail,
    /// The recipient at that place of the envelope.
    Rcpt(usize),
    Data,
}

/// What is known about the transaction so far.
struct Progress {
    /// One place a recipient; `None` while undecided.
    outcomes: Vec<Option<RecipientOutcome>>,
    /// Recipients the peer has said yes to.
    accepted: usize,
    /// DATA was answered with 354.
    awaits_content: bool,
}

impl Progress {
    /// Decides every recipient that is still undecided.
    fn decide_all(&mut self, outcome: &RecipientOutcome) {
        for place in self.outcomes.iter_mut().filter(|place| place.is_none()) {
            *place = Some(outcome.clone());
        }
    }

    fn has_undecided(&self) -> bool {
        self.outcomes.iter().any(Option::is_none)
    }

    fn into_transmission(self) -> Transmission {
        let decided = |outcome: Option<RecipientOutcome>| {
            outcome.expect("the answer to the content decides all that is left")
        };
        Transmission { recipients: self.outcomes.into_iter().map(decided).collect() }
    }
}

fn refusal(reply: RemoteReply) -> RecipientOutcome {
    match reply.severity() {
        Severity::Temporary => RecipientOutcome::Deferred(reply),
        Severity::Permanent => RecipientOutcome::Refused(reply),
    }
}

fn lost(stage: Stage) -> impl Fn(Gone) -> ClientError {
    move |cause| ClientError::Lost { stage, cause }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<S> {
    /// Sends `message` to all recipients of `envelope` and says what became of each.
    ///
    /// `message` is the message as it shall arrive, lines ended by CR LF, dots not doubled. One
    /// that must not go out is not begun. After an `Err` the session is over.
    pub async fn transmit(
        &mut self,
        envelope: &Envelope,
        message: &Bytes,
    ) -> Result<Transmission, ClientError> {
        let mut progress = match self.prepare(envelope, message) {
            Ok(progress) => progress,
            Err(why) => {
                let outcome = RecipientOutcome::Unsendable(why);
                return Ok(Transmission { recipients: vec![outcome; envelope.recipients.len()] });
            }
        };
        if !progress.has_undecided() {
            return Ok(progress.into_transmission());
        }
        let result = self.exchange(envelope, message, &mut progress).await;
        self.is_over |= result.is_err();
        result.map(|()| progress.into_transmission())
    }

    /// What can be said without asking the peer.
    fn prepare(&self, envelope: &Envelope, message: &[u8]) -> Result<Progress, Unsendable> {
        content::check(message).map_err(Unsendable::Content)?;
        let octets_max = self.extensions.size_octets_max().unwrap_or(u64::MAX);
        // RFC 1870 §6.2: do not begin what the peer is known not to take.
        if message.len() as u64 > octets_max {
            return Err(Unsendable::TooLarge { octets_max });
        }
        let takes_utf8 = self.extensions.offers(Extension::Smtputf8);
        let sender_needs_utf8 =
            envelope.mail.reverse_path.address().is_some_and(mail::Address::needs_smtputf8);
        // RFC 6531 §3.5: such a message is not sent to a peer without the extension.
        let header_needs_utf8 = envelope.mail.smtputf8 && !header_of(message).is_ascii();
        if !takes_utf8 && (sender_needs_utf8 || header_needs_utf8) {
            return Err(Unsendable::NeedsSmtputf8);
        }
        let outcome = |recipient: &RecipientParameters| {
            let cannot = !takes_utf8 && recipient.to.needs_smtputf8();
            cannot.then_some(RecipientOutcome::Unsendable(Unsendable::NeedsSmtputf8))
        };
        let outcomes = envelope.recipients.iter().map(outcome).collect();
        Ok(Progress { outcomes, accepted: 0, awaits_content: false })
    }

    async fn exchange(
        &mut self,
        envelope: &Envelope,
        message: &Bytes,
        progress: &mut Progress,
    ) -> Result<(), ClientError> {
        if self.needs_reset {
            self.reset().await?;
        }
        let undecided = progress.outcomes.iter().enumerate().filter(|(_, o)| o.is_none());
        let mut commands = vec![Sent::Mail];
        commands.extend(undecided.map(|(place, _)| Sent::Rcpt(place)));
        commands.push(Sent::Data);
        let is_pipelined = self.extensions.offers(Extension::Pipelining);
        let group_size = if is_pipelined { PIPELINED_COMMANDS_MAX } else { 1 };
        for group in commands.chunks(group_size) {
            for command in group {
                let line = self.line_of(*command, envelope, message);
                self.put(&line);
            }
            self.flush().await.map_err(lost(Stage::Envelope))?;
            self.read_group(group, progress).await?;
            if self.is_over || !progress.has_undecided() {
                break;
            }
        }
        if progress.awaits_content {
            return self.finish(message, progress).await;
        }
        self.needs_reset = true;
        Ok(())
    }

    /// Reads the answers to a group of commands, all of them unless the peer leaves.
    async fn read_group(
        &mut self,
        group: &[Sent],
        progress: &mut Progress,
    ) -> Result<(), ClientError> {
        for command in group {
            let (stage, limit) = match command {
                Sent::Mail | Sent::Rcpt(_) => (Stage::Envelope, self.timeouts.command),
                Sent::Data => (Stage::DataStart, self.timeouts.data_start),
            };
            let reply = self.reply(limit).await.map_err(lost(stage))?;
            match (command, reply.code) {
                (_, 421) => {
                    progress.decide_all(&RecipientOutcome::Deferred(reply));
                    return Ok(());
                }
                (Sent::Mail, 200..300) => {}
                (Sent::Rcpt(_), 200..300) => progress.accepted += 1,
                (Sent::Data, 354) => progress.awaits_content = true,
                // RFC 5321 §4.5.3.1.10: 552 to RCPT says "too many", which passes.
                (Sent::Rcpt(place), 552) => {
                    progress.outcomes[*place] = Some(RecipientOutcome::Deferred(reply));
                }
                (Sent::Rcpt(place), 400..) => {
                    let outcome = &mut progress.outcomes[*place];
                    // After a refused MAIL the answers to RCPT say less than its own did.
                    outcome.get_or_insert(refusal(reply));
                }
                (Sent::Mail | Sent::Data, 400..) => progress.decide_all(&refusal(reply)),
                _ => return Err(lost(stage)(Gone::NotAReply)),
            }
        }
        Ok(())
    }

    /// Sends the content the peer waits for, and has its answer decide.
    async fn finish(
        &mut self,
        message: &Bytes,
        progress: &mut Progress,
    ) -> Result<(), ClientError> {
        if !progress.has_undecided() {
            return self.finish_for_nobody(progress).await;
        }
        if let Err(cause) = self.send_content(message).await {
            // A peer that cannot bear the message may say why before it leaves.
            let reason = self.reply(self.timeouts.quit).await;
            self.is_over = true;
            return match reason {
                Ok(reply) if reply.code >= 400 => {
                    progress.decide_all(&refusal(reply));
                    Ok(())
                }
                _ => Err(lost(Stage::Content)(cause)),
            };
        }
        let answer = self.reply(self.timeouts.data_end).await;
        let reply = answer.map_err(|cause| ClientError::InDoubt { cause })?;
        match reply.code {
            200..300 => progress.decide_all(&RecipientOutcome::Accepted(reply)),
            400.. => progress.decide_all(&refusal(reply)),
            _ => return Err(ClientError::InDoubt { cause: Gone::NotAReply }),
        }
        Ok(())
    }

    /// The peer waits for content though it has refused every recipient. RFC 2920 §3.1: a lone dot
    /// ends it. A peer that took recipients after it refused MAIL gets nothing.
    async fn finish_for_nobody(&mut self, progress: &Progress) -> Result<(), ClientError> {
        if progress.accepted > 0 {
            self.is_over = true;
            return Ok(());
        }
        // Everything is decided already; a peer that is lost here changes nothing.
        if self.send_content(b"").await.is_err()
            || self.reply(self.timeouts.data_end).await.is_err()
        {
            self.is_over = true;
        }
        Ok(())
    }

    async fn send_content(&mut self, message: &[u8]) -> Result<(), Gone> {
        let limit = self.timeouts.data_block;
        for slice in content::stuffed(message) {
            for block in slice.chunks(CONTENT_BLOCK_OCTETS) {
                let written = timeout(limit, self.wire.write(block)).await;
                written.map_err(|_| Gone::TimedOut)??;
            }
        }
        timeout(limit, self.wire.flush()).await.map_err(|_| Gone::TimedOut)??;
        Ok(())
    }

    fn line_of(&self, command: Sent, envelope: &Envelope, message: &[u8]) -> String {
        match command {
            Sent::Mail => self.mail_line(&envelope.mail, envelope, message),
            Sent::Rcpt(place) => self.rcpt_line(&envelope.recipients[place]),
            Sent::Data => "DATA".to_owned(),
        }
    }

    fn mail_line(&self, mail: &MailParameters, envelope: &Envelope, message: &[u8]) -> String {
        let mut line = format!("MAIL FROM:<{}>", mail.reverse_path);
        if self.extensions.offers(Extension::Size) {
            line += &format!(" SIZE={}", message.len());
        }
        let is_eight_bit = mail.body == Body::EightBitMime || !message.is_ascii();
        if is_eight_bit && self.extensions.offers(Extension::EightBitMime) {
            line += " BODY=8BITMIME";
        }
        let needs_utf8 = mail.smtputf8
            || !line.is_ascii()
            || envelope.recipients.iter().any(|recipient| recipient.to.needs_smtputf8());
        if needs_utf8 && self.extensions.offers(Extension::Smtputf8) {
            line += " SMTPUTF8";
        }
        if self.extensions.offers(Extension::Dsn) {
            line += match mail.ret {
                Some(ReturnContent::Full) => " RET=FULL",
                Some(ReturnContent::Headers) => " RET=HDRS",
                None => "",
            };
            if let Some(id) = &mail.envelope_id {
                line += &format!(" ENVID={}", xtext::encode(id));
            }
        }
        line
    }

    fn rcpt_line(&self, recipient: &RecipientParameters) -> String {
        let mut line = format!("RCPT TO:<{}>", recipient.to);
        if !self.extensions.offers(Extension::Dsn) {
            return line;
        }
        match recipient.notify {
            Notify::Unstated => {}
            Notify::Never => line += " NOTIFY=NEVER",
            Notify::On(events) => {
                let names = [
                    (NotifyEvents::SUCCESS, "SUCCESS"),
                    (NotifyEvents::FAILURE, "FAILURE"),
                    (NotifyEvents::DELAY, "DELAY"),
                ];
                let wanted = names.iter().filter(|(event, _)| events.contains(*event));
                let wanted: Vec<_> = wanted.map(|(_, name)| *name).collect();
                line += &format!(" NOTIFY={}", wanted.join(","));
            }
        }
        if let Some(original) = &recipient.original {
            let is_utf8 = original.address_type.eq_ignore_ascii_case("utf-8");
            let address =
                if is_utf8 { original.address.clone() } else { xtext::encode(&original.address) };
            // An address outside ASCII may travel only to a peer that reads it (RFC 6533 §3).
            if address.is_ascii() || self.extensions.offers(Extension::Smtputf8) {
                line += &format!(" ORCPT={};{address}", original.address_type);
            }
        }
        line
    }
}

/// Largest piece of content written under one timeout.
const CONTENT_BLOCK_OCTETS: usize = 64 * 1024;

/// The header section: everything before the first empty line.
fn header_of(message: &[u8]) -> &[u8] {
    let ends_at = memchr::memmem::find(message, b"\r\n\r\n").unwrap_or(message.len());
    &message[..ends_at]
}
