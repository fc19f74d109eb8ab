"""The page a claim came from, as it looks, with the passage lit."""
