"""A file of vacancies: every row for itself, again and again without harm."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, get_args
from uuid import uuid4

import httpx
import pytest
from pydantic import BaseModel
from sqlalchemy import func, select

from services.ats.vacancies.examples import SMALLEST
from services.ats.vacancies.models import ReferenceCounter, Vacancy
from services.ats.vacancies.schemas import VacancyCreate
from services.ats.vacancy_uploads import commands, reading
from services.ats.vacancy_uploads.examples import CSV_EXAMPLE, NDJSON_EXAMPLE
from services.ats.vacancy_uploads.schemas import MAX_ROW_BYTES
from shared.events.ats import VacancyChanged
from shared.vocabulary import Role, Scope
from tests.factories.ats import Ats, vacancy_body

NDJSON, CSV = "application/x-ndjson", "text/csv"
HEADER = "employer,source_system,external_reference,title,hours_per_week,contract,postcode,scp_min,scp_max"


def row(number: int, **changes: Any) -> dict[str, Any]:
    return vacancy_body(source_system="talentlink", external_reference=f"REQ-{number}") | changes


def ndjson(*rows: Any) -> bytes:
    return b"".join((each if isinstance(each, bytes) else json.dumps(each).encode()) + b"\n" for each in rows)


async def post(council: Ats, content: Any, media_type: str = NDJSON, **query: Any) -> httpx.Response:
    employers = query.pop("as_employers", ("SAW",))
    return await council.client.post(
        "/v1/vacancies/bulk",
        params={"employer": "SAW"} | query,
        content=content,
        headers=council.headers(Scope.VACANCIES_WRITE, employers=employers) | {"Content-Type": media_type},
    )


async def send(council: Ats, *rows: Any, **query: Any) -> dict[str, Any]:
    answer = await post(council, ndjson(*rows), **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def read(council: Ats, path: str, **more: Any) -> httpx.Response:
    return await council.client.get(f"/v1/vacancies/bulk/{path}", headers=council.headers(Scope.VACANCIES_READ, **more))


def statuses(report: dict[str, Any]) -> list[str]:
    return [each["status"] for each in report["results"]]


async def test_rows_are_created_changed_and_left_as_they_are(council: Ats) -> None:
    first = await send(council, row(1), row(2, openings=2))
    assert statuses(first) == ["created", "created"]
    told = len(await council.events(VacancyChanged))
    second = await send(council, row(1), row(2, openings=3, title="Accountant"), row(3))
    assert statuses(second) == ["unchanged", "changed", "created"]
    assert [each["version"] for each in second["results"]] == [1, 2, 1]
    assert {name: second[name] for name in ("rows", "created", "changed", "unchanged", "refused")} == {
        "rows": 3,
        "created": 1,
        "changed": 1,
        "unchanged": 1,
        "refused": 0,
    }
    assert len(await council.events(VacancyChanged)) == told + 2
    shown = await council.read(second["results"][1])
    assert (shown["title"], len(shown["opening_list"])) == ("Accountant", 3)


async def test_a_row_makes_what_a_post_makes(council: Ats) -> None:
    """Field by field, but for what is each one's own."""
    by_post = await council.create(**row(1))
    [result] = (await send(council, row(2)))["results"]
    by_row = await council.read(result)
    own = {"id", "reference", "external_reference", "allowed_actions"}
    theirs = await council.read(by_post)
    assert {k: v for k, v in by_row.items() if k not in own} == {k: v for k, v in theirs.items() if k not in own}


async def test_a_bad_row_never_takes_its_neighbours_with_it(council: Ats) -> None:
    live = await council.live(**row(50))
    await council.create(**row(51, requisition={"post_id": "HOU-1"}))
    rows = [
        row(1),
        b"{",
        row(2, sallary=1),
        b"[]",
        row(3, closes_at="2025-01-01"),
        {name: value for name, value in row(4).items() if name != "source_system"},
        vacancy_body(),
        row(5, title="Nul \0 in it"),
        row(50, title="Another title"),
        row(6, requisition={"post_id": "HOU-1"}),
        row(7, requisition={"post_id": "HOU-2"}),
        row(8, requisition={"post_id": "HOU-2"}),
        row(9, hiring_manager_id=str(uuid4())),
        row(10, employer="WLV"),
        row(1, title="Again"),
        b'{"title": "' + b"x" * MAX_ROW_BYTES + b'"}',
        row(11),
    ]
    report = await send(council, *rows)
    codes = [(each["problem"] or {}).get("code") for each in report["results"]]
    assert codes == [
        None,
        "row_not_read",
        "invalid",
        "row_not_read",
        "deadline_out_of_range",
        "invalid",
        "key_missing",
        "invalid",
        "field_locked",
        "post_has_open_requisition",
        None,
        "post_has_open_requisition",
        "hiring_manager_unknown",
        "other_employer",
        "row_twice",
        "row_too_long",
        None,
    ]
    assert [each["row"] for each in report["results"]] == list(range(1, 18))
    assert report["results"][2]["problem"]["errors"][0]["field"] == "sallary"
    assert (report["created"], report["refused"]) == (3, 14)
    assert (await council.read(live))["title"] == "Housing officer"


