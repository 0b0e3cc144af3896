"""What matters know of one another and bring about in one another; all of it in one place."""
