"""回访与跟踪管理: after a tolerated error or a sanction the cadre is talked with and visited."""
