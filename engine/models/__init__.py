"""The models: a GGUF that writes, and the embedder. Each runs in a child of its own."""
