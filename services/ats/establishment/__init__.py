"""How many posts an employer has by job family, and when it recruits to none of them without a ground."""
