"""Who keeps a copy of the list hears of every change once, of deletions too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from shared.database import enter
from shared.tenancy import REGION
from shared.vocabulary import Scope, Service
from tests.factories.ats import NOW, Ats, vacancy_body

EVER = "2026-01-01T00:00:00Z"


async def page(council: Ats, updated_since: str, *, as_employers: Any = ("SAW",), **query: Any) -> dict[str, Any]:
    answer = await council.client.get(
        "/v1/vacancies",
        params={"updated_since": updated_since, **query},
        headers=council.headers(Scope.VACANCIES_READ, employers=as_employers),
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def follow(council: Ats, updated_since: str, **query: Any) -> tuple[list[str], list[str], str]:
    """The vacancies and the deleted ones of all pages, and the token of the last."""
    shown, gone, cursor = [], [], {}
    while True:
        found = await page(council, updated_since, **query, **cursor)
        shown += [each["id"] for each in found["items"]]
        gone += [each["id"] for each in found["deleted"]]
        assert (found["next_cursor"] is None) != (found["sync_token"] is None)
        if found["sync_token"] is not None:
            return shown, gone, found["sync_token"]
        cursor = {"cursor": found["next_cursor"]}


async def change(council: Ats, vacancy: dict[str, Any], **changes: Any) -> None:
    headers = council.headers(Scope.VACANCIES_WRITE)
    answer = await council.client.patch(f"/v1/vacancies/{vacancy['id']}", json=changes, headers=headers)
    assert answer.status_code == 200, answer.text


async def delete(council: Ats, vacancy: dict[str, Any]) -> None:
    headers = council.headers(Scope.VACANCIES_WRITE)
    assert (await council.client.delete(f"/v1/vacancies/{vacancy['id']}", headers=headers)).status_code == 200


async def test_what_leaves_a_state_is_told_so_following_takes_no_state(live_council: Ats) -> None:
    council = live_council
    vacancy = await council.live()
    _, _, token = await follow(council, EVER)
    for since in (EVER, token):
        refused = await council.client.get(
            "/v1/vacancies",
            params={"updated_since": since, "state": "live"},
            headers=council.headers(Scope.VACANCIES_READ),
        )
        assert refused.status_code == 422
        [error] = refused.json()["errors"]
        assert (error["field"], error["code"]) == ("updated_since", "takes_no_other_filter")
    await council.move(vacancy, "close", {"reason": "Enough strong applications"})
    [told] = (await page(council, token))["items"]
    assert (told["id"], told["state"]) == (vacancy["id"], "closed")


async def test_a_token_gives_what_changed_since_and_nothing_twice(live_council: Ats) -> None:
    council = live_council
    made = [await council.create(title=f"Housing officer {number}") for number in range(5)]
    shown, gone, token = await follow(council, EVER, limit=2)
    assert (shown, gone) == ([each["id"] for each in made], [])
    assert (await follow(council, token))[:2] == ([], [])
    await change(council, made[3], directorate="Housing")
    await delete(council, made[1])
    new = await council.create()
    shown, gone, token = await follow(council, token, limit=1)
    assert (shown, gone) == ([made[3]["id"], new["id"]], [made[1]["id"]])
    assert (await follow(council, token))[:2] == ([], [])


async def test_a_tombstone_says_which_it_was_and_when(live_council: Ats) -> None:
    made = await live_council.create(source_system="talentlink", external_reference="REQ-1")
    await delete(live_council, made)
    [tombstone] = (await page(live_council, EVER))["deleted"]
    assert tombstone == {
        "id": made["id"],
        "employer_id": made["employer_id"],
        "reference": made["reference"],
        "source_system": "talentlink",
        "external_reference": "REQ-1",
        "deleted_at": NOW.isoformat().replace("+00:00", "Z"),
    }


async def test_what_a_slow_transaction_commits_late_is_never_skipped(live_council: Ats) -> None:
    """Its change is older than one that was committed, and seen, before it."""
    council = live_council
    slow, fast = await council.create(), await council.create(title="Accountant")
    _, _, token = await follow(council, EVER)
    async with council.services.sessions[Service.ATS]() as session:
        await enter(session, REGION)
        await session.execute(text("UPDATE ats.vacancies SET version = version + 1 WHERE id = :id"), {"id": slow["id"]})
        await change(council, fast, directorate="Finance")
        shown, _, during = await follow(council, token)
        assert shown == []
        await session.commit()
    shown, _, after = await follow(council, during)
    assert shown == [slow["id"], fast["id"]]
    assert (await follow(council, after))[0] == []


async def test_an_instant_is_where_to_begin(live_council: Ats) -> None:
    early = await live_council.create()
    at = live_council.now.isoformat()
    assert (await follow(live_council, at))[0] == [early["id"]]
    assert (await follow(live_council, "2026-11-16T09:00:01Z"))[0] == []


async def test_filters_hold_for_changes_and_a_token_serves_the_filters_it_was_made_for(live_council: Ats) -> None:
    mine = await live_council.create()
    answer = await live_council.client.post(
        "/v1/vacancies",
        json=vacancy_body(employer="WLV"),
        headers=live_council.headers(Scope.VACANCIES_WRITE, employers=("WLV",)),
    )
    assert answer.status_code == 201
    shown, _, token = await follow(live_council, EVER, employer="SAW", as_employers="region")
    assert shown == [mine["id"]]
    headers = live_council.headers(Scope.VACANCIES_READ)
    for query in ({"updated_since": token}, {"updated_since": "yesterday"}, {"updated_since": token[:-2] + "AA"}):
        refused = await live_council.client.get("/v1/vacancies", params=query, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (400, "malformed_cursor")
        assert refused.json()["field"] == "updated_since"


async def test_another_councils_deletions_are_not_shown(live_council: Ats) -> None:
    made = await live_council.create()
    await delete(live_council, made)
    found = await page(live_council, EVER, as_employers=("WLV",))
    assert (found["items"], found["deleted"]) == ([], [])
