"""A feed's rows into the database, by the commands of an upload; and what has left it, out of the public's sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.approvals.commands import attest_approval
from services.ats.approvals.schemas import Attestation
from services.ats.audit.actor import Actor
from services.ats.polled_feeds.queries import Known
from services.ats.polled_feeds.reading import FeedRow, attestation_of
from services.ats.polled_feeds.rules import attests_anew
from services.ats.vacancies import deletion, lifecycle, queries
from services.ats.vacancies.actions import BEFORE_THE_ADVERT, MOVES, VacancyAction
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.rules import is_untouched_draft
from services.ats.vacancy_uploads.writing import Result, Sender, refused, write_rows
from shared.errors import DomainError
from shared.problems import as_problem, validation_problem

LEFT = "It has left the feed that it came from"


class CameBack(DomainError):
    """Its campaign was ended when it left; to begin another one is a decision."""

    code = "came_back"
    title = "It left the feed before, and its advert was ended then"


class OnHold(DomainError):
    code = "on_hold"
    title = "It has left the feed and is on hold here: people decide"


async def write_feed_rows(
    session: AsyncSession, rows: Sequence[FeedRow], known: Mapping[str, Known], sender: Sender
) -> list[Result]:
    """The result of each row, in order. A bad one is named and never takes its neighbours."""
    written = {each["row"]: each for each in await write_rows(session, [each.row for each in rows], sender)}
    results = []
    for each in rows:
        row = each.row
        result = written[row.number] if row.problem is None else refused(row.number, row.reference, row.problem)
        result["external_reference"] = each.reference
        before = known.get(each.reference or "")
        if "problem" not in result and before is not None and before.left_at is not None and before.is_over:
            step = f"POST /v1/vacancies/{result['id']}/readvertise, or give it another reference in your system."
            result["problem"] = as_problem(CameBack(next_step=step))
        results.append(result)
    await _attest(session, rows, results, sender)
    return results


async def _attest(session: AsyncSession, rows: Sequence[FeedRow], results: Sequence[Result], sender: Sender) -> None:
    """Take the approvals that the rows tell of, for those vacancies that wait for one."""
    told = {UUID(result["id"]): (each, result) for each, result in zip(rows, results, strict=True) if "id" in result}
    wanted = [vacancy_id for vacancy_id, (each, _) in told.items() if each.attested]
    if not wanted:
        return
    waiting = select(Vacancy.id, Vacancy.approved_at).where(
        Vacancy.id.in_(wanted),
        Vacancy.state.in_(MOVES[VacancyAction.ATTEST_APPROVAL].from_states),
        Vacancy.approved_hash.is_distinct_from(Vacancy.content_hash),
    )
    for vacancy_id, approved_at in (await session.execute(waiting)).all():
        each, result = told[vacancy_id]
        try:
            attested = attestation_of(each.attested)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)
            result["problem"] = validation_problem([one | {"loc": ("attestation", *one["loc"])} for one in found])
            continue
        if attested is not None and attests_anew(attested.approved_at, approved_at):
            await _attest_one(session, vacancy_id, attested, result, sender)


async def _attest_one(
    session: AsyncSession, vacancy_id: UUID, attested: Attestation, result: Result, sender: Sender
) -> None:
    actor = Actor.of(sender.caller)
    try:
        async with session.begin_nested():
            vacancy = await attest_approval(session, vacancy_id, attested, actor=actor, now=sender.now)
    except DomainError as error:
        result["problem"] = as_problem(error)
    else:
        result["version"], result["is_attested"] = vacancy.version, True


async def unpublish(
    session: AsyncSession, reference: str, channel: str, sender: Sender, *, actor: Actor
) -> dict[str, Any] | None:
    """Take what has left out of the public's sight and off its way there. None: there was nothing of it to take.

    An advert that is out is closed early. What is not out yet would go live by itself later: a draft that nobody was
    asked about is deleted, anything else before the advert is cancelled.
    """
    found = await queries.find_by_natural_key(session, sender.employer.id, channel, reference)
    vacancy = None if found is None else await queries.find_vacancy(session, found, lock=True)
    if vacancy is None:
        return None
    try:
        async with session.begin_nested():
            status = await _end(session, vacancy, actor=actor, now=sender.now)
    except DomainError as error:
        return {"external_reference": reference, "status": "kept", "problem": as_problem(error)}
    return None if status is None else {"external_reference": reference, "status": status}


async def _end(session: AsyncSession, vacancy: Vacancy, *, actor: Actor, now: datetime) -> str | None:
    if vacancy.state in MOVES[VacancyAction.CLOSE].from_states:
        await lifecycle.close_vacancy(session, vacancy.id, reason=LEFT, actor=actor, now=now)
        return "closed"
    if is_untouched_draft(vacancy):
        await deletion.delete_vacancy(session, vacancy.id, actor=actor, expected=None, now=now)
        return "deleted"
    if vacancy.state in BEFORE_THE_ADVERT:
        await lifecycle.cancel_vacancy(session, vacancy.id, reason=LEFT, actor=actor, expected=None, now=now)
        return "cancelled"
    if vacancy.state in MOVES[VacancyAction.RESUME].from_states:
        raise OnHold(next_step="Resume it, and it is closed at the next read; or cancel it.")
    return None
