//! The folders of a mailbox, as far as the administration asks for them.

use domain::RecipientId;

use crate::App;

impl App {
    /// Whether the mailbox has a folder of this name, in any case.
    pub async fn has_folder(
        &self,
        mailbox: RecipientId,
        name: &str,
    ) -> Result<bool, store::Failure> {
        let folders = store::folder::list(&self.store, mailbox).await?;
        let wanted = name.to_lowercase();
        Ok(folders.iter().any(|folder| folder.name.to_lowercase() == wanted))
    }
}
