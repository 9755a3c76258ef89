"""What must be true of the templates, one file for each concern; `breakages` shows that each check can fail."""
