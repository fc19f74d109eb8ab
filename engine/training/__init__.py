"""Making an adapter: examples are checked, a LoRA is trained on them in a child process, and the
result is converted and added. Only ``lora`` imports torch, transformers and PEFT."""

from engine.training.trainer import Trainer

__all__ = ["Trainer"]
