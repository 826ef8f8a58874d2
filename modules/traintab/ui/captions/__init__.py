"""The inner tab *Captions*: the captions of a folder under their pictures, edited in place.

Belongs here: what the tab shows, and handlers of values. What an edit does to captions, and how they are
read and saved, is decided by `traintab.datasets.caption_editing`.
"""
