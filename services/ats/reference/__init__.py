"""Every enum of this service with its label, for whoever builds on the API."""
