"""Stories of people who work for an employer, told on its careers page for as long as they agree to it."""
