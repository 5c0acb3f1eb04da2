"""What becomes of live referrals when their vacancy changes or ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import SYSTEM
from services.clearing.matching.models import Match
from services.clearing.referrals.commands import end_referral, rank_again
from services.clearing.referrals.models import Referral
from services.clearing.referrals.states import ReferralState
from services.clearing.vacancy_mirror.models import Window

VACANCY_GONE = "This vacancy has been filled or withdrawn."
VACANCY_CHANGED = "This vacancy has changed, and what is essential for it now is outside your limits or your profile."


async def close_referrals(session: AsyncSession, referrals: Iterable[Referral], *, at: datetime) -> None:
    """Nothing is left to be referred to."""
    for referral in referrals:
        await end_referral(session, referral, ReferralState.VACANCY_CLOSED, VACANCY_GONE, by=SYSTEM, at=at)


async def move_to_new_window(
    session: AsyncSession, referrals: Sequence[Referral], matches: Sequence[Match], window: Window, *, at: datetime
) -> None:
    """R21: an interest goes on in the new window where the person still fits; otherwise it ends, with the reason."""
    by_person = {match.registration_id: match for match in matches if match.window_id == window.id}
    for referral in referrals:
        match = by_person.get(referral.registration_id)
        if match is not None:
            rank_again(referral, match)
        else:
            await end_referral(session, referral, ReferralState.VACANCY_CLOSED, VACANCY_CHANGED, by=SYSTEM, at=at)
