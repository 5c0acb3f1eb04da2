"""The monthly return: a CSV of campaigns, open and past, by which a council without code feeds the clock."""
