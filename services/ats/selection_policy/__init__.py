"""How an employer chooses people, as dated data: whether a panel is a must, and what else a council may decide."""
