"""Many vacancies at a time: a file of rows, each made what it is in the council's system, with a result for each."""
