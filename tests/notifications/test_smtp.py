"""Handing mail over to a real server: what each of its answers means, and what a message looks like on the way."""

from __future__ import annotations

import asyncio
import datetime as dt
import email
import ipaddress
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email.header import decode_header, make_header
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.notifications.channels import smtp as smtp_channel
from services.notifications.channels.answers import Answer, AnswerClass
from services.notifications.channels.mail import AddressUnusable, Mail, Sender, usable_address
from services.notifications.channels.smtp import SmtpChannel, SmtpServer, SmtpUrlRefused
from tests.conftest import TODAY
from tests.notifications.mail_server import MailServer, mail_server

SENDER = Sender.parse("West Midlands Recruitment <no-reply@jobs.example>")
AMINA = "amina.khan@mail.example"
ID = UUID("6f0d1a52-7a55-4a0e-9d0c-8f3c1c7f2a61")


def mail(**changes: Any) -> Mail:
    values: dict[str, Any] = {
        "id": ID,
        "to_name": "Amina Khan",
        "to_address": AMINA,
        "subject": "We have your application: Café Manager",
        "text": "Dear Amina Khan\n\nThank you.\n",
        "html": "<p>Dear Amina Khan</p>",
        "sent_at": TODAY,
    }
    return Mail(**(values | changes))


@asynccontextmanager
async def channel_to(server: MailServer, url: str | None = None) -> AsyncGenerator[SmtpChannel]:
    channel = SmtpChannel(SmtpServer.from_url(url or server.url), SENDER)
    yield channel
    await channel.close()


async def test_a_message_arrives_with_both_parts_and_says_what_it_is(smtp: MailServer) -> None:
    async with channel_to(smtp) as channel:
        assert await channel.send(mail()) == Answer(AnswerClass.ACCEPTED, 250)
    (message,) = smtp.sent_to(AMINA)
    assert message["From"] == "West Midlands Recruitment <no-reply@jobs.example>"
    assert message["To"] == "Amina Khan <amina.khan@mail.example>"
    assert message["Subject"] == "We have your application: Café Manager"
    assert message["Message-ID"] == f"<{ID}@jobs.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] is None
    assert message["Date"].datetime == TODAY
    assert smtp.texts_to(AMINA) == ["Dear Amina Khan\n\nThank you.\n"]
    html = message.get_body(("html",))
    assert html is not None
    assert html.get_content().strip() == "<p>Dear Amina Khan</p>"


async def test_a_message_that_may_be_switched_off_says_so_in_its_headers_rfc_8058(smtp: MailServer) -> None:
    way_out = f"https://jobs.example/job-alerts/unsubscribe/{'0' * 64}"
    async with channel_to(smtp) as channel:
        assert await channel.send(mail(unsubscribe_url=way_out)) == Answer(AnswerClass.ACCEPTED, 250)
        refused = await channel.send(mail(unsubscribe_url=f"{way_out}\r\nBcc: all@mail.example"))
    (message,) = smtp.sent_to(AMINA)
    assert message["List-Unsubscribe"] == f"<{way_out}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert refused.answer is not AnswerClass.ACCEPTED


async def test_the_wire_carries_seven_bits_only(smtp: MailServer) -> None:
    async with channel_to(smtp) as channel:
        await channel.send(mail(text="Your pay is £34,811, Zoë\n", to_name="Zoë Łukasz"))
    assert smtp.received[0].content.isascii()
    assert smtp.texts_to(AMINA) == ["Your pay is £34,811, Zoë\n"]
    assert "Zoë Łukasz" in smtp.sent_to(AMINA)[0]["To"]


async def test_a_title_that_looks_encoded_stays_as_it_was_typed(smtp: MailServer) -> None:
    typed = "=?utf-8?q?=0D=0ABcc=3A_eve=40evil.example?="
    async with channel_to(smtp) as channel:
        await channel.send(mail(subject=typed, to_name=typed))
    raw = email.message_from_bytes(smtp.received[0].content)
    assert str(make_header(decode_header(raw["Subject"]))) == typed
    assert parseaddr(str(make_header(decode_header(raw["To"])))) == (typed, AMINA)


async def test_long_words_and_lines_arrive_whole(smtp: MailServer) -> None:
    subject = "Ihre Bewerbung: Café Manager " * 8 + "é"
    text = "A line that is long: " + "é" * 3000 + "\n.\nFrom here = on \t\n"
    async with channel_to(smtp) as channel:
        await channel.send(mail(subject=subject, text=text))
    assert smtp.sent_to(AMINA)[0]["Subject"] == subject
    assert smtp.texts_to(AMINA) == [text]
    assert max(len(line) for line in smtp.received[0].content.splitlines()) <= 78


