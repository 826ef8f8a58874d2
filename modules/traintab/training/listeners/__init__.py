"""What a run writes: one listener a file, fed with the run's events."""
