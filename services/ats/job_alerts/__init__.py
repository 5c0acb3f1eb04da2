"""Saved searches: new adverts by e-mail, once a day or a week, for as long as somebody wants them."""
