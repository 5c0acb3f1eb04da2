"""Bodies of an upload for the API's manual, in use as they stand."""

from __future__ import annotations

import json

from services.ats.vacancies.examples import EXTERNAL, WHOLE

NDJSON_EXAMPLE = "".join(f"{json.dumps(each)}\n" for each in (WHOLE, EXTERNAL))
CSV_EXAMPLE = """\
employer,source_system,external_reference,title,hours_per_week,contract,postcode,scp_min,scp_max,requisition.post_id
SAW,talentlink,REQ-2042,Business support officer,37,permanent,B69 3DE,9,14,
SAW,talentlink,REQ-2043,Housing officer,18.5,permanent,B69 3DE,20,24,HOU-0418
"""
