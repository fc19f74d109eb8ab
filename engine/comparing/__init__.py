"""One question answered in four ways, side by side; and a table of many."""
