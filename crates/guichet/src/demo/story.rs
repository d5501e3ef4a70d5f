//! The story, performed for real against the running server and told so that a newcomer follows.
//!
//! Every step goes through the door that people use: SMTP with a login, the command line as a
//! program of its own, mail from outside over port 25. A step that does not do what it says ends
//! the story with an error.

use std::io::{IsTerminal as _, Write as _};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use app::App;
use domain::SendRequest;
use mail::{Address, Message};
use smtp::client::RemoteReply;
use tokio::sync::broadcast;
use tokio::time::timeout;

use super::mailer::{Letter, Mailer, hand_in};
use super::sample::{PEOPLE, address};
use super::sink::{Arrival, Sink};
use super::{SINK_PORT, Stage};
use crate::clock;

/// How long a message may take to arrive at the sink on the same machine.
const ARRIVAL_TIMEOUT: Duration = Duration::from_secs(10);
/// The exit status of `guichet diagnose` where sending is refused.
const STATUS_NO: i32 = 1;
/// Somebody outside, who writes to the team.
const CUSTOMER: &str = "customer@fabrikam.com";

/// Prints with colours on a terminal, plainly elsewhere.
struct Page {
    has_colours: bool,
}

impl Page {
    fn new() -> Page {
        let wants_none = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Page { has_colours: std::io::stdout().is_terminal() && !wants_none }
    }

    fn styled(&self, code: &str, text: &str) -> String {
        if self.has_colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn heading(&self, number: usize, text: &str) {
        say(&format!("\n{}", self.styled("1", &format!("{number}. {text}"))));
    }

    fn good(&self, text: &str) {
        say(&format!("   {} {text}", self.styled("32", "ok")));
    }

    fn refused(&self, text: &str) {
        say(&format!("   {} {text}", self.styled("31", "no")));
    }

    fn quoted(&self, text: &str) {
        for line in text.trim_end().lines() {
            say(&format!("      {}", self.styled("2", line)));
        }
    }

    fn command(&self, text: &str) {
        say(&format!("   $ {}", self.styled("36", text)));
    }
}

/// Prints a line. Whoever closes standard output has seen enough; the story goes on.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

struct Story<'a> {
    stage: &'a Stage,
    app: &'a App,
    page: Page,
    outside: broadcast::Receiver<Arrival>,
}

/// Performs the story.
pub(crate) async fn tell(stage: &Stage, app: &App, sink: &Sink) -> anyhow::Result<()> {
    let mut story = Story { stage, app, page: Page::new(), outside: sink.subscribe() };
    say(&story
        .page
        .styled("1;4", "Guichet: one address for the team, sent from by explicit right"));
    say("Contoso has a team, Support <support@contoso.com>. Jean is a member and reads its mail;");
    say("nobody has given him the right to send from it.");
    story.begin_again().await?;
    let mut jean = Mailer::sign_in(stage.address(587), &address("jean.dupont"), &stage.password)
        .await
        .context("jean.dupont cannot sign in")?;
    story.refused(&mut jean).await?;
    story.diagnosed().await?;
    story.granted().await?;
    story.sent(&mut jean).await?;
    jean.close().await;
    story.on_behalf().await?;
    story.answered().await?;
    story.recorded().await
}

