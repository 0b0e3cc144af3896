"""容错案件: its events, the acts that may be asked of it, and the case itself."""
