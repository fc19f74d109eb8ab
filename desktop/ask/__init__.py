"""Asking: the question box with live results, the streamed answer, conversations."""
