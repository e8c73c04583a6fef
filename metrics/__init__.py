"""How pictures are scored: reading them, comparing text, and statistics over the results."""
