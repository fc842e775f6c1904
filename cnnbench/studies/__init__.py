"""Published studies run again: what they say beside what is measured, and whether their own arithmetic holds."""
