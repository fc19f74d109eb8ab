"""What the lists of models and of adapters are made of: rows, details beside them, things on
their way in."""
