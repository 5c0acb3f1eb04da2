"""Opening, holding, closing and releasing clearing windows: the only way a vacancy gets to its advert."""
