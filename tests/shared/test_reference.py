from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reference import employers, occupations, pay, places, skills
from shared.reference.employers import EmployerKind, EmployerNotKnown
from shared.reference.pay import PayYearNotKnown, PointNotOnSpine, SpineStatus

APRIL_2024, APRIL_2025, APRIL_2026 = date(2024, 4, 1), date(2025, 4, 1), date(2026, 4, 1)


def test_the_region_has_33_councils_of_four_types() -> None:
    types = [council.council_type for council in employers.councils()]
    assert {kind: types.count(kind) for kind in set(types)} == {
        "metropolitan": 7,
        "county": 3,
        "unitary": 4,
        "district": 19,
    }


def test_every_code_is_its_own_and_every_parent_exists() -> None:
    codes = [body.code for body in employers.employers()]
    assert len(set(codes)) == len(codes) == 41
    assert {body.parent for body in employers.employers() if body.parent} <= set(codes)
    districts = [council for council in employers.councils() if council.tier == "district"]
    assert {council.parent for council in districts} == {"STS", "WAR", "WOR"}


def test_an_employers_id_is_a_fixed_function_of_its_code() -> None:
    assert str(employers.employer_id("SAW")) == "581f899e-a2a7-5daa-966a-5339bc0e8b50"
    assert employers.employer_id(" saw ") == employers.employer("SAW").id
    assert employers.employer_of_gss("E08000028").code == "SAW"


def test_bodies_beside_the_councils_recruit_too() -> None:
    assert employers.employer("WMCA").kind is EmployerKind.COMBINED_AUTHORITY
    assert employers.employer("BCTR").parent == "BIR"
    with pytest.raises(EmployerNotKnown):
        employers.employer("XXX")


def test_an_employer_exists_from_its_first_day() -> None:
    shropshire = employers.employer("SHR")
    assert shropshire.exists_on(date(2009, 4, 1))
    assert not shropshire.exists_on(date(2009, 3, 31))


def test_outcodes_cover_the_region_and_its_neighbours_only() -> None:
    held = places.outcodes()
    assert len(held) == 483
    assert sum(place.is_west_midlands for place in held.values()) == 235
    assert "SW1A" not in held


@pytest.mark.parametrize(
    ("postcode", "outcode"), [("b66 3ab", "B66"), ("B663AB", "B66"), ("B66", "B66"), ("SW1A 1AA", None), ("", None)]
)
def test_the_outcode_of_a_postcode(postcode: str, outcode: str | None) -> None:
    assert places.outcode_of(postcode) == outcode


@given(st.sampled_from(sorted(places.outcodes())), st.sampled_from(sorted(places.outcodes())))
def test_distance_is_the_same_both_ways_and_nought_at_home(one: str, other: str) -> None:
    assert places.metres_between(one, other) == places.metres_between(other, one)
    assert places.metres_between(one, one) == 0


def test_distances_are_great_circles() -> None:
    assert places.metres_between("B1", "CV1") == pytest.approx(28_000, abs=1500)
    assert places.metres_between("B1", "ZZ9") is None
    assert places.metres_of_miles(10) == 16_093


def test_the_nearest_council_area_is_a_first_guess() -> None:
    assert places.nearest_council_area("B66") == "SAW"
    assert places.nearest_council_area("WV1") == "WLV"
    assert places.nearest_council_area("ZZ9") is None


def test_the_spine_marks_what_is_derived() -> None:
    assert pay.spine_point(23, APRIL_2026).annual_pence == 3_557_000
    assert pay.spine_point(23, APRIL_2026).status is SpineStatus.DERIVED
    assert pay.spine_point(23, APRIL_2025).status is SpineStatus.AGREED
    assert min(pay.spine(APRIL_2026)) == 3
    with pytest.raises(PointNotOnSpine):
        pay.spine_point(2, APRIL_2026)


@pytest.mark.parametrize("year", [APRIL_2024, APRIL_2025, APRIL_2026])
def test_every_point_has_one_band_by_point_and_the_same_by_pounds(year: date) -> None:
    for scp, point in pay.spine(year).items():
        assert pay.band_of_point(scp, year) == pay.band_of_pay(point.annual_pence, year)