@pytest.mark.parametrize(
    ("reply", "answer", "code"),
    [
        ("550 5.1.1 No such mailbox", AnswerClass.REFUSED, 550),
        ("554 5.7.1 Spam", AnswerClass.REFUSED, 554),
        ("451 4.7.1 Greylisted, come back", AnswerClass.DEFERRED, 451),
        ("452 4.2.2 Mailbox full", AnswerClass.DEFERRED, 452),
        ("421 4.3.2 Shutting down", AnswerClass.DEFERRED, 421),
    ],
)
async def test_a_refused_recipient_is_final_and_a_deferred_one_is_not(
    smtp: MailServer, reply: str, answer: AnswerClass, code: int
) -> None:
    smtp.replies[AMINA] = [reply]
    async with channel_to(smtp) as channel:
        assert await channel.send(mail()) == Answer(answer, code)
        assert (await channel.send(mail())).answer is AnswerClass.ACCEPTED
    assert len(smtp.received) == 1


@pytest.mark.parametrize(
    ("reply", "answer"),
    [("554 5.6.0 Not like this", AnswerClass.REFUSED), ("451 4.3.0 Try later", AnswerClass.DEFERRED)],
)
async def test_the_answer_to_the_content_counts_too(smtp: MailServer, reply: str, answer: AnswerClass) -> None:
    smtp.content_replies[AMINA] = [reply]
    async with channel_to(smtp) as channel:
        assert (await channel.send(mail())).answer is answer


async def test_a_refused_sender_is_no_fault_of_the_recipient(smtp: MailServer) -> None:
    smtp.sender_reply = "550 5.7.1 Who are you?"
    async with channel_to(smtp) as channel:
        assert await channel.send(mail()) == Answer(AnswerClass.NOT_ADMITTED, 550)


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    async with mail_server() as server:
        gone = server.url
    channel = SmtpChannel(SmtpServer.from_url(gone), SENDER)
    assert await channel.send(mail()) == Answer(AnswerClass.UNREACHABLE)


async def test_a_line_that_drops_after_the_content_may_have_been_accepted(smtp: MailServer) -> None:
    smtp.drops_after_content = 1
    async with channel_to(smtp) as channel:
        assert await channel.send(mail()) == Answer(AnswerClass.DISCONNECTED)
        assert (await channel.send(mail())).answer is AnswerClass.ACCEPTED
    first, second = smtp.sent_to(AMINA)
    assert first["Message-ID"] == second["Message-ID"]


async def test_a_server_that_does_not_answer_is_given_up(smtp: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_channel, "MESSAGE_SECONDS", 0.2)
    smtp.answers_after = 5.0
    async with channel_to(smtp) as channel:
        assert await channel.send(mail()) == Answer(AnswerClass.TIMED_OUT)


async def test_messages_share_connections_that_stay_open(smtp: MailServer) -> None:
    async with channel_to(smtp) as channel:
        for _ in range(20):
            assert (await channel.send(mail())).answer is AnswerClass.ACCEPTED
    assert len(smtp.received) == 20
    assert smtp.connections == 1


async def test_a_connection_is_renewed_before_a_server_tires_of_it(smtp: MailServer) -> None:
    async with channel_to(smtp) as channel:
        for _ in range(smtp_channel.MESSAGES_PER_CONNECTION + 1):
            await channel.send(mail())
    assert smtp.connections == 2


async def test_each_message_has_a_connection_to_itself(smtp: MailServer) -> None:
    smtp.answers_after = 0.05
    async with channel_to(smtp) as channel:
        answers = await asyncio.gather(*(channel.send(mail(id=uuid4())) for _ in range(5)))
    assert {each.answer for each in answers} == {AnswerClass.ACCEPTED}
    assert smtp.most_at_once == 5


@pytest.mark.parametrize("fresh_seconds", [60.0, 0.0])
async def test_a_kept_connection_that_the_server_ended_costs_no_attempt(
    smtp: MailServer, monkeypatch: pytest.MonkeyPatch, fresh_seconds: float
) -> None:
    monkeypatch.setattr(smtp_channel, "FRESH_SECONDS", fresh_seconds)
    async with channel_to(smtp) as channel:
        await channel.send(mail())
        smtp.drop_connections()
        assert (await channel.send(mail())).answer is AnswerClass.ACCEPTED
    assert len(smtp.received) == 2


