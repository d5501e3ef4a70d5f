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

## Own account: what signs in

account-overview = Overview
account-security = Password and security
account-programs = Mail programs and tokens
account-language = Language
code-title = One more step
code-label = Code
code-hint = The six digits that your authenticator app shows now, or one of your recovery codes.
code-wrong = The code is wrong or was used before. Wait for the next one.
code-start-again = Start again
password-title = Password
password-current = Current password
password-again = New password once more
password-hint = At least 8 characters; a sentence is easier to remember than signs. Every other browser and mail program is signed out.
password-change = Change the password
password-wrong = The current password is wrong.
password-differs = The two new passwords differ.
factor-title = Second factor
factor-on = On
factor-off = Off
factor-since = Since { $at } UTC, a code from your device is asked for after the password.
factor-hint = After the password, a code from your phone would be asked for: a stolen password alone would open nothing.
factor-programs = Mail programs cannot ask for a code, so the account’s password does not work in them: give each one an app password.
factor-programs-then = Mail programs cannot ask for a code: from then on the account’s password stops working in them (SMTP and IMAP), and each one needs an app password.
factor-codes-left = { $count ->
    [0] No recovery code is left: make new ones.
    [one] One recovery code is left.
   *[other] { $count } recovery codes are left.
}
factor-new-codes = Make new recovery codes
factor-remove = Turn the second factor off
factor-remove-hint = The password alone will open the account again. Recovery codes and passkeys go with it.
factor-begin = Set it up
factor-scan = Connect an authenticator app
factor-scan-hint = Scan this picture with an authenticator app (such as Aegis, 2FAS, Google Authenticator or a password manager).
factor-picture = QR code with the secret; the text below holds the same.
factor-type = Or type this secret into it:
factor-code = The six digits that it shows
factor-confirm = Turn it on
factor-code-wrong = This code does not belong to the secret. Check that the clock of the device is right, then type the digits that it shows now.
codes-title = Your recovery codes
codes-hint = Each opens the account once when the device is not at hand. Print them or keep them in a password manager: they are not shown again.
codes-kept = I have kept them
programs-shown-once = Copy it now: it is not shown again.
app-passwords-hint = A password for one mail program, which you can take back without changing your own.
app-passwords-needed = Your second factor is on: mail programs sign in with one of these and not with the account’s password.
app-password-name = What for (such as: phone, Thunderbird)
app-password-make = Make an app password
column-made = Made
column-last-used = Last used
tokens-title = API tokens
tokens-hint = For scripts and programs that administer or send. A token can do what its scopes allow, and never more than you may.
token-scopes = Scopes
token-ended = Ended
token-revoke = Revoke
token-name = What for
token-until = Last day
token-until-hint = Empty: until it is revoked.
token-make = Make a token
token-no-scope = Choose at least one scope.
token-bad-until = { $until } is not a day: write it as 2027-01-31.
scope-send = send: send mail
scope-read = read: look at the administration, as far as you may
scope-admin = admin: change the administration, as far as you may
user-second-factor = Second factor
user-factor-on = On since { $at } UTC
user-factor-off = Off
user-factor-remove = Remove second factor and passkeys
user-factor-remove-hint = For somebody who lost the device. The password alone opens the account until a new one is set up, and every browser is signed out.

## First run and settings

first-run-title = Welcome to Guichet
first-run-hint = This link works once. Choose the password of { $address }; it replaces the one that was printed.
first-run-begin = Set the password and begin
setup-steps = Steps
setup-organization = Organisation
setup-domain = Domain
setup-team = First team
setup-people = First people
setup-send = A message as the team
setup-next = Next
setup-finish = Go to the admin centre
setup-domain-hint = Mail for { $domain } arrives, and mail from it is believed, once its DNS records are published. It can be done later; sending to each other works without.
setup-domain-records = Show the records and ask DNS now
setup-team-hint = A team has an address and a mailbox of its own. You become its owner and member, and hold Send As: the right is given by name, never by being a member.
setup-person-team = Joins the team
setup-person-send-as = May send as the team (Send As)
setup-send-hint = A short message goes from the team to { $address }. Then you see its way, step by step.
setup-send-team = Send as
setup-send-now = Send it and show its way
setup-send-refused = You may not send as this team: grant yourself Send As under Delegation, or choose another one.
setup-no-team = There is no team yet.
setup-message-subject = First message as { $team }
setup-message-text = This message was sent as { $team }. Recipients see the team; the audit knows who sent it.
admin-settings = Settings
settings-name = Name of the organisation
settings-hostname = Name of this server
settings-hostname-hint = It stands in guichet.toml (hostname); change it there and start the server again.
settings-alias = Whoever sends from a further address keeps it in the author field (SendFromAliasEnabled)
settings-alias-hint = Otherwise the primary address takes its place.
settings-command = The same on the command line
settings-setup = The five steps of the first run

## Passkeys

passkey-title = Passkeys
passkey-hint = A passkey on a phone, computer or security key signs in alone: it recognises you by itself, and works for this site only. The script of this page must run to add one.
passkey-name = Name (such as: my phone)
passkey-add = Add a passkey
passkey-sign-in = Sign in with a passkey
passkey-not-here = Passkeys work under the server’s own name only: open this site by that name.
passkey-wrong = This passkey does not open an account here.
passkey-unusable = The answer of the authenticator cannot be used. Try again, or use another one.
passkey-known = This authenticator is registered already.
passkey-too-many = There are as many passkeys as there may be: remove one first.
