//! What rules look at: one message, who hands it in, and where it goes.

use std::cell::OnceCell;

use mail::mime::{Inside, Part};
use mail::{Address, Message};

use crate::id::{RecipientId, Timestamp};
use crate::routing::{Expansion, Origin};

/// One message as mail flow rules see it.
#[derive(Debug)]
pub struct Facts<'a> {
    /// Whether one of ours hands it in.
    pub origin: Origin,
    /// The account that hands it in.
    pub actor: Option<RecipientId>,
    /// The recipient whose name the message bears, where one of ours hands it in.
    pub represented: Option<RecipientId>,
    /// The address in the author field; `None` where it cannot be read.
    pub author: Option<&'a Address>,
    /// The address in the reverse-path; `None` where it is null.
    pub reverse_path: Option<&'a Address>,
    /// The envelope recipients.
    pub recipients: &'a [Address],
    /// The message as it was handed in.
    pub message: &'a Message,
    /// How often this server has received it before.
    pub passes: usize,
    /// The instant for which the answer holds.
    pub now: Timestamp,
    /// What is found out at the first need.
    pub attachments: OnceCell<Attachments>,
}

/// What of a message is attached.
#[derive(Debug, Default)]
pub struct Attachments {
    pub(super) is_any: bool,
    /// The extensions of their names, in lower case.
    pub(super) extensions: Vec<String>,
}

impl Facts<'_> {
    pub(super) fn attachments(&self) -> &Attachments {
        self.attachments.get_or_init(|| {
            let mut found = Attachments::default();
            found.collect(&Part::read(self.message.raw()));
            found
        })
    }
}

impl Attachments {
    /// A part is attached if it says so or has a file name; so is a message within the message.
    /// Parts of the attached message are its own.
    fn collect(&mut self, part: &Part) {
        let name = mail::text::attachment_name(part);
        self.is_any |= part.is_attachment() || name.is_some();
        if let Some((_, extension)) = name.as_deref().and_then(|name| name.rsplit_once('.')) {
            self.extensions.push(extension.trim().to_lowercase());
        }
        match &part.inside {
            Inside::Nothing => {}
            Inside::Parts(parts) => parts.iter().for_each(|part| self.collect(part)),
            Inside::Message(_) => {
                self.is_any = true;
                self.extensions.push("eml".to_owned());
            }
        }
    }
}

/// One accepted message as journal rules see it: after mail flow rules and expansion.
#[derive(Debug)]
pub struct JournalFacts<'a> {
    /// Whether one of ours handed it in.
    pub origin: Origin,
    /// The account that handed it in.
    pub actor: Option<RecipientId>,
    /// The recipient whose name the message bears, where one of ours handed it in.
    pub represented: Option<RecipientId>,
    /// The address in the author field; `None` where it cannot be read.
    pub author: Option<&'a Address>,
    /// Where it goes.
    pub expansion: &'a Expansion,
}