async def test_a_refused_row_has_the_problem_that_a_post_of_it_gets(council: Ats) -> None:
    wrong = row(1, sallary=1, hours_per_week="60")
    headers = council.headers(Scope.VACANCIES_WRITE)
    alone = (await council.client.post("/v1/vacancies", json=wrong, headers=headers)).json()
    [result] = (await send(council, wrong))["results"]
    assert {name: value for name, value in result["problem"].items() if value is not None} == alone


async def test_references_have_no_gap_beside_refused_rows(live_council: Ats) -> None:
    await asyncio.gather(
        send(live_council, row(1), row(2, closes_at="2025-01-01"), row(3)),
        send(live_council, row(3), row(4), row(1, title="Accountant")),
    )
    async with live_council.region() as session:
        assert await session.scalar(select(func.count()).select_from(Vacancy)) == 3
        assert await session.scalar(select(ReferenceCounter.last_number)) == 3


async def test_an_upload_that_broke_off_goes_on_under_its_id(
    live_council: Ats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "BATCH", 2)
    upload = str(uuid4())
    rows = [row(number) for number in range(5)]

    async def broken_off() -> AsyncIterator[bytes]:
        yield ndjson(*rows[:3])
        raise ConnectionResetError

    assert (await post(live_council, broken_off(), upload_id=upload)).status_code == 500
    half = (await read(live_council, upload)).json()
    assert (half["rows"], half["created"], half["finished_at"]) == (2, 2, None)
    report = await send(live_council, *rows, upload_id=upload)
    assert (report["created"], report["finished_at"] is not None) == (5, True)
    assert await send(live_council, *rows, upload_id=upload) == report
    assert (await read(live_council, f"{upload}/report")).json() == report
    assert "results" not in (await read(live_council, upload)).json()
    changed = await send(live_council, *rows[:4], row(4, title="Accountant"), upload_id=upload)
    assert statuses(changed)[4] == "changed"


async def test_the_same_rows_under_another_header_are_other_rows(council: Ats) -> None:
    upload = str(uuid4())
    lines = [HEADER, "SAW,talentlink,REQ-1,Housing officer,37,permanent,B69 3DE,20,24"]
    wrong = [HEADER.replace("scp_min,scp_max", "scp_max,scp_min"), *lines[1:]]
    for body, status in ((wrong, "refused"), (wrong, "refused"), (lines, "created"), (lines, "created")):
        report = (await post(council, "\n".join(body).encode(), CSV, upload_id=upload)).json()
        assert statuses(report) == [status]


async def test_a_row_that_names_a_field_twice_is_refused_with_its_name(council: Ats) -> None:
    twice = json.dumps(row(1)).replace('"title"', '"title": "Another", "title"').encode()
    within = json.dumps(row(2, requisition={"post_id": "A"})).replace('"post_id"', '"post_id": "B", "post_id"')
    report = await send(council, twice, within.encode(), b'{"title":"A","title":"B","salary":NaN}', row(3))
    assert statuses(report) == ["refused", "refused", "refused", "created"]
    found = [[(e["field"], e["code"]) for e in each["problem"]["errors"]] for each in report["results"][:3]]
    assert found == [
        [("title", "given_twice")],
        [("requisition.post_id", "given_twice")],
        [("title", "given_twice"), ("salary", "finite_number")],
    ]


