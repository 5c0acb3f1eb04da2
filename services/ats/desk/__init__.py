"""The recruiter's pages: vacancies, where each stands, and the decisions that wait."""
