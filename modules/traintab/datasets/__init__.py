"""A folder of pictures to cached latents and batches."""
