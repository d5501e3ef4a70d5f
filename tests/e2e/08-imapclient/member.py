"""imapclient as a member: folders, flags, search, sort, move, append, rights, IDLE, QRESYNC."""

import os
import re
import socket
import ssl

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

BASE = int(os.environ["PORT_BASE"])
PASSWORD = os.environ["PASSWORD"]
JEAN = "jean.dupont@contoso.com"
CHANGED = 1000

context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE


def connect():
    client = IMAPClient("127.0.0.1", port=BASE + 993, ssl=True, ssl_context=context, timeout=30)
    client.login(JEAN, PASSWORD)
    return client


def message(subject):
    return (
        f"From: a@fabrikam.com\r\nTo: {JEAN}\r\nSubject: {subject}\r\n"
        f"Date: Mon, 5 Oct 2026 08:00:00 +0200\r\n\r\nBody of {subject}: Wörter, déjà vu.\r\n"
    ).encode()


def use(client, folder, target):
    """What a member does in a folder; `target` is where messages are moved to."""
    opened = client.select_folder(folder)
    before = opened[b"EXISTS"]
    octets = message(f"in {folder}")
    client.append(folder, octets, [b"\\Flagged", b"$Label1"])
    client.append(folder, message("other"), [b"\\Seen"])
    [uid] = client.search(["SUBJECT", f"in {folder}"])
    row = client.fetch([uid], ["ENVELOPE", "FLAGS", "BODYSTRUCTURE", "BODY.PEEK[]"])[uid]
    assert row[b"BODY[]"] == octets, row
    assert row[b"ENVELOPE"].subject == f"in {folder}".encode(), row
    assert set(row[b"FLAGS"]) == {b"\\Flagged", b"$Label1"}, row
    assert row[b"BODYSTRUCTURE"][:2] == (b"text", b"plain"), row
    for words in (["TEXT", "wörter"], ["BODY", "deja"], ["FLAGGED", "UNSEEN"]):
        assert uid in client.search(words, "UTF-8"), words
    assert set(client.add_flags([uid], [b"\\Seen"])[uid]) == {b"\\Flagged", b"\\Seen", b"$Label1"}
    assert b"\\Flagged" not in client.remove_flags([uid], [b"\\Flagged"])[uid]
    assert client.sort("REVERSE ARRIVAL")[-1] == min(client.search()), "sorted"
    assert sum(len(thread) for thread in client.thread()) == before + 2, "every message once"
    client.move([uid], target)
    assert uid not in client.search()
    status = client.folder_status(target)
    assert status[b"MESSAGES"] == 1, status
    assert client.get_quota_root(folder)[1][0].limit > 0
    assert any(who.decode() == JEAN and b"r" in rights for who, rights in client.getacl(folder))


def idle(folder):
    """A session that idles hears of a message and of a flag that another one sets."""
    waiting, other = connect(), connect()
    count = waiting.select_folder(folder)[b"EXISTS"]
    other.select_folder(folder)
    waiting.idle()
    other.append(folder, message("while idling"))
    heard = waiting.idle_check(timeout=10)
    assert (count + 1, b"EXISTS") in heard, heard
    [uid] = other.search(["SUBJECT", "while idling"])
    other.add_flags([uid], [b"\\Answered"])
    heard = waiting.idle_check(timeout=10)
    assert any(said[1] == b"FETCH" and b"\\Answered" in said[2][3] for said in heard), heard
    waiting.idle_done()
    waiting.logout()
    other.logout()


class Lines:
    """IMAP by hand, for what the library does not do."""

    def __init__(self):
        plain = socket.create_connection(("127.0.0.1", BASE + 993), timeout=60)
        self.file = context.wrap_socket(plain).makefile("rwb")
        self.file.readline()
        self.ask(f"LOGIN {JEAN} {PASSWORD}".encode())

    def ask(self, command):
        self.file.write(b"a " + command + b"\r\n")
        self.file.flush()
        lines = []
        while not (line := self.file.readline()).startswith(b"a "):
            assert line, "the server went away"
            lines.append(line)
        assert line.startswith(b"a OK"), (command[:80], line)
        return lines


def resynchronise(client):
    """After 1,000 changed flags a client with QRESYNC is told of those and of nothing else."""
    away = Lines()
    client.create_folder("Resync")
    many = [message(f"number {number}") for number in range(CHANGED * 2)]
    for at in range(0, len(many), 100):
        # By hand: the library writes two spaces between the literals of MULTIAPPEND.
        parts = (b"{%d+}\r\n%s" % (len(one), one) for one in many[at : at + 100])
        away.ask(b"APPEND Resync " + b" ".join(parts))
    opened = client.select_folder("Resync")
    assert opened[b"EXISTS"] == len(many), opened
    known = f"{opened[b'UIDVALIDITY']} {opened[b'HIGHESTMODSEQ']}"
    client.add_flags(list(range(1, CHANGED + 1)), [b"\\Flagged"], silent=True)
    client.delete_messages([CHANGED * 2])
    client.expunge()
    away.ask(b"ENABLE QRESYNC")
    said = away.ask(f"SELECT Resync (QRESYNC ({known}))".encode())
    rows = [line for line in said if b" FETCH (" in line]
    uids = sorted(int(re.search(rb"UID (\d+)", line)[1]) for line in rows)
    assert uids == list(range(1, CHANGED + 1)), (len(uids), uids[:3], uids[-3:])
    gone = [line for line in said if line.startswith(b"* VANISHED")]
    assert gone == [f"* VANISHED (EARLIER) {CHANGED * 2}\r\n".encode()], gone
    print(
        f"QRESYNC after {CHANGED} changes of {len(many)}: {len(rows)} FETCH, {len(gone)} VANISHED,"
        f" {len(said)} untagged lines, {sum(map(len, said))} octets"
    )


def main():
    client = connect()
    names = [name for _, _, name in client.list_folders()]
    assert {"INBOX", "Groups/Support", "Shared/Facturation"} <= set(names), names
    namespaces = client.namespace()
    assert [prefix for prefix, _ in namespaces.shared] == ["Groups/", "Shared/"], namespaces
    client.create_folder("Été")
    use(client, "INBOX", "Été")
    use(client, "Groups/Support", "Groups/Support/Archive")
    use(client, "Shared/Facturation", "Shared/Facturation/Archive")
    for folder in ("INBOX", "Groups/Support", "Shared/Facturation"):
        idle(folder)
    try:
        client.create_folder("Groups/Support/Mine")
        raise AssertionError("a member who is no owner made a folder in the team")
    except IMAPClientError as error:
        assert "NOPERM" in str(error), error
    resynchronise(client)
    client.logout()


main()
