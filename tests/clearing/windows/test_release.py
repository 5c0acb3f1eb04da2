from __future__ import annotations

from datetime import UTC, datetime

from shared.vocabulary import VacancyState
from tests.clearing.conftest import Scene
from tests.factories import clearing as make

MONTH_LATER = datetime(2026, 12, 16, 9, 0, tzinfo=UTC)
MORNING_AFTER = "2026-11-24T07:00:00Z"


async def released(scene: Scene) -> list[tuple[str, str]]:
    return [(each["reason"], each["released_at"]) for each in await scene.told("clearing.vacancy_released.v1")]


async def test_r20_where_nobody_fits_it_is_released_at_seven_on_the_next_working_day(scene: Scene) -> None:
    await scene.hear(make.vacancy())
    await scene.at(datetime(2026, 11, 17, 6, 59, 59, tzinfo=UTC))
    assert await released(scene) == []
    await scene.at(datetime(2026, 11, 17, 7, 0, tzinfo=UTC))
    assert await released(scene) == [("nobody_matched", "2026-11-17T07:00:00Z")]


async def test_r20_a_release_is_dated_with_the_instant_it_was_due_however_late_the_clock_ticks(scene: Scene) -> None:
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    await scene.at(MONTH_LATER)
    assert await released(scene) == [("nobody_matched", "2026-11-17T07:00:00Z")]
    window = await scene.window(vacancy.vacancy_id)
    assert (window["state"], window["release_reason"]) == ("released", "nobody_matched")


async def test_r20_opened_on_a_friday_it_is_released_on_monday(scene: Scene) -> None:
    friday = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
    await scene.at(friday)
    await scene.hear(make.vacancy(entered_clearing_at=friday))
    await scene.at(MONTH_LATER)
    assert await released(scene) == [("nobody_matched", "2026-11-23T07:00:00Z")]


