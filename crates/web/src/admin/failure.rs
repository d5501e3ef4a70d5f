//! From `app`'s errors to the protocol's failures.

use admin_protocol::failure::Failure;
use app::command::CommandError;

use super::call::Call;

impl Call<'_> {
    /// The failure that a command's error is told as.
    pub(crate) fn failed(&self, error: CommandError) -> Failure {
        let identity = self.parameters.text("Identity").ok().flatten().unwrap_or_default();
        match error {
            CommandError::Denied(denied) => {
                Failure::access_denied(self.cmdlet.name, &denied.to_string())
            }
            CommandError::NotFound(name) => self.not_found(&name),
            CommandError::AddressInUse { address, holder } => {
                Failure::proxy_address_in_use(&address, &holder)
            }
            CommandError::AlreadyExists { what, name } => Failure::already_exists(what, &name),
            CommandError::InTheWay(text) => Failure::in_the_way(text),
            CommandError::Invalid { what, why } => {
                Failure::bad_parameter(self.parameter_for(what), &sentence(&why))
            }
            CommandError::Setting { what, why } => Failure::bad_parameter(&what, &sentence(&why)),
            CommandError::Conflicts(_) => Failure::changed_meanwhile(&identity),
            error @ CommandError::ChangedMeanwhile { .. } => {
                Failure::in_the_way(sentence(&error.to_string()))
            }
            CommandError::ObjectChangedMeanwhile(identity) => Failure::changed_meanwhile(&identity),
            CommandError::Hash(error) => self.unavailable(&error, "a password cannot be hashed"),
            CommandError::Key(error) => self.unavailable(&error, "a DKIM key cannot be used"),
            CommandError::Unavailable(failure) => self.store_failed(&failure),
        }
    }

    /// The failure that a store's failure is told as; its cause goes to the log.
    pub(crate) fn store_failed(&self, failure: &dyn std::error::Error) -> Failure {
        self.unavailable(failure, "the database does not answer")
    }

    fn unavailable(&self, error: &dyn std::error::Error, what: &str) -> Failure {
        tracing::error!(cmdlet = self.cmdlet.name, %error, "{what}");
        Failure::unavailable(what)
    }

    /// No object has this name.
    pub(crate) fn not_found(&self, identity: &str) -> Failure {
        Failure::not_found(identity, &self.app.settings().hostname)
    }

    /// The parameter in which a value of this kind came, for this cmdlet.
    fn parameter_for(&self, what: &str) -> &'static str {
        let candidates: &[&'static str] = match what {
            "address" => &[
                "EmailAddresses",
                "PrimarySmtpAddress",
                "ExternalEmailAddress",
                "WindowsEmailAddress",
            ],
            "alias" => &["Alias"],
            "display name" => &["DisplayName", "Name"],
            "password" => &["Password"],
            "notes" => &["Notes"],
            "members" | "subscribers" => &["Members", "Links"],
            "owners" => &["Owner", "Links"],
            "channels" => &["Channels"],
            "trustee" => &["Trustee", "User", "GrantSendOnBehalfTo", "Members"],
            "until" => &["Until"],
            "reason" => &["Reason"],
            "domain" => &["DomainName"],
            "name" => &["Name"],
            "user" => &["User"],
            _ => &[],
        };
        let known = |name: &&&str| self.cmdlet.parameter(name).is_some();
        let is_given = |name: &&&str| self.parameters.has_value(name);
        let given = candidates.iter().find(|name| known(name) && is_given(name));
        given.or_else(|| candidates.iter().find(known)).copied().unwrap_or("Identity")
    }
}

fn sentence(text: &str) -> String {
    if text.ends_with('.') { text.to_owned() } else { format!("{text}.") }
}
