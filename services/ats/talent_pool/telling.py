"""The way out of the pool that every message carries."""

from __future__ import annotations

from uuid import UUID

from shared import sealing
from shared.addresses import public_url
from shared.vocabulary import Service

LEAVE = "talent-pool-leave"
UUID_DIGITS = 32


def leave_link(member_id: UUID) -> str:
    """Works for as long as the membership is there, however old the mail. It says nothing of its reader."""
    return f"{public_url(Service.ATS)}/talent-pool/leave/{member_id.hex}{sealing.lasting_proof(LEAVE, member_id)}"


def member_of_token(token: str) -> UUID | None:
    """Whom such a link is about, whether or not they are still a member; None for a token that is not ours."""
    try:
        member_id = UUID(hex=token[:UUID_DIGITS])
    except ValueError:
        return None
    return member_id if sealing.is_proven(LEAVE, member_id, token[UUID_DIGITS:]) else None
