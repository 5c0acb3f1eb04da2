"""The words of an interest, a referral and a redeployment offer."""

from __future__ import annotations

from enum import StrEnum


class ReferralState(StrEnum):
    INTERESTED = "interested"
    HR_REVIEW = "hr_review"
    REFERRED = "referred"
    NOT_REFERRED = "not_referred"
    NOT_SHORTLISTED = "not_shortlisted"
    WAITING = "waiting"
    INTERVIEW_OFFERED = "interview_offered"
    INTERVIEWED = "interviewed"
    NOT_APPOINTED = "not_appointed"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    LAPSED = "lapsed"
    OFFER_WITHDRAWN = "offer_withdrawn"
    WITHDRAWN = "withdrawn"
    VACANCY_CLOSED = "vacancy_closed"


class OfferState(StrEnum):
    """`requested` waits for an opening to be reserved; `no_opening` is the answer that there is none."""

    REQUESTED = "requested"
    NO_OPENING = "no_opening"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
