"""Submission with smtplib: STARTTLS and implicit TLS, PLAIN and LOGIN, refused and accepted."""

import email
import email.policy
import os
import pathlib
import smtplib
import ssl
import time
from email.headerregistry import Address
from email.message import EmailMessage

BASE = int(os.environ["PORT_BASE"])
DIR = pathlib.Path(os.environ["DIR"])
PASSWORD = os.environ["PASSWORD"]
TLS = ssl.create_default_context(cafile=DIR / "tls/certificate.pem")
OUTSIDE = "customer@fabrikam.com"


def explicit():
    client = smtplib.SMTP("localhost", BASE + 587, timeout=20)
    client.starttls(context=TLS)
    client.ehlo()
    return client


def implicit():
    return smtplib.SMTP_SSL("localhost", BASE + 465, timeout=20, context=TLS)


def log_in(client, login, mechanism):
    client.user, client.password = f"{login}@contoso.com", PASSWORD
    client.ehlo()
    auth = client.auth_plain if mechanism == "PLAIN" else client.auth_login
    code, text = client.auth(mechanism, auth)
    assert code == 235, (code, text)
    return client


def message(author, subject):
    made = EmailMessage()
    made["From"] = author
    made["To"] = OUTSIDE
    made["Subject"] = subject
    made.set_content("Déjà vu.\n.\nÀ bientôt")
    made.add_attachment(bytes(range(256)), maintype="application", subtype="octet-stream", filename="é.bin")
    return made


def refused(client, made):
    """The message must be refused after DATA, with the code and the text clients look for."""
    try:
        client.send_message(made, from_addr=client.user)
    except smtplib.SMTPDataError as error:
        text = error.smtp_error.decode()
        assert error.smtp_code == 550, error
        wanted = f"5.7.131 SendAsDenied; {client.user} not allowed to send as support@contoso.com; "
        assert text.startswith(wanted), text
        return
    raise AssertionError("it was accepted")


def departures(count):
    """The messages outside by subject, once there are so many."""
    deadline = time.monotonic() + 20
    while len(files := list((DIR / "outside").glob("*.eml"))) < count:
        assert time.monotonic() < deadline, f"{len(files)} outside, expected {count}"
        time.sleep(0.02)
    read = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
    return {made["Subject"]: made for made in read}


def main():
    for number, open_session in enumerate((explicit, implicit)):
        for mechanism in ("PLAIN", "LOGIN"):
            client = log_in(open_session(), "jean.dupont", mechanism)
            client.send_message(message("jean.dupont@contoso.com", f"own {number} {mechanism}"))
            refused(client, message(Address("Support", addr_spec="support@contoso.com"), "forged"))
            two = message("jean.dupont@contoso.com", "two authors")
            two._headers.append(("From", "support@contoso.com"))
            try:
                client.sendmail(client.user, [OUTSIDE], two.as_bytes())
                raise AssertionError("two authors were accepted")
            except smtplib.SMTPDataError as error:
                assert error.smtp_code == 550, error
            code, _ = client.noop()
            assert code == 250, "the session goes on after a refusal"
            client.quit()
            client = log_in(open_session(), "claire.martin", mechanism)
            client.send_message(message("support@contoso.com", f"as {number} {mechanism}"))
            client.quit()
    try:
        wrong = implicit()
        wrong.login("jean.dupont@contoso.com", "wrong")
        raise AssertionError("a wrong password was taken")
    except smtplib.SMTPAuthenticationError as error:
        assert error.smtp_code == 535, error
    found = departures(8)
    assert len(found) == 8, sorted(found)
    for subject, made in found.items():
        author = "Support <support@contoso.com>" if subject.startswith("as") else "Jean Dupont <jean.dupont@contoso.com>"
        assert made["From"] == author and made["Sender"] is None, (subject, made["From"], made["Sender"])
        text = made.get_body().get_content().replace("\r\n", "\n")
        assert text == "Déjà vu.\n.\nÀ bientôt\n", repr(text)
        [attachment] = made.iter_attachments()
        assert attachment.get_content() == bytes(range(256))
        if subject.startswith("as"):
            assert b"claire" not in made.as_bytes().lower(), made


main()
