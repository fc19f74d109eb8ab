"""One question, or many, answered in four ways."""
