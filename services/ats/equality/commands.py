"""A candidate answers, and takes their answers back: each a transaction that writes one row and nothing beside it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries as application_queries
from services.ats.applications.queries import ApplicationNotFound
from services.ats.equality import queries, rules
from services.ats.equality.keeping import key_of, seal
from services.ats.equality.models import EqualityAnswer
from services.ats.equality.schemas import EqualityAnswersWrite, OwnEqualityAnswers
from shared.calendar import local_date
from shared.database import enter
from shared.principals import Principal
from shared.tenancy import REGION


async def keep_answers(session: AsyncSession, caller: Principal, wanted: EqualityAnswersWrite, *, today: date) -> None:
    """Keep them with the consent to it, in the place of any before.

    Raises ApplicationNotFound, ConsentNotGiven, AnswersNotComplete, CountedAlready.
    """
    rules.refuse_without_consent(wanted.consent_version)
    rules.refuse_incomplete(wanted.answers)
    key = await _own_key(session, caller, today=today)
    kept = insert(EqualityAnswer).values(key=key, sealed=seal(wanted.answers, key=key, consented_on=today))
    await session.execute(
        kept.on_conflict_do_update(index_elements=[EqualityAnswer.key], set_={"sealed": kept.excluded.sealed})
    )


async def take_answers_back(session: AsyncSession, caller: Principal, *, today: date) -> None:
    """The consent is withdrawn and the row is gone, if there was one. Raises ApplicationNotFound, CountedAlready."""
    key = await _own_key(session, caller, today=today)
    await session.execute(delete(EqualityAnswer).where(EqualityAnswer.key == key))


async def own_answers(session: AsyncSession, caller: Principal, *, today: date) -> OwnEqualityAnswers:
    """Whether there are any; what they are is shown to nobody. Raises ApplicationNotFound."""
    try:
        key = await _own_key(session, caller, today=today)
    except rules.CountedAlready:
        return OwnEqualityAnswers(is_answered=False, is_counted=True)
    return OwnEqualityAnswers(is_answered=await queries.has_answered(session, key), is_counted=False)


async def _own_key(session: AsyncSession, caller: Principal, *, today: date) -> bytes:
    """The key of the caller's own answers, in a transaction that may reach them from here on.

    Row-level security has shown that the application is theirs before.
    """
    if caller.subject_id is None:
        raise ApplicationNotFound
    application = await application_queries.get_application(session, caller.subject_id)
    rules.refuse_counted(local_date(application.submitted_at), today)
    await enter(session, REGION)
    return key_of(application.vacancy_id, application.id)
