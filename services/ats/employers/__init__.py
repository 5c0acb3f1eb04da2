"""The registry of employers: 33 councils and the bodies that recruit beside them."""
