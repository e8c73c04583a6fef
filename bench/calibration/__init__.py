"""What the instrument itself is worth: a reader's ceiling, its floors, its response to known errors."""
