"""问责事项: the proceeding in which tolerance is asked for."""
