"""Our numbers beside those of other engines."""
