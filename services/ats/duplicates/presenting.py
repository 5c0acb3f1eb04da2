from __future__ import annotations

from services.ats.duplicates.queries import Compared, Pair
from services.ats.duplicates.rules import in_words
from services.ats.duplicates.schemas import PersonShown, SuggestionRead


def present_person(each: Compared) -> PersonShown:
    return PersonShown(
        application_id=each.application.id,
        reference=each.application.reference,
        vacancy_id=each.application.vacancy_id,
        vacancy_title=each.vacancy_title,
        stage=each.application.stage,
        submitted_at=each.application.submitted_at,
        name=each.contact.name,
        email=each.contact.email,
        phone=each.contact.phone,
    )


def present_pair(pair: Pair) -> SuggestionRead:
    return SuggestionRead(
        employer_id=pair.first.application.employer_id,
        signs=list(pair.signs),
        reasons=in_words(pair.signs),
        first=present_person(pair.first),
        second=present_person(pair.second),
    )
