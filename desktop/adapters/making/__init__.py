"""Training an adapter on this computer."""
