"""Drafts that are stored together are the drafts that one request after the other would have made."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from services.ats.audit.models import AuditEntry
from services.ats.vacancies.models import VACANCIES, Opening, Vacancy, columns_of_vacancy
from shared.database import transaction
from shared.many_rows import insert_rows
from shared.outbox import events, outbox
from shared.tenancy import REGION, Tenancy
from shared.vocabulary import Service
from tests.ats.vacancy_uploads.test_uploads import row, send
from tests.factories.ats import Ats

# Each request of a test comes from another client.
ITS_OWN = {"id", "actor_id", "reference", "external_reference", "vacancy_id", "subject_id", "event_id", "aggregate_id"}
OF_THE_MOMENT = {"recorded_at", "next_at", "xact_id", "seq", "correlation_id"}


def but_for_its_own(columns: Any) -> dict[str, Any]:
    return {name: each for name, each in dict(columns).items() if name not in ITS_OWN | OF_THE_MOMENT | {"payload"}}


async def test_a_draft_of_many_is_stored_audited_and_told_as_one_alone(council: Ats) -> None:
    alone = await council.create(**row(1, openings=2))
    together = (await send(council, *(row(number, openings=2) for number in (2, 3))))["results"]
    found = []
    async with council.region() as session:
        for vacancy_id in (UUID(each["id"]) for each in (alone, *together)):
            stored = columns_of_vacancy(await session.get_one(Vacancy, vacancy_id))
            seats = select(*Opening.__table__.c).where(Opening.vacancy_id == vacancy_id).order_by(Opening.opening_no)
            entries = select(*AuditEntry.__table__.c).where(AuditEntry.subject_id == vacancy_id)
            told = select(*events.c).where(events.c.aggregate_id == vacancy_id)
            letters = select(*outbox.c).join(events).where(events.c.aggregate_id == vacancy_id)
            rows = [(await session.execute(each)).mappings().all() for each in (seats, entries, told, letters)]
            beside = [[but_for_its_own(each) for each in some] for some in rows]
            found.append((but_for_its_own(stored), but_for_its_own(rows[2][0]["payload"]), beside))
    one, *others = found
    assert [len(each) for each in one[2]] == [2, 1, 1, 1]
    assert others == [one, one]


async def test_many_rows_pass_the_same_policies_and_rules_as_one(council: Ats) -> None:
    """Row-level security and constraints do not know how many rows a statement has."""
    made = await council.create(**row(1))
    sessions = council.services.sessions[Service.ATS]
    async with council.region() as session:
        stored = columns_of_vacancy(await session.get_one(Vacancy, UUID(made["id"])))
    another = stored | {"id": uuid4(), "reference": "SAW-2026-99999", "external_reference": "another"}
    for tenancy, refused, refusal in (
        (Tenancy.of([uuid4()]), another, "row-level security"),
        (REGION, stored | {"id": uuid4()}, "unique"),
    ):
        with pytest.raises(DBAPIError, match=refusal):
            async with transaction(sessions, tenancy) as session:
                await insert_rows(session, VACANCIES, [refused])
    async with council.region() as session:
        await insert_rows(session, VACANCIES, [another])
        assert columns_of_vacancy(await session.get_one(Vacancy, another["id"])) == another