impl Story<'_> {
    /// Takes the right back where an earlier telling in the same directory gave it.
    async fn begin_again(&mut self) -> anyhow::Result<()> {
        let (jean, support) = (address("jean.dupont"), address("support"));
        let may_send = {
            let directory = self.app.directory();
            let actor = directory.find(&jean).context("jean.dupont is gone")?.id;
            let author = Address::parse(&support)?;
            let request = SendRequest { actor, author: &author, now: clock::now() };
            domain::gate::decide(&directory, &request).is_ok()
        };
        if !may_send {
            return Ok(());
        }
        say("The story was told here before: the right that it gave is taken back first.");
        self.guichet(&["revoke", "send-as", &support, &jean], 0).await
    }

    async fn refused(&mut self, jean: &mut Mailer) -> anyhow::Result<()> {
        self.page.heading(1, "Jean answers a customer and picks support@contoso.com in From");
        let reply = self.jean_writes(jean).await?;
        ensure!(
            reply.code == 550 && reply.to_string().contains("5.7.131"),
            "Jean should be refused with 550 5.7.131, the server said: {reply}"
        );
        self.page.refused("refused, and the refusal says what is missing and who can grant it:");
        self.page.quoted(&wire_text(&reply));
        Ok(())
    }

    async fn diagnosed(&mut self) -> anyhow::Result<()> {
        self.page.heading(2, "The administrator asks why");
        let (jean, support) = (address("jean.dupont"), address("support"));
        self.guichet(&["diagnose", &jean, "--from", &support], STATUS_NO).await
    }

    async fn granted(&mut self) -> anyhow::Result<()> {
        self.page.heading(3, "The right is granted, with a reason");
        let (jean, support) = (address("jean.dupont"), address("support"));
        let grant = ["grant", "send-as", &support, &jean, "--reason", "answers customers"];
        self.guichet(&grant, 0).await
    }

    async fn sent(&mut self, jean: &mut Mailer) -> anyhow::Result<()> {
        self.page.heading(4, "Jean sends again, on the connection that was open all the time");
        let reply = self.jean_writes(jean).await?;
        ensure!(reply.is_positive(), "Jean should be allowed now, the server said: {reply}");
        self.page.good("taken: the right was in force for the very next message");
        let arrival = self.arrival().await?;
        let message = Message::parse(arrival.message.clone())?;
        self.show_what_left(&message, &arrival.reverse_path);
        let author = mail::read_author(&message)?;
        ensure!(author.address == Address::parse(&address("support"))?, "the author is wrong");
        ensure!(message.first_field("Sender").is_none(), "a Sender tells the person");
        let text = String::from_utf8_lossy(message.header_section()).to_lowercase();
        ensure!(!text.contains("jean.dupont"), "the header tells the person");
        self.page.good("the outside sees the team; nothing tells that Jean wrote it");
        self.same_copy_in_sent(&arrival).await?;
        self.page.good("the copy in the team's Sent folder is to the octet what left");
        Ok(())
    }

    async fn on_behalf(&mut self) -> anyhow::Result<()> {
        self.page.heading(5, "Marie holds Send on behalf: hers shows her name");
        let marie = address("marie.durand");
        let mut mailer =
            Mailer::sign_in(self.stage.address(587), &marie, &self.stage.password).await?;
        let support = address("support");
        let letter = letter(&support, CUSTOMER, "Your order", "On its way.");
        let reply = mailer.send(&marie, &letter).await?;
        mailer.close().await;
        ensure!(reply.is_positive(), "Marie should be allowed, the server said: {reply}");
        let arrival = self.arrival().await?;
        let message = Message::parse(arrival.message.clone())?;
        self.show_what_left(&message, &arrival.reverse_path);
        let sender = mail::read_sender(&message)?.context("there is no Sender")?;
        ensure!(sender.address == Address::parse(&marie)?, "Sender does not name Marie");
        self.page.good("clients show: Marie Durand on behalf of Support");
        Ok(())
    }

    async fn answered(&mut self) -> anyhow::Result<()> {
        self.page.heading(6, "The customer answers; it is in the team's mailbox at once");
        let before = self.support_inbox().await?;
        let support = address("support");
        let letter = letter(CUSTOMER, &support, "Re: Your order", "Thank you!");
        let reply = hand_in(self.stage.address(25), CUSTOMER, &letter).await?;
        ensure!(reply.is_positive(), "the answer was not taken: {reply}");
        let after = self.support_inbox().await?;
        ensure!(after == before + 1, "the answer is not in the team's Inbox");
        self.page.good(&format!("Support / Inbox has {after} message(s)"));
        Ok(())
    }

    async fn recorded(&mut self) -> anyhow::Result<()> {
        self.page.heading(7, "Who sent as whom is on record, in a chain that shows any edit");
        self.guichet(&["audit", "--operation", "SendAs"], 0).await?;
        self.guichet(&["audit", "verify"], 0).await
    }

    async fn jean_writes(&self, jean: &mut Mailer) -> anyhow::Result<RemoteReply> {
        let support = address("support");
        let letter = letter(&support, CUSTOMER, "Your question", "Try again now.");
        jean.send(&address("jean.dupont"), &letter).await
    }

    async fn arrival(&mut self) -> anyhow::Result<Arrival> {
        let arrival = timeout(ARRIVAL_TIMEOUT, self.outside.recv()).await;
        arrival.context("nothing arrived outside in time")?.context("the sink is gone")
    }

    fn show_what_left(&self, message: &Message, reverse_path: &str) {
        let mut lines = format!("MAIL FROM:<{reverse_path}>\n");
        for name in ["From", "Sender", "To", "Subject"] {
            if let Some(field) = message.first_field(name) {
                lines.push_str(&format!("{name}: {}\n", field.decoded()));
            }
        }
        self.page.quoted(&lines);
    }

    async fn same_copy_in_sent(&self, arrival: &Arrival) -> anyhow::Result<()> {
        let folder = {
            let directory = self.app.directory();
            let support = directory.find(&address("support")).context("Support is gone")?;
            support.folders.context("Support has no folders")?.sent
        };
        let latest = store::message::latest(self.app.store(), folder, i64::MAX, 1).await?;
        let Some(latest) = latest.first() else { bail!("the team's Sent folder is empty") };
        let copy = store::message::content(self.app.store(), latest.message.id).await?;
        ensure!(copy.as_ref() == Some(&arrival.message), "the copy differs from what left");
        Ok(())
    }

    async fn support_inbox(&self) -> anyhow::Result<i64> {
        let folder = {
            let directory = self.app.directory();
            let support = directory.find(&address("support")).context("Support is gone")?;
            support.folders.context("Support has no folders")?.inbox
        };
        Ok(store::message::count(self.app.store(), folder).await?)
    }

    /// Runs this very program as an administrator would, and shows what it prints.
    async fn guichet(&self, arguments: &[&str], expected: i32) -> anyhow::Result<()> {
        let shown = arguments.iter().map(|word| quoted_word(word)).collect::<Vec<_>>().join(" ");
        self.page.command(&format!("guichet {shown}"));
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--dir").arg(&self.stage.dir).args(arguments);
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        self.page.quoted(&String::from_utf8_lossy(&output.stdout));
        self.page.quoted(&String::from_utf8_lossy(&output.stderr));
        let status = output.status.code();
        ensure!(
            status == Some(expected),
            "guichet {shown} ended with {status:?} instead of {expected}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }
}

fn letter<'l>(from: &'l str, to: &'l str, subject: &'l str, body: &'l str) -> Letter<'l> {
    Letter { from, to, subject, body, date_ms: clock::now().0 }
}

/// A reply as it came over the wire.
fn wire_text(reply: &RemoteReply) -> String {
    let enhanced = reply.enhanced.map(|code| format!(" {code}")).unwrap_or_default();
    let last = reply.lines.len().saturating_sub(1);
    let lines = reply.lines.iter().enumerate().map(|(at, line)| {
        let separator = if at == last { "" } else { "-" };
        match separator {
            "" => format!("{}{enhanced} {line}", reply.code),
            _ => format!("{}-{} {line}", reply.code, enhanced.trim_start()),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn quoted_word(word: &str) -> String {
    if word.contains(' ') { format!("\"{word}\"") } else { word.to_owned() }
}

/// Tells where everything is and what to try next.
pub(crate) fn print_directions(stage: &Stage) {
    let page = Page::new();
    let port = |port: u16| stage.address(port);
    say(&format!(
        "\n{}",
        page.styled("1", "The server stays up until Ctrl-C. All of it is on this machine.")
    ));
    say(&format!("   submission (mail programs)  {} STARTTLS, {} TLS", port(587), port(465)));
    say(&format!("   reading mail (IMAP)         {} STARTTLS, {} TLS", port(143), port(993)));
    say(&format!("   mail from outside           {}", port(25)));
    say(&format!(
        "   the outside (a sink)        {}  kept in {}/outside",
        port(SINK_PORT),
        stage.dir.display()
    ));
    say(&format!("   administration over HTTP    https://{}  http://{}", port(443), port(80)));
    let people: Vec<String> = PEOPLE.iter().map(|(local, ..)| address(local)).collect();
    say(&format!("   accounts                    {}", people[..3].join(", ")));
    say(&format!("                               {}", people[3..].join(", ")));
    say(&format!("   password of all             {}", stage.password));
    say(&format!("\n{}", page.styled("1", "Try")));
    let dir = stage.dir.display();
    let guichet = std::env::args().next().unwrap_or_else(|| "guichet".to_owned());
    for line in [
        format!("{guichet} --dir {dir} rights --recipient {}", address("support")),
        format!("{guichet} --dir {dir} identities {}", address("jean.dupont")),
        format!(
            "{guichet} --dir {dir} revoke send-as {} {}",
            address("support"),
            address("jean.dupont")
        ),
        format!("{guichet} --dir {dir} trace"),
        format!(
            "swaks -s 127.0.0.1:{} -tls -a PLAIN -au {} -ap {} -f {} --h-From {} -t {CUSTOMER}",
            port(587).port(),
            address("jean.dupont"),
            stage.password,
            address("jean.dupont"),
            address("support"),
        ),
    ] {
        page.command(&line);
    }
}
