"""A job as schema.org JobPosting, for search engines that read the page."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from services.ats.jobs.models import PublishedJob
from shared.calendar import LONDON
from shared.money import decimal_pounds
from shared.vocabulary import ContractKind

FULL_TIME_HOURS = 35
"""From these hours a week a post counts as full time."""
TEMPORARY = frozenset(
    {ContractKind.FIXED_TERM, ContractKind.SECONDMENT, ContractKind.CASUAL, ContractKind.TEMPORARY_POOL}
)
# What could end a script element or be read as markup, written so that JSON means the same.
ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def job_posting(job: PublishedJob, url: str) -> dict[str, Any]:
    kinds = ["FULL_TIME" if job.hours_per_week >= FULL_TIME_HOURS else "PART_TIME"]
    if job.contract in TEMPORARY:
        kinds.append("TEMPORARY")
    address = {"@type": "PostalAddress", "addressCountry": "GB", "postalCode": job.postcode or job.outcode}
    return {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": job.title,
        "description": job.description or job.title,
        "identifier": {"@type": "PropertyValue", "name": job.employer_name, "value": job.reference},
        "datePosted": job.published_at.astimezone(LONDON).date().isoformat(),
        "validThrough": job.closes_at.astimezone(LONDON).isoformat(),
        "employmentType": kinds,
        "hiringOrganization": {"@type": "Organization", "name": job.employer_name},
        "jobLocation": {"@type": "Place", "address": address},
        "baseSalary": {
            "@type": "MonetaryAmount",
            "currency": "GBP",
            "value": {
                "@type": "QuantitativeValue",
                "minValue": float(decimal_pounds(job.salary_min_pence)),
                "maxValue": float(decimal_pounds(job.salary_max_pence)),
                "unitText": "YEAR",
            },
        },
        "totalJobOpenings": job.openings,
        "directApply": job.apply_method == "hosted",
        "url": url,
    }


def as_script(data: dict[str, Any]) -> Markup:
    """JSON that can stand inside a script element whatever its texts say."""
    return Markup(json.dumps(data, ensure_ascii=False).translate(ESCAPES))  # noqa: S704 # escaped the line before
