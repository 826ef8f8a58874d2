"""The Host protocol and its implementations; webui.py is the only file importing a host's modules."""
