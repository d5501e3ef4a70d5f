"""Guichet and Postfix on one machine, each the other's outside. See run."""

import email
import email.policy
import os
import pathlib
import pwd
import shutil
import smtplib
import socket
import sqlite3
import ssl
import subprocess
import sys
import time

import dkim

GUICHET = os.environ["GUICHET"]
WORK = pathlib.Path(os.environ["WORK"])
BASE = int(os.environ["PORT_BASE"])
PASSWORD = os.environ["PASSWORD"]
DIR = WORK / "guichet"
# Postfix runs as its own user and must reach its folders.
PEER = WORK / "postfix"
PEER_PORT = BASE + 26
PATIENCE = 30


def until(what, look):
    """Looks again and again until there is something, and gives it."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.02)
    return found


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Postfix:
    """fabrikam.com: customer@ has a Maildir, everybody else is unknown."""

    def __init__(self):
        etc, spool, data = PEER / "etc", PEER / "spool", PEER / "data"
        self.maildir = PEER / "mail/customer"
        for folder in (etc, spool, data, PEER / "mail"):
            folder.mkdir(parents=True)
        for folder in (WORK, PEER):
            folder.chmod(0o755)
        owner = pwd.getpwnam("postfix")
        os.chown(data, owner.pw_uid, 0)
        os.chown(PEER / "mail", owner.pw_uid, owner.pw_gid)
        (etc / "mailboxes").write_text("customer@fabrikam.com customer/\n")
        (etc / "transport").write_text(f"contoso.com smtp:[127.0.0.1]:{BASE + 25}\n")
        (etc / "main.cf").write_text(f"""compatibility_level = 3.6
queue_directory = {spool}
data_directory = {data}
maillog_file = {PEER}/maillog
maillog_file_prefixes = {PEER}
myhostname = mx.fabrikam.com
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
alias_maps =
local_recipient_maps =
transport_maps = texthash:{etc}/transport
default_transport = error:5.1.2 no such route here
virtual_mailbox_domains = fabrikam.com
virtual_mailbox_maps = texthash:{etc}/mailboxes
virtual_mailbox_base = {PEER}/mail
virtual_uid_maps = static:{owner.pw_uid}
virtual_gid_maps = static:{owner.pw_gid}
virtual_minimum_uid = 1
smtp_dns_support_level = disabled
smtp_tls_security_level = encrypt
smtp_tls_loglevel = 1
""")
        services = """pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
        (etc / "master.cf").write_text(f"127.0.0.1:{PEER_PORT} inet n - n - - smtpd\n{services}")

    def postfix(self, verb):
        done = subprocess.run(["postfix", "-c", PEER / "etc", verb], capture_output=True, text=True)
        assert done.returncode == 0, (verb, done.stdout, done.stderr, self.log())

    def start(self):
        self.postfix("start")
        until("Postfix", lambda: is_open(PEER_PORT))

    def stop(self):
        self.postfix("stop")
        until("Postfix to end", lambda: not is_open(PEER_PORT))

    def log(self):
        file = PEER / "maillog"
        return file.read_text() if file.exists() else ""

    def messages(self):
        """What customer@ got, as bytes."""
        return [file.read_bytes() for file in sorted((self.maildir / "new").glob("*"))]

    def delivered(self, subject):
        wanted = f"\nSubject: {subject}\n".encode()
        return [message for message in self.messages() if wanted in message]

    def send(self, to, subject):
        with smtplib.SMTP("127.0.0.1", PEER_PORT, timeout=20) as client:
            text = f"From: customer@fabrikam.com\r\nTo: {to}\r\nSubject: {subject}\r\n\r\nplease\r\n"
            client.sendmail("customer@fabrikam.com", [to], text)


