# The words of the pages in English. Every key is in fr.ftl too.

skip-to-content = Skip to the content
nav-main = Main
nav-admin = Admin centre
nav-account = My account
other-language = Français
foot = Guichet: one address for the team, and a right for each who sends from it.

sign-in = Sign in
sign-out = Sign out
sign-in-login = Mail address
sign-in-password = Password
sign-in-wrong = The address or the password is wrong.
sign-in-wait = Too many failed sign-ins. Wait { $seconds } seconds, then try again; or ask an administrator to reset the count.

error-back = Back to the start
error-not-found = There is nothing here
error-not-found-advice = The address may be mistyped, or what it named has been removed.
error-forbidden = You may not do this
error-forbidden-advice = It takes a right that your account does not have. Ask an administrator, or an owner of the group.
error-signed-out = You are signed out
error-signed-out-advice = Nothing was done. Sign in again, then repeat what you wanted to do.
error-invalid = This cannot be done so
error-invalid-advice = Nothing was changed. Go back, correct it and send it again.
error-conflict = Somebody else was quicker
error-conflict-advice = Nothing was changed. Look at the page as it is now, then decide again.
error-unavailable = The server cannot answer now
error-unavailable-advice = Nothing was changed. Try again in a moment; an administrator finds the reason in the server's log.

account-title = My account
account-identities = Addresses from which I may send
account-identities-hint = As of now. A right that is granted appears here at once, and one that is revoked goes at once.
account-sessions = Where I am signed in
account-sessions-hint = Browsers only. A change of the password ends all of them.
column-recipients-see = Recipients see
column-right = Right
column-through = Through
column-until = Until
column-browser = Browser
column-client = Address
column-last-seen = Last seen
column-actions = Actions
mode-own = My own address
mode-send-as = Send As
mode-on-behalf = Send on behalf
session-this = this one
session-end = Sign out
session-end-all = Sign out everywhere

search = Search
search-by-name = Name or address
list-empty = There is none yet.
list-no-match = Nothing has this name.
list-more = { $count ->
    [one] One more is not shown: search by name.
   *[other] { $count } more are not shown: search by name.
}
yes = Yes
undo = Undo
copy = Copy
copied = Copied
owner = Owner
tag-team = Team
tag-group = Group
tag-disabled = Disabled
column-name = Name
column-address = Address
column-members = Members
column-senders = Rights to send
column-who = Who
column-reads = Read
column-manages = Manage
column-granted-by = Granted by, when, why
mode-full-access = Full Access

admin-recipients = Recipients
admin-groups = Groups
admin-shared = Shared mailboxes

delegation-title = Delegation
delegation-hint = Members read; only those with a right here may send. A change is in force at once, for the very next message, also on connections that are open.
delegation-granted = { $trustee } now holds { $right }. It is in force.
delegation-revoked = { $trustee } no longer holds { $right }. It is in force.
delegation-unchanged = Nothing was changed: it was so already.
right-held = Held
right-ended = Ended
right-revoke = Revoke
grant-title = Grant a right
grant-to = To whom
grant-until = Until the end of (empty: no end)
grant-reason = Why (kept with the right)
grant-submit = Grant
grant-bad-until = { $until } is no day: write it as 2026-12-31.

admin-trace = Message trace
trace-hint = Everything is here the moment it happens; nothing is sampled or late.
trace-search = Address, word of the subject, or Message-ID
trace-full = Only the newest are shown: search to see more.
trace-message = What happened to this message
trace-events = Step by step
trace-delivered = Delivered
trace-expanded = Passed on to members
trace-pending = Under way
trace-failed = Failed
trace-refused = Refused
event-submit = Submitted
event-receive = Received
event-deliver = Delivered
event-expand = Passed on to members
event-send = Handed over
event-defer = Put off
event-fail = Failed
event-refuse = Refused
event-hold = Held
event-release = Released
event-drop = Given up
event-journal = Copied to the journal
column-when = When
column-sender = Sender
column-recipient = Recipient
column-subject = Subject
column-status = Status
column-event = Event
column-detail = Details

