"""mbsync carries a mailbox to the server and back, then only what changed."""

import imaplib
import os
import random
import subprocess
import time
from pathlib import Path
import ssl

BASE = int(os.environ["PORT_BASE"])
PASSWORD = os.environ["PASSWORD"]
WORK = Path(os.environ["WORK"])
COUNT = int(os.environ.get("MESSAGES", "1000"))
JEAN = "jean.dupont@contoso.com"
CERTIFICATE = WORK / "certificate.pem"
TEAM_FOLDERS = ["Groups/Support", "Shared/Facturation"]

context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
CERTIFICATE.write_text(ssl.get_server_certificate(("127.0.0.1", BASE + 993)))
chance = random.Random(1)


def configuration(name, patterns):
    """A configuration that keeps its copy and its state below a folder of that name."""
    home = WORK / name
    (home / "state").mkdir(parents=True)
    (home / "mail").mkdir()
    (home / "rc").write_text(
        f"""IMAPAccount guichet
Host 127.0.0.1
Port {BASE + 993}
User {JEAN}
Pass {PASSWORD}
SSLType IMAPS
CertificateFile {CERTIFICATE}

IMAPStore far
Account guichet

MaildirStore near
Path {home}/mail/
Inbox {home}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns {patterns}
Create Both
Expunge Both
SyncState {home}/state/
"""
    )
    return home


def sync(home):
    begun = time.monotonic()
    done = subprocess.run(["mbsync", "-c", home / "rc", "all"], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, (done.stdout, done.stderr)
    return time.monotonic() - begun


def message(number):
    """One of many shapes: long lines, eight bits, attachments, an empty body, no newline's end."""
    head = f"From: a{number}@fabrikam.com\nTo: {JEAN}\nSubject: number {number}\n"
    head += f"Message-ID: <{number}@round.trip>\nDate: Mon, 5 Oct 2026 08:00:00 +0200\n"
    kind = number % 5
    if kind == 0:
        body = "x" * chance.randrange(2000) + "\n"
    elif kind == 1:
        body = "".join(f"ligne {at} où l'été\n" for at in range(chance.randrange(100)))
    elif kind == 2:
        body = ""
    elif kind == 3:
        head += 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n'
        body = "--b\n\ntext\n--b\nContent-Transfer-Encoding: base64\n\n"
        body += "QUJD" * 18 + "\n" + "--b--\n"
    else:
        body = ".\n..\n.a\n\n\n From here\nFrom there\n" + "no end"
    return (head + "\n" + body).encode()


def maildir(home, folder):
    """The messages of a Maildir folder: their name and their octets."""
    files = [f for sub in ("cur", "new") for f in (home / "mail" / folder / sub).iterdir()]
    return [(f, f.read_bytes()) for f in files]


def bare(octets):
    """Without the field that mbsync writes to know a message that it has just uploaded."""
    head, blank, body = octets.partition(b"\n\n")
    lines = [line for line in head.split(b"\n") if not line.startswith(b"X-TUID: ")]
    return b"\n".join(lines) + blank + body


first = configuration("first", "*")
sync(first)
for folder in TEAM_FOLDERS:
    assert (first / "mail" / folder / "cur").is_dir(), folder

written = [message(number) for number in range(COUNT)]
cur = first / "mail" / "Archive" / "cur"
for number, octets in enumerate(written):
    (cur / f"{number}.test:2,{'S' if number % 2 else ''}").write_bytes(octets)
up_secs = sync(first)

second = configuration("second", "Archive Groups/Support")
down_secs = sync(second)
came = [bare(octets) for _, octets in maildir(second, "Archive")]
assert len(came) == COUNT, len(came)
assert sorted(came) == sorted(written), "not byte for byte"
seen = [f for f, _ in maildir(second, "Archive") if "S" in f.name.rpartition(",")[2]]
assert len(seen) == COUNT // 2, len(seen)
nothing_secs = sync(second)

# Every tenth flagged and every eleventh deleted here, one message new there.
for number, (file, _) in enumerate(sorted(maildir(second, "Archive"))):
    base, _, flags = file.name.rpartition(",")
    added = "T" if number % 11 == 0 else "F" if number % 10 == 0 else ""
    if added:
        name = base + "," + "".join(sorted(flags + added))
        file.rename(second / "mail" / "Archive" / "cur" / name)
deleted = len(range(0, COUNT, 11))
flagged = len([n for n in range(0, COUNT, 10) if n % 11])
with imaplib.IMAP4_SSL("127.0.0.1", BASE + 993, ssl_context=context) as imap:
    imap.login(JEAN, PASSWORD)
    status, _ = imap.append('"Groups/Support"', None, None, b"Subject: late\r\n\r\nnew there\r\n")
    assert status == "OK"
changes_secs = sync(second)
sync(first)
for home in (first, second):
    files = maildir(home, "Archive")
    assert len(files) == COUNT - deleted, len(files)
    assert len([f for f, _ in files if "F" in f.name.rpartition(",")[2]]) == flagged, home
    late = [o for _, o in maildir(home, "Groups/Support") if b"Subject: late" in o]
    assert [bare(octets) for octets in late] == [b"Subject: late\n\nnew there\n"], late
print(
    f"{COUNT} messages: up {up_secs:.1f} s, down {down_secs:.1f} s, nothing new"
    f" {nothing_secs:.2f} s, {deleted} deletions and {flagged} flags {changes_secs:.2f} s"
)
