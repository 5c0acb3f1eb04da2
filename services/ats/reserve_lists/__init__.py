"""Who could do the job and is not offered it now: kept in an order for a while, and offered it when it is free."""
