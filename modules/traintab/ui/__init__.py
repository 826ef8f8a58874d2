"""The page. The only folder importing gradio."""
