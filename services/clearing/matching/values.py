"""What stands beside each constraint and factor of an explanation: the person's value and the post's, in words."""

from __future__ import annotations

from collections.abc import Callable

from services.clearing.matching.profiles import Person
from services.clearing.matching.rules import Pair, ring_of
from services.clearing.matching.travel import is_in_ticked_area, journey, travel_limit
from shared.money import pounds_in_words

Values = tuple[str, str]


def hours_in_words(hundredths: int | None) -> str:
    return "hours not stated" if hundredths is None else f"{hundredths / 100:g} hours"


def _registration(pair: Pair) -> Values:
    return "live" if pair.person.is_live else "not live", "live"


def _post(pair: Pair) -> Values:
    post = pair.vacancy
    state = f"{'open' if post.is_open else 'not open'}, {'funded' if post.is_funded else 'not funded'}"
    return "open, funded", f"{state}, openings {post.openings}"


def _ring_fence(pair: Pair) -> Values:
    fence = pair.vacancy.ring_fence
    own = fence is not None and fence in pair.person.ring_fences
    return "in its pool" if own else "not in its pool", "ring-fenced" if fence is not None else "not ring-fenced"


def _scope(pair: Pair) -> Values:
    scope = "own council only" if pair.person.is_own_council_only else "whole region"
    return scope, f"ring {ring_of(pair.person, pair.vacancy)}"


def _band(pair: Pair) -> Values:
    return f"band {pair.person.band}", f"band {pair.vacancy.band}"


def _hours(pair: Pair) -> Values:
    wanted = f"{hours_in_words(pair.person.min_hours)} to {hours_in_words(pair.person.max_hours)} a week"
    return wanted, f"{hours_in_words(pair.vacancy.hours)} a week"


def _travel(pair: Pair) -> Values:
    limit = travel_limit(pair.person, pair.vacancy, pair.policy.travel)
    wanted = f"up to {limit.minutes} minutes" if limit.metres is None else f"up to {pair.person.max_miles} miles"
    if is_in_ticked_area(pair.person, pair.vacancy):
        wanted += ", or in an area ticked"
    return wanted, journey(pair.person, pair.vacancy, pair.policy.travel).in_words()


def _contract(pair: Pair) -> Values:
    person, least = pair.person, pair.policy.fit.min_fixed_term_months
    wanted = "permanent only"
    if person.accepts_fixed_term:
        wanted = "any fixed term" if person.accepts_short_fixed_term else f"fixed term of at least {least} months"
    return wanted, contract_in_words(pair)


def contract_in_words(pair: Pair) -> str:
    post = pair.vacancy
    if post.is_permanent:
        return "permanent"
    length = "length not known" if post.contract_months is None else f"{post.contract_months} months"
    return f"{post.contract.value.replace('_', ' ')}, {length}"


CONSTRAINT_VALUES: dict[str, Callable[[Pair], Values]] = {
    "registration": _registration,
    "post": _post,
    "ring_fence": _ring_fence,
    "scope": _scope,
    "promotion": _band,
    "band": _band,
    "hours": _hours,
    "travel": _travel,
    "contract": _contract,
}


def _skill_inputs(pair: Pair) -> dict[str, str]:
    return {
        wanted.skill_id: (
            f"level {pair.person.skill_level(wanted.skill_id)} of {wanted.level}, weight {wanted.weight}, "
            f"{_basis(pair.person, wanted.skill_id)}"
        )
        for wanted in pair.vacancy.desirable
    }


def _basis(person: Person, skill_id: str) -> str:
    held = person.skills.get(skill_id) if person.skills is not None else None
    if held is None:
        return "not listed"
    return "confirmed" if held.is_confirmed else "declared"


def _band_inputs(pair: Pair) -> dict[str, str]:
    return {"person": f"band {pair.person.band}", "post": f"band {pair.vacancy.band}"}


def _travel_inputs(pair: Pair) -> dict[str, str]:
    limit = travel_limit(pair.person, pair.vacancy, pair.policy.travel)
    found = journey(pair.person, pair.vacancy, pair.policy.travel)
    return {"journey": found.in_words(), "limit": f"{limit.minutes} minutes"}


def _pay_inputs(pair: Pair) -> dict[str, str]:
    most = pair.vacancy.max_fte_pence
    post = "not known" if most is None else f"up to {pounds_in_words(most)}"
    return {"current": pounds_in_words(pair.person.current_fte_pence), "post": post}


def _hours_inputs(pair: Pair) -> dict[str, str]:
    return {"current": hours_in_words(pair.person.current_hours), "post": hours_in_words(pair.vacancy.hours)}


def _contract_inputs(pair: Pair) -> dict[str, str]:
    return {"post": contract_in_words(pair)}


def _pattern_inputs(pair: Pair) -> dict[str, str]:
    accepted = pair.person.working_patterns
    words = "not stated" if accepted is None else ", ".join(sorted(accepted)) or "none"
    return {"post": pair.vacancy.working_pattern or "not stated", "accepted": words}


FACTOR_INPUTS: dict[str, Callable[[Pair], dict[str, str]]] = {
    "skills": _skill_inputs,
    "band": _band_inputs,
    "travel": _travel_inputs,
    "pay": _pay_inputs,
    "hours": _hours_inputs,
    "contract": _contract_inputs,
    "pattern": _pattern_inputs,
}
