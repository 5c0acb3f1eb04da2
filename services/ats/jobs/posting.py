"""A job as schema.org JobPosting, by the rules that Google states for it, and its texts as others can read them."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from uuid import UUID

from markupsafe import Markup

from services.ats.jobs.addresses import form_url
from services.ats.jobs.conditions import in_words
from services.ats.jobs.models import PublishedJob
from services.ats.jobs.workplaces import Workplace
from shared.addresses import public_url
from shared.calendar import LONDON
from shared.money import decimal_pounds
from shared.reference.occupations import families
from shared.reference.pay import actual_pence
from shared.vocabulary import ContractKind, Service

FULL_TIME_HOURS = 35
"""From these hours a week a post counts as full time."""
REGION, COUNTRY, COUNTRY_NAME = "West Midlands", "GB", "United Kingdom"
TEMPORARY = frozenset(
    {ContractKind.FIXED_TERM, ContractKind.SECONDMENT, ContractKind.CASUAL, ContractKind.TEMPORARY_POOL}
)
# What could end a script element or be read as markup, written so that JSON means the same.
ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}
# What XML 1.0 cannot hold, however it is written.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def page_url(job_id: UUID) -> str:
    return f"{public_url(Service.ATS)}/jobs/{job_id}"


def plain(text: str) -> str:
    """The text without the control characters that no XML, and so no feed, can carry, and with one kind of line end."""
    return NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def plain_hours(job: PublishedJob) -> str:
    return format(job.hours_per_week.normalize(), "f")


def pay_in_words(job: PublishedJob) -> str:
    """What is paid for these hours and weeks, and what that would be for full time where it is less."""
    whole, actual = (job.salary_min_pence, job.salary_max_pence), _actual(job)
    if actual == whole:
        return f"{_range(*whole)} a year"
    return f"{_range(*actual)} a year for these hours ({_range(*whole)} full time)"


def _range(low: int, high: int) -> str:
    said = [f"£{(pence + 50) // 100:,}" for pence in (low, high)]
    return said[0] if said[0] == said[1] else " to ".join(said)


def _actual(job: PublishedJob) -> tuple[int, int]:
    """The lowest and the highest pay a year of this post, in pence."""
    hours, weeks = int(job.hours_per_week * 100), job.flags.get("weeks_per_year")
    return actual_pence(job.salary_min_pence, hours, weeks), actual_pence(job.salary_max_pence, hours, weeks)


def is_full_time(job: PublishedJob) -> bool:
    return job.hours_per_week >= FULL_TIME_HOURS


def paragraphs(job: PublishedJob) -> list[str]:
    """The whole advert as plain paragraphs. Never empty: what is certain of a job stands at the end of them."""
    own = [each.strip() for each in plain(job.description).splitlines() if each.strip()]
    needed = [f"What you need: {plain('; '.join(each['text'] for each in job.essential))}."] if job.essential else []
    helps = [f"What helps: {plain('; '.join(job.desirable))}."] if job.desirable else []
    contract = str(job.contract).replace("_", " ")
    facts = f"{plain(job.employer_name)}, {contract}, {plain_hours(job)} hours a week. Pay: {pay_in_words(job)}."
    asked = [f"About the post: {plain('; '.join(in_words(job.flags)))}."] if job.flags else []
    return [*own, *needed, *helps, *asked, facts]


def as_text(job: PublishedJob) -> str:
    return "\n\n".join(paragraphs(job))


def as_html(job: PublishedJob) -> str:
    return "".join(f"<p>{html.escape(each)}</p>" for each in paragraphs(job))


def job_posting(job: PublishedJob) -> dict[str, Any]:
    kinds = ["FULL_TIME" if is_full_time(job) else "PART_TIME"]
    if job.contract in TEMPORARY:
        kinds.append("TEMPORARY")
    posting: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": plain(job.title),
        "description": as_html(job),
        "identifier": {"@type": "PropertyValue", "name": plain(job.employer_name), "value": job.reference},
        "datePosted": job.published_at.astimezone(LONDON).date().isoformat(),
        "validThrough": job.closes_at.astimezone(LONDON).isoformat(),
        "employmentType": kinds,
        "hiringOrganization": {"@type": "Organization", "name": plain(job.employer_name)},
        "baseSalary": {"@type": "MonetaryAmount", "currency": "GBP", "value": _pay(job)},
        "workHours": f"{plain_hours(job)} hours a week",
        "totalJobOpenings": job.openings,
        "directApply": False,  # the page leads on to the form, which is somewhere else
        "url": page_url(job.id),
        "potentialAction": {"@type": "ApplyAction", "target": job.apply_url or form_url(job.id)},
    } | _where(job)
    if job.family in families():
        posting["industry"] = families()[job.family].label
    if job.essential:
        posting["qualifications"] = plain("; ".join(each["text"] for each in job.essential))
    if job.desirable:
        posting["skills"] = plain("; ".join(job.desirable))
    if job.starts_on is not None:
        posting["jobStartDate"] = job.starts_on.isoformat()
    return posting


def _pay(job: PublishedJob) -> dict[str, Any]:
    """Of this post, as Google asks: not what it would be full time."""
    low, high = (float(decimal_pounds(pence)) for pence in _actual(job))
    return {"@type": "QuantitativeValue", "minValue": low, "maxValue": high, "unitText": "YEAR"}


def _where(job: PublishedJob) -> dict[str, Any]:
    """An address, or for a job that is done wholly from home the country that it may be done in."""
    if job.workplace is Workplace.REMOTE:
        country = {"@type": "Country", "name": COUNTRY_NAME}
        return {"jobLocationType": "TELECOMMUTE", "applicantLocationRequirements": country}
    address = {"@type": "PostalAddress", "addressCountry": COUNTRY, "postalCode": job.postcode or job.outcode}
    if job.town is not None:
        address |= {"addressLocality": job.town, "addressRegion": REGION}
    return {"jobLocation": {"@type": "Place", "address": address}}


def as_script(data: dict[str, Any]) -> Markup:
    """JSON that can stand inside a script element whatever its texts say."""
    return Markup(json.dumps(data, ensure_ascii=False).translate(ESCAPES))  # noqa: S704 # escaped the line before
