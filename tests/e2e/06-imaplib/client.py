"""imaplib reads the own inbox, the team and the shared mailbox, and does what members do."""

import imaplib
import os
import smtplib
import ssl
from email.message import EmailMessage

BASE = int(os.environ["PORT_BASE"])
PASSWORD = os.environ["PASSWORD"]

context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE


def send(sender, to, subject):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message.set_content(f"Body of {subject}: déjà vu.\n")
    with smtplib.SMTP_SSL("127.0.0.1", BASE + 465, context=context) as smtp:
        smtp.login(sender, PASSWORD)
        smtp.send_message(message)


def done(answer, wanted="OK"):
    status, data = answer
    assert status == wanted, (status, data)
    return data


claire, jean = "claire.martin@contoso.com", "jean.dupont@contoso.com"
for to in (jean, "support@contoso.com", "facturation@contoso.com"):
    send(claire, to, f"For {to}")

with imaplib.IMAP4("127.0.0.1", BASE + 143) as clear:
    clear.starttls(context)
    done(clear.authenticate("PLAIN", lambda _: f"\0{jean}\0{PASSWORD}".encode()))
    done(clear.noop())

with imaplib.IMAP4_SSL("127.0.0.1", BASE + 993, ssl_context=context) as imap:
    done(imap.login(jean, PASSWORD))
    folders = b"\n".join(done(imap.list()))
    for name in (b"INBOX", b"Groups/Support", b"Shared/Facturation"):
        assert name in folders, folders
    for folder, to in (
        ("INBOX", jean),
        ("Groups/Support", "support@contoso.com"),
        ("Shared/Facturation", "facturation@contoso.com"),
    ):
        assert done(imap.select(folder)) == [b"1"], folder
        [found] = done(imap.uid("SEARCH", "SUBJECT", f'"For {to}"'))
        assert found == b"1", found
        [found] = done(imap.uid("SEARCH", "CHARSET", "UTF-8", "TEXT", "deja"))
        assert found == b"1", found
        data = done(imap.uid("FETCH", "1", "(FLAGS RFC822.SIZE BODY.PEEK[])"))
        header, octets = data[0]
        assert f"RFC822.SIZE {len(octets)}".encode() in header, header
        assert f"Subject: For {to}".encode() in octets, octets
        done(imap.uid("STORE", "1", "+FLAGS", "(\\Seen \\Answered)"))
        assert b"\\Answered" in done(imap.uid("FETCH", "1", "(FLAGS)"))[0]
    done(imap.create("Archive/2026"))
    message = b"Subject: appended\r\n\r\nmine\r\n"
    done(imap.append("Archive/2026", "(\\Seen)", None, message))
    done(imap.select("Archive/2026"))
    assert done(imap.fetch("1", "(BODY[])"))[0][1] == message
    done(imap.copy("1", "INBOX"))
    done(imap.store("1", "+FLAGS", "(\\Deleted)"))
    done(imap.expunge())
    assert done(imap.status("INBOX", "(MESSAGES)"))[0].endswith(b"(MESSAGES 2)")
    done(imap.select("Nowhere"), "NO")
