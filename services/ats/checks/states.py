"""The words of pre-employment checks: kinds, methods, outcomes and what may be done with one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class CheckKind(StrEnum):
    IDENTITY = "identity"
    RIGHT_TO_WORK = "right_to_work"
    DBS = "dbs"
    BARRED_LIST = "barred_list"
    REGISTRATION = "registration"
    QUALIFICATIONS = "qualifications"
    DRIVING = "driving"
    OCCUPATIONAL_HEALTH = "occupational_health"
    REFERENCES = "references"
    OVERSEAS = "overseas"


class CheckMethod(StrEnum):
    DOCUMENTS_SEEN = "documents_seen"
    IDSP = "idsp"
    """By a certified identity service provider: British and Irish passports alone."""
    MANUAL = "manual"
    """The original documents of the Home Office's lists, seen with the person present."""
    ONLINE_SHARE_CODE = "online_share_code"
    CERTIFICATE_SEEN = "certificate_seen"
    UPDATE_SERVICE = "update_service"
    WITH_CERTIFICATE = "with_certificate"
    SEPARATE_LIST_CHECK = "separate_list_check"
    REGISTER_CONSULTED = "register_consulted"
    AWARDING_BODY = "awarding_body"
    LICENCE_CHECKED = "licence_checked"
    HEALTH_QUESTIONNAIRE = "health_questionnaire"
    HEALTH_ASSESSMENT = "health_assessment"
    REFERENCES_RECEIVED = "references_received"
    POLICE_CERTIFICATE = "police_certificate"
    LETTER_OF_GOOD_CONDUCT = "letter_of_good_conduct"


class CheckOutcome(StrEnum):
    OUTSTANDING = "outstanding"
    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"


class WaiverState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"


class CheckStep(StrEnum):
    """One entry of a check's history."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    EVIDENCE_COMPLETE = "evidence_complete"
    """All that was asked for has come; what it shows is still to be decided."""
    WAIVER_ASKED = "waiver_asked"
    WAIVER_APPROVED = "waiver_approved"
    WAIVER_REFUSED = "waiver_refused"


class CheckAction(StrEnum):
    PASS = "pass"  # noqa: S105 - what is done with a check
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    ASK_WAIVER = "ask_waiver"
    APPROVE_WAIVER = "approve_waiver"
    REFUSE_WAIVER = "refuse_waiver"


class Engagement(StrEnum):
    """How somebody comes to the post."""

    EXTERNAL = "external"
    INTERNAL = "internal"
    """Works for this employer already."""
    AGENCY = "agency"
    """Supplied by an agency, which employs them."""
    TEMPORARY = "temporary"


class PostTrait(StrEnum):
    """What a post is like, as far as checks go by it: read off the vacancy."""

    DBS = "dbs"
    BARRED_LISTS = "barred_lists"
    SAFEGUARDING = "safeguarding"
    """Work with children or adults at risk: an enhanced DBS check is asked for."""
    REGISTRATION = "registration"
    QUALIFICATION = "qualification"
    DRIVING = "driving"


M = CheckMethod
METHODS: Mapping[CheckKind, frozenset[CheckMethod]] = MappingProxyType(
    {
        CheckKind.IDENTITY: frozenset({M.DOCUMENTS_SEEN, M.IDSP}),
        CheckKind.RIGHT_TO_WORK: frozenset({M.MANUAL, M.ONLINE_SHARE_CODE, M.IDSP}),
        CheckKind.DBS: frozenset({M.CERTIFICATE_SEEN, M.UPDATE_SERVICE}),
        CheckKind.BARRED_LIST: frozenset({M.WITH_CERTIFICATE, M.SEPARATE_LIST_CHECK}),
        CheckKind.REGISTRATION: frozenset({M.REGISTER_CONSULTED}),
        CheckKind.QUALIFICATIONS: frozenset({M.DOCUMENTS_SEEN, M.AWARDING_BODY}),
        CheckKind.DRIVING: frozenset({M.DOCUMENTS_SEEN, M.LICENCE_CHECKED}),
        CheckKind.OCCUPATIONAL_HEALTH: frozenset({M.HEALTH_QUESTIONNAIRE, M.HEALTH_ASSESSMENT}),
        CheckKind.REFERENCES: frozenset({M.REFERENCES_RECEIVED}),
        CheckKind.OVERSEAS: frozenset({M.POLICE_CERTIFICATE, M.LETTER_OF_GOOD_CONDUCT}),
    }
)
"""By which methods each check may be passed."""
LABELS: Mapping[CheckKind, str] = MappingProxyType(
    {
        CheckKind.IDENTITY: "Identity",
        CheckKind.RIGHT_TO_WORK: "Right to work",
        CheckKind.DBS: "DBS certificate",
        CheckKind.BARRED_LIST: "Barred list",
        CheckKind.REGISTRATION: "Professional registration",
        CheckKind.QUALIFICATIONS: "Qualifications",
        CheckKind.DRIVING: "Driving licence",
        CheckKind.OCCUPATIONAL_HEALTH: "Occupational health",
        CheckKind.REFERENCES: "References",
        CheckKind.OVERSEAS: "Overseas record",
    }
)
METHOD_LABELS: Mapping[CheckMethod, str] = MappingProxyType(
    {
        M.DOCUMENTS_SEEN: "Original documents seen",
        M.IDSP: "Identity service provider",
        M.MANUAL: "Manual check of original documents",
        M.ONLINE_SHARE_CODE: "Home Office online check with a share code",
        M.CERTIFICATE_SEEN: "Original certificate seen",
        M.UPDATE_SERVICE: "DBS update service",
        M.WITH_CERTIFICATE: "Shown on the certificate",
        M.SEPARATE_LIST_CHECK: "Separate check of the list",
        M.REGISTER_CONSULTED: "Public register consulted",
        M.AWARDING_BODY: "Confirmed by the awarding body",
        M.LICENCE_CHECKED: "Online licence check",
        M.HEALTH_QUESTIONNAIRE: "Health questionnaire",
        M.HEALTH_ASSESSMENT: "Health assessment",
        M.REFERENCES_RECEIVED: "References received",
        M.POLICE_CERTIFICATE: "Police certificate of the country",
        M.LETTER_OF_GOOD_CONDUCT: "Letter of good conduct",
    }
)
OUTCOME_LABELS: Mapping[CheckOutcome, str] = MappingProxyType(
    {
        CheckOutcome.OUTSTANDING: "Outstanding",
        CheckOutcome.PASSED: "Passed",
        CheckOutcome.FAILED: "Failed",
        CheckOutcome.NOT_APPLICABLE: "Not applicable",
    }
)
STEP_LABELS: Mapping[CheckStep, str] = MappingProxyType(
    {
        CheckStep.PASSED: "Passed",
        CheckStep.FAILED: "Failed",
        CheckStep.NOT_APPLICABLE: "Not applicable",
        CheckStep.EVIDENCE_COMPLETE: "Evidence complete",
        CheckStep.WAIVER_ASKED: "Waiver asked for",
        CheckStep.WAIVER_APPROVED: "Waiver approved",
        CheckStep.WAIVER_REFUSED: "Waiver refused",
    }
)
ENGAGEMENT_LABELS: Mapping[Engagement, str] = MappingProxyType(
    {
        Engagement.EXTERNAL: "New to this employer",
        Engagement.INTERNAL: "Works for this employer already",
        Engagement.AGENCY: "Supplied by an agency",
        Engagement.TEMPORARY: "Temporary or casual worker",
    }
)
