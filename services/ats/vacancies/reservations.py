"""Openings for displaced staff: clearing asks before it offers, so two people never get the same one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import CLEARING
from services.ats.vacancies import openings, queries, rules
from services.ats.vacancies.announcing import announce, audit_vacancy, touch
from services.ats.vacancies.models import Opening, OpeningRequest, Vacancy, VacancyAlert
from services.ats.vacancies.states import OpeningState, RequestState
from shared import outbox
from shared.due_rows import do_each, not_held_back
from shared.events.ats import OpeningRefused, OpeningReserved
from shared.events.clearing import OpeningRequested
from shared.inbox import Parked
from shared.vocabulary import HiringRoute, VacancyState

BATCH = 100
WITH_OPENINGS_TO_GIVE = frozenset(
    {
        VacancyState.IN_CLEARING,
        VacancyState.APPROVED,
        VacancyState.INTERNAL_ADVERT,
        VacancyState.LIVE,
        VacancyState.CLOSED,
        VacancyState.PARTIALLY_FILLED,
    }
)
ENDED = frozenset({RequestState.RETURNED, RequestState.FILLED})
ROUTE = HiringRoute.REDEPLOYMENT
Refusal = Literal["no_opening_left", "vacancy_not_open", "unknown_vacancy"]


async def answer_request(session: AsyncSession, event: OpeningRequested, *, now: datetime) -> None:
    """Hold an opening until the reply-by and say so, or say why not."""
    vacancy = await queries.find_vacancy(session, event.vacancy_id, lock=True)
    refusal = _refusal(vacancy)
    opening = None
    if vacancy is not None and refusal is None:
        opening = openings.reserve_opening(vacancy, event.request_id, route=ROUTE, held_until=event.reply_by)
        audit_vacancy(session, vacancy, "opening_reserved", actor=CLEARING, at=now)
        touch(vacancy, now=now)
    if vacancy is not None:
        session.add(
            OpeningRequest(
                id=event.request_id,
                employer_id=vacancy.employer_id,
                vacancy_id=vacancy.id,
                referral_id=event.referral_id,
                state=RequestState.REFUSED if opening is None else RequestState.RESERVED,
                opening_no=None if opening is None else opening.opening_no,
            )
        )
    answer = {
        "vacancy_id": event.vacancy_id,
        "employer_id": event.gaining_employer_id,
        "request_id": event.request_id,
        "referral_id": event.referral_id,
    }
    if refusal is not None:
        await outbox.record(session, OpeningRefused(reason=refusal, **answer), now=now)
    elif opening is not None:
        reserved = OpeningReserved(opening_no=opening.opening_no, held_until=event.reply_by, **answer)
        await outbox.record(session, reserved, now=now)


def _refusal(vacancy: Vacancy | None) -> Refusal | None:
    if vacancy is None:
        return "unknown_vacancy"
    if vacancy.state not in WITH_OPENINGS_TO_GIVE or not rules.is_approved(vacancy):
        return "vacancy_not_open"
    return None if rules.count_openings(vacancy, OpeningState.OPEN) else "no_opening_left"


async def lapse_reservations(session: AsyncSession, now: datetime) -> int:
    """Due work: a reservation ends with its reply-by. Clearing's own word on it may come before or after."""
    due = (
        select(OpeningRequest.id)
        .join(Opening, (Opening.vacancy_id == OpeningRequest.vacancy_id) & (Opening.taken_for == OpeningRequest.id))
        .where(
            Opening.state == OpeningState.RESERVED,
            Opening.held_until <= now,
            not_held_back(lapse_reservations, OpeningRequest.id),
        )
        .order_by(Opening.held_until, OpeningRequest.id)
    )
    ids = (await session.scalars(due.limit(BATCH))).all()

    async def lapse_one(request_id: UUID) -> None:
        request, vacancy = await _load(session, request_id)
        held = openings.opening_of(vacancy, request_id)
        if held is None or held.state is not OpeningState.RESERVED:
            return
        openings.return_opening(vacancy, request_id)
        request.state = RequestState.LAPSED
        touch(vacancy, now=now)

    return await do_each(session, lapse_reservations, ids, lapse_one)


async def return_reserved(session: AsyncSession, request_id: UUID, *, now: datetime) -> int | None:
    """The offer was refused, lapsed or withdrawn, or the trial failed. Returns the opening freed. Raises Parked."""
    request, vacancy = await _load(session, request_id)
    if request.state is RequestState.FILLED:
        return None
    freed = openings.return_opening(vacancy, request_id)
    request.state = RequestState.RETURNED
    if freed is None:
        return None
    await announce(session, vacancy, now=now)
    return freed.opening_no


async def accept_reserved(session: AsyncSession, request_id: UUID, *, now: datetime) -> int | None:
    """The redeployee said yes: the opening is theirs. Returns its number, None for one given back since. Raises Parked.

    Where the reservation lapsed before the word came, another free opening is taken; with none left a person is
    alerted, because the redeployee's acceptance stands.
    """
    request, vacancy = await _load(session, request_id)
    if request.state in ENDED:
        return None
    request.state = RequestState.ACCEPTED
    opening_no = _take(session, vacancy, request, now=now)
    await announce(session, vacancy, now=now)
    return opening_no


async def fill_reserved(session: AsyncSession, request_id: UUID, *, starts_on: date, now: datetime) -> int | None:
    """The redeployment stands: the opening is filled. Returns its number. Raises Parked."""
    request, vacancy = await _load(session, request_id)
    if request.state is RequestState.FILLED:
        return request.opening_no
    request.state = RequestState.FILLED
    opening_no = _take(session, vacancy, request, now=now)
    if opening_no is not None:
        openings.fill_opening(vacancy, request_id, route=ROUTE, starts_on=starts_on)
    await announce(session, vacancy, now=now)
    return opening_no


def _take(session: AsyncSession, vacancy: Vacancy, request: OpeningRequest, *, now: datetime) -> int | None:
    try:
        request.opening_no = openings.accept_opening(vacancy, request.id, route=ROUTE).opening_no
    except rules.NoOpeningLeft:
        request.opening_no = None
        session.add(
            VacancyAlert(
                employer_id=vacancy.employer_id,
                vacancy_id=vacancy.id,
                code="opening_promised_twice",
                raised_at=now,
                about_id=request.referral_id,
            )
        )
    return request.opening_no


async def _load(session: AsyncSession, request_id: UUID) -> tuple[OpeningRequest, Vacancy]:
    request = await queries.find_request(session, request_id)
    if request is None:
        raise Parked("the request for an opening is not here yet")
    vacancy = await queries.get_vacancy(session, request.vacancy_id, lock=True)
    await session.refresh(request)
    return request, vacancy
