"""The models view: what writes answers, what searches by meaning, what sorts passages."""