async def test_r20_where_nobody_is_interested_it_is_released_the_morning_after_the_close(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    await scene.at(MONTH_LATER)
    assert await released(scene) == [("no_eligible_interest", "2026-11-24T07:00:00Z")]
    assert (await scene.my_match(asha))["state"] == "expired"


async def test_r20_somebody_who_fits_after_all_gives_the_window_its_full_time(scene: Scene) -> None:
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    await scene.at(datetime(2026, 11, 16, 15, 0, tzinfo=UTC))
    asha = await scene.active()
    await scene.at(datetime(2026, 11, 18, 9, 0, tzinfo=UTC))
    assert await released(scene) == []
    assert (await scene.window(vacancy.vacancy_id))["state"] == "window"
    assert (await scene.my_match(asha))["state"] == "suggested"
    await scene.at(MONTH_LATER)
    assert await released(scene) == [("no_eligible_interest", "2026-11-24T07:00:00Z")]


async def test_r19_an_interest_without_an_outcome_blocks_release(scene: Scene) -> None:
    asha = await scene.active()
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    await scene.referred(asha)
    await scene.at(MONTH_LATER)
    assert await released(scene) == []
    assert (await scene.window(vacancy.vacancy_id))["state"] == "review"


async def test_r19_a_pending_interview_blocks_release(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.referred(asha)
    await scene.decide("BIR", referral_id, "offer-interview", {})
    await scene.at(MONTH_LATER)
    assert await released(scene) == []


async def test_r19_when_all_were_answered_in_time_it_is_released_the_morning_after_the_close(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.referred(asha)
    body = {"unmet_criteria": ["E1"], "reasons": "The year was in another field."}
    await scene.decide("BIR", referral_id, "not-shortlist", body)
    await scene.tick()
    assert await released(scene) == []
    await scene.at(MONTH_LATER)
    assert await released(scene) == [("all_outcomes_given", MORNING_AFTER)]


async def test_r20_an_interest_that_was_taken_back_before_the_close_is_none(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.interested(asha)
    await scene.post(f"/v1/me/referrals/{referral_id}/withdraw", await scene.person(asha))
    await scene.at(datetime(2026, 11, 24, 6, 59, tzinfo=UTC))
    assert await released(scene) == []
    await scene.at(datetime(2026, 11, 24, 7, 0, tzinfo=UTC))
    assert await released(scene) == [("no_eligible_interest", MORNING_AFTER)]


async def test_r19_an_answer_after_the_close_releases_at_that_instant(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.referred(asha)
    answered_at = datetime(2026, 11, 25, 11, 30, tzinfo=UTC)
    await scene.at(answered_at)
    body = {"unmet_criteria": ["E1"], "reasons": "The year was in another field."}
    await scene.decide("BIR", referral_id, "not-shortlist", body)
    await scene.tick()
    assert await released(scene) == [("all_outcomes_given", "2026-11-25T11:30:00Z")]


async def test_r20_an_answer_after_the_close_and_before_the_morning_waits_for_the_morning(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.interested(asha)
    await scene.at(datetime(2026, 11, 24, 6, 0, tzinfo=UTC))
    await scene.decide("SAW", referral_id, "not-refer", {"reasons": "Asha has taken another route."})
    await scene.tick()
    assert await released(scene) == []
    await scene.at(datetime(2026, 11, 24, 7, 0, tzinfo=UTC))
    assert await released(scene) == [("all_outcomes_given", MORNING_AFTER)]


async def test_r19_hr_saying_not_referred_is_an_outcome(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.interested(asha)
    await scene.decide("SAW", referral_id, "not-refer", {"reasons": "Asha has taken another route."})
    await scene.at(MONTH_LATER)
    assert await released(scene) == [("all_outcomes_given", MORNING_AFTER)]


async def test_only_the_release_names_the_content_it_was_given_for(scene: Scene) -> None:
    vacancy = make.vacancy(content_version=4)
    await scene.hear(vacancy)
    await scene.at(MONTH_LATER)
    (told,) = await scene.told("clearing.vacancy_released.v1")
    assert (told["content_version"], told["vacancy_id"]) == (4, str(vacancy.vacancy_id))
    assert told["window_id"] == (await scene.window(vacancy.vacancy_id))["id"]


async def test_a_vacancy_whose_only_opening_was_accepted_is_filled_and_not_released(scene: Scene) -> None:
    asha, budd = await scene.active(), await scene.active()
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    waiting = await scene.referred(budd)
    await scene.decide("BIR", waiting, "offer-interview", {})
    first = await scene.referred(asha)
    await scene.decide("BIR", first, "offer-interview", {})
    await scene.decide("BIR", first, "interviewed")
    offer = await scene.decide("BIR", first, "request-offer", make.terms(), expect=202)
    await scene.hear(make.reserved((await scene.told("clearing.opening_requested.v1"))[-1]))
    await scene.post(f"/v1/me/offers/{offer['id']}/accept", await scene.person(asha))
    await scene.hear(vacancy.model_copy(update={"version": 9, "openings_remaining": 0}))
    assert (await scene.window(vacancy.vacancy_id))["state"] == "filled"
    mine = (await scene.get("/v1/me/referrals", await scene.person(budd)))["items"]
    assert mine[0]["state"] == "vacancy_closed"
    await scene.at(MONTH_LATER)
    assert await released(scene) == []


async def test_an_accepted_opening_counts_before_ats_has_heard_of_it(scene: Scene) -> None:
    asha = await scene.active()
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    await scene.accepted(asha)
    await scene.at(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
    assert await released(scene) == []
    assert (await scene.window(vacancy.vacancy_id))["state"] == "filled"


async def test_with_an_opening_left_an_accepted_offer_does_not_hold_up_the_release(scene: Scene) -> None:
    asha = await scene.active()
    vacancy = make.vacancy(openings=2, openings_remaining=2)
    await scene.hear(vacancy)
    await scene.accepted(asha)
    await scene.at(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
    assert await released(scene) == [("all_outcomes_given", MORNING_AFTER)]


async def test_a_vacancy_cancelled_during_its_window_is_never_released(scene: Scene) -> None:
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    await scene.hear(vacancy.model_copy(update={"version": 4, "state": VacancyState.CANCELLED}))
    await scene.at(MONTH_LATER)
    assert await released(scene) == []


async def test_the_board_shows_how_many_days_clearing_added_for_nobody(scene: Scene) -> None:
    await scene.hear(make.vacancy())
    await scene.at(MONTH_LATER)
    board = await scene.get("/v1/board", await scene.hr("BIR"))
    assert board["unmatched_vacancies"] == 1
    # From Monday 9 am to Tuesday 7 am.
    assert board["days_added_to_unmatched_median"] == 0.92
