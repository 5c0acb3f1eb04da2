"""A hire as the API and the page show it."""

from __future__ import annotations

from datetime import date

from services.ats.applications.permitted import MANAGERS
from services.ats.hires import rules
from services.ats.hires.models import Hire
from services.ats.hires.schemas import HireRead
from shared.principals import Principal, PrincipalKind
from shared.vocabulary import Scope


def present_hire(hire: Hire, caller: Principal, today: date) -> HireRead:
    if caller.kind is PrincipalKind.CLIENT:
        may = Scope.APPLICATIONS_WRITE in caller.scopes
    else:
        may = any(grant.role in MANAGERS for grant in caller.grants if grant.employer_id == hire.employer_id)
    shown = HireRead.model_validate(hire)
    shown.allowed_actions = rules.open_actions(hire, today) if may else []
    return shown
