"""A synthetic province: planned by lot, lived through the office, marked as synthetic."""
