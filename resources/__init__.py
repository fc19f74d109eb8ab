"""Data that ships with Carrel: prompts, sample documents and, once set up, the starter model."""