class Guichet:
    """contoso.com with all mail for the outside going to Postfix; first retry after a second."""

    def __init__(self):
        init = ["init", "--dir", DIR, "--domain", "contoso.com", "--admin", "admin@contoso.com"]
        self.command(*init, "--hostname", "localhost.contoso.com")
        config = DIR / "guichet.toml"
        keep = [line for line in config.read_text().splitlines() if line.startswith("hostname")]
        config.write_text("\n".join(keep) + f"""
[listen]
address = "127.0.0.1"
port_base = {BASE}

[outbound]
smarthost = "127.0.0.1:{PEER_PORT}"
smarthost_tls = "off"

[dns]
enabled = false

[queue]
first_wait_secs = 1
longest_wait_secs = 2
""")
        self.log = (WORK / "log").open("w")
        serve = [GUICHET, "serve", "--dir", DIR]
        self.process = subprocess.Popen(serve, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        until("Guichet", lambda: (DIR / "admin.sock").exists() and is_open(BASE + 465))
        for login, name in (("jean.dupont", "Jean Dupont"), ("claire.martin", "Claire Martin")):
            create = ["user", "create", f"{login}@contoso.com", "--name", name, "--password-file", "-"]
            self.command(*create, "--dir", DIR, text=PASSWORD)
        for verb in (
            "team create Support --alias support --owner claire.martin@contoso.com",
            "group set support --require-sender-authentication false",
            "grant send-as support claire.martin@contoso.com",
        ):
            self.command(*verb.split(), "--dir", DIR)

    @staticmethod
    def command(*arguments, text=""):
        done = subprocess.run([GUICHET, *arguments], input=text, capture_output=True, text=True)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def send(self, login, author, to, subject):
        context = ssl._create_unverified_context()
        with smtplib.SMTP_SSL("127.0.0.1", BASE + 465, timeout=20, context=context) as client:
            client.login(f"{login}@contoso.com", PASSWORD)
            text = f"From: {author}\r\nTo: {to}\r\nSubject: {subject}\r\n\r\nA line.\r\n.dot\r\n"
            client.sendmail(f"{login}@contoso.com", [to], text)

    @staticmethod
    def inbox(alias):
        database = sqlite3.connect(f"file:{DIR}/guichet.db?mode=ro", uri=True)
        try:
            rows = database.execute(
                """select b.content from recipient r join folder f on f.id = r.inbox_id
                   join placement p on p.folder_id = f.id join message m on m.id = p.message_id
                   join blob b on b.id = m.id where r.alias_key = ? order by p.uid""",
                (alias,),
            ).fetchall()
        finally:
            database.close()
        return [email.message_from_bytes(row[0], policy=email.policy.default) for row in rows]

    def keys(self):
        """The DKIM records that `guichet dns` says to publish, by name."""
        records = {}
        for line in self.command("dns", "--dir", DIR).splitlines():
            if "._domainkey." in line and "v=DKIM1" in line:
                name = next(word for word in line.split() if "._domainkey." in word).rstrip(".")
                quoted = line.split('"')[1::2]
                value = "".join(quoted) if quoted else line[line.index("v=DKIM1"):]
                records[name] = value.strip()
        return records


def our_mail_arrives_and_its_signatures_verify(guichet, peer):
    guichet.send("claire.martin", "support@contoso.com", "customer@fabrikam.com", "signed")
    [message] = until("our message at Postfix", lambda: peer.delivered("signed"))
    assert b"claire" not in message.lower(), message
    read = email.message_from_bytes(message, policy=email.policy.default)
    assert read["From"] == "Support <support@contoso.com>", read["From"]
    assert read["Return-Path"] == "<support@contoso.com>", read["Return-Path"]
    records = guichet.keys()
    assert len(records) == 2, records

    def dnsfunc(name, timeout=5):
        return records.get(name.decode().rstrip("."), "").encode()

    verifier = dkim.DKIM(message)
    algorithms = set()
    for index in range(2):
        assert verifier.verify(idx=index, dnsfunc=dnsfunc), (index, message)
        algorithms.add(verifier.signature_fields[b"a"])
    assert algorithms == {b"rsa-sha256", b"ed25519-sha256"}, algorithms
    # RFC 6376 §8.15: From is signed once more than it is there, so one more breaks it.
    forged = message.replace(b"From: Support", b"From: evil@contoso.com\nFrom: Support", 1)
    for index in range(2):
        assert not dkim.DKIM(forged).verify(idx=index, dnsfunc=dnsfunc), "a second author verifies"


def its_mail_reaches_the_group(guichet, peer):
    peer.send("support@contoso.com", "from postfix")
    [message] = until("Postfix's message", lambda: guichet.inbox("support"))
    assert message["Subject"] == "from postfix"
    assert message["Return-Path"] == "<customer@fabrikam.com>", message["Return-Path"]
    assert "with ESMTPS" in message["Received"], message["Received"]
    # Unknown people are refused while Postfix is there, and it tells its own.
    peer.send("nobody@contoso.com", "for nobody")
    until("Postfix's own notification", lambda: [m for m in peer.messages() if b"550 5.1.1" in m])


def a_refusal_is_told_to_whom_the_path_names(guichet):
    guichet.send("claire.martin", "support@contoso.com", "unknown@fabrikam.com", "as the group")
    guichet.send("jean.dupont", "jean.dupont@contoso.com", "unknown@fabrikam.com", "as himself")
    for alias, subject in (("support", "as the group"), ("jean.dupont", "as himself")):
        found = until(
            f"a notification for {alias}",
            lambda alias=alias: [m for m in guichet.inbox(alias) if m.get_content_type() == "multipart/report"],
        )
        [report] = found
        assert report["Return-Path"] in (None, "<>"), report["Return-Path"]
        text = report.as_string()
        for part in ("unknown@fabrikam.com", "Action: failed", "550", f"Subject: {subject}"):
            assert part in text, (part, text)
    assert not guichet.inbox("claire.martin"), "the person is told of the group's mail"


def mail_waits_while_postfix_is_down(guichet, peer):
    peer.stop()
    guichet.send("jean.dupont", "jean.dupont@contoso.com", "customer@fabrikam.com", "patience")

    def deferred():
        listed = guichet.command("queue", "list", "--json", "--dir", DIR)
        return "customer@fabrikam.com" in listed and '"Deferred' in listed or "refused" in listed.lower()

    until("the first attempt to fail", deferred)
    peer.start()
    until("the message after all", lambda: peer.delivered("patience"))
    until("an empty queue", lambda: "customer@" not in guichet.command("queue", "list", "--dir", DIR))
    assert len(peer.delivered("patience")) == 1


def main():
    peer = Postfix()
    peer.start()
    guichet = None
    try:
        guichet = Guichet()
        our_mail_arrives_and_its_signatures_verify(guichet, peer)
        its_mail_reaches_the_group(guichet, peer)
        a_refusal_is_told_to_whom_the_path_names(guichet)
        mail_waits_while_postfix_is_down(guichet, peer)
        guichet.process.terminate()
        assert guichet.process.wait(timeout=15) == 0
    except BaseException:
        print("--- Postfix:", peer.log(), "--- Guichet:", (WORK / "log").read_text() if guichet else "", file=sys.stderr)
        raise
    finally:
        if guichet and guichet.process.poll() is None:
            guichet.process.kill()
        subprocess.run(["postfix", "-c", PEER / "etc", "stop"], capture_output=True)
        shutil.rmtree(PEER, ignore_errors=True)


main()
