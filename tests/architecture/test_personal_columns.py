"""Every column that can hold words is known: it is about a candidate or a displaced employee, and then a request
reaches it, or it is not.

A new table that hangs on a person, or a new column for words, fails here until it has joined its service's
`privacy/registry.py`, or somebody has looked at it and written it into `columns_without_people.txt`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import ARRAY, Column, Enum, LargeBinary, String, Table
from sqlalchemy.dialects.postgresql import JSONB

from services.ats.privacy import registry as ats
from services.clearing.privacy import registry as clearing
from services.notifications.privacy import registry as notifications
from shared.personal_data import PersonalTable
from shared.vocabulary import Service
from tests.architecture.rows import metadata_of

WITHOUT_PEOPLE = Path(__file__).with_name("columns_without_people.txt")
REGISTRIES: Mapping[Service, tuple[PersonalTable, ...]] = {
    Service.ATS: (*ats.TABLES, *ats.ALERT_TABLES, *ats.DRAFT_TABLES),
    Service.CLEARING: clearing.TABLES,
    Service.NOTIFICATIONS: notifications.TABLES,
}
# What says whom a row is about.
OF_A_PERSON = frozenset({"application_id", "registration_id", "recipient_id", "person_key", "email", "candidate_id"})
# Personal, and forgotten otherwise than on request.
FORGOTTEN_OTHERWISE: Mapping[str, str] = {
    "staff": "an account of somebody who works for an employer, who closes it",
    "staff_credentials": "the same account's password",
    "idempotency_keys": "the answer to whoever sent the request, for 48 hours",
    "outbox": "sealed, and wiped when its subscriber has acknowledged it",
    "case_studies": "a story told with its person's consent, who takes it back there",
    "data_subject_cases": "until the case is closed, which empties it",
    "case_parts": "until the case is closed, which empties it",
    "data_exports": "until it is fetched, or for 14 days",
    "legal_holds": "that something must be kept, joined by the key alone",
    "personal_data_reads": "the audit holds ids alone",
}
# They name a person's row by its id and say nothing else of anybody.
IDS_ALONE = frozenset(
    {
        "hiring_log",
        "vacancy_openings",
        "opening_requests",
        "job_alert_runs",
        "transitions",
        "readings",
        "guaranteed_interview_caps",
        "retention_notices",
    }
)
SERVICES = pytest.mark.parametrize("service", list(Service))


def holds_words(column: Column[object]) -> bool:
    kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
    return isinstance(kind, (String, JSONB, LargeBinary)) and not isinstance(kind, Enum)


def tables_of(service: Service) -> Iterator[Table]:
    return iter(metadata_of(service).sorted_tables)


@SERVICES
def test_every_table_that_hangs_on_a_person_has_joined(service: Service) -> None:
    joined = {each.table.name for each in REGISTRIES[service]}
    known = joined | set(FORGOTTEN_OTHERWISE) | IDS_ALONE
    people = [table.name for table in tables_of(service) if OF_A_PERSON & set(table.columns.keys())]
    assert people, "every service knows people"
    assert [name for name in people if name not in known] == []


@SERVICES
def test_every_column_for_words_is_reached_by_a_request_or_is_about_nobody(service: Service) -> None:
    reached = {f"{each.table.fullname}.{name}" for each in REGISTRIES[service] for name in each.personal_columns}
    about_nobody = set(WITHOUT_PEOPLE.read_text().split())
    words = {
        f"{table.fullname}.{column.name}"
        for table in tables_of(service)
        if table.name not in FORGOTTEN_OTHERWISE
        for column in table.columns
        if holds_words(column)
    }
    assert sorted(words - reached - about_nobody) == [], "neither in the registry nor looked at"
    own = {each for each in about_nobody if each.startswith(f"{service}.")}
    assert sorted(own - words) == [], "no longer there"
    assert sorted(own & reached) == [], "said to be about nobody, and erased"


@SERVICES
def test_what_an_erasure_leaves_fits_its_table(service: Service) -> None:
    for each in REGISTRIES[service]:
        assert set(each.leaves) | each.secret <= set(each.table.columns.keys()), each.table.name