async def test_an_upload_is_seen_by_its_employer_alone(council: Ats) -> None:
    upload = (await send(council, row(1)))["id"]
    for path in (upload, f"{upload}/report"):
        assert (await read(council, path)).status_code == 200
        assert (await read(council, path, employers=("WLV",))).status_code == 404
    taken = await post(council, b"", upload_id=upload, employer="WLV", as_employers=("WLV",))
    assert (taken.status_code, taken.json()["code"]) == (409, "upload_id_taken")
    theirs = await post(council, ndjson(row(2)), as_employers=("WLV",))
    assert (theirs.status_code, theirs.json()["code"]) == (404, "employer_not_known")


async def test_a_dry_run_says_the_same_and_stores_nothing(council: Ats) -> None:
    await send(council, row(1))
    rows = [row(1, title="Accountant"), row(2), row(3, sallary=1)]
    rehearsed = await send(council, *rows, dry_run=True)
    assert (statuses(rehearsed), rehearsed["dry_run"]) == (["changed", "created", "refused"], True)
    assert (await read(council, rehearsed["id"])).status_code == 404
    assert len(await council.events(VacancyChanged)) == 1
    assert statuses(await send(council, *rows)) == statuses(rehearsed)


async def test_csv_has_the_same_rows(council: Ats) -> None:
    lines = [
        f"\ufeff{HEADER},description,apply.method,apply.url,requisition.post_id,openings",
        'SAW,talentlink,REQ-1,Housing officer,37,permanent,B69 3DE,20,24,"Two lines,\nand ""words""",,,HOU-1,2',
        "SAW,talentlink,REQ-2,Housing officer,x,permanent,B69 3DE,20,24,,url,https://x.example/1,,",
        "",
        "SAW,talentlink,=REQ-3,Housing officer,37,permanent,B69 3DE,20,24,,url,https://x.example/1,,",
    ]
    body = "\r\n".join(lines).encode()
    answer = await post(council, body, CSV, dry_run=True)
    assert statuses(answer.json()) == ["created", "refused", "created"]
    report = (await post(council, body, CSV)).json()
    assert statuses(report) == ["created", "refused", "created"]
    first = await council.read(report["results"][0])
    assert (first["description"], first["openings"]) == ('Two lines,\nand "words"', 2)
    assert (first["requisition"]["post_id"], first["apply"]["method"]) == ("HOU-1", "hosted")
    answer = await read(council, f"{report['id']}/report?report=csv")
    assert answer.headers["content-type"].startswith(CSV)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [each["status"] for each in rows] == ["created", "refused", "created"]
    assert (rows[1]["code"], rows[1]["field"]) == ("invalid", "hours_per_week")
    assert rows[2]["external_reference"] == "'=REQ-3"


async def test_a_header_that_is_not_understood_is_refused_before_any_row(council: Ats) -> None:
    for header in (f"{HEADER},sallary", f"{HEADER},title"):
        answer = await post(council, f"{header}\n".encode(), CSV)
        assert (answer.status_code, answer.json()["code"]) == (422, "column_unknown")
        assert answer.json()["field"] == header.rpartition(",")[2]


def fields_of(model: type[BaseModel], place: str = "") -> Iterator[str]:
    """Each field that holds no object, by its name with dots; a list of objects is one field."""
    for name, each in model.model_fields.items():
        kinds = (each.annotation, *get_args(each.annotation))
        inner = next((kind for kind in kinds if hasattr(kind, "model_fields")), None)
        if inner is None or f"{place}{name}" in reading.NOT_IN_CSV:
            yield f"{place}{name}"
        else:
            yield from fields_of(inner, f"{place}{name}.")


async def test_every_field_of_the_api_is_a_column_of_csv_or_named_as_what_is_not(council: Ats) -> None:
    assert {*fields_of(VacancyCreate)} == {*reading.COLUMNS, *reading.NOT_IN_CSV}
    document = (await council.client.get("/openapi.json")).json()
    stated = document["paths"]["/v1/vacancies/bulk"]["post"]["description"].partition("NDJSON alone takes")[2]
    assert all(f"`{name}`" in stated for name in reading.NOT_IN_CSV)


async def test_a_sheet_says_whether_candidates_are_anonymous_and_what_cover_costs(council: Ats) -> None:
    header = f"{HEADER},is_anonymised,requisition.agency_cover.weekly_cost_pence"
    sheet = f"{header}\nSAW,talentlink,REQ-1,Social worker,37,permanent,B69 3DE,20,24,false,98000\n"
    [made] = (await post(council, sheet.encode(), CSV)).json()["results"]
    shown = await council.read(made)
    assert shown["is_anonymised"] is False
    assert shown["requisition"]["agency_cover"] == {"weekly_cost_pence": 98000}


