"""What `make seed-jobs` loads is as the commands would have left it: every list and every next step works."""

from __future__ import annotations

from typing import Any

from shared.vocabulary import Role, Scope
from tests.bench.seed_jobs import seed_jobs
from tests.factories.ats import Ats

READ = (Scope.VACANCIES_READ, Scope.APPLICATIONS_READ, Scope.REPORTS_READ)


async def read(council: Ats, path: str) -> Any:
    answer = await council.client.get(f"/v1/{path}", headers=council.headers(*READ, employers="region"))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def load(council: Ats, **more: Any) -> None:
    services = council.services
    url = services.parts.environment(services.database)["ATS_OWNER_DATABASE_URL"]
    seed_jobs(url, now=council.now, vacancies=60, candidates=500, **more)


async def test_every_list_shows_what_was_loaded(live_council: Ats) -> None:
    await load(live_council)
    vacancies = (await read(live_council, "vacancies?state=live&limit=200"))["items"]
    assert len(vacancies) == 60
    assert len((await read(live_council, "jobs?limit=200"))["items"]) == 60
    assert (await read(live_council, "jobs/facets"))["total"] == 60
    applied = 0
    for vacancy in vacancies:
        of_it = f"vacancies/{vacancy['id']}"
        assert (await read(live_council, of_it))["is_approved"]
        assert [each["state"] for each in await read(live_council, f"{of_it}/approvals")] == ["approved"]
        steps = [each["event"] for each in await read(live_council, f"{of_it}/timeline")]
        assert steps[:4] == ["approved", "clearing_entered", "released", "advert_live"]
        found = (await read(live_council, f"applications?vacancy_id={vacancy['id']}&limit=200"))["items"]
        assert steps.count("applied") == len(found)
        applied += len(found)
    assert applied == 500
    assert (await read(live_council, "reports/time-to-hire"))["measures"]


async def test_what_was_loaded_goes_on_like_any_other(live_council: Ats) -> None:
    first = await live_council.create()
    await load(live_council)
    second = await live_council.create()
    numbers = [int(each["reference"][-5:]) for each in (first, second)]
    loaded = (await read(live_council, "vacancies?state=live&employer=SAW&limit=200"))["items"]
    assert numbers[1] - numbers[0] == len(loaded) + 1, "references go on behind those that were loaded"
    found = (await read(live_council, "applications?stage=submitted&limit=200"))["items"]
    [one] = [each for each in found if each["vacancy_id"] == loaded[0]["id"]][:1]
    manager = await live_council.staff(Role.HIRING_MANAGER)
    shortlisted = await live_council.decide(f"/v1/applications/{one['id']}/shortlist", manager)
    assert (shortlisted.status_code, shortlisted.json()["stage"]) == (200, "shortlisted")
    closed = await live_council.client.post(
        f"/v1/vacancies/{loaded[0]['id']}/close", headers=live_council.headers(Scope.VACANCIES_WRITE)
    )
    assert closed.json()["state"] == "closed"
    assert (await live_council.client.get(f"/v1/jobs/{loaded[0]['id']}")).status_code == 410
    shown = await live_council.apply(loaded[1])
    assert shown["stage"] == "submitted"


async def test_the_keys_of_people_are_the_instance_s_own(live_council: Ats) -> None:
    """Somebody who was loaded and applies again is the same person."""
    await load(live_council)
    async with live_council.region() as session:
        connection = await session.connection()
        query = (
            "SELECT a.vacancy_id, c.email FROM ats.applications a JOIN ats.candidate_contacts c"
            " ON c.application_id = a.id WHERE a.stage = 'submitted' ORDER BY a.id LIMIT 1"
        )
        found = (await connection.exec_driver_sql(query)).mappings().one()
    answer = await live_council.client.post(
        f"/v1/jobs/{found['vacancy_id']}/applications",
        json={"name": "Amara Osei", "email": found["email"], "answers": [], "supporting_statement": ""},
        headers=live_council.headers(Scope.JOBS_APPLY, employers="region"),
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "already_applied")
