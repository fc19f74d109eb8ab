"""What documents say, on its way into a prompt or a question: data, and never an order."""

from engine.untrusted.names import as_name, words_of_name
from engine.untrusted.orders import is_order
from engine.untrusted.plain_quotes import as_data

__all__ = ["as_data", "as_name", "is_order", "words_of_name"]
