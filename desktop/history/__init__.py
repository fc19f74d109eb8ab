"""The conversations of the library: found, opened, renamed, deleted and brought back."""
