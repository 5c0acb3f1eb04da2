"""A believable region: posts that councils advertise and people whom reorganisation displaces.

Made from a seed over the region's own reference data (council titles, NJC points, skills, outward codes): the same
seed gives the same region. Nobody in it exists; every address ends in `.example`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

from shared.reference.employers import Employer, councils
from shared.reference.occupations import family_of, soc_of_title
from shared.reference.places import nearest_council_area, outcodes
from shared.reference.skills import skills


@dataclass(frozen=True, slots=True)
class Role:
    """A job that most councils have: its title, its usual points and what it asks for."""

    title: str
    scp_min: int
    scp_max: int
    months: int = 12
    qualification: tuple[int, str] | None = None
    registration: str | None = None
    pattern: str = "office_hours"
    related: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        return family_of(self.title, self.soc2020)

    @property
    def soc2020(self) -> str | None:
        return soc_of_title(self.title)


MATHS_AND_ENGLISH = (2, "english_maths")

ROLES = (
    Role("Housing officer", 20, 24, related=("customer_services", "revenues_benefits")),
    Role("Homelessness prevention officer", 20, 24, related=("customer_services",)),
    Role("Lettings officer", 15, 19, 6, related=("customer_services", "business_support")),
    Role("Customer service adviser", 9, 14, 3, MATHS_AND_ENGLISH, related=("business_support",)),
    Role("Customer services team leader", 20, 24, 24, related=("revenues_benefits",)),
    Role("Business support officer", 9, 14, 6, MATHS_AND_ENGLISH, related=("customer_services", "hr_od")),
    Role("Business support manager", 25, 29, 24),
    Role("Executive assistant", 20, 24, 24),
    Role("Council tax officer", 15, 19, 12, related=("customer_services", "finance_audit")),
    Role("Housing benefit officer", 18, 22, 12),
    Role("Finance officer", 20, 24, 24, (3, "accounting"), related=("revenues_benefits",)),
    Role("Accounts assistant", 9, 14, 6, MATHS_AND_ENGLISH, related=("revenues_benefits", "business_support")),
    Role("Accountant", 30, 34, 36, (6, "accounting")),
    Role("HR adviser", 25, 29, 24, (5, "any")),
    Role("HR administrator", 9, 14, 6, MATHS_AND_ENGLISH, related=("business_support",)),
    Role("Recruitment officer", 15, 19, 12, related=("business_support",)),
    Role("IT support officer", 20, 24, 12),
    Role("Data analyst", 25, 29, 24, related=("policy_performance_projects",)),
    Role("Information governance officer", 20, 24, 12, related=("legal", "business_support")),
    Role("Project officer", 25, 29, 18, related=("economy_regeneration_community", "digital_data")),
    Role("Policy officer", 25, 29, 18, related=("democratic_electoral",)),
    Role("Performance analyst", 25, 29, 18, related=("digital_data",)),
    Role("Planning officer", 25, 29, 18, (6, "planning")),
    Role("Planning enforcement officer", 20, 24, 12, related=("regulatory_services",)),
    Role("Environmental health officer", 30, 34, 24, (6, "environmental_health"), "environmental_health_registration"),
    Role("Licensing enforcement officer", 20, 24, 12),
    Role("Civil enforcement officer", 9, 14, 3, pattern="shifts"),
    Role("Democratic services officer", 20, 24, 12, related=("business_support", "policy_performance_projects")),
    Role("Electoral services officer", 15, 19, 6, related=("business_support", "customer_services")),
    Role("Communications officer", 20, 24, 12),
    Role("Library assistant", 5, 8, 3, pattern="weekends_some", related=("customer_services",)),
    Role("Leisure centre manager", 30, 34, 36),
    Role("Procurement officer", 25, 29, 24, related=("finance_audit",)),
    Role("Community engagement officer", 20, 24, 12, related=("housing_homelessness", "policy_performance_projects")),
    Role("Family support worker", 15, 19, 12, registration="driving_licence"),
    Role("Early help practitioner", 20, 24, 18, related=("early_years_education",)),
    Role("Community care officer", 18, 22, 12),
    Role("Care assistant", 5, 8, 3, pattern="shifts"),
    Role("Reablement assistant", 5, 8, 3, registration="driving_licence", pattern="shifts"),
    Role("Caretaker", 5, 8, 3),
    Role("Gardener", 5, 8, 6, pattern="early_starts"),
    Role("Highways technician", 18, 22, 12, (3, "civil_engineering")),
    Role("Facilities manager", 30, 34, 36),
    Role("Paralegal", 18, 22, 12),
)

FIRST_NAMES = (
    "Aisha Amara Andrzej Beth Bilal Carys Chloe Dafydd Devon Elaine Farah Gareth Grace Hannah Harpreet Imran "
    "Jade Jamal Jasmine Joanne Kofi Kwame Leanne Liam Lucy Magda Maria Mei Mohammed Nadia Naomi Nia Owen Paige "
    "Parveen Piotr Priya Rashid Rebecca Ryan Sana Sian Simon Sunita Tanisha Tariq Theo Tom Usha Wendy Yusuf "
    "Zara"
).split()
LAST_NAMES = (
    "Ahmed Akhtar Baker Bains Begum Bennett Brown Campbell Chand Clarke Cooper Davies Dhillon Edwards Evans "
    "Fletcher Forde Gill Grant Green Griffiths Hall Harris Hussain Jackson James Jones Kaur Khan Kowalski "
    "Lewis Malik Marsh Mason Mehta Morgan Nowak Osei Patel Pearce Perry Powell Price Rahman Reid Roberts Shah "
    "Sharma Singh Smith Taylor Thomas Turner Walker Watkins White Williams Wilson Wright Yeboah"
).split()


@dataclass(frozen=True, slots=True)
class Post:
    """One vacancy to be advertised. Hours are a decimal string, months None for a permanent post."""

    number: int
    employer: Employer
    role: Role
    outcode: str
    openings: int
    hours: str
    fixed_term_months: int | None
    is_external: bool


@dataclass(frozen=True, slots=True)
class DisplacedPerson:
    """One invented council employee at risk, with the skills of the job that they do now."""

    number: int
    name: str
    email: str
    home: Employer
    role: Role
    outcode: str
    scp: int
    hours: str
    months_in_role: int
    max_travel_minutes: int
    accepts_fixed_term: bool
    skills: tuple[tuple[str, int], ...]
    under_notice: bool


def posts(count: int, seed: int = 2026) -> list[Post]:
    """`count` vacancies spread over all 33 councils, each council at least once when `count` allows."""
    chance = random.Random(f"posts-{seed}")
    every = councils()
    made = []
    for number in range(count):
        employer = every[number % len(every)]
        made.append(
            Post(
                number=number,
                employer=employer,
                role=ROLES[(number * 7 + number // len(every)) % len(ROLES)],
                outcode=chance.choice(outcodes_of(employer.code)),
                openings=chance.choices((1, 2, 3), weights=(80, 15, 5))[0],
                hours=chance.choice(("37", "37", "37", "30", "22.5")),
                fixed_term_months=12 if chance.random() < 0.12 else None,
                is_external=number % 3 == 2,
            )
        )
    return made


def people(count: int, seed: int = 2026) -> list[DisplacedPerson]:
    """`count` displaced employees of all 33 councils, their jobs drawn from the same roles as the posts."""
    chance = random.Random(f"people-{seed}")
    every = councils()
    return [_person(number, every[number % len(every)], chance) for number in range(count)]


def _person(number: int, home: Employer, chance: random.Random) -> DisplacedPerson:
    role = chance.choice(ROLES)
    name = f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"
    return DisplacedPerson(
        number=number,
        name=name,
        email=f"{name.lower().replace(' ', '.')}.{number}@people.example",
        home=home,
        role=role,
        outcode=chance.choice(outcodes_of(home.code)),
        scp=chance.randint(role.scp_min, role.scp_max),
        hours=chance.choice(("37", "37", "37", "30")),
        months_in_role=chance.randint(14, 160),
        max_travel_minutes=chance.choice((45, 60, 60, 75)),
        accepts_fixed_term=chance.random() < 0.5,
        skills=_skills_of(role, chance),
        under_notice=chance.random() < 0.4,
    )


def _skills_of(role: Role, chance: random.Random) -> tuple[tuple[str, int], ...]:
    own = wanted_skills(role)
    general = [each for each in _skills_of_family("any") if chance.random() < 0.15]
    levels = {skill: chance.choices((1, 2, 3), weights=(20, 60, 20))[0] for skill in (*general, *own)}
    return tuple(sorted(levels.items()))


@cache
def wanted_skills(role: Role) -> tuple[str, ...]:
    """The five skills that describe a role: of its family, the same for every council that advertises it."""
    chance = random.Random(f"skills-{role.title}")
    found = _skills_of_family(role.family)
    return tuple(sorted(chance.sample(found, min(5, len(found)))))


@cache
def _skills_of_family(family: str) -> tuple[str, ...]:
    return tuple(sorted(key for key, skill in skills().items() if skill.family == family))


@cache
def outcodes_of(council_code: str) -> tuple[str, ...]:
    """Outward codes whose nearest council is this one; for a county, those of its own centre."""
    found = sorted(code for code in outcodes() if nearest_council_area(code) == council_code)
    if found:
        return tuple(found)
    home = next(each for each in councils() if each.code == council_code)
    nearest = min(
        outcodes().values(),
        key=lambda place: (place.lat - home.lat) ** 2 + (place.lon - home.lon) ** 2,
    )
    return (nearest.outcode,)
