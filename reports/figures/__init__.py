"""Figures for papers and slides, drawn by matplotlib from runs, each with its data as a table."""
