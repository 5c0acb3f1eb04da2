"""Nothing that lasts, nothing that is told and nothing that is logged joins a person to what they answered."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
import redis
from psycopg import sql
from sqlalchemy import select

from services.ats.equality.keeping import key_of
from services.ats.equality.models import EqualityAnswer
from services.ats.equality.questions import CONSENT_VERSION
from services.ats.equality.schemas import NOTHING_SAID
from shared.vocabulary import Role, Scope
from tests.ats.equality.test_equality import HALF_A_YEAR_LATER, OWN, answers, by_link, release, tables
from tests.factories.ats import Ats

SAID = {
    "ethnic_group": "gypsy_or_irish_traveller",
    "disability": "limited_a_little",
    "religion_or_belief": "buddhist",
    "caring_responsibilities": "children_and_adult",
}
EVERY_TABLE = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('ats', 'clearing', 'notifications')"
ANSWERS = "ats.equality_answers"


def everything(council: Ats) -> dict[str, list[str]]:
    """Every row of every table of the three services, in words, with the transaction that wrote it last.

    As the administrator of the database, who sees through row-level security.
    """
    services = council.services
    with psycopg.connect(services.parts.postgres.database_url(services.database)) as connection:
        names = [(row[0], row[1]) for row in connection.execute(EVERY_TABLE)]
        query = "SELECT t.xmin || ' ' || t::text FROM {} t"
        return {
            ".".join(name): sorted(row[0] for row in connection.execute(sql.SQL(query).format(sql.Identifier(*name))))
            for name in names
        }


def in_redis(council: Ats) -> str:
    """All that Redis holds, in words."""
    store = redis.Redis.from_url(council.services.parts.redis.url)
    readers = {
        b"string": store.get,
        b"hash": store.hgetall,
        b"set": store.smembers,
        b"list": lambda key: store.lrange(key, 0, -1),
        b"zset": lambda key: store.zrange(key, 0, -1, withscores=True),
        b"stream": store.xrange,
    }
    return "\n".join(f"{key!r} {readers[store.type(key)](key)!r}" for key in store.scan_iter())


async def test_answering_writes_one_row_with_nothing_of_the_person_and_nothing_anywhere_else(
    live_council: Ats, capfd: pytest.CaptureFixture[str]
) -> None:
    council = live_council
    vacancy = await council.live()
    candidates = [await council.apply(vacancy) for _ in range(2)]
    links = [await by_link(council, each) for each in candidates]
    before = everything(council)
    capfd.readouterr()
    by_api = await council.client.put(OWN, json=answers(**SAID), headers=links[0] | {"Idempotency-Key": "of-mine-1"})
    form = NOTHING_SAID | SAID | {"consent": CONSENT_VERSION}
    by_page = await council.client.post(
        "/my-application/equality", data=form, headers=links[1] | {"Idempotency-Key": "of-mine-2"}
    )
    unfit = await council.client.put(OWN, json=answers(**SAID | {"sex": "unheard_of"}), headers=links[0])
    assert [by_api.status_code, by_page.status_code, unfit.status_code] == [204, 303, 422]
    after = everything(council)
    assert {name for name in after if after[name] != before[name]} == {ANSWERS}, "no record of who it was, of any kind"
    assert len(after[ANSWERS]) == 2
    async with council.region() as session:
        keys = [key.hex() for key in await session.scalars(select(EqualityAnswer.key))]
    output = capfd.readouterr()
    elsewhere = [row for name, rows in after.items() if name != ANSWERS for row in rows]
    told = [*elsewhere, in_redis(council), output.out, output.err, unfit.text, str(by_api.headers)]
    for secret in (*keys, *SAID.values(), "unheard_of"):
        assert not [each for each in told if secret in each], secret
    for row in after[ANSWERS]:
        for known in (vacancy["id"], vacancy["employer_id"], *(each["id"] for each in candidates), *SAID.values()):
            assert known not in row
            assert known.replace("-", "") not in row


async def test_the_database_alone_does_not_make_a_key(live_council: Ats) -> None:
    """Under another secret the same application has another key: what stands in the tables is not enough."""
    council = live_council
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    await council.client.put(OWN, json=answers(), headers=await by_link(council, candidate))
    rows = [row for name, found in everything(council).items() if name != ANSWERS for row in found]
    secret = council.services.parts.secrets["EQUALITY_SECRET"]
    assert not [row for row in rows if secret in row]
    async with council.region() as session:
        [key] = await session.scalars(select(EqualityAnswer.key))
    assert key == key_of(UUID(vacancy["id"]), UUID(candidate["id"]))


async def test_no_event_and_no_read_of_staff_shows_that_somebody_answered(live_council: Ats) -> None:
    council = live_council
    vacancy = await council.live()
    candidates = [await council.apply(vacancy) for _ in range(2)]
    headers = council.headers(Scope.APPLICATIONS_READ, Scope.VACANCIES_READ, Scope.EQUALITY_READ)
    urls = [
        f"/v1/applications/{candidates[0]['id']}",
        f"/v1/applications?vacancy_id={vacancy['id']}",
        f"/v1/vacancies/{vacancy['id']}",
        f"/v1/vacancies/{vacancy['id']}/timeline",
    ]
    before = [(await council.client.get(url, headers=headers)).text for url in urls]
    told = (await council.client.get("/v1/events", headers=headers)).json()["items"]
    await council.client.put(OWN, json=answers(**SAID), headers=await by_link(council, candidates[0]))
    assert [(await council.client.get(url, headers=headers)).text for url in urls] == before
    assert (await council.client.get("/v1/events", headers=headers)).json()["items"] == told
    for caller in (headers, {}):
        assert (await council.client.get(OWN, headers=caller)).status_code in {401, 403}


async def test_moving_a_candidate_on_changes_no_answer_and_a_release_names_nobody(live_council: Ats) -> None:
    council = live_council
    vacancy = await council.live()
    person = await council.staff(Role.HIRING_MANAGER)
    candidates = [await council.apply(vacancy) for _ in range(2)]
    for each in candidates:
        await council.client.put(OWN, json=answers(**SAID), headers=await by_link(council, each))
    before = everything(council)[ANSWERS]
    shortlisted = await council.decide(f"/v1/applications/{candidates[0]['id']}/shortlist", person)
    assert shortlisted.status_code == 200, shortlisted.text
    assert everything(council)[ANSWERS] == before, "no later step of a person betrays their row"
    council.services.clock.advance(HALF_A_YEAR_LATER)
    assert await release(council) == 1
    assert everything(council)[ANSWERS] == []
    released = await tables(council)
    assert released
    assert all(count in {None, 0} for _, people in released for counts in people.values() for count in counts)
    for known in (vacancy["id"], *(each["id"] for each in candidates)):
        assert known not in str(released)
