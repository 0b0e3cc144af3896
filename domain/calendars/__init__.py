"""工作日历的发布: an edition is prepared by one person and released by another."""
