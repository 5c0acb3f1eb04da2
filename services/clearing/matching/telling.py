"""Writing to everyone for whom a vacancy was suggested: a fixed number of round trips, however many they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.matching.models import Match
from services.clearing.matching.people import Candidate
from services.clearing.registrations.commands import LINK_PURPOSE
from services.clearing.vacancy_mirror.models import Vacancy
from shared import outbox
from shared.addresses import public_url
from shared.events.base import ContactWithLink
from shared.events.clearing import MatchSuggested
from shared.links import NewLink, issue_links, link_url
from shared.outbox import Telling
from shared.vocabulary import Service


async def tell_people(
    session: AsyncSession,
    people: Sequence[tuple[Match, Candidate]],
    vacancy: Vacancy,
    employer_name: str,
    *,
    at: datetime,
) -> None:
    """Each gets a link to their own page of this suggestion, good until it closes."""
    tokens = await issue_links(session, [_link(match) for match, _ in people])
    tellings = [
        Telling(_event(match, vacancy, employer_name, at), {Service.NOTIFICATIONS: _contact(candidate, token)})
        for (match, candidate), token in zip(people, tokens, strict=True)
    ]
    await outbox.record_all(session, tellings, now=at)


def _link(match: Match) -> NewLink:
    return NewLink(
        purpose=LINK_PURPOSE,
        subject_id=match.registration_id,
        employer_id=match.home_employer_id,
        expires_at=match.closes_at,
        path=f"/my/matches/{match.id}",
    )


def _contact(candidate: Candidate, token: str) -> ContactWithLink:
    link = link_url(public_url(Service.CLEARING), token)
    return ContactWithLink(name=candidate.name, email=candidate.email, link=link)


def _event(match: Match, vacancy: Vacancy, employer_name: str, at: datetime) -> MatchSuggested:
    return MatchSuggested(
        match_id=match.id,
        registration_id=match.registration_id,
        vacancy_id=match.vacancy_id,
        home_employer_id=match.home_employer_id,
        vacancy_title=vacancy.title,
        employer_name=employer_name,
        closes_at=match.closes_at,
        approved_at=vacancy.entered_clearing_at or at,
    )
