"""Systems that will only be polled: the address of a council's feed is read on time, and its rows become vacancies."""
