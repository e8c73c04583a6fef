"""The gate: is a candidate no worse than its base, by more than a margin, as far as these runs can tell?"""
