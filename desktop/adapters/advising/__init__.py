"""Whether documents, an adapter or both are what is needed."""
