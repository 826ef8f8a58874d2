"""How well pictures show what was to be learned: scores of the steps of a checkpoint grid.

What belongs here: measures of pictures against the training pictures and against their prompts, and what
looks at pictures for them. Knows nothing of runs, files of embeddings or the page; may import `models` and
what lies below, and `grids.scoring` for the words in which scores are told.
"""
