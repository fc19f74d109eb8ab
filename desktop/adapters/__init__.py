"""The adapters view: what is applied, what it changes, and how one is made."""
