"""What a recruitment freeze lets through, as a pure rule."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.ats.establishment.models import RecruitmentFreeze
from services.ats.establishment.rules import RecruitmentFrozen, refuse_frozen_post
from tests.factories.ats import NOW, SAW

SAFETY = {"code": "safety", "label": "The law asks for it"}
GRANT = {"code": "grant", "label": "Paid by a grant"}


def freeze(*grounds: dict[str, str], **changes: Any) -> RecruitmentFreeze:
    values: dict[str, Any] = {
        "employer_id": SAW,
        "starts_on": date(2026, 11, 1),
        "ends_on": None,
        "allowed_grounds": list(grounds),
        "families": [],
        "reason": "No money",
        "made_by": None,
        "made_at": NOW,
    }
    return RecruitmentFreeze(**(values | changes))


def test_a_post_goes_through_on_a_ground_that_every_freeze_allows() -> None:
    refuse_frozen_post([], family="finance", ground=None)
    refuse_frozen_post([freeze(SAFETY, GRANT), freeze(SAFETY)], family="finance", ground="safety")
    with pytest.raises(RecruitmentFrozen):
        refuse_frozen_post([freeze(SAFETY, GRANT), freeze(SAFETY)], family="finance", ground="grant")


def test_a_freeze_of_some_families_leaves_the_others_alone() -> None:
    refuse_frozen_post([freeze(families=["legal"])], family="finance", ground=None)
    with pytest.raises(RecruitmentFrozen):
        refuse_frozen_post([freeze(families=["legal", "finance"])], family="finance", ground=None)


@pytest.mark.parametrize(("ends_on", "told"), [(None, None), (date(2027, 3, 31), "2027-03-31")])
def test_who_is_refused_is_told_the_grounds_and_the_end(ends_on: date | None, told: str | None) -> None:
    with pytest.raises(RecruitmentFrozen) as refused:
        refuse_frozen_post([freeze(SAFETY, ends_on=ends_on)], family="finance", ground=None)
    assert refused.value.field == "requisition.freeze_ground"
    assert refused.value.extra == {"allowed_grounds": [SAFETY], "ends_on": told}
