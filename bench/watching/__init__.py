"""Watches a training run: evaluates each of its checkpoints once, and keeps one history of them."""
