"""The public face: adverts of live vacancies and nothing else, for anyone to search and read."""