async def test_a_sheet_says_the_flags_of_a_post_and_needs_no_employer_in_every_row(council: Ats) -> None:
    header = HEADER.removeprefix("employer,")
    flags = "flags.dbs_level,flags.barred_lists,flags.regulated_registration,flags.weeks_per_year"
    sheet = f"""{header},{flags}
talentlink,REQ-1,Social worker,37,permanent,B69 3DE,20,24,enhanced,adults; children,Social Work England,39
"""
    assert statuses((await post(council, sheet.encode(), CSV)).json()) == ["created"]
    async with council.region() as session:
        kept = (await session.scalars(select(Vacancy.flags))).one()
    assert kept == {
        "dbs_level": "enhanced",
        "barred_lists": ["adults", "children"],
        "regulated_registration": "Social Work England",
        "weeks_per_year": 39,
    }


async def test_what_is_no_file_of_rows_is_refused(council: Ats) -> None:
    assert (await post(council, b"{}", "application/json")).status_code == 415
    answer = await post(council, b"x" * 10, CSV, employer="XXX")
    assert answer.status_code == 404


async def test_more_rows_than_an_upload_takes_are_refused_and_what_was_before_is_done(
    council: Ats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "MAX_ROWS", 3)
    monkeypatch.setattr(commands, "BATCH", 2)
    upload = str(uuid4())
    answer = await post(council, ndjson(*(row(number) for number in range(4))), upload_id=upload)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_rows")
    assert (await read(council, upload)).json()["created"] == 2


async def test_this_route_alone_takes_a_large_body(council: Ats) -> None:
    large = ndjson(row(1)) + b"\n" * (3 * 1024 * 1024)
    assert statuses((await post(council, large)).json()) == ["created"]
    headers = council.headers(Scope.VACANCIES_WRITE) | {"Content-Type": "application/json"}
    assert (await council.client.post("/v1/vacancies", content=large, headers=headers)).status_code == 413
    declared = await council.client.post(
        "/v1/vacancies/bulk?employer=SAW",
        content=b"",
        headers=council.headers(Scope.VACANCIES_WRITE) | {"Content-Type": NDJSON, "Content-Length": str(65 * 2**20)},
    )
    assert declared.status_code == 413


async def test_the_manuals_examples_are_taken(council: Ats) -> None:
    assert statuses(await send(council, NDJSON_EXAMPLE.encode())) == ["created", "created"]
    assert statuses((await post(council, CSV_EXAMPLE.encode(), CSV)).json()) == ["created", "created"]


async def test_the_smallest_vacancy_has_at_most_twelve_fields_and_the_manual_says_which(council: Ats) -> None:
    """With its natural key it has nine."""
    smallest = SMALLEST | {"source_system": "talentlink", "external_reference": "REQ-1"}
    assert len(smallest) <= 12
    assert statuses(await send(council, smallest)) == ["created"]
    for name in SMALLEST:
        missing = {each: value for each, value in smallest.items() if each != name}
        assert statuses(await send(council, missing)) == ["refused"], name
    document = (await council.client.get("/openapi.json")).json()
    stated = document["components"]["schemas"]["VacancyCreate"]["description"]
    assert all(name in stated for name in SMALLEST)


async def test_rows_are_for_those_who_may_write(council: Ats) -> None:
    person = await council.staff(Role.RECRUITER)
    assert person.id
    headers = council.headers(Scope.VACANCIES_READ) | {"Content-Type": NDJSON}
    answer = await council.client.post("/v1/vacancies/bulk?employer=SAW", content=ndjson(row(1)), headers=headers)
    assert answer.status_code == 403


async def test_a_refused_row_comes_back_under_the_name_that_its_sender_gave_it(council: Ats) -> None:
    report = await send(
        council, row(1, title=""), row(2, employer="DUD"), row(3, external_reference=7), row(4), row(4), b"{"
    )
    assert [each["external_reference"] for each in report["results"]] == [
        "REQ-1",
        "REQ-2",
        None,
        "REQ-4",
        "REQ-4",
        None,
    ]
    assert statuses(report) == ["refused", "refused", "refused", "created", "refused", "refused"]
