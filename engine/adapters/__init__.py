"""Adapters (LoRA): looking into them, matching them to a model, converting PEFT's into GGUF, and
the list of those on this computer."""