def test_an_uplift_moves_the_pounds_and_not_the_band() -> None:
    assert {pay.band_of_point(23, year) for year in (APRIL_2024, APRIL_2025, APRIL_2026)} == {5}
    assert pay.band_of_point(2, APRIL_2026) == 1


@pytest.mark.parametrize(
    ("pounds", "band"),
    [(10_000, 1), (25_614, 1), (26_421, 1), (26_422, 2), (33_120, 4), (56_337, 9), (56_338, 10), (200_000, 12)],
)
def test_pay_is_in_the_highest_band_it_reaches_with_five_pounds_of_local_rounding(pounds: int, band: int) -> None:
    assert pay.band_of_pay(pounds * 100, APRIL_2026) == band


def test_a_band_is_that_of_the_top_of_the_range_and_of_the_day_it_was_paid() -> None:
    assert pay.band_of_range_top(on=APRIL_2026, scp=24) == 5
    assert pay.band_of_range_top(on=APRIL_2026, pence=3_658_100) == 5
    assert pay.band_of_range_top(on=date(2025, 7, 1), pence=3_636_300) == 6
    assert pay.band_of_range_top(on=date(2026, 7, 1), pence=3_636_300) == 5
    with pytest.raises(PointNotOnSpine):
        pay.band_of_range_top(on=APRIL_2026, scp=44)
    with pytest.raises(PointNotOnSpine):
        pay.band_of_range_top(on=APRIL_2026)


def test_a_persons_band_is_of_the_top_of_their_grade_before_their_pay() -> None:
    assert pay.band_of_person(on=APRIL_2026, grade_top_scp=24, fte_pence=3_367_300) == 5
    assert pay.band_of_person(on=APRIL_2026, fte_pence=3_311_900) == 4


def test_part_time_pay_becomes_full_time_pay() -> None:
    assert pay.full_time_pence(1_500_000, 1850) == 3_000_000
    assert pay.band_of_pay(pay.full_time_pence(1_500_000, 1850), APRIL_2026) == 3


def test_pay_of_two_years_is_compared_in_one_years_pounds() -> None:
    restated = pay.in_pay_year_of(3_443_400, paid_on=APRIL_2025, wanted_on=date(2026, 9, 1))
    assert abs(restated - 3_557_000) < 100
    assert pay.in_pay_year_of(3_443_401, paid_on=APRIL_2025, wanted_on=date(2026, 3, 31)) == 3_443_401


def test_a_date_before_the_first_pay_year_is_refused() -> None:
    with pytest.raises(PayYearNotKnown):
        pay.bands(date(2023, 4, 1))


def test_hourly_pay_is_the_years_pay_over_52_143_weeks_of_37_hours() -> None:
    point = pay.spine_point(10, APRIL_2025)
    assert point.hourly_pence == round(Decimal(point.annual_pence) / Decimal("52.143") / 37)


def test_there_are_26_families_and_every_unit_group_has_one() -> None:
    assert len(occupations.families()) == 26
    assert len(occupations.unit_groups()) == 412
    assert {group.family for group in occupations.unit_groups().values()} <= set(occupations.families())


def test_every_council_title_has_a_code_and_a_family_other_than_other() -> None:
    assert len(occupations.council_titles()) == 245
    for row in occupations.council_titles():
        assert row.soc2020 in occupations.unit_groups()
        assert occupations.family_of(row.title, row.soc2020) != "other"


def test_a_family_is_the_titles_override_before_the_codes() -> None:
    assert occupations.soc_of_title("  housing   OFFICER ") == "3223"
    assert occupations.family_of("Housing officer", "3223") == "housing_homelessness"
    assert occupations.family_of("Benefits assessor (public sector)", "4112") == "revenues_benefits"
    assert occupations.family_of(None, "2461") == "adult_social_care"
    assert occupations.family_of("Lion tamer", None) == "other"


def test_skills_have_a_family_three_levels_and_a_pointer_to_esco() -> None:
    held = skills.skills()
    assert len(held) == 294
    assert {skill.family for skill in held.values()} <= {*occupations.families(), "any"}
    assert held["minute_taking"].levels[0] == "Follows set steps with help"
    assert sum(skill.esco_id is not None for skill in held.values()) == 142
