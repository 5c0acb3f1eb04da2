"""From what a council writes to what is stored, and back. No database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from services.ats.vacancies.applying import Apply
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.pay_rules import pay_range
from services.ats.vacancies.requisition import Requisition
from services.ats.vacancies.schemas import VacancyChange, VacancyContent, VacancyPut
from services.ats.vacancies.states import ApplyMethod
from shared.errors import Invalid
from shared.field_errors import field_of, words_of
from shared.reference.occupations import family_of, soc_of_title
from shared.reference.places import outcode_of
from shared.vocabulary import Management

SAME_NAME = (
    "title",
    "hours_per_week",
    "contract",
    "grade",
    "scp_min",
    "scp_max",
    "contract_months",
    "working_pattern",
    "office_days_per_week",
    "directorate",
    "description",
    "starts_on",
    "closes_at",
    "advert_days",
    "publish_at",
    "hiring_manager_id",
    "clearing_exemption",
    "is_anonymised",
)
# Fields of which one is worked out from another: asked to be changed together.
TOGETHER = (
    frozenset({"scp_min", "scp_max", "salary_min_pence", "salary_max_pence", "pay_effective_from"}),
    frozenset({"title", "soc2020", "family"}),
)


class ContentInvalid(Invalid):
    code = "content_invalid"
    title = "The vacancy would not be valid after this change"


def columns_of(content: VacancyContent, *, today: date) -> dict[str, Any]:
    """The stored form: pay from the spine where it was not given, family and SOC from the title, the outward code."""
    scp = (content.scp_min, content.scp_max) if content.scp_min and content.scp_max else None
    pence = content.salary_min_pence, content.salary_max_pence
    pay = pay_range(
        scp=scp,
        pence=(pence[0], pence[1]) if pence[0] and pence[1] else None,
        on=today,
        effective_from=content.pay_effective_from,
    )
    soc2020 = content.soc2020 or soc_of_title(content.title)
    return (
        {name: getattr(content, name) for name in SAME_NAME}
        | {
            "salary_min_pence": pay.min_pence,
            "salary_max_pence": pay.max_pence,
            "pay_effective_from": pay.effective_from,
            "soc2020": soc2020,
            "family": content.family or family_of(content.title, soc2020),
            "postcode": _full_postcode(content.postcode),
            "outcode": outcode_of(content.postcode),
            "openings_count": content.openings,
            "essential": [each.model_dump(mode="json", exclude_none=True) for each in content.essential],
            "desirable": [each.model_dump(mode="json") for each in content.desirable],
            "apply_method": content.apply.method,
            "apply_url": None if content.apply.url is None else str(content.apply.url),
            "is_auto_published": content.auto_publish,
            "flags": content.flags.model_dump(mode="json", exclude_defaults=True),
            "application_form": content.application_form.stored(),
        }
        | content.requisition.columns()
    )


def changed_columns(vacancy: Vacancy, change: VacancyChange, *, today: date) -> dict[str, Any]:
    """What the change makes different. Raises ContentInvalid where the whole would not be a valid vacancy."""
    merged = _as_written(vacancy, change.model_fields_set) | change.model_dump(exclude_unset=True)
    try:
        content = VacancyContent.model_validate(merged)
    except ValidationError as error:
        first = error.errors()[0]
        raise ContentInvalid(words_of(first), field=field_of(first) or None) from None
    if vacancy.management is Management.EXTERNAL and content.apply.method is not ApplyMethod.URL:
        raise ContentInvalid("An external vacancy needs apply.method url.", field="apply.method")
    columns = columns_of(content, today=today)
    if not change.model_fields_set & {"closes_at", "advert_days"}:
        # Once it has been live both are known: the days it was to be out, and the deadline that came of them.
        del columns["closes_at"], columns["advert_days"]
    return {name: value for name, value in columns.items() if getattr(vacancy, name) != value}


def change_to(vacancy: Vacancy, wanted: VacancyPut) -> VacancyChange:
    """What the whole vacancy, sent again, asks to be changed.

    Only what differs is asked for: else what colleagues have set in place of what was worked out would be lost to a
    system that sends the same every night.
    """
    given = wanted.model_fields_set & VacancyChange.model_fields.keys()
    differing = {name for name in given if getattr(wanted, name) != getattr(vacancy, name, None)}
    asked = differing.union(*(given & group for group in TOGETHER if differing & group))
    return VacancyChange.model_construct(asked, **{name: getattr(wanted, name) for name in asked})


def _as_written(vacancy: Vacancy, changing: set[str]) -> dict[str, Any]:
    """The stored content in the words of the API. What was worked out from a field that changes is left out."""
    written: Mapping[str, Any] = {name: getattr(vacancy, name) for name in SAME_NAME} | {
        "postcode": vacancy.postcode or vacancy.outcode,
        "openings": vacancy.openings_count,
        "essential": vacancy.essential,
        "desirable": vacancy.desirable,
        "apply": Apply.model_validate({"method": vacancy.apply_method, "url": vacancy.apply_url}),
        "auto_publish": vacancy.is_auto_published,
        "requisition": Requisition.of(vacancy),
        "flags": vacancy.flags,
        "application_form": vacancy.application_form,
        "pay_effective_from": vacancy.pay_effective_from,
    }
    kept = dict(written)
    if vacancy.closes_at is not None:
        kept["advert_days"] = None
    if not changing & {"scp_min", "scp_max", "pay_effective_from"}:
        kept |= {"salary_min_pence": vacancy.salary_min_pence, "salary_max_pence": vacancy.salary_max_pence}
    if changing & {"salary_min_pence", "salary_max_pence"} and not changing & {"scp_min", "scp_max"}:
        kept |= {"scp_min": None, "scp_max": None}
    if "title" not in changing:
        kept |= {"soc2020": vacancy.soc2020, "family": vacancy.family}
    return kept


def _full_postcode(given: str) -> str | None:
    """The postcode when the whole of it was given, with its one space."""
    text = "".join(given.upper().split())
    return None if outcode_of(given) == text else f"{text[:-3]} {text[-3:]}"
