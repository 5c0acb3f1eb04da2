"""Which checks a post asks for, as data: the region's rules, until an employer dates rules of its own.

Figures. References over the last three years and a look abroad over the last five are the region's policy, not law;
a council may set others. Law sets what can never be waived or called not applicable: right to work (Immigration,
Asylum and Nationality Act 2006, s.15), the barred lists (Safeguarding Vulnerable Groups Act 2006, s.9), and a
registration that the work is unlawful without.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from services.ats.checks.states import CheckKind, Engagement, PostTrait

REFERENCE_YEARS = 3
ABROAD_YEARS = 5
NOTICE_DAYS = 28
"""How long before a check expires, or is to be followed up, somebody is told: the region's policy."""
NEVER_WAIVED = frozenset({CheckKind.RIGHT_TO_WORK, CheckKind.BARRED_LIST, CheckKind.REGISTRATION})
EVERYBODY = frozenset(Engagement)
NOT_YET_OURS = frozenset({Engagement.EXTERNAL, Engagement.AGENCY, Engagement.TEMPORARY})


@dataclass(frozen=True, slots=True)
class CheckRule:
    """`check` is asked for where all of it is true. `trait` and `only_from_abroad` ask nothing where not given."""

    code: str
    check: CheckKind
    engagements: frozenset[Engagement] = EVERYBODY
    contracts: frozenset[str] | None = None
    trait: PostTrait | None = None
    only_from_abroad: bool = False
    may_be_waived: bool = True

    @property
    def may_waive(self) -> bool:
        return self.may_be_waived and self.check not in NEVER_WAIVED

    def stored(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "check": self.check.value,
            "engagements": sorted(self.engagements),
            "contracts": None if self.contracts is None else sorted(self.contracts),
            "trait": None if self.trait is None else self.trait.value,
            "only_from_abroad": self.only_from_abroad,
            "may_be_waived": self.may_be_waived,
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        contracts, trait = stored["contracts"], stored["trait"]
        return cls(
            stored["code"],
            CheckKind(stored["check"]),
            frozenset(Engagement(each) for each in stored["engagements"]),
            None if contracts is None else frozenset(contracts),
            None if trait is None else PostTrait(trait),
            stored["only_from_abroad"],
            stored["may_be_waived"],
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules in force on a day. Version 0 is the region's own."""

    version: int
    valid_from: date
    rules: tuple[CheckRule, ...]
    reference_years: int = REFERENCE_YEARS
    abroad_years: int = ABROAD_YEARS


K, T = CheckKind, PostTrait
REGION_DEFAULT = Policy(
    version=0,
    valid_from=date(2026, 4, 1),
    rules=(
        CheckRule("identity_of_newcomers", K.IDENTITY, NOT_YET_OURS, may_be_waived=False),
        CheckRule("right_to_work_of_newcomers", K.RIGHT_TO_WORK, NOT_YET_OURS),
        CheckRule("dbs_of_the_post", K.DBS, trait=T.DBS),
        CheckRule("barred_lists_of_the_post", K.BARRED_LIST, trait=T.BARRED_LISTS),
        CheckRule("registration_of_the_post", K.REGISTRATION, trait=T.REGISTRATION),
        CheckRule("qualifications_of_the_post", K.QUALIFICATIONS, trait=T.QUALIFICATION),
        CheckRule("driving_of_the_post", K.DRIVING, trait=T.DRIVING),
        # An agency's worker is seen by the agency's own occupational health.
        CheckRule(
            "health_of_new_employees",
            K.OCCUPATIONAL_HEALTH,
            frozenset({Engagement.EXTERNAL, Engagement.TEMPORARY}),
        ),
        CheckRule("references_of_newcomers", K.REFERENCES, NOT_YET_OURS),
        CheckRule("references_for_safeguarding", K.REFERENCES, trait=T.SAFEGUARDING, may_be_waived=False),
        CheckRule("record_from_abroad", K.OVERSEAS, only_from_abroad=True),
    ),
)
