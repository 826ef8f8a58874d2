"""What a file is when it isn't a whole checkpoint; names are those of published files."""

from __future__ import annotations

import pytest

from traintab.models.foreign_files import foreign_kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight", "a LoRA"),
        ("lora_te_text_model_encoder_layers_0_mlp_fc1.alpha", "a LoRA"),
        ("unet.down_blocks.0.attentions.0.processor.to_q_lora.up.weight", "a LoRA"),
        ("unet.mid_block.attentions.0.to_q.lora_A.weight", "a LoRA"),
        ("lycoris_blocks_0.lokr_w1", "a LoRA"),
        ("diffusion_model.input_blocks.1.1.proj_in.hada_w1_a", "a LoRA"),
        ("emb_params", "an embedding"),
        ("clip_g", "an embedding"),
        ("string_to_param.*", "an embedding"),
        ("768.0.linear.0.weight", "a hypernetwork"),
        ("control_model.time_embed.0.weight", "a ControlNet"),
        ("controlnet_cond_embedding.conv_in.weight", "a ControlNet"),
        ("ip_adapter.1.to_k_ip.weight", "an IP-Adapter"),
        ("adapter.body.0.in_conv.weight", "a T2I adapter"),
        ("down_blocks.0.motion_modules.0.temporal_transformer.norm.bias", "an AnimateDiff motion module"),
        ("model.diffusion_model.joint_blocks.0.context_block.attn.qkv.bias", "Stable Diffusion 3"),
        ("joint_blocks.37.x_block.mlp.fc1.weight", "Stable Diffusion 3"),
        ("double_blocks.0.img_attn.norm.key_norm.scale", "Flux"),
        ("model.diffusion_model.double_blocks.0.img_attn.proj.weight", "Flux"),
        ("single_transformer_blocks.0.attn.to_k.weight", "Flux"),
        ("transformer_blocks.0.norm1_context.linear.weight", "Stable Diffusion 3"),
        ("distilled_guidance_layer.in_proj.bias", "Chroma"),
        ("clip_txt_mapper.weight", "Stable Cascade"),
        ("double_layers.0.attn.w2q.weight", "AuraFlow"),
        ("model.diffusion_model.cap_embedder.0.weight", "Lumina or Z-Image"),
        ("txt_in.individual_token_refiner.blocks.0.adaLN_modulation.1.bias", "Hunyuan Video"),
        ("model.diffusion_model.patchify_proj.weight", "LTX Video"),
        ("transformer_blocks.0.img_mod.1.weight", "Qwen-Image"),
        ("head.modulation", "Wan"),
        ("adaln_single.linear.weight", "PixArt"),
        ("edm_mean", "Playground v2.5"),
        ("noise_augmentor.data_mean", "Stable Diffusion unCLIP"),
        (
            "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight.absmax",
            "a checkpoint in a quantised format",
        ),
    ],
)
def test_a_file_is_called_what_it_is(name: str, kind: str) -> None:
    found = foreign_kind(["another.weight", name])

    assert found is not None and found.startswith(kind)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("diffusion_model.input_blocks.0.0.weight", "a UNet alone"),
        ("down_blocks.0.resnets.0.conv1.weight", "the UNet of a diffusers folder"),
        ("decoder.conv_in.weight", "a VAE"),
        ("first_stage_model.encoder.conv_in.weight", "a VAE"),
        ("text_model.embeddings.token_embedding.weight", "a text encoder"),
        ("model.0.weight", "an upscaler"),
    ],
)
def test_a_part_of_a_model_is_named_only_when_asked_for_parts(name: str, kind: str) -> None:
    found = foreign_kind([name], parts=True)

    assert found is not None and found.startswith(kind)
    assert foreign_kind([name]) is None


def test_a_whole_checkpoint_is_nothing_else() -> None:
    names = [
        "model.diffusion_model.input_blocks.0.0.weight",
        "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight",
        "first_stage_model.encoder.conv_in.weight",
        "cond_stage_model.transformer.text_model.encoder.layers.0.mlp.fc1.weight",
        "model_ema.decay",
        "alphas_cumprod",
    ]

    assert foreign_kind(names) is None
