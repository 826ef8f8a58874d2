"""*Compare steps* in the job view: the checkpoint grid with its scores, and what can be done with a step.

What belongs here: the panel, its HTML as pure functions of snapshots, and its handlers.
"""
