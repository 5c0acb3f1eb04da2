"""The mail catcher, spoken to as any mail server is."""

import smtplib
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from shared.embedded.folders import CHECKOUT, throwaway_folder
from shared.embedded.ports import free_port, is_free
from tests.shared.tiny_system import eventually


@dataclass
class Catcher:
    folder: Path
    port: int


@pytest.fixture(scope="module")
def catcher() -> Generator[Catcher]:
    with throwaway_folder() as top:
        port = free_port()
        command = [sys.executable, "-m", "shared.embedded.mail_catcher", str(top / "mail"), str(port)]
        with subprocess.Popen(command, cwd=CHECKOUT) as process:
            assert eventually(lambda: not is_free(port))
            yield Catcher(top / "mail", port)
            process.terminate()
            assert process.wait(10) == 0


def message(to: str, subject: str = "Your application") -> EmailMessage:
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = "jobs@wme.example", to, subject
    written.set_content("Thank you for applying.\n.\nA line with only a full stop ends nothing.\n")
    return written


def stored(catcher: Catcher) -> list[EmailMessage]:
    return [message_from_bytes(path.read_bytes(), policy=default) for path in sorted(catcher.folder.glob("*.eml"))]


def test_messages_are_kept_whole_and_in_the_order_in_which_they_came(catcher: Catcher) -> None:
    with smtplib.SMTP("127.0.0.1", catcher.port) as client:
        for number in range(3):
            client.send_message(message("sam@dudley.example", f"Message {number} é"))
    kept = stored(catcher)[-3:]
    assert [each["Subject"] for each in kept] == ["Message 0 é", "Message 1 é", "Message 2 é"]
    assert kept[0]["Delivered-To"] == "sam@dudley.example"
    assert kept[0]["Return-Path"] == "<jobs@wme.example>"
    assert kept[0].get_content().splitlines()[1:] == [".", "A line with only a full stop ends nothing."]
    assert {path.stat().st_mode & 0o077 for path in [catcher.folder]} == {0}
    assert [path for path in catcher.folder.iterdir() if path.suffix != ".eml"] == []


@pytest.mark.parametrize("address", ["sam@dudley.gov.uk", "sam@example.com", "sam@notexample", "sam"])
def test_an_address_that_could_be_somebody_s_is_refused(catcher: Catcher, address: str) -> None:
    before = len(stored(catcher))
    with smtplib.SMTP("127.0.0.1", catcher.port) as client, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        client.send_message(message(address), to_addrs=[address])
    assert refused.value.recipients[address][0] == 550
    assert len(stored(catcher)) == before


def test_one_message_to_two_people_is_one_message(catcher: Catcher) -> None:
    before = len(stored(catcher))
    with smtplib.SMTP("127.0.0.1", catcher.port) as client:
        client.send_message(message("a@dudley.example"), to_addrs=["a@dudley.example", "B@Sandwell.EXAMPLE"])
    kept = stored(catcher)[before:]
    assert [each.get_all("Delivered-To") for each in kept] == [["a@dudley.example", "B@Sandwell.EXAMPLE"]]
