"""People who agreed to be invited: found by what they applied for, invited by message, gone when they say so."""
