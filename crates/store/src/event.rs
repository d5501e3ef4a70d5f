//! Events: what other parts of the server, and other processes on the same PostgreSQL, hear after
//! a commit. They say that something changed, never what: whoever hears one reads again. An event
//! may be missed by a slow listener (the channel says so) and after a lost connection
//! ([`Event::Resynchronize`] says so); nothing may depend on hearing each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::FolderId;
use tokio::sync::{broadcast, watch};

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
/// elsewhere, and whoever follows one hears of that one: being woken for nothing would cost each
/// message a switch of threads.
#[derive(Debug, Clone)]
pub(crate) struct EventBus {
    to_all: broadcast::Sender<Event>,
    without_folders: broadcast::Sender<Event>,
    /// Rings for what concerns every folder: changed rights, missed events.
    everywhere: watch::Sender<()>,
    /// The folders that somebody watches.
    watched: Arc<Mutex<HashMap<FolderId, watch::Sender<()>>>>,
}

impl EventBus {
    pub(crate) fn new() -> EventBus {
        EventBus {
            to_all: broadcast::Sender::new(EVENTS_BEHIND_MAX),
            without_folders: broadcast::Sender::new(EVENTS_BEHIND_MAX),
            everywhere: watch::Sender::new(()),
            watched: Arc::default(),
        }
    }

    pub(crate) fn publish(&self, events: &[Event]) {
        for event in events {
            // An error means that nobody listens.
            let _ = self.to_all.send(*event);
            if !matches!(event, Event::FolderChanged { .. }) {
                let _ = self.without_folders.send(*event);
            }
            match event {
                Event::FolderChanged { folder } => {
                    let mut watched = self.watched();
                    match watched.get(folder) {
                        Some(ring) if ring.receiver_count() > 0 => ring.send_replace(()),
                        Some(_) => {
                            watched.remove(folder);
                        }
                        None => {}
                    }
                }
                Event::DirectoryChanged { .. } | Event::Resynchronize => {
                    self.everywhere.send_replace(());
                }
                Event::QueueChanged => {}
            }
        }
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.to_all.subscribe()
    }

    pub(crate) fn subscribe_without_folders(&self) -> broadcast::Receiver<Event> {
        self.without_folders.subscribe()
    }

    pub(crate) fn watch(&self, folder: FolderId) -> FolderWatch {
        let ring = self.watched().entry(folder).or_default().subscribe();
        FolderWatch { bus: self.clone(), folder, ring, everywhere: self.everywhere.subscribe() }
    }

    fn watched(&self) -> MutexGuard<'_, HashMap<FolderId, watch::Sender<()>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hears of one folder, and of what concerns all of them. Nothing is missed: what happens while
/// nobody waits is heard by the next look.
#[derive(Debug)]
pub struct FolderWatch {
    bus: EventBus,
    folder: FolderId,
    ring: watch::Receiver<()>,
    everywhere: watch::Receiver<()>,
}

impl FolderWatch {
    /// Whether something may have happened since [`FolderWatch::look`].
    pub fn has_changed(&self) -> bool {
        // An error would mean that nobody tells any more.
        [&self.ring, &self.everywhere].iter().any(|ring| ring.has_changed().unwrap_or(true))
    }

    /// What happened up to now is taken as known. Call it before reading.
    pub fn look(&mut self) {
        self.ring.mark_unchanged();
        self.everywhere.mark_unchanged();
    }

    /// Waits until something may have happened since [`FolderWatch::look`]. Dropping the future
    /// loses nothing.
    pub async fn changed(&mut self) {
        while !self.has_changed() {
            let (mut ring, mut everywhere) = (self.ring.clone(), self.everywhere.clone());
            tokio::select! {
                _ = ring.changed() => {}
                _ = everywhere.changed() => {}
            }
        }
    }
}

impl Drop for FolderWatch {
    fn drop(&mut self) {
        let mut watched = self.bus.watched();
        // This one is still among those that listen.
        if watched.get(&self.folder).is_some_and(|ring| ring.receiver_count() <= 1) {
            watched.remove(&self.folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::FolderId;

    use tokio::time::{Duration, timeout};

    use super::{Event, EventBus, FolderWatch};

    async fn is_woken(watch: &mut FolderWatch) -> bool {
        timeout(Duration::from_millis(20), watch.changed()).await.is_ok()
    }

    #[tokio::test]
    async fn whoever_watches_a_folder_hears_of_that_one() {
        let bus = EventBus::new();
        let (here, there) = (FolderId(1), FolderId(2));
        let mut watch = bus.watch(here);
        for elsewhere in [Event::FolderChanged { folder: there }, Event::QueueChanged] {
            bus.publish(&[elsewhere]);
            assert!(!watch.has_changed() && !is_woken(&mut watch).await, "{elsewhere:?}");
        }
        let directory = Event::DirectoryChanged { version: 1 };
        for heard in [Event::FolderChanged { folder: here }, directory, Event::Resynchronize] {
            bus.publish(&[heard]);
            assert!(watch.has_changed() && is_woken(&mut watch).await, "{heard:?}");
            watch.look();
            assert!(!watch.has_changed() && !is_woken(&mut watch).await);
        }
    }

    #[test]
    fn a_folder_that_nobody_watches_any_more_is_forgotten() {
        let bus = EventBus::new();
        let (one, other) = (bus.watch(FolderId(1)), bus.watch(FolderId(1)));
        drop(one);
        bus.publish(&[Event::FolderChanged { folder: FolderId(1) }]);
        assert!(other.has_changed());
        drop(other);
        assert!(bus.watched().is_empty());
    }

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
