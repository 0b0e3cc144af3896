"""统计期: months, quarters, half-years and years are closed, each on its day."""
