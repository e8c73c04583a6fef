"""Runs beside each other: what makes them comparable, how they differ, and where."""
