"""Which posts need no clearing window (R18). No database, no clock."""

from __future__ import annotations

from services.ats.vacancies.states import ClearingExemption
from shared.vocabulary import ContractKind

SHORT_FIXED_TERM_MONTHS = 6
CASUAL_OR_APPRENTICE = frozenset({ContractKind.CASUAL, ContractKind.TEMPORARY_POOL, ContractKind.APPRENTICESHIP})


def is_true_exemption(exemption: ClearingExemption | None, contract: ContractKind, months: int | None) -> bool:
    """Whether the reason fits the contract, as far as a contract shows it. No reason is always true."""
    if exemption is ClearingExemption.FIXED_TERM_UNDER_SIX_MONTHS:
        return contract is ContractKind.FIXED_TERM and months is not None and months < SHORT_FIXED_TERM_MONTHS
    if exemption is ClearingExemption.CASUAL_OR_APPRENTICE:
        return contract in CASUAL_OR_APPRENTICE
    return True
