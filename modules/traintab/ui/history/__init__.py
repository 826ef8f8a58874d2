"""*Past runs* in the Train tab: the list, one run, two runs side by side, and what can be done with them.

Belongs here: what the page shows of `run_history`. HTML is made by pure functions; `views` gathers what they
show, `panel` has the components, `actions` what its buttons do.
"""
