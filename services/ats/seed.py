"""What `ats` starts with: the employers, and a key to sign tokens with."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.identity.signing import make_first_key
from shared.app import clock_for
from shared.seeding import load_employers, seed
from shared.settings import Settings, SettingsMissing
from shared.vocabulary import Service


async def load(session: AsyncSession, settings: Settings) -> None:
    if settings.signing_key_secret is None:
        raise SettingsMissing("SIGNING_KEY_SECRET is not set")
    await load_employers(session)
    await make_first_key(session, settings.signing_key_secret.get_secret_value(), now=clock_for(settings).now())


if __name__ == "__main__":
    seed(Service.ATS, load)
