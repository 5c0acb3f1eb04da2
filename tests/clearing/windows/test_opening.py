from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.clearing.vacancy_mirror.models import ClearingPolicy, Vacancy
from services.clearing.vacancy_mirror.states import WindowOrder
from shared.database import transaction
from shared.events.base import ContactWithLink
from shared.reference.employers import employer_id
from shared.tenancy import REGION
from shared.vocabulary import Service, VacancyState
from tests.clearing.conftest import Scene
from tests.factories import clearing as make
from tests.factories.clearing import HOUSING_YEAR, MONDAY


async def test_a_vacancy_in_clearing_is_suggested_to_who_fits_and_ats_is_told(scene: Scene) -> None:
    asha = await scene.active()
    await scene.active(occupations=[{"title": "Gardener", "soc2020": "5113", "months": 60}])
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    match = await scene.my_match(asha)
    assert match["vacancy"]["title"] == "Housing officer"
    (opened,) = await scene.told("clearing.window_opened.v1")
    assert (opened["matched"], opened["content_version"]) == (1, 1)
    assert opened["window_id"] == (await scene.window(vacancy.vacancy_id))["id"]


async def test_r17_a_window_closes_at_the_last_second_of_the_fifth_working_day_after(scene: Scene) -> None:
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    window = await scene.window(vacancy.vacancy_id)
    assert (window["opened_at"], window["closes_at"]) == ("2026-11-16T09:00:00Z", "2026-11-23T23:59:59Z")


async def test_the_suggestion_carries_a_link_to_the_persons_own_page(scene: Scene) -> None:
    asha = await scene.active(name="Asha Moreton", email="asha@people.example")
    await scene.hear(make.vacancy())
    match = await scene.my_match(asha)
    (sealed,) = await scene.sealed("clearing.match_suggested.v1", ContactWithLink)
    assert (sealed.name, sealed.email) == ("Asha Moreton", "asha@people.example")
    token = sealed.link.rsplit("/l/", 1)[1]
    opened = await scene.post("/v1/link-sessions", {}, {"token": token}, expect=201)
    assert (opened["purpose"], opened["path"]) == ("registrant", f"/my/matches/{match['id']}")
    assert opened["subject_id"] == str(asha)


async def test_the_events_of_a_match_hold_nothing_personal(scene: Scene) -> None:
    await scene.active(name="Asha Moreton", email="asha@people.example")
    await scene.hear(make.vacancy())
    (suggested,) = await scene.told("clearing.match_suggested.v1")
    assert "Asha" not in str(suggested)
    assert "people.example" not in str(suggested)


async def in_sequence(scene: Scene) -> None:
    """Birmingham opens its windows one after the other."""
    policy = ClearingPolicy(
        employer_id=employer_id("BIR"),
        effective_from=MONDAY.date(),
        window_order=WindowOrder.SEQUENTIAL,
        window_working_days=5,
    )
    async with transaction(scene.world.sessions[Service.CLEARING], REGION) as session:
        session.add(policy)


async def test_r20_in_sequence_a_vacancy_that_suits_nobody_in_the_region_waits_for_neither_window(scene: Scene) -> None:
    await in_sequence(scene)
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    await scene.at(datetime(2026, 11, 17, 7, 0, tzinfo=UTC))
    (released,) = await scene.told("clearing.vacancy_released.v1")
    assert (released["reason"], released["released_at"]) == ("nobody_matched", "2026-11-17T07:00:00Z")


