"""Posts of the establishment, one open requisition each, and freezes that let through named grounds alone."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from shared.vocabulary import Role, Scope
from tests.factories.ats import Ats, vacancy_body

REQUISITION = {
    "post_id": "HOU-0417",
    "cost_code": "R4120",
    "reason": "replacement",
    "freeze_ground": None,
    "agency_cover": {"weekly_cost_pence": 98_000},
}
FREEZE = {
    "starts_on": "2026-11-01",
    "allowed_grounds": [{"code": "statutory", "label": "The law obliges us to fill it"}],
    "reason": "In-year budget measures",
}


async def freeze(council: Ats, **changes: Any) -> dict[str, Any]:
    administrator = await council.staff(Role.COUNCIL_ADMIN)
    headers = council.headers(Scope.VACANCIES_WRITE, on_behalf_of=administrator.id)
    answer = await council.client.post("/v1/employers/SAW/freezes", json=FREEZE | changes, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_requisition_names_its_post_its_budget_its_reason_and_its_agency_cover(council: Ats) -> None:
    made = await council.create(requisition=REQUISITION)
    assert (await council.read(made))["requisition"] == REQUISITION


async def test_a_second_open_requisition_for_the_same_post_is_refused_with_where_the_first_is(council: Ats) -> None:
    first = await council.create(requisition=REQUISITION)
    body = vacancy_body(requisition={"post_id": "HOU-0417"})
    headers = council.headers(Scope.VACANCIES_WRITE)
    for query in ("", "?validate_only=true"):
        second = await council.client.post(f"/v1/vacancies{query}", json=body, headers=headers)
        assert (second.status_code, second.json()["code"]) == (409, "post_has_open_requisition")
        assert second.json()["existing"] == f"/v1/vacancies/{first['id']}"
    other = await council.create()
    moved = await council.client.patch(
        f"/v1/vacancies/{other['id']}", json={"requisition": {"post_id": "HOU-0417"}}, headers=headers
    )
    assert moved.json()["code"] == "post_has_open_requisition"


async def test_a_post_whose_requisition_has_ended_may_be_asked_for_again(council: Ats) -> None:
    first = await council.create(requisition=REQUISITION)
    await council.move(first, "cancel", {"reason": "Not wanted"})
    await council.create(requisition=REQUISITION)
    await council.create(requisition=REQUISITION, employer="DUD")


async def test_two_requisitions_that_race_for_one_post_make_one(live_council: Ats) -> None:
    body = vacancy_body(requisition=REQUISITION)
    headers = live_council.headers(Scope.VACANCIES_WRITE)
    post = live_council.client.post
    answers = await asyncio.gather(*(post("/v1/vacancies", json=body, headers=headers) for _ in range(4)))
    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409]
    refused = {each.json().get("code") for each in answers if each.status_code == 409}
    assert refused == {"post_has_open_requisition"}


async def test_in_a_freeze_only_an_allowed_ground_goes_for_approval(council: Ats) -> None:
    await freeze(council)
    vacancy = await council.create()
    refused = await council.move(vacancy, "submit")
    assert (refused.status_code, refused.json()["code"]) == (409, "recruitment_frozen")
    assert refused.json()["allowed_grounds"] == FREEZE["allowed_grounds"]
    attested = {"approved_at": council.now.isoformat(), "approved_by": "Head", "reference": "WF-1"}
    assert (await council.move(vacancy, "attest-approval", attested)).json()["code"] == "recruitment_frozen"
    allowed = await council.create(requisition={"freeze_ground": "statutory"})
    assert (await council.move(allowed, "submit")).json()["state"] == "approval_pending"


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_on": "2026-11-17"},
        {"ends_on": "2026-11-15"},
        {"families": ["democratic_electoral"]},
    ],
)
async def test_a_freeze_covers_its_days_and_its_families_alone(council: Ats, changes: dict[str, Any]) -> None:
    await freeze(council, **changes)
    assert (await council.move(await council.create(), "submit")).status_code == 200


async def test_a_freeze_that_began_after_the_request_stops_the_approval(council: Ats) -> None:
    approver = await council.staff(Role.APPROVER)
    vacancy = await council.create()
    await council.move(vacancy, "submit")
    await freeze(council)
    answer = await council.move(vacancy, "approve", on_behalf_of=approver.id)
    assert answer.json()["code"] == "recruitment_frozen"


async def test_a_lifted_freeze_holds_nothing_up_and_is_lifted_once(council: Ats) -> None:
    made = await freeze(council)
    administrator = await council.staff(Role.COUNCIL_ADMIN)
    headers = council.headers(Scope.VACANCIES_WRITE, on_behalf_of=administrator.id)

    async def lift() -> httpx.Response:
        path = f"/v1/freezes/{made['id']}/lift"
        return await council.client.post(path, json={"reason": "The budget was set"}, headers=headers)

    assert (await lift()).json()["lifted_at"] is not None
    assert (await lift()).json()["code"] == "freeze_lifted"
    assert (await council.move(await council.create(), "submit")).status_code == 200


async def test_a_freeze_is_an_administrators_decision(council: Ats) -> None:
    recruiter = await council.staff(Role.RECRUITER)
    headers = council.headers(Scope.VACANCIES_WRITE, on_behalf_of=recruiter.id)
    answer = await council.client.post("/v1/employers/SAW/freezes", json=FREEZE, headers=headers)
    assert answer.json()["code"] == "person_may_not_decide"


async def test_an_establishment_shows_what_is_vacant_by_family(council: Ats) -> None:
    figures = [
        {"family": "housing_homelessness", "established_fte": "84.5", "in_post_fte": "75", "agency_fte": "6"},
        {"family": "democratic_electoral", "established_fte": "5", "in_post_fte": "6"},
    ]
    headers = council.headers(Scope.VACANCIES_WRITE, Scope.VACANCIES_READ)
    path = "/v1/employers/SAW/establishment"
    await council.client.put(path, json={"as_at": "2026-10-01", "figures": figures[1:]}, headers=headers)
    await council.client.put(path, json={"as_at": "2026-11-01", "figures": figures}, headers=headers)
    shown = (await council.client.get(path, headers=headers)).json()["figures"]
    assert [(each["family"], each["vacant_fte"], each["as_at"]) for each in shown] == [
        ("democratic_electoral", "0", "2026-11-01"),
        ("housing_homelessness", "9.5", "2026-11-01"),
    ]
    stranger = council.headers(Scope.VACANCIES_READ, employers=("DUD",))
    assert (await council.client.get(path, headers=stranger)).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"flags": {"dbs_level": "standard", "barred_lists": ["adults"]}},
        {"flags": {"pay_supplement": {"kind": "market_supplement", "amount_pence": 250_000, "paid": "yearly"}}},
        {"requisition": {"agency_cover": {}}},
        {"requisition": {"reason": "because"}},
    ],
)
async def test_a_flag_comes_with_what_it_needs(council: Ats, wrong: dict[str, Any]) -> None:
    headers = council.headers(Scope.VACANCIES_WRITE)
    answer = await council.client.post("/v1/vacancies", json=vacancy_body(**wrong), headers=headers)
    assert answer.status_code == 422, answer.text


async def test_flags_are_kept_and_changing_one_voids_the_approval(council: Ats) -> None:
    supplement = {
        "kind": "golden_hello",
        "amount_pence": 200_000,
        "paid": "once",
        "approved_by": "Pay panel",
        "approved_on": "2026-11-02",
        "reference": "PP-14",
    }
    given = {"dbs_level": "enhanced", "barred_lists": ["children"], "pay_supplement": supplement, "is_hybrid": True}
    vacancy = await council.in_clearing(flags=given)
    assert {name: vacancy["flags"][name] for name in given} == given
    changed = await council.client.patch(
        f"/v1/vacancies/{vacancy['id']}",
        json={"flags": given | {"requires_driving": True}},
        headers=council.headers(Scope.VACANCIES_WRITE),
    )
    assert changed.json()["is_approved"] is False


@pytest.mark.parametrize("contract", ["graduate", "returner", "temporary_pool"])
async def test_schemes_and_the_temporary_pool_are_kinds_of_contract(council: Ats, contract: str) -> None:
    assert (await council.create(contract=contract))["contract"] == contract
