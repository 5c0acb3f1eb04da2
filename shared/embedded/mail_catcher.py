"""A mail server for development: stores real messages as files and delivers none.

`python -m shared.embedded.mail_catcher FOLDER PORT`. One `.eml` file a message, named so that names sort by arrival.
Only reserved addresses (RFC 2606 `.example`) are accepted, so that nothing can be mistaken for mail to a real person.
"""

import asyncio
import logging
import secrets
import signal
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from shared.embedded.folders import is_full_disk
from shared.embedded.ports import LOOPBACK

ACCEPTED_DOMAIN = ".example"
LARGEST_MESSAGE_BYTES = 25 * 1024 * 1024
log = logging.getLogger("mail_catcher")


class MailFolder:
    """What the SMTP protocol calls for each recipient and each message; replies are RFC 5321's."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder

    async def handle_RCPT(  # noqa: N802 - the protocol's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if not address.rpartition("@")[2].lower().endswith(ACCEPTED_DOMAIN):
            return f"550 5.7.1 Only addresses under {ACCEPTED_DOMAIN} are accepted here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        try:
            self._store(envelope)
        except OSError as error:
            log.exception("A message could not be stored")
            return "452 4.3.1 The disk is full" if is_full_disk(error) else "451 4.3.0 Could not be stored"
        return "250 OK"

    def _store(self, envelope: Envelope) -> None:
        """Renamed into place, so that a reader never sees half a message."""
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        unfinished = self._folder / f".{name}.unfinished"
        route = [f"Return-Path: <{envelope.mail_from or ''}>", *(f"Delivered-To: {to}" for to in envelope.rcpt_tos)]
        content = envelope.original_content or b""
        try:
            unfinished.write_bytes("".join(f"{line}\r\n" for line in route).encode() + content)
            unfinished.rename(self._folder / f"{name}.eml")
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise


async def serve(folder: Path, port: int) -> None:
    """Answers until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    handler = MailFolder(folder)

    def protocol() -> SMTP:
        # A host name of its own: looking up this machine's may wait for a name server.
        return SMTP(handler, hostname="mail.example", enable_SMTPUTF8=True, data_size_limit=LARGEST_MESSAGE_BYTES)

    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    server = await loop.create_server(protocol, LOOPBACK, port)
    await stopped.wait()
    server.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
