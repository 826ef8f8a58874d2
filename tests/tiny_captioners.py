"""Real image-to-text models with small random weights, in folders as the hub has them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

WORDS = (
    *("a", "of", "photo", "picture", "red", "blue", "white", "black", "cat", "girl", "hat", "house", "with"),
    *("on", "the", "left", "right", "tree", "dog", "man", "green", "small", "old", "and", "in", "is", "What"),
    *("does", "image", "describes", "Describe", "detail", "what", "shown", "images"),
)
SIDE = 32
_BERT = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_VISION = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": SIDE,
    "patch_size": 8,
}


class TinyCaptioners:
    """Folders `tiny-blip`, `-git`, `-vit-gpt2` (pickled weights), `-llava`, `-florence2`: made once."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, kind: str) -> Path:
        """The folder of one model; its captions differ from picture to picture."""
        folder = self.root / f"tiny-{kind}"
        if not folder.exists():
            writers: dict[str, Callable[[Path], None]] = {
                "blip": write_blip,
                "git": write_git,
                "vit-gpt2": write_vit_gpt2,
                "llava": write_llava,
                "florence2": write_florence2,
            }
            folder.mkdir(parents=True)
            writers[kind](folder)
        return folder


def write_blip(folder: Path) -> None:
    import torch
    from transformers import BlipConfig, BlipForConditionalGeneration

    vocabulary = write_bert_tokenizer(folder)
    text = {
        "vocab_size": vocabulary,
        "hidden_size": 32,
        "encoder_hidden_size": 32,
        "intermediate_size": 64,
        "projection_dim": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": 64,
        "bos_token_id": 2,
        "eos_token_id": 3,
        "sep_token_id": 3,
        "pad_token_id": 0,
    }
    config = BlipConfig(text_config=text, vision_config=_VISION, projection_dim=16, image_text_hidden_size=16)
    model = _made(BlipForConditionalGeneration, config)
    with torch.no_grad():
        model.text_decoder.cls.predictions.bias[3] += 4  # or hardly any caption would come to an end
    model.save_pretrained(folder)
    write_image_processor(folder, "BlipImageProcessor", "BlipProcessor")


def write_git(folder: Path) -> None:
    from transformers import GitConfig, GitForCausalLM

    vocabulary = write_bert_tokenizer(folder)
    config = GitConfig(
        vision_config=_VISION,
        vocab_size=vocabulary,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
        pad_token_id=0,
        bos_token_id=2,
        eos_token_id=3,
    )
    _save(GitForCausalLM, config, folder)
    write_image_processor(folder, "CLIPImageProcessor", "GitProcessor")


def write_vit_gpt2(folder: Path) -> None:
    """Weights as torch pickles them, like the old repositories of the hub."""
    import torch
    from transformers import GPT2Config, VisionEncoderDecoderConfig, VisionEncoderDecoderModel, ViTConfig

    vocabulary = write_word_tokenizer(folder, {"eos_token": "</s>", "bos_token": "<s>"})
    decoder = GPT2Config(
        vocab_size=vocabulary, n_embd=32, n_layer=2, n_head=2, n_positions=64, bos_token_id=0, eos_token_id=1
    )
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(ViTConfig(**_VISION), decoder)
    config.decoder_start_token_id, config.pad_token_id = 0, 1
    model = _made(VisionEncoderDecoderModel, config)
    model.config.architectures = ["VisionEncoderDecoderModel"]
    model.config.save_pretrained(folder)
    model.generation_config.save_pretrained(folder)
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    write_image_processor(folder, "ViTImageProcessor", None)


def write_llava(folder: Path) -> None:
    from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    vocabulary = write_word_tokenizer(folder, names)
    text = LlamaConfig(
        vocab_size=vocabulary, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=256, bos_token_id=0, eos_token_id=1, pad_token_id=2,
    )  # fmt: skip
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(**_VISION),
        text_config=text,
        image_token_index=3,
        image_token_id=3,
        image_seq_length=(SIDE // 8) ** 2,
    )
    _save(LlavaForConditionalGeneration, config, folder)
    write_image_processor(folder, "CLIPImageProcessor", "LlavaProcessor")
    content = {
        "processor_class": "LlavaProcessor",
        "patch_size": 8,
        "vision_feature_select_strategy": "default",
        "num_additional_image_tokens": 1,
        "image_token": "<image>",
    }
    _write(folder / "processor_config.json", content)
    _write(
        folder / "chat_template.json",
        {
            "chat_template": "{% for message in messages %}USER {% for part in message['content'] %}"
            "{% if part['type'] == 'image' %}<image>{% else %} {{ part['text'] }}{% endif %}{% endfor %}"
            " {% endfor %}{% if add_generation_prompt %}ASSISTANT{% endif %}"
        },
    )


