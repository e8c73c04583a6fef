"""How results are told: tables, the HTML page, figures, outputs for CI."""
