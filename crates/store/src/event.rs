//! Events: what other parts of the server, and other processes on the same PostgreSQL, hear after
//! a commit. They say that something changed, never what: whoever hears one reads again. An event
//! may be missed by a slow listener (the channel says so) and after a lost connection
//! ([`Event::Resynchronize`] says so); nothing may depend on hearing each.

use domain::FolderId;
use tokio::sync::broadcast;

/// Something was committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// The directory is now at this version, or a later one.
    DirectoryChanged {
        /// The version.
        version: i64,
    },
    /// Messages came to a folder, left it, or changed their flags.
    FolderChanged {
        /// The folder.
        folder: FolderId,
    },
    /// Entries came to the queue, or became due.
    QueueChanged,
    /// Events may have been missed: read everything again.
    Resynchronize,
}

impl Event {
    /// The text that goes to other processes; `origin` names the process that sends it.
    pub(crate) fn to_payload(self, origin: i64) -> String {
        match self {
            Event::DirectoryChanged { version } => format!("{origin} directory {version}"),
            Event::FolderChanged { folder } => format!("{origin} folder {folder}"),
            Event::QueueChanged => format!("{origin} queue"),
            Event::Resynchronize => format!("{origin} resynchronize"),
        }
    }

    /// Reads a payload: who sent it, and what. `None` for what a newer process may say.
    pub(crate) fn from_payload(payload: &str) -> Option<(i64, Event)> {
        let mut words = payload.split(' ');
        let origin = words.next()?.parse().ok()?;
        let event = match (words.next()?, words.next()) {
            ("directory", Some(version)) => {
                Event::DirectoryChanged { version: version.parse().ok()? }
            }
            ("folder", Some(folder)) => {
                Event::FolderChanged { folder: FolderId(folder.parse().ok()?) }
            }
            ("queue", None) => Event::QueueChanged,
            ("resynchronize", None) => Event::Resynchronize,
            _ => return None,
        };
        Some((origin, event))
    }
}

/// Events that a listener may be behind before it misses some.
const EVENTS_BEHIND_MAX: usize = 1024;

/// Tells the listeners of this process.
///
/// Every message that is accepted changes folders, so whoever does not follow folders listens
/// elsewhere: being woken for nothing would cost each message a switch of threads.
#[derive(Debug, Clone)]
pub(crate) struct EventBus {
    to_all: broadcast::Sender<Event>,
    without_folders: broadcast::Sender<Event>,
}

impl EventBus {
    pub(crate) fn new() -> EventBus {
        EventBus {
            to_all: broadcast::Sender::new(EVENTS_BEHIND_MAX),
            without_folders: broadcast::Sender::new(EVENTS_BEHIND_MAX),
        }
    }

    pub(crate) fn publish(&self, events: &[Event]) {
        for event in events {
            // An error means that nobody listens.
            let _ = self.to_all.send(*event);
            if !matches!(event, Event::FolderChanged { .. }) {
                let _ = self.without_folders.send(*event);
            }
        }
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.to_all.subscribe()
    }

    pub(crate) fn subscribe_without_folders(&self) -> broadcast::Receiver<Event> {
        self.without_folders.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use domain::FolderId;

    use super::{Event, EventBus};

    #[test]
    fn whoever_does_not_follow_folders_hears_everything_else() {
        let bus = EventBus::new();
        let (mut all, mut rest) = (bus.subscribe(), bus.subscribe_without_folders());
        let folder = Event::FolderChanged { folder: FolderId(34) };
        let others =
            [Event::DirectoryChanged { version: 1 }, Event::QueueChanged, Event::Resynchronize];
        bus.publish(&[folder]);
        bus.publish(&others);
        assert_eq!(all.try_recv(), Ok(folder));
        for other in others {
            assert_eq!(all.try_recv(), Ok(other));
            assert_eq!(rest.try_recv(), Ok(other));
        }
        assert!(all.try_recv().is_err() && rest.try_recv().is_err());
    }

    #[test]
    fn what_is_sent_is_what_is_heard() {
        for event in [
            Event::DirectoryChanged { version: 12 },
            Event::FolderChanged { folder: FolderId(34) },
            Event::QueueChanged,
            Event::Resynchronize,
        ] {
            assert_eq!(Event::from_payload(&event.to_payload(5)), Some((5, event)));
        }
    }

    #[test]
    fn what_others_may_say_is_passed_over() {
        for payload in ["", "5", "x queue", "5 queue 1", "5 folder", "5 folder x", "5 weather 3"] {
            assert_eq!(Event::from_payload(payload), None, "{payload:?}");
        }
    }
}
