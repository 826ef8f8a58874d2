"""Pictures to training pictures: pure functions, one file an operation, and the run over a folder."""