admin-audit = Audit
audit-hint = Every change and every message sent in another's name, with the person who did it. Records are chained: an edited one shows.
audit-search = Person, operation, object, or word of the reason
audit-verify = Check the chain
audit-whole = { $count ->
    [one] The chain is whole: one record.
   *[other] The chain is whole: { $count } records.
}
audit-broken = The chain is broken at record { $seq }: it was changed after it was written.
audit-count = { $count ->
    [one] One record.
   *[other] { $count } records.
}
audit-before = before
audit-after = after
column-number = No.
column-actor = Who
column-operation = Operation
column-object = On

admin-queue = Queue
queue-empty = Nothing is waiting: everything has left or arrived.
queue-held = Held
queue-attempts = { $count ->
    [one] one attempt
   *[other] { $count } attempts
}
queue-expires = given up { $at } UTC
queue-retry = Try now
queue-hold = Hold
queue-release = Release
queue-drop = Give up and tell the sender
column-next-attempt = Next attempt
column-last-reply = Last reply

admin-users = Users
admin-contacts = Contacts
admin-domains = Domains
create = Create
save = Save
remove = Remove
done = Done. It is in force.
column-role = Role
role-member = Member
role-auditor = Auditor
role-administrator = Administrator
user-new = New user
user-aliases = Further addresses
user-account = Account
user-new-password = New password
user-enable = Enable the account
user-disable = Disable the account
user-sessions = Browsers signed in
user-no-sessions = No browser is signed in.
user-sign-out = Sign out everywhere
user-app-passwords = App passwords
user-delete = Delete this user
user-delete-warning = The mailbox, its mail and every right go with it. It cannot be undone.
user-delete-confirm = Delete for good
create-group = New group
create-shared = New shared mailbox
create-contact = New contact
create-owners = Owners
create-members = Members
create-full-access = Who may open it (Full Access)
create-several = Several: separated by commas.
create-team = A team: with channels
create-inside-only = Only people of this organisation may write to it
create-no-right = Nobody may send from it by being a member or owner: grant the right on the next page.
domain-default = Default
domain-new = Add a domain
domain-records = DNS records
domain-records-hint = Publish these where the domain is hosted; copy each value as it stands.
domain-check = Ask DNS now
domain-make-default = Make it the default domain
dns-found = Found
dns-missing = Missing
dns-differs = Differs
dns-unknown = No answer
dns-actual = DNS says:

add = Add
cancel = Cancel
group-settings = Members and settings
group-name = Name and notes
group-notes = Notes for the administrators
group-addresses = Addresses
group-inside-only-hint = This is about receiving only; it has no effect on the right to send.
group-hidden = Leave it out of address lists
group-copies = Who sends from it gets a copy in the own Sent folder too
group-channels = Channels
group-channels-hint = Each channel has an address that receives; it is never a sender.
group-delete = Delete it
address-primary = primary
address-make-primary = Make it the primary one
address-add = A further address
channel-add = A further channel
column-copies = Copies by mail
member-add = A further member
member-owner = Make owner
member-not-owner = No longer owner
member-subscribe = Send copies
member-unsubscribe = Send no copies
convert-title = Make it a shared mailbox
convert-hint = A shared mailbox is opened by those who hold Full Access; it has no members and no channels.
convert-preview = See what would change
convert-what = What will change
convert-address = These addresses go to the shared mailbox: { $address }
convert-mail = All mail stays where it is.
convert-rights = Rights to send stay as they are.
convert-members = Members receive Full Access instead:
convert-atomic = All of it happens at once: no message is refused or lost meanwhile.
convert-do = Convert now
group-switches = Settings
member-no-right = Being a member or owner gives no right to send: grant it under Delegation.
