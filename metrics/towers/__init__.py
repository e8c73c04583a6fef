"""Towers: open_clip models that put pictures and prompts into one space."""
