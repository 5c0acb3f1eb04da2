"""Nobody starts before what their post asks for was checked, or waived by somebody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.ats.checks.due import raise_due_checks
from services.ats.worker import DUE
from shared.vocabulary import Role, Scope
from tests.factories.ats import Ats
from tests.factories.checks import passing

CARE = {"dbs_level": "enhanced", "barred_lists": ["adults"], "requires_driving": True}
START = {"starts_on": "2027-02-01"}


async def accepted(council: Ats, person: Any, **vacancy: Any) -> str:
    """The application of somebody who has accepted an offer."""
    live = await council.live(**vacancy)
    [candidate] = await council.at_interview(live, person)
    offer = (await council.decide(f"/v1/applications/{candidate['id']}/offers", person, council.terms())).json()
    assert (await council.decide(f"/v1/offers/{offer['id']}/accept", person)).status_code == 200
    return candidate["id"]


async def check_of(council: Ats, application_id: str, kind: str) -> dict[str, Any]:
    return next(each for each in (await council.checks(application_id))["checks"] if each["kind"] == kind)


async def application(council: Ats, application_id: str) -> dict[str, Any]:
    url = f"/v1/applications/{application_id}"
    headers = council.headers(Scope.APPLICATIONS_READ, Scope.APPLICATIONS_WRITE)
    return (await council.client.get(url, headers=headers)).json()


async def waive(council: Ats, check: dict[str, Any], asker: Any, approver: Any, ends_on: str) -> Any:
    asked = {"reason": "The certificate is late", "risk_assessment": "Never alone with anyone", "ends_on": ends_on}
    answer = await council.decide(f"/v1/checks/{check['id']}/ask-waiver", asker, asked)
    assert (answer.status_code, answer.json()["waiver"]) == (200, "asked"), answer.text
    return await council.decide(f"/v1/checks/{check['id']}/approve-waiver", approver)


async def test_clearing_a_candidate_is_refused_until_every_check_is_passed_and_names_the_missing(council: Ats) -> None:
    person = await council.staff(Role.HIRING_MANAGER)
    mine = await accepted(council, person, flags=CARE)
    shown = await council.checks(mine)
    everything = ["identity", "right_to_work", "dbs", "barred_list", "driving", "occupational_health", "references"]
    assert shown["missing"] == [each["kind"] for each in shown["checks"]] == everything
    assert (shown["engagement"], shown["policy_version"]) == ("external", 0)
    before = await application(council, mine)
    assert (before["checks_outstanding"], "clear" in before["allowed_actions"]) == (7, False)
    await council.pass_checks(mine, person, but=("dbs", "driving"))
    refused = await council.decide(f"/v1/applications/{mine}/clear", person, START)
    assert (refused.status_code, refused.json()["code"]) == (409, "checks_missing")
    assert refused.json()["missing"] == ["dbs", "driving"]
    await council.pass_checks(mine, person)
    after = await application(council, mine)
    assert (after["checks_outstanding"], "clear" in after["allowed_actions"]) == (0, True)
    cleared = await council.decide(f"/v1/applications/{mine}/clear", person, START)
    assert (cleared.status_code, cleared.json()["stage"]) == (200, "cleared")


async def test_a_check_records_its_rule_method_evidence_and_who_when(council: Ats) -> None:
    person = await council.staff(Role.HIRING_MANAGER)
    mine = await accepted(council, person)
    check = await check_of(council, mine, "right_to_work")
    today = council.now.date()
    until = (today + timedelta(days=400)).isoformat()
    body = passing(check, today, method="online_share_code", is_time_limited=True, follow_up_on=until)
    done = (await council.decide(f"/v1/checks/{check['id']}/pass", person, body)).json()
    wanted = {
        "required_by": ["right_to_work_of_newcomers"],
        "outcome": "passed",
        "method": "online_share_code",
        "evidence_reference": "EDRMS/2026/4471",
        "checked_by": str(person.id),
        "checked_on": today.isoformat(),
        "copied_on": today.isoformat(),
        "follow_up_on": until,
        "due_on": (today + timedelta(days=372)).isoformat(),
    }
    assert {name: done[name] for name in wanted} == wanted


async def test_a_share_code_is_stored_nowhere(council: Ats) -> None:
    person = await council.staff(Role.HIRING_MANAGER)
    mine = await accepted(council, person)
    check = await check_of(council, mine, "right_to_work")
    body = passing(check, council.now.date(), method="online_share_code", evidence_reference="W12 3AB 45C")
    refused = await council.decide(f"/v1/checks/{check['id']}/pass", person, body)
    assert (refused.status_code, refused.json()["code"]) == (422, "share_code_not_kept")
    assert "W12" not in refused.text
    assert (await check_of(council, mine, "right_to_work"))["outcome"] == "outstanding"


async def test_a_waiver_is_approved_by_another_person_than_who_asked_and_who_checked(council: Ats) -> None:
    manager, hr = await council.staff(Role.HIRING_MANAGER), await council.staff(Role.COUNCIL_HR)
    mine = await accepted(council, manager, flags={"dbs_level": "standard"})
    await council.pass_checks(mine, manager, but=("dbs",))
    check = await check_of(council, mine, "dbs")
    own = await waive(council, check, hr, hr, "2027-03-01")
    assert (own.status_code, own.json()["code"]) == (409, "waiver_needs_another")
    nobodys = await council.decide(f"/v1/checks/{check['id']}/approve-waiver", manager)
    assert nobodys.status_code == 403
    granted = (await waive(council, check, manager, hr, "2027-03-01")).json()
    assert (granted["waiver"], granted["waiver_role"], granted["waiver_ends_on"]) == (
        "approved",
        "council_hr",
        "2027-03-01",
    )
    assert (await council.decide(f"/v1/applications/{mine}/clear", manager, START)).status_code == 200


async def test_a_waiver_that_ends_before_the_first_day_lets_nobody_start(council: Ats) -> None:
    manager, hr = await council.staff(Role.HIRING_MANAGER), await council.staff(Role.COUNCIL_HR)
    mine = await accepted(council, manager, flags={"dbs_level": "standard"})
    await council.pass_checks(mine, manager, but=("dbs",))
    await waive(council, await check_of(council, mine, "dbs"), manager, hr, "2027-01-31")
    refused = await council.decide(f"/v1/applications/{mine}/clear", manager, START)
    assert refused.json()["missing"] == ["dbs"]
    earlier = await council.decide(f"/v1/applications/{mine}/clear", manager, {"starts_on": "2027-01-31"})
    assert earlier.status_code == 200


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("not-applicable", {"reason": "No need"}),
        ("ask-waiver", {"reason": "Late", "risk_assessment": "None seen", "ends_on": "2027-03-01"}),
    ],
)
async def test_a_right_to_work_is_neither_waived_nor_called_not_applicable(
    council: Ats, verb: str, body: dict[str, Any]
) -> None:
    person = await council.staff(Role.HIRING_MANAGER)
    mine = await accepted(council, person)
    check = await check_of(council, mine, "right_to_work")
    refused = await council.decide(f"/v1/checks/{check['id']}/{verb}", person, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "check_not_waivable")
    assert check["allowed_actions"] == ["pass", "fail"]


async def test_a_check_that_fails_after_the_clearance_keeps_the_person_from_being_hired(council: Ats) -> None:
    person = await council.staff(Role.HIRING_MANAGER)
    mine = await accepted(council, person)
    await council.pass_checks(mine, person)
    await council.decide(f"/v1/applications/{mine}/clear", person, START)
    check = await check_of(council, mine, "references")
    await council.decide(f"/v1/checks/{check['id']}/fail", person, {"reason": "Dates differ"})
    refused = await council.decide(f"/v1/applications/{mine}/hire", person)
    assert (refused.json()["code"], refused.json()["missing"]) == ("checks_missing", ["references"])
    assert "hire" not in (await application(council, mine))["allowed_actions"]
    await council.decide(f"/v1/checks/{check['id']}/pass", person, passing(check, council.now.date()))
    assert (await council.decide(f"/v1/applications/{mine}/hire", person)).status_code == 200


async def test_every_outcome_stays_in_a_history_that_nobody_can_change(council: Ats) -> None:
    person = await council.staff(Role.HIRING_MANAGER)
    mine = await accepted(council, person)
    check = await check_of(council, mine, "occupational_health")
    await council.decide(f"/v1/checks/{check['id']}/fail", person, {"reason": "An adjustment is needed"})
    await council.decide(f"/v1/checks/{check['id']}/pass", person, passing(check, council.now.date()))
    answer = await council.client.get(
        f"/v1/checks/{check['id']}/history", headers=council.headers(Scope.APPLICATIONS_READ)
    )
    told = [(each["step"], each["words"], each["actor_id"]) for each in answer.json()]
    assert told == [("failed", "An adjustment is needed", str(person.id)), ("passed", None, str(person.id))]
    for statement in (
        "UPDATE ats.check_entries SET words = 'Fine'",
        "UPDATE ats.check_entries SET step = 'passed', words = NULL",
        "DELETE FROM ats.check_entries",
    ):
        with pytest.raises(DBAPIError):
            async with council.region() as session, session.begin_nested():
                await session.execute(text(statement))
    async with council.region() as session:
        await session.execute(text("UPDATE ats.check_entries SET words = NULL, evidence_reference = NULL"))
        kept = await session.scalars(text("SELECT step FROM ats.check_entries ORDER BY id"))
        assert kept.all() == ["failed", "passed"]


async def test_who_the_candidate_is_changes_what_is_asked_and_keeps_what_was_found(council: Ats) -> None:
    person = await council.staff(Role.HIRING_MANAGER)
    mine = await accepted(council, person)
    await council.pass_checks(mine, person, but=("references",))
    url = f"/v1/applications/{mine}/checks"
    internal = (await council.decide(url, person, {"engagement": "internal", "has_lived_abroad": True})).json()
    assert internal["missing"] == ["overseas"]
    assert {each["kind"] for each in internal["checks"] if each["is_required"]} == {"overseas"}
    again = (await council.decide(url, person, {"engagement": "external", "has_lived_abroad": False})).json()
    assert again["missing"] == ["references"]
    assert {each["outcome"] for each in again["checks"] if each["kind"] == "identity"} == {"passed"}


async def test_an_employers_rules_count_for_offers_accepted_from_their_day_on(council: Ats) -> None:
    admin, person = await council.staff(Role.COUNCIL_ADMIN), await council.staff(Role.HIRING_MANAGER)
    before = await accepted(council, person)
    today = council.now.date()
    rule = {"code": "right_to_work", "check": "right_to_work", "engagements": ["external"]}
    url, headers = "/v1/employers/SAW/check-policy", council.headers(Scope.VACANCIES_WRITE, on_behalf_of=admin.id)
    past = {"valid_from": (today - timedelta(days=1)).isoformat(), "rules": [rule]}
    refused = await council.client.put(url, json=past, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "policy_in_the_past")
    later = {"valid_from": (today + timedelta(days=1)).isoformat(), "rules": [rule]}
    set_out = (await council.client.put(url, json=later, headers=headers)).json()
    assert (set_out["version"], set_out["to_come"]) == (0, [later["valid_from"]])
    council.services.clock.advance(timedelta(days=1))
    after = await accepted(council, person)
    assert (await council.checks(after))["missing"] == ["right_to_work"]
    assert (await council.checks(after))["policy_version"] == 1
    assert len((await council.checks(before))["missing"]) == 4


async def test_who_accepted_before_checks_were_kept_is_told_how_to_have_them_set_out(council: Ats) -> None:
    person = await council.staff(Role.HIRING_MANAGER)
    mine = await accepted(council, person)
    async with council.region() as session:
        for statement in (
            "DELETE FROM ats.pre_employment_checks",
            "DELETE FROM ats.check_plans",
            "UPDATE ats.applications SET checks_outstanding = NULL",
        ):
            await session.execute(text(statement))
    refused = await council.decide(f"/v1/applications/{mine}/clear", person, START)
    assert refused.json()["code"] == "checks_missing"
    assert "POST /v1/applications/{application_id}/checks" in refused.json()["next_step"]
    body = {"engagement": "external", "has_lived_abroad": False}
    assert len((await council.decide(f"/v1/applications/{mine}/checks", person, body)).json()["checks"]) == 4


async def test_checks_of_somebody_who_has_not_accepted_are_not_set_out(council: Ats) -> None:
    live, person = await council.live(), await council.staff(Role.HIRING_MANAGER)
    candidate = await council.apply(live)
    body = {"engagement": "external", "has_lived_abroad": False}
    refused = await council.decide(f"/v1/applications/{candidate['id']}/checks", person, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "stage_not_reachable")


async def _raise_due(council: Ats) -> int:
    async with council.region() as session:
        return await raise_due_checks(session, council.now)


async def _alerts(council: Ats, mine: str) -> list[str]:
    vacancy_id = (await application(council, mine))["vacancy_id"]
    answer = await council.client.get(
        f"/v1/vacancies/{vacancy_id}/alerts", headers=council.headers(Scope.VACANCIES_READ)
    )
    return [each["code"] for each in answer.json()]


async def test_a_follow_up_that_falls_due_alerts_the_employer_with_notice_and_on_the_day(council: Ats) -> None:
    assert raise_due_checks in DUE
    person = await council.staff(Role.HIRING_MANAGER)
    mine = await accepted(council, person)
    check = await check_of(council, mine, "right_to_work")
    until = council.now.date() + timedelta(days=100)
    body = passing(check, council.now.date(), is_time_limited=True, follow_up_on=until.isoformat())
    await council.decide(f"/v1/checks/{check['id']}/pass", person, body)
    council.services.clock.advance(timedelta(days=71))
    assert await _raise_due(council) == 0
    council.services.clock.advance(timedelta(days=1))
    assert (await _raise_due(council), await _raise_due(council)) == (1, 0)
    assert await _alerts(council, mine) == ["check_due_soon"]
    council.services.clock.advance(timedelta(days=28))
    listed = await council.client.get("/v1/checks", headers=council.headers(Scope.APPLICATIONS_READ))
    assert [each["id"] for each in listed.json()["items"]] == [check["id"]]
    await _raise_due(council)
    assert await _alerts(council, mine) == ["check_due_soon", "check_run_out"]
    assert (await application(council, mine))["checks_outstanding"] == 4


async def test_a_waiver_that_ends_alerts_the_employer(council: Ats) -> None:
    manager, hr = await council.staff(Role.HIRING_MANAGER), await council.staff(Role.COUNCIL_HR)
    mine = await accepted(council, manager, flags={"dbs_level": "standard"})
    await council.pass_checks(mine, manager, but=("dbs",))
    ends_on = council.now.date() + timedelta(days=70)
    await waive(council, await check_of(council, mine, "dbs"), manager, hr, ends_on.isoformat())
    assert (await application(council, mine))["checks_outstanding"] == 0
    council.services.clock.advance(timedelta(days=71))
    assert await _raise_due(council) == 1
    assert await _alerts(council, mine) == ["check_waiver_ended"]
    assert (await application(council, mine))["checks_outstanding"] == 1


async def test_a_stale_version_records_nothing(council: Ats) -> None:
    person = await council.staff(Role.HIRING_MANAGER)
    mine = await accepted(council, person)
    check = await check_of(council, mine, "identity")
    headers = council.headers(Scope.APPLICATIONS_WRITE, on_behalf_of=person.id) | {"If-Match": '"v7"'}
    body = passing(check, council.now.date())
    stale = await council.client.post(f"/v1/checks/{check['id']}/pass", json=body, headers=headers)
    assert stale.status_code == 412
    assert (await check_of(council, mine, "identity"))["outcome"] == "outstanding"