@pytest.mark.parametrize(
    "address",
    [
        "amina@mail.example\r\nBcc: eve@evil.example",
        "amina@mail.example\nRCPT TO:<eve@evil.example>",
        "amina",
        "@mail.example",
        "a b@mail.example",
        "amina@mail.example, eve@evil.example",
        "<amina@mail.example>",
        "-oQ/tmp@mail.example",
        "amina@mail..example",
        f"amina@{'x' * 64}.example",
        "ł@mail.example",
        "",
    ],
)
async def test_what_is_no_address_never_reaches_the_server(smtp: MailServer, address: str) -> None:
    with pytest.raises(AddressUnusable):
        usable_address(address)
    async with channel_to(smtp) as channel:
        assert await channel.send(mail(to_address=address)) == Answer(AnswerClass.ADDRESS_UNUSABLE)
    assert smtp.connections == 0


def test_a_domain_with_other_letters_is_written_as_mail_carries_it() -> None:
    assert usable_address("amina@münchen.example") == "amina@xn--mnchen-3ya.example"


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "a\r\nBcc: eve@evil.example"},
        {"to_name": "Amina\r\nBcc: e@e.example"},
        {"subject": "a\u2028b"},
        {"to_name": "Amina\x00"},
    ],
)
async def test_a_header_with_a_line_break_is_refused(smtp: MailServer, changes: dict[str, str]) -> None:
    async with channel_to(smtp) as channel:
        assert await channel.send(mail(**changes)) == Answer(AnswerClass.UNSENDABLE)
    assert smtp.connections == 0


@pytest.mark.parametrize(
    "name",
    ['Amina "Mina" Khan', "Khan, Amina", "<script>", "Amina @ Home", "x" * 200, "日本語" * 40, "Zoë " * 40 + "Z"],
)
async def test_any_name_can_be_greeted(smtp: MailServer, name: str) -> None:
    async with channel_to(smtp) as channel:
        assert (await channel.send(mail(to_name=name))).answer is AnswerClass.ACCEPTED
    # Decoded as RFC 2047 says: the newer parser keeps the space between two encoded words.
    raw = email.message_from_bytes(smtp.received[0].content)["To"]
    assert parseaddr(str(make_header(decode_header(raw)))) == (name, AMINA)


@pytest.mark.parametrize(
    ("url", "port", "tls", "starts_tls"),
    [
        ("smtp://mail.example", 25, False, False),
        ("smtp://127.0.0.1:1025", 1025, False, False),
        ("smtp+starttls://user:p%40ss@mail.example", 587, False, True),
        ("smtps://user:p%40ss@mail.example", 465, True, False),
    ],
)
def test_the_url_says_how_to_connect(url: str, port: int, tls: bool, starts_tls: bool) -> None:
    server = SmtpServer.from_url(url)
    assert (server.port, server.uses_tls, server.starts_tls) == (port, tls, starts_tls)
    assert server.password in {None, "p@ss"}
    assert "p@ss" not in repr(server)


@pytest.mark.parametrize(
    "url", ["http://mail.example", "smtp://", "mail.example:25", "smtp://user:secret@mail.example"]
)
def test_an_unusable_url_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(SmtpUrlRefused) as refused:
        SmtpServer.from_url(url)
    assert "secret" not in str(refused.value)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The context of a server at 127.0.0.1 whose certificate this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context


@pytest.mark.parametrize(("scheme", "starts_tls"), [("smtps", False), ("smtp+starttls", True)])
async def test_mail_goes_encrypted_with_a_login(certificate: ssl.SSLContext, scheme: str, starts_tls: bool) -> None:
    async with mail_server(tls=certificate, starts_tls=starts_tls, password="right") as server:
        url = f"{scheme}://user:right@127.0.0.1:{server.port}"
        async with channel_to(server, url) as channel:
            assert (await channel.send(mail())).answer is AnswerClass.ACCEPTED


async def test_a_wrong_password_is_ours_to_mend(certificate: ssl.SSLContext) -> None:
    async with mail_server(tls=certificate, starts_tls=True, password="right") as server:
        url = f"smtp+starttls://user:wrong@127.0.0.1:{server.port}"
        async with channel_to(server, url) as channel:
            assert await channel.send(mail()) == Answer(AnswerClass.NOT_ADMITTED, 535)


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    async with mail_server(tls=certificate, starts_tls=True) as server:
        channel = SmtpChannel(SmtpServer.from_url(f"smtp+starttls://127.0.0.1:{server.port}"), SENDER)
        assert (await channel.send(mail())).answer is AnswerClass.UNREACHABLE
    assert server.received == []
