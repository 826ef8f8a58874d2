"""The page: tabs, panels and the HTTP endpoints.

The only folder that imports gradio, in versions 3.41, 4.40 and 6 (what differs is in `gradio_compat`).
Panels build components and bind them by field name; handlers take values, call the studio and return
values. Whatever takes longer than a moment is a job that the page watches, never a handler that runs on.
"""
