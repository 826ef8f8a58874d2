"""The tab *Embeddings*: what lies in the folder, what each file holds, and the mixer.

Belongs here: what the tab shows, and handlers of values. Reading, writing, checking and moving files is
done by `traintab.embeddings`; nothing here parses a file.
"""
