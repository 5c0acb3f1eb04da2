"""Who may call: whoever reads a vacancy, and whoever reads reports."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from shared.auth import Principal, allow
from shared.vocabulary import Scope

Reader = Annotated[Principal, Depends(allow(Scope.CLEARING_READ, Scope.VACANCIES_READ, Scope.APPLICATIONS_READ))]
BoardReader = Annotated[Principal, Depends(allow(Scope.CLEARING_READ, Scope.REPORTS_READ))]
