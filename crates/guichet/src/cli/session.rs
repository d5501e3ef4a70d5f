//! What every verb works with: the client and the output, and how a verb ends.

use admin_protocol::cmdlet::Object;
use admin_protocol::parameters::Parameters;
use admin_protocol::shell::host::Answer;

use super::client::Client;
use super::connection::Connection;
use super::error::Error;
use super::output::Output;

/// How a verb ended when nothing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done, or yes.
    Done,
    /// The answer is no.
    No,
    /// It ended with this status, and has said why.
    Status(u8),
}

/// One run of the command line.
pub(crate) struct Session {
    client: Client,
    /// Where results go.
    pub(crate) output: Output,
}

impl Session {
    /// Finds out where the server is. Nothing is sent yet.
    pub(crate) fn open(connection: &Connection) -> Result<Session, Error> {
        let client = Client::new(connection.endpoint()?)?;
        Ok(Session { client, output: Output::stdout() })
    }

    /// The server, as people name it.
    pub(crate) fn server(&self) -> String {
        self.client.server()
    }

    /// Whether it is a Microsoft 365 tenant, where changes spread slowly.
    pub(crate) fn is_of_tenant(&self) -> bool {
        self.client.is_of_tenant()
    }

    /// Calls a cmdlet and gives all of its answer; warnings are the caller's to show.
    pub(crate) fn answer(
        &mut self,
        cmdlet: &'static str,
        parameters: Parameters,
    ) -> Result<Answer, Error> {
        let mut answer = Answer::default();
        let mut page = self.client.call_quietly(cmdlet, parameters)?;
        loop {
            answer.objects.append(&mut page.objects);
            answer.warnings.append(&mut page.warnings);
            answer.question = answer.question.or(page.question.take());
            match self.client.next_page_quietly(page)? {
                Some(next) => page = next,
                None => return Ok(answer),
            }
        }
    }

    /// Calls a cmdlet and gives all its objects.
    pub(crate) fn call(
        &mut self,
        cmdlet: &'static str,
        parameters: Parameters,
    ) -> Result<Vec<Object>, Error> {
        let mut objects = Vec::new();
        let mut page = self.client.call(cmdlet, parameters)?;
        loop {
            objects.append(&mut page.objects);
            match self.client.next_page(page)? {
                Some(next) => page = next,
                None => return Ok(objects),
            }
        }
    }

    /// From now on each change is made only while the directory is at this version, or at the one
    /// that the change before left; otherwise it fails as a conflict.
    pub(crate) fn expect_directory_version(&self, version: Option<i64>) {
        self.client.expect_directory_version(version);
    }

    /// Calls a cmdlet and gives its one object. `what` names it when it is not there.
    pub(crate) fn call_for_one(
        &mut self,
        cmdlet: &'static str,
        parameters: Parameters,
        what: &str,
    ) -> Result<Object, Error> {
        self.call(cmdlet, parameters)?
            .into_iter()
            .next()
            .ok_or_else(|| Error::NotFound(what.to_owned()))
    }

    /// Calls a cmdlet and passes its objects on page by page, so that long lists are neither kept
    /// nor waited for.
    pub(crate) fn call_by_page(
        &mut self,
        cmdlet: &'static str,
        parameters: Parameters,
        mut each: impl FnMut(&mut Output, Vec<Object>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut page = self.client.call(cmdlet, parameters)?;
        loop {
            each(&mut self.output, std::mem::take(&mut page.objects))?;
            match self.client.next_page(page)? {
                Some(next) => page = next,
                None => return Ok(()),
            }
        }
    }
}
