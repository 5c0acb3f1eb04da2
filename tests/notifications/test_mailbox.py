"""The mail page of embedded mode: harmless with hostile mail, and not there in any other mode."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp

from services.notifications.mailbox.mails import Mailbox
from services.notifications.mailbox.routes import show_mailbox
from shared.pages import Pages
from shared.problems import register_problem_handlers
from shared.settings import Mode, Settings
from shared.vocabulary import Service
from tests.conftest import ROOT, _with_state


def put(
    folder: Path, number: int, *, to: str = "amina.khan@mail.example", subject: str = "News", text: str = "Hello"
) -> str:
    message = EmailMessage()
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = "Mon, 16 Nov 2026 09:00:00 +0000"
    message.set_content(text)
    message.add_alternative(f"<p>{text}</p>", subtype="html")
    return put_raw(folder, number, message.as_bytes())


def put_raw(folder: Path, number: int, content: bytes) -> str:
    name = f"{1_763_283_600_000_000_000 + number:020d}-00000000.eml"
    (folder / name).write_bytes(content)
    return name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mail").mkdir()
    return tmp_path / "mail"


def app_in(mode: Mode, folder: Path) -> ASGIApp:
    settings = Settings.model_construct(service=Service.NOTIFICATIONS, mode=mode, data_folder=folder.parent)
    app = FastAPI()
    register_problem_handlers(app)
    Pages(service_name="Messages", folder=ROOT / "services" / "notifications").install(app)
    show_mailbox(app, settings)
    return _with_state(app, {"settings": settings})


@pytest.fixture
async def browser(folder: Path) -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app_in(Mode.EMBEDDED, folder))
    async with httpx.AsyncClient(transport=transport, base_url="http://notifications") as client:
        yield client


async def test_mails_are_listed_newest_first_and_counted(browser: httpx.AsyncClient, folder: Path) -> None:
    put(folder, 1, subject="The first")
    put(folder, 2, subject="The second")
    page = (await browser.get("/dev/mail")).text
    assert "2 messages" in page
    assert page.index("The second") < page.index("The first")


async def test_a_mail_is_found_by_its_recipient_and_by_words_in_it(browser: httpx.AsyncClient, folder: Path) -> None:
    put(folder, 1, to="amina.khan@mail.example", text="Your interview is on Tuesday")
    put(folder, 2, to="dan.okafor@mail.example", text="Your interview is on Friday")
    by_words = (await browser.get("/dev/mail.json", params={"words": "FRIDAY interview"})).json()
    by_recipient = (await browser.get("/dev/mail.json", params={"recipient": "Amina"})).json()
    assert [each["to"] for each in by_words["items"]] == ["dan.okafor@mail.example"]
    assert [each["to"] for each in by_recipient["items"]] == ["amina.khan@mail.example"]
    assert (by_words["count"], by_recipient["count"]) == (1, 1)


async def test_a_script_reads_what_came_after_the_last_look(browser: httpx.AsyncClient, folder: Path) -> None:
    seen = put(folder, 1)
    put(
        folder,
        2,
        subject="New",
        text="Sign in:\nhttps://clearing.example/l/abc\n\nAgain: https://clearing.example/l/abc",
    )
    body = (await browser.get("/dev/mail.json", params={"after": seen})).json()
    (mail,) = body["items"]
    assert (body["count"], mail["subject"], mail["links"]) == (1, "New", ["https://clearing.example/l/abc"])
    assert mail["received_at"].startswith("2025-11-16T")


async def test_counting_reads_no_mail(browser: httpx.AsyncClient, folder: Path) -> None:
    for n in range(30):
        put_raw(folder, n, b"")
    assert (await browser.get("/dev/mail.json", params={"limit": 0})).json() == {"count": 30, "items": []}


async def test_older_mails_are_on_the_next_page(browser: httpx.AsyncClient, folder: Path) -> None:
    for n in range(51):
        put(folder, n, subject=f"Number {n}.")
    first, second = [(await browser.get("/dev/mail", params={"page": n})).text for n in (1, 2)]
    assert "Number 50." in first
    assert "Number 0." not in first
    assert "Number 0." in second
    assert 'rel="prev"' in second


async def test_hostile_html_is_shown_as_text_and_its_part_runs_nothing(
    browser: httpx.AsyncClient, folder: Path
) -> None:
    evil = "<script>alert(1)</script><img src=https://evil.example/x>"
    name = put(folder, 1, subject=f"Hi {evil}", text=evil)
    listed, page = (await browser.get("/dev/mail")).text, (await browser.get(f"/dev/mail/{name}")).text
    for shown in (listed, page):
        assert "<script>" not in shown
        assert "&lt;script&gt;" in shown
    part = await browser.get(f"/dev/mail/{name}/html")
    assert part.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


async def test_a_javascript_address_is_no_link(browser: httpx.AsyncClient, folder: Path) -> None:
    name = put(folder, 1, text="javascript:alert(1)\nhttps://clearing.example/l/abc")
    page = (await browser.get(f"/dev/mail/{name}")).text
    assert 'href="javascript:' not in page
    assert 'href="https://clearing.example/l/abc"' in page


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"Subject: =?utf-8?q?=ff=fe?=\r\nTo: <<<@@>>>,;:\r\n\r\nbody \xff",
        b"Content-Type: text/plain; charset=no-such-charset\r\n\r\nbody",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nnot finished",
        b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nbody",
        b"To: " + b"a" * 100_000 + b"\r\n\r\nbody",
        b'Content-Type: text/html\r\nContent-Disposition: attachment; filename="../../etc/passwd"\r\n\r\n<p>x</p>',
    ],
    ids=["empty", "bytes", "headers", "charset", "multipart", "nested", "long", "attachment"],
)
async def test_broken_mail_keeps_nobody_from_the_rest(browser: httpx.AsyncClient, folder: Path, raw: bytes) -> None:
    put(folder, 1, subject="A good one")
    name = put_raw(folder, 2, raw)
    listed = await browser.get("/dev/mail")
    assert listed.status_code == 200
    assert "A good one" in listed.text
    assert (await browser.get(f"/dev/mail/{name}")).status_code == 200
    assert (await browser.get("/dev/mail.json", params={"words": "good"})).json()["count"] == 1


@pytest.mark.parametrize(
    "name",
    ["..%2F..%2Fclock.json", "%2E%2E%2Fsecret.eml", "..%5csecret.eml", ".hidden.eml", "a/b.eml", "x.txt", "%00.eml"],
)
async def test_no_name_leads_out_of_the_folder(browser: httpx.AsyncClient, folder: Path, name: str) -> None:
    (folder.parent / "secret.eml").write_text("Subject: secret\n\nsecret")
    (folder / ".hidden.eml").write_text("Subject: secret\n\nsecret")
    for address in (f"/dev/mail/{name}", f"/dev/mail/{name}/html"):
        answer = await browser.get(address)
        assert answer.status_code == 404
        assert "secret" not in answer.text.replace(name, "")


def test_a_link_to_another_file_is_not_followed(folder: Path) -> None:
    (folder.parent / "secret.txt").write_text("Subject: secret\n\nsecret")
    name = "00000000000000000001-00000000.eml"
    (folder / name).symlink_to(folder.parent / "secret.txt")
    assert Mailbox(folder).search(words="secret").count == 0


def test_no_mail_yet_is_no_error(tmp_path: Path) -> None:
    assert Mailbox(tmp_path / "mail").search().count == 0


async def test_no_other_mode_shows_mail(folder: Path) -> None:
    transport = httpx.ASGITransport(app_in(Mode.PRODUCTION, folder))
    async with httpx.AsyncClient(transport=transport, base_url="http://notifications") as client:
        assert (await client.get("/dev/mail")).status_code == 404
        assert (await client.get("/dev/mail.json")).status_code == 404
