"""`Idempotency-Key`: one change and one answer, however often and however closely together it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, select, update

from services.ats.vacancies.models import Vacancy
from shared.database import transaction
from shared.idempotency import fingerprint_of, forget_old_keys, idempotency_keys, lock_of
from shared.principals import PrincipalKind
from shared.tenancy import REGION
from shared.vocabulary import Role, Scope, Service
from tests.factories.ats import vacancy_body
from tests.factories.identity import grant, make_staff

Bearer = Callable[..., dict[str, str]]
PATH = "/v1/vacancies"


@pytest.fixture
def sandwell(bearer: Bearer) -> dict[str, str]:
    return bearer(Scope.VACANCIES_READ, Scope.VACANCIES_WRITE, employers=("SAW",))


def with_key(headers: dict[str, str], key: str = "k1") -> dict[str, str]:
    return headers | {"Idempotency-Key": key}


async def count(sessions) -> int:
    async with transaction(sessions, REGION) as session:
        return await session.scalar(select(func.count()).select_from(Vacancy)) or 0


async def test_the_same_request_again_gets_the_first_answer_byte_for_byte(
    world, ats: httpx.AsyncClient, sandwell: dict[str, str]
) -> None:
    before = await count(world.sessions[Service.ATS])
    first = await ats.post(PATH, json=vacancy_body(), headers=with_key(sandwell))
    again = await ats.post(PATH, json=vacancy_body(), headers=with_key(sandwell))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("content-type", "etag", "location"):
        assert again.headers[name] == first.headers[name]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await count(world.sessions[Service.ATS]) == before + 1


async def test_the_first_answer_stays_the_answer_when_the_thing_has_changed(
    ats: httpx.AsyncClient, sandwell: dict[str, str]
) -> None:
    first = await ats.post(PATH, json=vacancy_body(), headers=with_key(sandwell))
    changed = await ats.patch(first.headers["location"], json={"grade": "Grade 7"}, headers=sandwell)
    assert changed.status_code == 200
    assert (await ats.post(PATH, json=vacancy_body(), headers=with_key(sandwell))).content == first.content


async def test_another_body_under_the_same_key_is_refused(ats: httpx.AsyncClient, sandwell: dict[str, str]) -> None:
    await ats.post(PATH, json=vacancy_body(), headers=with_key(sandwell))
    other = await ats.post(PATH, json=vacancy_body(openings=2), headers=with_key(sandwell))
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert other.json()["field"] == "Idempotency-Key"


async def test_another_query_person_or_version_under_the_same_key_is_refused(
    world, ats: httpx.AsyncClient, sandwell: dict[str, str]
) -> None:
    async with transaction(world.sessions[Service.ATS], REGION) as session:
        person = await make_staff(session, grant(Role.RECRUITER, "SAW"), email="r@saw.example")
    await ats.post(PATH, json=vacancy_body(), headers=with_key(sandwell))
    for url, more in (
        (f"{PATH}?validate_only=false", {}),
        (PATH, {"On-Behalf-Of": str(person.id)}),
        (PATH, {"If-Match": '"v1"'}),
    ):
        other = await ats.post(url, json=vacancy_body(), headers=with_key(sandwell) | more)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused"), (url, more)


async def test_a_rehearsal_leaves_the_key_to_the_change(
    world, ats: httpx.AsyncClient, sandwell: dict[str, str]
) -> None:
    before = await count(world.sessions[Service.ATS])
    rehearsed = await ats.post(f"{PATH}?validate_only=true", json=vacancy_body(), headers=with_key(sandwell))
    made = await ats.post(PATH, json=vacancy_body(), headers=with_key(sandwell))
    assert (rehearsed.status_code, made.status_code) == (200, 201)
    assert await count(world.sessions[Service.ATS]) == before + 1


async def test_a_refusal_is_not_kept(ats: httpx.AsyncClient, sandwell: dict[str, str]) -> None:
    refused = await ats.post(PATH, json=vacancy_body(employer="WLV"), headers=with_key(sandwell))
    assert refused.status_code == 404
    assert (await ats.post(PATH, json=vacancy_body(), headers=with_key(sandwell))).status_code == 201


async def test_another_callers_key_is_another_key(
    ats: httpx.AsyncClient, sandwell: dict[str, str], bearer: Bearer
) -> None:
    other = bearer(Scope.VACANCIES_WRITE, employers=("SAW",))
    first = await ats.post(PATH, json=vacancy_body(), headers=with_key(sandwell))
    second = await ats.post(PATH, json=vacancy_body(), headers=with_key(other))
    assert second.status_code == 201
    assert second.json()["id"] != first.json()["id"]


@pytest.mark.parametrize("key", ["", "   ", "x" * 256])
async def test_a_key_that_is_none_is_refused(ats: httpx.AsyncClient, sandwell: dict[str, str], key: str) -> None:
    answer = await ats.post(PATH, json=vacancy_body(), headers=with_key(sandwell, key))
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_malformed")


async def test_twins_that_race_make_one_change(live) -> None:
    headers = with_key(live.signer.bearer(Scope.VACANCIES_WRITE, employers=("SAW",)))
    before = await count(live.sessions[Service.ATS])
    async with live.client(Service.ATS) as client:
        raced = await asyncio.gather(*(client.post(PATH, json=vacancy_body(), headers=headers) for _ in range(8)))
        again = await client.post(PATH, json=vacancy_body(), headers=headers)
    made = [each for each in raced if each.status_code == 201]
    assert made
    assert {each.status_code for each in raced} <= {201, 409}
    assert {each.content for each in made} == {again.content}
    assert await count(live.sessions[Service.ATS]) == before + 1


async def test_a_twin_is_told_that_the_first_is_still_running(live) -> None:
    client_id = uuid4()
    headers = with_key(live.signer.bearer(Scope.VACANCIES_WRITE, employers=("SAW",), client_id=client_id))
    lock = lock_of(fingerprint_of(f"{PrincipalKind.CLIENT}:{client_id}", PATH, "k1"))
    async with live.client(Service.ATS) as client:
        async with transaction(live.sessions[Service.ATS], REGION) as first:
            await first.execute(select(func.pg_advisory_xact_lock(lock)))
            twin = await client.post(PATH, json=vacancy_body(), headers=headers)
        after = await client.post(PATH, json=vacancy_body(), headers=headers)
    assert (twin.status_code, twin.json()["code"], twin.headers["retry-after"]) == (409, "still_running", "1")
    assert after.status_code == 201


async def test_keys_are_forgotten_after_48_hours(world, ats: httpx.AsyncClient, sandwell: dict[str, str]) -> None:
    sessions = world.sessions[Service.ATS]

    async def forget(age: timedelta) -> int:
        async with transaction(sessions, REGION) as session:
            await session.execute(update(idempotency_keys).values(stored_at=func.clock_timestamp() - age))
            return await forget_old_keys(session, world.clock.now())

    first = await ats.post(PATH, json=vacancy_body(), headers=with_key(sandwell))
    assert await forget(timedelta(hours=47)) == 0
    assert await forget(timedelta(hours=49)) == 1
    anew = await ats.post(PATH, json=vacancy_body(), headers=with_key(sandwell))
    assert (anew.status_code, anew.json()["id"] == first.json()["id"]) == (201, False)


async def test_a_route_that_acts_before_anyone_is_known_replays_too(world) -> None:
    email = {"email": "amy@people.example"}
    async with world.client(Service.CLEARING) as clearing:
        first = await clearing.post("/v1/sign-in-links", json=email, headers={"Idempotency-Key": "k1"})
        again = await clearing.post("/v1/sign-in-links", json=email, headers={"Idempotency-Key": "k1"})
    assert first.is_success
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
