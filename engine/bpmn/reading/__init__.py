"""From XML to the frozen element model."""
