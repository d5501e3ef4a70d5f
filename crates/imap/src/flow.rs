//! Which command may come when: RFC 9051 §3 and §6, on one screen.
//!
//! Pure. TLS and compression are facts beside the state, not states.

use crate::codec::Verb;

/// Where a session stands (RFC 9051 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody has logged in.
    NotAuthenticated,
    /// Somebody has; no mailbox is open.
    Authenticated,
    /// A mailbox is open.
    Selected,
    /// LOGOUT was said.
    LoggedOut,
}

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// LOGIN or AUTHENTICATE succeeded.
    SignedIn,
    /// SELECT or EXAMINE succeeded.
    Opened,
    /// CLOSE or UNSELECT succeeded, or SELECT failed (RFC 9051 §6.3.2).
    Closed,
    /// LOGOUT was said.
    LoggedOut,
}

/// Why a command may not come now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongState {
    /// It needs a login.
    #[error("log in first")]
    SignInFirst,
    /// It comes before the login.
    #[error("you are logged in already")]
    SignedIn,
    /// It needs an open mailbox.
    #[error("select a mailbox first")]
    SelectFirst,
    /// Nothing comes any more.
    #[error("the session is over")]
    LoggedOut,
}

impl State {
    /// Whether a command may come now.
    pub fn allows(self, verb: Verb) -> Result<(), WrongState> {
        use State::{Authenticated, LoggedOut, NotAuthenticated, Selected};
        match (self, Needs::of(verb)) {
            (LoggedOut, _) => Err(WrongState::LoggedOut),
            (_, Needs::Nothing) => Ok(()),
            (NotAuthenticated, Needs::NoSignIn) => Ok(()),
            (NotAuthenticated, _) => Err(WrongState::SignInFirst),
            (Authenticated | Selected, Needs::NoSignIn) => Err(WrongState::SignedIn),
            (Authenticated | Selected, Needs::SignIn) => Ok(()),
            (Authenticated, Needs::Mailbox) => Err(WrongState::SelectFirst),
            (Selected, Needs::Mailbox) => Ok(()),
        }
    }

    /// The state after a step; an error means that `allows` was not asked before.
    pub fn apply(self, step: Step) -> Result<State, WrongState> {
        use State::{Authenticated, LoggedOut, NotAuthenticated, Selected};
        Ok(match (self, step) {
            (LoggedOut, _) => return Err(WrongState::LoggedOut),
            (_, Step::LoggedOut) => LoggedOut,
            (NotAuthenticated, Step::SignedIn) => Authenticated,
            (NotAuthenticated, _) => return Err(WrongState::SignInFirst),
            (Authenticated | Selected, Step::SignedIn) => return Err(WrongState::SignedIn),
            (Authenticated | Selected, Step::Opened) => Selected,
            (Authenticated | Selected, Step::Closed) => Authenticated,
        })
    }
}

/// What a command needs to make sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    NoSignIn,
    SignIn,
    Mailbox,
}

impl Needs {
    fn of(verb: Verb) -> Needs {
        match verb {
            // RFC 9051 §6.1; RFC 2971 §3.1 and RFC 4978 §3 allow theirs at any time, and we ask a
            // login of COMPRESS, so that nobody unknown makes us work.
            Verb::Capability | Verb::Noop | Verb::Logout | Verb::Id => Needs::Nothing,
            // RFC 9051 §6.2
            Verb::StartTls | Verb::Authenticate | Verb::Login => Needs::NoSignIn,
            // RFC 9051 §6.3
            Verb::Append
            | Verb::Compress
            | Verb::Create
            | Verb::Delete
            | Verb::DeleteAcl
            | Verb::Enable
            | Verb::Examine
            | Verb::GetAcl
            | Verb::GetMetadata
            | Verb::GetQuota
            | Verb::GetQuotaRoot
            | Verb::Idle
            | Verb::List
            | Verb::ListRights
            | Verb::Lsub
            | Verb::MyRights
            | Verb::Namespace
            | Verb::Rename
            | Verb::Select
            | Verb::SetAcl
            | Verb::SetMetadata
            | Verb::SetQuota
            | Verb::Status
            | Verb::Subscribe
            | Verb::Unsubscribe => Needs::SignIn,
            // RFC 9051 §6.4
            Verb::Check
            | Verb::Close
            | Verb::Copy
            | Verb::Expunge
            | Verb::Fetch
            | Verb::Move
            | Verb::Search
            | Verb::Sort
            | Verb::Store
            | Verb::Thread
            | Verb::Unselect => Needs::Mailbox,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [State; 4] =
        [State::NotAuthenticated, State::Authenticated, State::Selected, State::LoggedOut];

    /// The states in which each verb may come, as initials: n, a, s.
    fn may_come(verb: Verb) -> String {
        let initials = ['n', 'a', 's', 'l'];
        let allowed = STATES.iter().zip(initials).filter(|(state, _)| state.allows(verb).is_ok());
        allowed.map(|(_, initial)| initial).collect()
    }

    #[test]
    fn every_verb_has_its_states() {
        for (name, verb) in Verb::ALL {
            let expected = match name {
                "CAPABILITY" | "NOOP" | "LOGOUT" | "ID" => "nas",
                "STARTTLS" | "AUTHENTICATE" | "LOGIN" => "n",
                "CHECK" | "CLOSE" | "COPY" | "EXPUNGE" | "FETCH" | "MOVE" | "SEARCH" | "SORT"
                | "STORE" | "THREAD" | "UNSELECT" => "s",
                _ => "as",
            };
            assert_eq!(may_come(verb), expected, "{name}");
        }
    }

    #[test]
    fn steps_lead_where_the_diagram_says() {
        let path = [Step::SignedIn, Step::Opened, Step::Opened, Step::Closed, Step::Opened];
        let mut state = State::NotAuthenticated;
        for step in path {
            state = state.apply(step).unwrap();
        }
        assert_eq!(state, State::Selected);
        assert_eq!(state.apply(Step::LoggedOut), Ok(State::LoggedOut));
        assert_eq!(state.apply(Step::SignedIn), Err(WrongState::SignedIn));
    }

    #[test]
    fn steps_that_were_not_allowed_are_told() {
        assert_eq!(State::NotAuthenticated.apply(Step::Opened), Err(WrongState::SignInFirst));
        assert_eq!(State::LoggedOut.apply(Step::SignedIn), Err(WrongState::LoggedOut));
        assert_eq!(State::Authenticated.allows(Verb::Fetch), Err(WrongState::SelectFirst));
    }
}
