"""Training as a generator of events. Imports neither sampling nor jobs: previews and the interrupt check come as callables."""
