"""How states and reasons read on a page, and in which colour."""

from __future__ import annotations

from services.clearing.registrations.states import DisplacementReason, RegistrationState

STATE_LABELS = {
    RegistrationState.UNCONFIRMED: "Address not confirmed",
    RegistrationState.DUPLICATE: "Second for this employee number",
    RegistrationState.DRAFT: "Draft",
    RegistrationState.SUBMITTED: "Waiting for HR",
    RegistrationState.RETURNED: "Returned",
    RegistrationState.REJECTED: "Rejected",
    RegistrationState.VERIFIED: "Verified",
    RegistrationState.ACTIVE: "Active",
    RegistrationState.SUSPENDED: "Suspended",
    RegistrationState.OFFER_ACCEPTED: "Offer accepted",
    RegistrationState.ON_TRIAL: "On trial",
    RegistrationState.PLACED_NO_TRIAL: "Placed",
    RegistrationState.PLACED: "Placed",
    RegistrationState.CLOSED: "Closed",
}
STATE_TONES = {
    RegistrationState.SUBMITTED: "yellow",
    RegistrationState.DUPLICATE: "red",
    RegistrationState.RETURNED: "yellow",
    RegistrationState.ACTIVE: "green",
    RegistrationState.OFFER_ACCEPTED: "blue",
    RegistrationState.ON_TRIAL: "blue",
    RegistrationState.PLACED: "purple",
    RegistrationState.PLACED_NO_TRIAL: "purple",
    RegistrationState.REJECTED: "red",
}
REASON_LABELS = {
    DisplacementReason.REDUNDANCY_NOTICE: "Under notice of redundancy",
    DisplacementReason.AT_RISK_INDIVIDUAL: "At risk, selected or post deleted",
    DisplacementReason.AT_RISK_POOL: "At risk, in a consultation pool",
    DisplacementReason.FIXED_TERM_REDUNDANCY: "Fixed term ending by redundancy",
    DisplacementReason.DISABILITY_REDEPLOYMENT: "Redeployment as a disability adjustment",
    DisplacementReason.ILL_HEALTH: "Ill health",
    DisplacementReason.PAY_PROTECTED: "Pay protected",
    DisplacementReason.OTHER: "Another reason",
}
TIER_LABELS = {
    1: "1: statutory family protection and redundancy",
    2: "2: disability redeployment on health advice",
    3: "3: under notice of redundancy",
    4: "4: at risk",
    5: "5: other",
}
