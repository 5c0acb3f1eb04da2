"""Our copy of ats's vacancies, fed by events, and the clearing windows over them."""
