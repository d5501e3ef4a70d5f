//! Contoso's office for these tests: seeded through the commands themselves.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use app::access::{Actor, Scopes};
use app::command::{
    Command, CommandError, GrantOrder, NewContact, NewGroup, NewSharedMailbox, NewUser, Order,
    Outcome, Password, RevokeOrder, Seed,
};
use app::{App, Settings};
use domain::{AccountRole, Recipient, RecipientId, Right, Timestamp};
use store::{Location, Options, Store};

pub(crate) const NOW: Timestamp = Timestamp(1_790_000_000_000);
pub(crate) const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9));
pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const LOCAL: Actor = Actor::LocalAdministrator;

/// Never the same octets twice.
pub(crate) fn fill(buffer: &mut [u8]) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    for chunk in buffer.chunks_mut(8) {
        let number = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        chunk.copy_from_slice(&number.to_be_bytes()[..chunk.len()]);
    }
}

pub(crate) struct Office {
    pub(crate) app: Arc<App>,
    pub(crate) store: Store,
    _dir: tempfile::TempDir,
}

impl Office {
    /// An empty data directory.
    pub(crate) async fn empty() -> Office {
        let dir = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(dir.path().join("guichet.db"));
        let store = Store::open(location, Options::default()).await.unwrap();
        let settings = Settings::new("mail.contoso.com");
        let app = Arc::new(App::start(store.clone(), settings, fill).await.unwrap());
        Office { app, store, _dir: dir }
    }

    /// Contoso: users, the team Support, a shared mailbox, a contact. No rights.
    pub(crate) async fn contoso() -> Office {
        let office = Office::empty().await;
        office.app.seed(seed(), NOW).await.unwrap();
        for (login, name) in [
            ("jean.dupont", "Jean Dupont"),
            ("marie.durand", "Marie Durand"),
            ("claire.martin", "Claire Martin"),
        ] {
            office.user(login, name, AccountRole::Member).await;
        }
        office.user("auditor", "Auditor", AccountRole::Auditor).await;
        let team = NewGroup {
            display_name: "Support".into(),
            addresses: vec!["support@contoso.com".into(), "aide@contoso.com".into()],
            owners: vec!["marie.durand".into()],
            members: vec!["jean.dupont".into(), "claire.martin".into()],
            is_team: true,
            channels: vec!["General".into(), "Incidents".into()],
            ..NewGroup::default()
        };
        office.run(Command::CreateGroup(team)).await.unwrap();
        let shared = NewSharedMailbox {
            display_name: "Facturation".into(),
            alias: Some("facturation".into()),
            ..NewSharedMailbox::default()
        };
        office.run(Command::CreateSharedMailbox(shared)).await.unwrap();
        let contact = NewContact {
            display_name: "Customer".into(),
            external_address: "customer@fabrikam.com".into(),
            ..NewContact::default()
        };
        office.run(Command::CreateContact(contact)).await.unwrap();
        office
    }

    pub(crate) async fn user(&self, login: &str, name: &str, role: AccountRole) -> RecipientId {
        let user = NewUser {
            display_name: name.into(),
            address: Some(format!("{login}@contoso.com")),
            role: Some(role),
            ..NewUser::default()
        };
        self.run(Command::CreateUser(user)).await.unwrap().recipient.unwrap()
    }

    /// Carries a command out for the local administrator.
    pub(crate) async fn run(&self, command: Command) -> Result<Outcome, CommandError> {
        self.run_as(&LOCAL, command).await
    }

    pub(crate) async fn run_as(
        &self,
        actor: &Actor,
        command: Command,
    ) -> Result<Outcome, CommandError> {
        self.app.command(actor, &Order::new(command), NOW).await
    }

    pub(crate) fn find(&self, identity: &str) -> Recipient {
        let directory = self.app.directory();
        app::read::find(&directory, identity).expect("it exists").clone()
    }

    pub(crate) fn is_there(&self, identity: &str) -> bool {
        app::read::find(&self.app.directory(), identity).is_some()
    }

    pub(crate) fn actor(&self, login: &str) -> Actor {
        Actor::User { id: self.find(login).id, scopes: Scopes::ALL }
    }

    /// All audit records, oldest first; also checks their chain.
    pub(crate) async fn audit(&self) -> Vec<store::audit::AuditRecord> {
        let verified = store::audit::verify(&self.store).await.unwrap();
        assert_eq!(verified.first_bad, None, "the chain is whole");
        let filter = store::audit::AuditFilter { limit: 10_000, ..Default::default() };
        let mut records = store::audit::search(&self.store, &filter).await.unwrap();
        records.reverse();
        records.into_iter().map(|chained| chained.record).collect()
    }
}

pub(crate) fn seed() -> Seed {
    Seed {
        guid: "11111111-2222-4333-8444-555555555555".into(),
        organization: "Contoso".into(),
        domain: "contoso.com".into(),
        keys: Vec::new(),
        administrator: "admin@contoso.com".into(),
        administrator_name: "Admin".into(),
        password: Password(PASSWORD.into()),
    }
}

pub(crate) fn grant(recipient: &str, trustee: &str, right: Right) -> Command {
    Command::Grant(GrantOrder {
        recipient: recipient.into(),
        trustee: trustee.into(),
        right,
        until_at: None,
    })
}

pub(crate) fn revoke(recipient: &str, trustee: &str, right: Right) -> Command {
    Command::Revoke(RevokeOrder { recipient: recipient.into(), trustee: trustee.into(), right })
}
