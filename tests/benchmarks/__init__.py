"""Measurements, run by ``make bench``; each prints a table with its baseline in the same run."""