def write_florence2(folder: Path) -> None:
    from transformers import BartConfig, Florence2Config, Florence2ForConditionalGeneration

    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    vocabulary = write_word_tokenizer(folder, names | {"extra_special_tokens": {"image_token": "<image>"}})
    text = BartConfig(
        vocab_size=vocabulary, d_model=32, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=64, decoder_ffn_dim=64, max_position_embeddings=128,
        bos_token_id=0, eos_token_id=1, pad_token_id=2, decoder_start_token_id=1, forced_eos_token_id=1,
    )  # fmt: skip
    vision = {
        "depths": [1, 1],
        "patch_size": [7, 3],
        "patch_stride": [4, 2],
        "patch_padding": [3, 1],
        "patch_prenorm": [False, True],
        "embed_dim": [16, 32],
        "num_heads": [2, 2],
        "num_groups": [2, 2],
        "window_size": 4,
        "drop_path_rate": 0.0,
        "projection_dim": 32,
        "max_position_embeddings": 8,
    }
    config = Florence2Config(text_config=text.to_dict(), vision_config=vision, image_token_id=3)
    _save(Florence2ForConditionalGeneration, config, folder)
    places = {"pure_text": {}, "description_with_bboxes": {"pattern": "([a-z ]+)<loc_1>"}}
    # 32 pixels by strides of 4 and 2 are 4 x 4 places, and one for the picture as a whole.
    write_image_processor(folder, "CLIPImageProcessor", "Florence2Processor", image_seq_length=4 * 4 + 1)
    _write(
        folder / "processor_config.json",
        {"processor_class": "Florence2Processor", "post_processor_config": places},
    )


def write_bert_tokenizer(folder: Path) -> int:
    """A word for a token, as BERT's tokenizer files have it; gives the vocabulary's size."""
    tokens = [*_BERT, *WORDS]
    (folder / "vocab.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), _BERT, strict=True))
    _write(
        folder / "tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "do_lower_case": True, **names}
    )
    return len(tokens)


def write_word_tokenizer(folder: Path, names: dict[str, Any]) -> int:
    """A word for a token in a `tokenizer.json`; gives the vocabulary's size."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokens = ["<s>", "</s>", "<pad>", "<image>", "<unk>", "USER", "ASSISTANT", *WORDS]
    tokenizer = Tokenizer(models.WordLevel({token: i for i, token in enumerate(tokens)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_special_tokens(tokens[:5])
    tokenizer.save(str(folder / "tokenizer.json"))
    content = {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<unk>", **names}
    _write(folder / "tokenizer_config.json", content)
    return len(tokens)


def write_image_processor(folder: Path, image_processor: str, processor: str | None, **more: Any) -> None:
    """How a picture becomes 32 x 32 numbers."""
    content: dict[str, Any] = {
        "image_processor_type": image_processor,
        "do_resize": True,
        "size": {"height": SIDE, "width": SIDE},
        "do_center_crop": False,
        "do_rescale": True,
        "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }
    if image_processor == "CLIPImageProcessor":
        content |= {"size": {"shortest_edge": SIDE}, "do_center_crop": True, "crop_size": content["size"]}
    _write(
        folder / "preprocessor_config.json",
        content | ({"processor_class": processor} if processor else {}) | more,
    )


def _made(model_class: Any, config: Any) -> Any:
    """A model whose random weights are large enough for pictures to matter."""
    import torch

    torch.manual_seed(0)
    model = model_class(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim > 1:
                weight.normal_(std=0.3 if "embed" in name else 0.4)
    return model.eval()


def _save(model_class: Any, config: Any, folder: Path) -> None:
    _made(model_class, config).save_pretrained(folder)


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")
