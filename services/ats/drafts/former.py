"""What of an earlier application answers a new form: only what the new one asks, and asks in the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.ats.applications.form_rules import BY_FILE
from services.ats.applications.form_rules import SECTIONS as LISTS
from services.ats.applications.models import Application
from services.ats.vacancies.application_form import FILES, SELECTS, ApplicationForm, Asked, CouncilQuestion


def answers_of_former(
    former: Application,
    asked_then: tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]],
    asked_now: tuple[ApplicationForm, Sequence[Mapping[str, Any]]],
) -> dict[str, Any]:
    """Members for a draft. `asked_then` and `asked_now`: the form and the essential criteria.

    A criterion or a question is the same when its words are, whatever its id. Declarations, claims of an interview and
    answers that the new question has no option for are made anew, and documents are sent anew.
    """
    then_form, then_essential = asked_then
    form, essential = asked_now
    contact = former.contact
    found: dict[str, Any] = {}
    if contact is not None:
        found |= {"name": contact.name} | ({"phone": contact.phone} if contact.phone else {})
    given = former.form_answers | (contact.details if contact is not None else {})
    found |= {name: given[name] for name in LISTS if given.get(name) and getattr(form, name) is not Asked.NOT_ASKED}
    if form.employment is not Asked.NOT_ASKED and given.get("breaks"):
        found["breaks"] = given["breaks"]
    if form.referees and given.get("referees"):
        found["referees"] = given["referees"]
    if form.supporting_statement is not Asked.NOT_ASKED and former.supporting_statement:
        found["supporting_statement"] = former.supporting_statement
    if form.criteria is not Asked.NOT_ASKED:
        found |= _criteria(former, then_essential, essential)
    questions = _questions(given.get("questions", {}), ApplicationForm.model_validate(then_form), form)
    return found | ({"questions": questions} if questions else {})


def _criteria(
    former: Application, then: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    words = {each["criterion_id"]: each["text"] for each in then}
    said = {words.get(each["criterion_id"]): each["answer"] for each in former.answers}
    answers = [
        {"criterion_id": each["criterion_id"], "answer": said[each["text"]]} for each in now if each["text"] in said
    ]
    return {"answers": answers} if answers else {}


def _questions(given: Mapping[str, Any], then: ApplicationForm, now: ApplicationForm) -> dict[str, Any]:
    said = {
        (each.label, each.kind): given[each.question_id]
        for each in then.questions
        if each.question_id is not None and each.question_id in given
    }
    return {
        each.question_id: said[each.label, each.kind]
        for each in now.questions
        if each.question_id and (each.label, each.kind) in said and _fits(each, said[each.label, each.kind])
    }


def _fits(question: CouncilQuestion, answer: Any) -> bool:
    if question.kind in FILES:
        return isinstance(answer, dict) and BY_FILE not in answer
    if question.kind not in SELECTS:
        return True
    values = {each.value for each in question.options}
    return set(answer if isinstance(answer, list) else [answer]) <= values
