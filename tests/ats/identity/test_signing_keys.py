"""Signing keys: told to every service before they are used, sealed at rest, retired without breaking live tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.identity import signing
from services.ats.identity.models import SigningKey
from shared.outbox import events
from shared.registry import verification_keys
from shared.vocabulary import Service
from tests.factories.identity import NOW

ISSUER = "http://127.0.0.1:8001"


@pytest.fixture
def secret(world: Any) -> bytes:
    return world.settings(Service.ATS).signing_key_secret.get_secret_value()


async def test_the_seed_has_made_one_key_that_signs_at_once(ats_session: AsyncSession, secret: bytes) -> None:
    keys = (await ats_session.scalars(select(SigningKey))).all()
    assert len(keys) == 1
    assert (await signing.signer(ats_session, secret, ISSUER)).kid == keys[0].kid
    await signing.make_first_key(ats_session, secret, now=NOW)
    assert len((await ats_session.scalars(select(SigningKey))).all()) == 1


async def test_a_new_key_is_announced_15_minutes_before_it_signs(ats_session: AsyncSession, secret: bytes) -> None:
    old = await signing.signer(ats_session, secret, ISSUER)
    before = datetime.now(UTC)
    key = await signing.rotate_signing_key(ats_session, secret, now=NOW)
    await ats_session.flush()
    assert key.usable_from - before >= timedelta(minutes=15)
    assert (await signing.signer(ats_session, secret, ISSUER)).kid == old.kid
    told = (
        await ats_session.execute(select(events.c.payload).where(events.c.name == "ats.signing_key_published.v1"))
    ).scalars()
    by_kid = {payload["kid"]: payload for payload in told}
    assert by_kid[key.kid]["retired_at"] is None
    assert by_kid[old.kid]["retired_at"] == by_kid[key.kid]["usable_from"]


async def test_the_new_key_takes_over_when_its_time_has_come(ats_session: AsyncSession, secret: bytes) -> None:
    key = await signing.rotate_signing_key(ats_session, secret, now=NOW)
    key.usable_from = datetime.now(UTC) - timedelta(seconds=1)
    await ats_session.flush()
    assert (await signing.signer(ats_session, secret, ISSUER)).kid == key.kid


async def test_a_retirement_is_not_undone_by_a_late_announcement(ats_session: AsyncSession, secret: bytes) -> None:
    kid = (await signing.signer(ats_session, secret, ISSUER)).kid
    await signing.rotate_signing_key(ats_session, secret, now=NOW)
    payload = await ats_session.scalar(
        select(events.c.payload).where(events.c.name == "ats.signing_key_published.v1").order_by(events.c.seq).limit(1)
    )
    assert payload is not None
    late = signing.SigningKeyPublished.model_validate(payload | {"kid": kid, "retired_at": None})
    await signing.apply_signing_key_published(ats_session, late)
    retired_at = await ats_session.scalar(select(verification_keys.c.retired_at).where(verification_keys.c.kid == kid))
    assert retired_at is not None


async def test_the_private_half_is_sealed_for_its_kid_alone(ats_session: AsyncSession, secret: bytes) -> None:
    key = await ats_session.scalar(select(SigningKey))
    assert key is not None
    private = signing._opened(key.sealed_private_key, secret, key.kid)
    assert private.private_bytes_raw() not in key.sealed_private_key
    with pytest.raises(InvalidTag):
        signing._opened(key.sealed_private_key, secret, "another-kid")
    with pytest.raises(InvalidTag):
        signing._opened(key.sealed_private_key, bytes(32), key.kid)
