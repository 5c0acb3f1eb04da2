"""What a person and the two councils see of a match, and what a person may answer."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text

from shared.database import transaction
from shared.reference.employers import employer_id
from shared.tenancy import Tenancy
from shared.vocabulary import Scope, Service
from tests.clearing.conftest import Scene
from tests.factories import clearing as make


async def test_r51_a_person_reads_the_whole_explanation_of_their_match(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    match = await scene.my_match(asha)
    found = await scene.get(f"/v1/matches/{match['id']}", await scene.person(asha))
    explanation = found["explanation"]
    assert sum(factor["weight"] * factor["f"] for factor in explanation["factors"]) == found["score"]
    assert explanation["score"] == found["score"]
    assert explanation["is_eligible"] is True
    assert {each["constraint_id"] for each in explanation["constraints"]} >= {"band", "hours", "travel", "criterion:E1"}
    assert explanation["rank_key"].startswith("ring 2, tier 3,")
    assert found["allowed_actions"] == ["decline", "interest"]


async def test_the_home_councils_hr_reads_the_match_too(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    match = await scene.my_match(asha)
    hr = await scene.hr("SAW")
    assert (await scene.get(f"/v1/matches/{match['id']}", hr))["score"] == match["score"]
    assert len((await scene.get(f"/v1/matches?registration_id={asha}", hr))["items"]) == 1


async def test_r54_the_gaining_council_sees_a_number_and_no_match(scene: Scene) -> None:
    asha = await scene.active(name="Asha Moreton")
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    match = await scene.my_match(asha)
    gaining = await scene.hr("BIR")
    await scene.get(f"/v1/matches/{match['id']}", gaining, expect=404)
    assert (await scene.get("/v1/matches", gaining))["items"] == []
    answer = await scene.http.get(f"/v1/vacancies/{vacancy.vacancy_id}/clearing", headers=gaining)
    assert (answer.json()["matched"], answer.json()["referrals"]) == (1, [])
    assert "Asha" not in answer.text
    assert str(asha) not in answer.text


async def test_r54_the_database_itself_shows_a_match_to_its_person_and_home_council_only(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    readers = {
        "home": Tenancy.of([employer_id("SAW")]),
        "gaining": Tenancy.of([employer_id("BIR")]),
        "person": Tenancy.person(asha),
        "nobody": Tenancy(),
    }
    seen = {}
    for name, tenancy in readers.items():
        async with transaction(scene.world.sessions[Service.CLEARING], tenancy) as session:
            seen[name] = await session.scalar(text("SELECT count(*) FROM clearing.matches"))
    assert seen == {"home": 1, "gaining": 0, "person": 1, "nobody": 0}


async def test_a_third_council_finds_no_such_vacancy(scene: Scene) -> None:
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    await scene.get(f"/v1/vacancies/{vacancy.vacancy_id}/clearing", await scene.hr("DUD"), expect=404)


async def test_the_home_council_of_a_match_does_not_read_the_other_councils_clearing(scene: Scene) -> None:
    await scene.active()
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    await scene.get(f"/v1/vacancies/{vacancy.vacancy_id}/clearing", await scene.hr("SAW"), expect=404)


async def test_r52_what_a_dismissal_costs_is_for_the_home_council_alone(scene: Scene) -> None:
    asha = await scene.active()
    seen = {}
    readers = {"home": Tenancy.of([employer_id("SAW")]), "other": Tenancy.of([employer_id("BIR")])}
    for name, tenancy in (readers | {"person": Tenancy.person(asha)}).items():
        async with transaction(scene.world.sessions[Service.CLEARING], tenancy) as session:
            seen[name] = await session.scalar(text("SELECT count(*) FROM clearing.redundancy_costs"))
    assert seen == {"home": 1, "other": 0, "person": 0}


async def test_r35_declining_has_no_consequences_and_may_be_changed_while_the_window_is_open(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    match, person = await scene.my_match(asha), await scene.person(asha)
    declined = await scene.post(f"/v1/me/matches/{match['id']}/decline", person)
    assert (declined["state"], declined["allowed_actions"]) == ("declined", ["interest"])
    assert (await scene.get(f"/v1/registrations/{asha}", person))["state"] == "active"
    await scene.post(f"/v1/me/matches/{match['id']}/interest", person, expect=201)


async def test_after_the_close_a_suggestion_can_no_longer_be_answered(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    match = await scene.my_match(asha)
    # The close has come, the tick has not.
    scene.world.clock.advance(datetime(2026, 11, 24, 0, 0, tzinfo=UTC) - scene.world.clock.now())
    person = await scene.person(asha)
    refusal = await scene.post(f"/v1/me/matches/{match['id']}/interest", person, expect=409)
    assert refusal["code"] == "window_over"
    await scene.tick()
    refusal = await scene.post(f"/v1/me/matches/{match['id']}/interest", person, expect=409)
    assert (refusal["code"], refusal["state"]) == ("illegal_transition", "expired")


async def test_nobody_answers_for_somebody_else(scene: Scene) -> None:
    asha, budd = await scene.active(), await scene.active()
    await scene.hear(make.vacancy())
    match = await scene.my_match(asha)
    await scene.post(f"/v1/me/matches/{match['id']}/interest", await scene.person(budd), expect=404)
    await scene.post(f"/v1/me/matches/{match['id']}/interest", await scene.hr("SAW"), expect=403)


async def test_the_number_of_statements_of_a_list_does_not_grow_with_it(scene: Scene) -> None:
    asha = await scene.active()
    person = await scene.person(asha)
    counts = []
    for _ in range(2):
        for _ in range(4):
            await scene.hear(make.vacancy())
        with scene.statements() as seen:
            items = (await scene.get("/v1/me/matches", person))["items"]
        counts.append((len(items), len(seen)))
    assert [items for items, _ in counts] == [4, 8]
    assert counts[0][1] == counts[1][1]


async def test_a_coordinator_of_the_region_sees_every_councils_matches(scene: Scene) -> None:
    await scene.active()
    await scene.active(employer="DUD")
    await scene.hear(make.vacancy())
    everywhere = scene.world.signer.bearer(Scope.CLEARING_READ)
    homes = {each["registration_id"] for each in (await scene.get("/v1/matches", everywhere))["items"]}
    assert len(homes) == 2
