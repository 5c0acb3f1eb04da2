"""What would make an advert clearer and fairer. Advice: nothing here ever holds a vacancy up."""
