"""Prompts to prompt_embeds: chunks of 75 tokens, vectors injected at the input-embedding layer."""
