"""年度回访计划: how many of those sanctioned in earlier years are visited in a year."""
