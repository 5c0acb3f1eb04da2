"""`python -m services.ats.identity.cli`: API clients, staff and signing keys from the command line.

What is secret is printed once, on standard output, as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.identity import commands, invitations, passwords, rules, signing
from services.ats.identity.commands import NewClient, NewStaff
from shared.app import clock_for
from shared.errors import DomainError
from shared.events.ats import RoleGrant
from shared.reference.employers import employer_id
from shared.seeding import region_transaction
from shared.settings import Settings, SettingsMissing
from shared.vocabulary import Role, Scope, Service


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.ats.identity.cli", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    client = actions.add_parser("client", help="give a system access; prints its id and secret")
    client.add_argument("--name", required=True)
    client.add_argument("--scope", action="append", required=True, choices=[each.value for each in Scope])
    reach = client.add_mutually_exclusive_group(required=True)
    reach.add_argument("--employer", action="append", default=[], metavar="CODE", help="may be repeated")
    reach.add_argument("--region", action="store_true", help="every employer")
    person = actions.add_parser("staff", help="make an account; prints an invitation link")
    person.add_argument("--name", required=True)
    person.add_argument("--email", required=True)
    person.add_argument(
        "--role", action="append", required=True, metavar="ROLE[@CODE]", help="council_hr@SAW, wme_admin"
    )
    person.add_argument("--password-stdin", action="store_true", help="read a password instead of printing a link")
    actions.add_parser("rotate-key", help="announce a new signing key; it takes over in 15 minutes")
    return parser


async def run(asked: argparse.Namespace, settings: Settings) -> dict[str, object]:
    async with region_transaction(settings) as session:
        if asked.action == "client":
            return await _make_client(session, asked, settings)
        if asked.action == "staff":
            return await _make_staff(session, asked, settings)
        return await _rotate_key(session, settings)


async def _make_client(session: AsyncSession, asked: argparse.Namespace, settings: Settings) -> dict[str, object]:
    new = NewClient(
        name=asked.name,
        scopes=tuple(Scope(each) for each in asked.scope),
        employer_ids=tuple(employer_id(code) for code in asked.employer),
        is_region=asked.region,
    )
    client, secret = await commands.create_api_client(session, new, now=clock_for(settings).now())
    return {"client_id": str(client.id), "client_secret": secret, "token_url": f"{settings.public_url}/oauth/token"}


async def _make_staff(session: AsyncSession, asked: argparse.Namespace, settings: Settings) -> dict[str, object]:
    password_hash = None
    if asked.password_stdin:
        password = sys.stdin.readline().rstrip("\n")
        rules.check_password(password, asked.email)
        password_hash = passwords.hash_password(password)
    now = clock_for(settings).now()
    new = NewStaff(asked.name, asked.email, tuple(_grant(each) for each in asked.role), password_hash)
    person = await commands.create_staff(session, new, now=now)
    made: dict[str, object] = {"staff_id": str(person.id)}
    if password_hash is None:
        made["invitation_url"] = await invitations.invitation_for(session, person, now=now, caller=commands.WME)
    return made


async def _rotate_key(session: AsyncSession, settings: Settings) -> dict[str, object]:
    if settings.signing_key_secret is None:
        raise SettingsMissing("SIGNING_KEY_SECRET is not set")
    secret = settings.signing_key_secret.get_secret_value()
    key = await signing.rotate_signing_key(session, secret, now=clock_for(settings).now())
    return {"kid": key.kid, "usable_from": key.usable_from.isoformat()}


def _grant(text: str) -> RoleGrant:
    role, _, code = text.partition("@")
    return RoleGrant(role=Role(role), employer_id=employer_id(code) if code else None)


def main(argv: Sequence[str] | None = None) -> int:
    asked = arguments().parse_args(argv)
    try:
        made = asyncio.run(run(asked, Settings.from_environment(Service.ATS)))
    except (DomainError, SettingsMissing, ValueError) as error:
        sys.stderr.write(f"{getattr(error, 'title', '') or error}\n")
        return 1
    sys.stdout.write(json.dumps(made, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
