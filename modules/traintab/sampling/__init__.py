"""txt2img: samplers, the denoising loop, infotext."""
