//! The rail beside mail: the person's own folders, then each team with its folders and channels,
//! then shared mailboxes, with the person's own counts of what is unread.

use app::mailbox::{FolderEntry, Rights};
use app::reading::FolderRole;
use domain::{Directory, FolderId, RecipientId, RecipientKind};

use super::super::error::Problem;
use super::super::frame::Frame;
use super::super::visit::Signed;
use crate::Web;

/// A folder in the rail.
#[derive(Debug, Clone)]
pub(super) struct RailFolder {
    pub(super) id: i64,
    /// Its place among the folders of its mailbox.
    order: u8,
    pub(super) text: String,
    pub(super) unseen: i64,
    pub(super) is_here: bool,
    /// Whether messages may be moved into it.
    pub(super) takes_messages: bool,
}

/// A mailbox in the rail.
#[derive(Debug, Clone)]
pub(super) struct RailBox {
    pub(super) title: String,
    pub(super) folders: Vec<RailFolder>,
}

/// What stands beside every page of mail.
#[derive(Debug, Clone)]
pub(super) struct MailRail {
    pub(super) boxes: Vec<RailBox>,
}

impl MailRail {
    /// Reads the rail; `here` is the folder that is shown.
    pub(super) async fn read(
        web: &Web,
        signed: &Signed,
        frame: &Frame,
        here: Option<FolderId>,
    ) -> Result<MailRail, Problem> {
        let entries = web.app.folder_list(signed.person.id, signed.visit.now).await?;
        let directory = web.app.directory();
        Ok(MailRail { boxes: boxes(&directory, frame, &entries, here) })
    }
}

/// Where a mailbox stands: own, teams and groups, then shared ones.
fn rank(kind: RecipientKind, is_own: bool) -> u8 {
    match kind {
        _ if is_own => 0,
        RecipientKind::Group | RecipientKind::Channel => 1,
        RecipientKind::SharedMailbox | RecipientKind::User | RecipientKind::Contact => 2,
    }
}

fn boxes(
    directory: &Directory,
    frame: &Frame,
    entries: &[FolderEntry],
    here: Option<FolderId>,
) -> Vec<RailBox> {
    let mut found: Vec<(u8, RecipientId, RailBox)> = Vec::new();
    let mut channels: Vec<(RecipientId, RailFolder)> = Vec::new();
    for entry in entries {
        let Some(mailbox) = directory.recipient(entry.folder.recipient) else { continue };
        if let Some(team) = mailbox.team {
            if entry.folder.role == Some(FolderRole::Inbox) {
                let text = format!("# {}", mailbox.display_name);
                channels.push((team, rail_folder(entry, text, here)));
            }
            continue;
        }
        if found.last().is_none_or(|(_, id, _)| *id != mailbox.id) {
            let title = match entry.is_own {
                true => frame.t("mail-mine"),
                false => mailbox.display_name.clone(),
            };
            let rail_box = RailBox { title, folders: Vec::new() };
            found.push((rank(mailbox.kind, entry.is_own), mailbox.id, rail_box));
        }
        let text = folder_name(frame, entry.folder.role, &entry.folder.name);
        if let Some((_, _, last)) = found.last_mut() {
            last.folders.push(rail_folder(entry, text, here));
        }
    }
    for (_, _, of) in &mut found {
        // The sort is stable: folders of the person's own making stay by name.
        of.folders.sort_by_key(|folder| folder.order);
    }
    for (team, channel) in channels {
        if let Some((_, _, of)) = found.iter_mut().find(|(_, id, _)| *id == team) {
            of.folders.push(channel);
        }
    }
    // Within a rank the order of the list of folders stays: by name.
    found.sort_by_key(|(rank, _, _)| *rank);
    found.into_iter().map(|(_, _, found)| found).collect()
}

fn rail_folder(entry: &FolderEntry, text: String, here: Option<FolderId>) -> RailFolder {
    let counts = !matches!(entry.folder.role, Some(FolderRole::Drafts | FolderRole::Sent));
    RailFolder {
        order: order(entry.folder.role),
        id: entry.folder.id.0,
        text,
        unseen: if counts { entry.folder.unseen } else { 0 },
        is_here: here == Some(entry.folder.id),
        takes_messages: entry.rights.allow(Rights::INSERT),
    }
}

/// Where mail comes in first, the bin last of those that every mailbox has.
fn order(role: Option<FolderRole>) -> u8 {
    match role {
        Some(FolderRole::Inbox) => 0,
        Some(FolderRole::Drafts) => 1,
        Some(FolderRole::Sent) => 2,
        Some(FolderRole::Archive) => 3,
        Some(FolderRole::Junk) => 4,
        Some(FolderRole::Trash) => 5,
        None => 6,
    }
}

/// What a folder is called.
pub(super) fn folder_name(frame: &Frame, role: Option<FolderRole>, name: &str) -> String {
    match role {
        Some(FolderRole::Inbox) => frame.t("folder-inbox"),
        Some(FolderRole::Sent) => frame.t("folder-sent"),
        Some(FolderRole::Drafts) => frame.t("folder-drafts"),
        Some(FolderRole::Archive) => frame.t("folder-archive"),
        Some(FolderRole::Junk) => frame.t("folder-junk"),
        Some(FolderRole::Trash) => frame.t("folder-trash"),
        None => name.to_owned(),
    }
}
