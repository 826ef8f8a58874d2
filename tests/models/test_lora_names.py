from __future__ import annotations

import pytest

from traintab.models.lora_names import LayerPiece, layer_path, layer_piece

ATTENTION = "down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q"
PROJECTION = "encoder_layers_3_self_attn_q_proj"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # kohya, SD1 and SD2
        (f"lora_unet_{ATTENTION}.lora_down.weight", ("unet", ATTENTION, "down")),
        (f"lora_unet_{ATTENTION}.alpha", ("unet", ATTENTION, "alpha")),
        (f"lora_te_text_model_{PROJECTION}.lora_up.weight", ("te1", PROJECTION, "up")),
        ("lora_unet_conv_in.lora_mid.weight", ("unet", "conv_in", "mid")),
        # kohya, SDXL: the UNet's layers named as in single files
        (
            "lora_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_q.lora_up.weight",
            ("unet", ATTENTION, "up"),
        ),
        ("lora_unet_input_blocks_0_0.lora_up.weight", ("unet", "conv_in", "up")),
        ("lora_unet_input_blocks_1_0_in_layers_2.diff", ("unet", "down_blocks_0_resnets_0_conv1", "diff")),
        ("lora_unet_input_blocks_3_0_op.alpha", ("unet", "down_blocks_0_downsamplers_0_conv", "alpha")),
        ("lora_unet_middle_block_1_proj_in.alpha", ("unet", "mid_block_attentions_0_proj_in", "alpha")),
        (
            "lora_unet_middle_block_2_emb_layers_1.alpha",
            ("unet", "mid_block_resnets_1_time_emb_proj", "alpha"),
        ),
        (
            "lora_unet_output_blocks_3_1_proj_out.alpha",
            ("unet", "up_blocks_1_attentions_0_proj_out", "alpha"),
        ),
        ("lora_unet_output_blocks_2_1_conv.alpha", ("unet", "up_blocks_0_upsamplers_0_conv", "alpha")),
        ("lora_unet_label_emb_0_2.alpha", ("unet", "add_embedding_linear_2", "alpha")),
        (f"lora_te1_text_model_{PROJECTION}.alpha", ("te1", PROJECTION, "alpha")),
        (f"lora_te2_text_model_{PROJECTION}.alpha", ("te2", PROJECTION, "alpha")),
        # LyCORIS
        (f"lora_unet_{ATTENTION}.hada_w1_a", ("unet", ATTENTION, "hada_w1_a")),
        (f"lora_unet_{ATTENTION}.lokr_w2", ("unet", ATTENTION, "lokr_w2")),
        # diffusers and peft
        (
            "unet.mid_block.attentions.0.proj_in.lora_A.weight",
            ("unet", "mid_block_attentions_0_proj_in", "down"),
        ),
        (
            "unet.mid_block.attentions.0.proj_in.lora.up.weight",
            ("unet", "mid_block_attentions_0_proj_in", "up"),
        ),
        (
            "unet.mid_block.attn1.processor.to_out_lora.down.weight",
            ("unet", "mid_block_attn1_to_out_0", "down"),
        ),
        ("unet.mid_block.attn1.processor.to_k_lora.up.weight", ("unet", "mid_block_attn1_to_k", "up")),
        (
            "text_encoder.text_model.encoder.layers.3.mlp.fc1.lora_B.weight",
            ("te1", "encoder_layers_3_mlp_fc1", "up"),
        ),
        (
            "text_encoder_2.text_model.encoder.layers.3.mlp.fc1.lora_linear_layer.down.weight",
            ("te2", "encoder_layers_3_mlp_fc1", "down"),
        ),
        ("unet.base_model.model.conv_out.lora_A.weight", ("unet", "conv_out", "down")),
    ],
)
def test_every_program_s_names_mean_the_same_layers(name: str, expected: tuple[str, str, str]) -> None:
    assert layer_piece(name, 2) == LayerPiece(*expected)


def test_blocks_are_counted_by_the_unets_own_number_of_layers() -> None:
    name = "lora_unet_input_blocks_3_1_proj_in.alpha"

    assert layer_piece(name, 1) == LayerPiece("unet", "down_blocks_1_attentions_0_proj_in", "alpha")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "alpha",
        "lora_unet_conv_in",
        "lora_unet_conv_in.oft_blocks",
        "lora_unet_conv_in.weight",
        "lora_prior_unet_conv_in.alpha",
        "vae.conv_in.lora_A.weight",
        "bundle_emb.cat.string_to_param.*",
    ],
)
def test_what_is_no_layer_s_tensor_is_none(name: str) -> None:
    assert layer_piece(name, 2) is None


def test_a_module_has_the_path_of_its_tensors() -> None:
    assert layer_path("text_model.encoder.layers.3.self_attn.q_proj") == PROJECTION
    assert layer_path("encoder.layers.3.self_attn.q_proj") == PROJECTION
    assert layer_path("down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q") == ATTENTION
