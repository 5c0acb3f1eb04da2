"""Words that put people off or that they do not know.

Coded stems: Gaucher, Friesen and Kay, "Evidence that gendered wording in job advertisements exists and sustains gender
inequality", Journal of Personality and Social Psychology 101 (2011), appendix A; those alone that adverts of councils
use in that sense. What may exclude: Equality Act 2010 ss. 5, 6, 9, 11 and 19, and Acas on advertising a job.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

MASCULINE_STEMS = (
    "aggress", "ambitio", "assertiv", "autonom", "boast", "challeng", "compet", "confident", "courag", "decisi",
    "determin", "domina", "driven", "fearless", "forceful", "headstrong", "hierarch", "hostil", "impulsive",
    "independen", "objectiv", "outspoken", "persist", "self-confiden", "self-relian", "self-sufficien", "stubborn",
    "superior",
)  # fmt: skip
FEMININE_STEMS = (
    "affection", "cheer", "collab", "communal", "compassion", "connect", "considerate", "cooperat", "depend",
    "emotiona", "empath", "enthusias", "flatter", "gentle", "honest", "interperson", "kind", "loyal", "nurtur",
    "pleasant", "polite", "quiet", "respon", "sensitiv", "sharing", "support", "sympath", "tender", "together", "trust",
    "understand", "warm", "yield",
)  # fmt: skip
# Words of recruitment itself, which begin like a stem and say nothing about a person.
NOT_CODED = frozenset({"competence", "competences", "competencies", "competency", "objective", "objectives"})

MAY_EXCLUDE: Mapping[str, str] = MappingProxyType(
    {
        "able-bodied": "Say what has to be done, and that adjustments are made",
        "british applicants": "Say that the right to work in the UK is checked",
        "chairman": "Chair",
        "clean driving licence": "Say who has to travel, and that adjustments are made",
        "digital native": "Say which programs are used",
        "energetic": "Say what the work asks for",
        "foreman": "Supervisor",
        "handyman": "Caretaker or repairs operative",
        "he/she": "You, or they",
        "his/her": "Your, or their",
        "manpower": "Staff",
        "mature attitude": "Say which experience is needed",
        "mature person": "Say which experience is needed",
        "mother tongue": "Say which level of the language is needed",
        "native english": "Say which level of English is needed",
        "physically fit": "Say what has to be done, and that adjustments are made",
        "recent graduate": "Say which qualification is needed, whenever it was gained",
        "young and": "Leave it out",
        "young team": "Leave it out",
        "youthful": "Leave it out",
    }
)
JARGON: Mapping[str, str] = MappingProxyType(
    {
        "agile working": "working from home or from our offices",
        "blue sky thinking": "new ideas",
        "commence": "start",
        "deliverables": "what you will produce",
        "drill down": "look closely",
        "facilitate": "help, or run",
        "going forward": "from now on",
        "hit the ground running": "learn quickly",
        "holistic": "whole",
        "in a timely manner": "on time",
        "key stakeholders": "the people we work with",
        "leverage": "use",
        "liaise": "work with, or talk to",
        "paradigm": "way of working",
        "proactively": "without being asked",
        "stakeholder engagement": "talking to the people we work with",
        "stakeholders": "the people we work with",
        "strategic direction": "plans",
        "synergies": "working together",
        "synergy": "working together",
        "transformational": "Say what will change",
        "utilise": "use",
        "value for money outcomes": "good use of public money",
    }
)
# Known to nearly everyone who reads adverts for jobs in England.
KNOWN_ABBREVIATIONS = frozenset(
    "BSL BTEC CSCS CV DBS DVLA FTE GCSE GCSES HGV HND HNC HR IT LGV NHS NVQ NVQS PDF TUPE UK USA VAT".split()
)