async def test_r20_in_sequence_somebody_elsewhere_who_fits_keeps_both_windows(scene: Scene) -> None:
    await in_sequence(scene)
    first, second = make.vacancy(), make.vacancy()
    await scene.hear(first)
    await scene.active()  # of Sandwell, verified before the first would be released
    await scene.hear(second)
    await scene.at(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    for vacancy in (first, second):
        assert (await scene.window(vacancy.vacancy_id))["state"] == "internal_window"


async def test_r16_in_sequence_the_own_council_comes_first_and_the_region_after(scene: Scene) -> None:
    await in_sequence(scene)
    own = await scene.active(employer="BIR")
    other = await scene.active()
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    assert (await scene.window(vacancy.vacancy_id))["state"] == "internal_window"
    assert (await scene.my_match(own))["closes_at"] == "2026-11-23T23:59:59Z"
    assert (await scene.get("/v1/me/matches", await scene.person(other)))["items"] == []
    await scene.at(datetime(2026, 11, 24, 8, 0, tzinfo=UTC))
    window = await scene.window(vacancy.vacancy_id)
    assert (window["state"], window["closes_at"]) == ("regional_window", "2026-12-01T23:59:59Z")
    match = await scene.my_match(other)
    assert match["suggested_at"] == "2026-11-24T07:00:00Z"


async def test_r16_in_sequence_the_region_has_no_turn_once_the_own_council_has_taken_the_opening(scene: Scene) -> None:
    await in_sequence(scene)
    own, other = await scene.active(employer="BIR"), await scene.active()
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    referral_id = await scene.referred(own, home="BIR")
    offer = await scene.decide("BIR", referral_id, "request-offer", make.terms(), expect=202)
    await scene.hear(make.reserved((await scene.told("clearing.opening_requested.v1"))[-1]))
    await scene.post(f"/v1/me/offers/{offer['id']}/accept", await scene.person(own))
    await scene.at(datetime(2026, 11, 24, 8, 0, tzinfo=UTC))
    assert (await scene.window(vacancy.vacancy_id))["state"] == "filled"
    assert (await scene.get("/v1/me/matches", await scene.person(other)))["items"] == []


async def test_r20_in_sequence_the_region_releases_the_next_morning_where_nobody_fits_any_more(scene: Scene) -> None:
    await in_sequence(scene)
    other = await scene.active()
    await scene.hear(make.vacancy())
    await scene.post(f"/v1/registrations/{other}/close", await scene.hr("SAW"), {"reason": "no_longer_at_risk"})
    await scene.at(datetime(2026, 11, 24, 8, 0, tzinfo=UTC))
    assert await scene.told("clearing.vacancy_released.v1") == []
    await scene.at(datetime(2026, 11, 25, 8, 0, tzinfo=UTC))
    (released,) = await scene.told("clearing.vacancy_released.v1")
    assert (released["reason"], released["released_at"]) == ("nobody_matched", "2026-11-25T07:00:00Z")


async def test_r18_an_exempt_vacancy_is_released_at_once(scene: Scene) -> None:
    await scene.active()
    vacancy = make.vacancy(clearing_exemption="member_appointment")
    await scene.hear(vacancy)
    (released,) = await scene.told("clearing.vacancy_released.v1")
    assert (released["reason"], released["released_at"]) == ("exempt", "2026-11-16T09:00:00Z")
    assert await scene.told("clearing.match_suggested.v1") == []


async def test_an_older_version_changes_nothing(scene: Scene) -> None:
    vacancy = make.vacancy(version=7, title="Senior housing officer")
    await scene.hear(vacancy)
    await scene.hear(vacancy.model_copy(update={"version": 6, "title": "Housing officer"}))
    async with transaction(scene.world.sessions[Service.CLEARING], REGION) as session:
        kept = await session.get_one(Vacancy, vacancy.vacancy_id)
    assert (kept.version, kept.title) == (7, "Senior housing officer")
    assert len(await scene.told("clearing.window_opened.v1")) == 1


async def test_the_same_vacancy_told_twice_opens_one_window(scene: Scene) -> None:
    asha = await scene.active()
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    await scene.hear(vacancy)
    await scene.hear(vacancy.model_copy(update={"version": 4}))
    assert len(await scene.told("clearing.window_opened.v1")) == 1
    assert len((await scene.get("/v1/me/matches", await scene.person(asha)))["items"]) == 1


async def test_versions_in_any_order_open_the_same_window(scene: Scene) -> None:
    changed_at = MONDAY + timedelta(hours=5)
    first = make.vacancy(version=3, content_version=1)
    second = first.model_copy(update={"version": 5, "content_version": 2, "content_changed_at": changed_at})
    late = make.vacancy(version=3, content_version=1)
    late_second = late.model_copy(update={"version": 5, "content_version": 2, "content_changed_at": changed_at})
    for event in (first, second, late_second, late):
        await scene.hear(event, occurred_at=MONDAY + timedelta(days=9))
    in_order, shuffled = await scene.window(first.vacancy_id), await scene.window(late.vacancy_id)
    assert in_order["opened_at"] == shuffled["opened_at"] == "2026-11-16T14:00:00Z"
    assert in_order["closes_at"] == shuffled["closes_at"]


async def test_r21_a_material_change_restarts_the_window(scene: Scene) -> None:
    asha = await scene.active()
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    changed_at = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
    await scene.at(changed_at)
    await scene.hear(vacancy.model_copy(update={"version": 4, "content_version": 2, "content_changed_at": changed_at}))
    window = await scene.window(vacancy.vacancy_id)
    assert (window["content_version"], window["closes_at"]) == (2, "2026-11-25T23:59:59Z")
    matches = (await scene.get("/v1/me/matches", await scene.person(asha)))["items"]
    assert [each["state"] for each in matches] == ["suggested", "superseded"]


async def test_r21_an_interest_goes_on_in_the_new_window_and_is_not_asked_for_again(scene: Scene) -> None:
    asha = await scene.active()
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    referral_id = await scene.referred(asha)
    await scene.hear(vacancy.model_copy(update={"version": 4, "content_version": 2, "hours_per_week": "35"}))
    mine = (await scene.get("/v1/me/referrals", await scene.person(asha)))["items"]
    assert [(each["id"], each["state"]) for each in mine] == [(str(referral_id), "referred")]
    matches = (await scene.get("/v1/me/matches", await scene.person(asha)))["items"]
    assert {each["state"]: each["id"] for each in matches}["interested"] == mine[0]["match_id"]
    assert len(await scene.told("clearing.match_suggested.v1")) == 1


async def test_r21_an_interest_ends_where_the_new_content_is_out_of_reach(scene: Scene) -> None:
    asha = await scene.active()
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    await scene.referred(asha)
    harder = HOUSING_YEAR.model_copy(update={"months": 120})
    await scene.hear(vacancy.model_copy(update={"version": 4, "content_version": 2, "essential": (harder,)}))
    mine = (await scene.get("/v1/me/referrals", await scene.person(asha)))["items"]
    assert mine[0]["state"] == "vacancy_closed"
    assert (await scene.told("clearing.referral_outcome_recorded.v1"))[-1]["outcome"] == "vacancy_closed"


async def test_a_typo_does_not_restart_the_window(scene: Scene) -> None:
    vacancy = make.vacancy(title="Housing oficer")
    await scene.hear(vacancy)
    before = await scene.window(vacancy.vacancy_id)
    await scene.hear(vacancy.model_copy(update={"version": 4, "title": "Housing officer"}))
    assert await scene.window(vacancy.vacancy_id) == before


async def test_on_hold_the_clock_stops_and_goes_on_with_the_days_that_were_left(scene: Scene) -> None:
    asha = await scene.active()
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    wednesday = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
    await scene.at(wednesday)
    await scene.hear(vacancy.model_copy(update={"version": 4, "state": VacancyState.ON_HOLD}))
    assert (await scene.window(vacancy.vacancy_id))["state"] == "on_hold"
    await scene.at(datetime(2026, 12, 7, 10, 0, tzinfo=UTC))
    assert await scene.told("clearing.vacancy_released.v1") == []
    await scene.hear(vacancy.model_copy(update={"version": 5}))
    window = await scene.window(vacancy.vacancy_id)
    # Held on Wednesday with Thursday, Friday and Monday left; resumed on Monday 7 December.
    assert (window["state"], window["closes_at"]) == ("window", "2026-12-10T23:59:59Z")
    assert (await scene.my_match(asha))["closes_at"] == "2026-12-10T23:59:59Z"


async def test_a_cancelled_vacancy_ends_what_was_suggested_and_every_interest(scene: Scene) -> None:
    asha, budd = await scene.active(), await scene.active()
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    referral_id = await scene.referred(asha)
    await scene.hear(vacancy.model_copy(update={"version": 4, "state": VacancyState.CANCELLED}))
    assert (await scene.window(vacancy.vacancy_id))["state"] == "withdrawn"
    assert (await scene.my_match(budd))["state"] == "void"
    mine = (await scene.get("/v1/me/referrals", await scene.person(asha)))["items"]
    assert [(each["id"], each["state"]) for each in mine] == [(str(referral_id), "vacancy_closed")]


async def test_a_newly_verified_person_meets_the_windows_that_are_open(scene: Scene) -> None:
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    await scene.at(datetime(2026, 11, 16, 15, 0, tzinfo=UTC))
    asha = await scene.active()
    match = await scene.my_match(asha)
    assert match["vacancy"]["id"] == str(vacancy.vacancy_id)
    assert (await scene.window(vacancy.vacancy_id))["matched"] == 1


async def test_nobody_is_suggested_a_vacancy_of_which_they_know_nothing_yet(scene: Scene) -> None:
    """A draft is told to clearing too: it opens nothing."""
    asha = await scene.active()
    await scene.hear(make.vacancy(state=VacancyState.APPROVAL_PENDING, entered_clearing_at=None))
    assert (await scene.get("/v1/me/matches", await scene.person(asha)))["items"] == []


async def test_telling_many_takes_as_many_statements_as_telling_one(scene: Scene) -> None:
    counts = []
    for wanted in (1, 5):
        while len(await scene.told("clearing.registration_verified.v1")) < wanted:
            await scene.active()
        with scene.statements() as seen:
            await scene.hear(make.vacancy())
        counts.append(len(seen))
    assert [each["matched"] for each in await scene.told("clearing.window_opened.v1")] == [1, 5]
    assert counts[0] == counts[1]
