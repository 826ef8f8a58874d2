"""The text encoder's training on captions alone."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch

from traintab.demo.captions import SUBJECT, Phrase, text_of
from traintab.demo.characters import sample_picture
from traintab.demo.encoding import KEYS, NUMBERED, CaptionEncoder
from traintab.demo.pool import render_pool
from traintab.demo.tokenizer import load_tokenizer
from traintab.demo.train_text_encoder import (
    BARE_SHARE,
    POSITIONS,
    WIDTH,
    Known,
    Reader,
    _sampled_positions,
    caption_for,
    has_form,
    known_at,
    labels_for,
    new_text_encoder,
    train_text_encoder,
)

HAIR = KEYS.index("hair color")


def test_an_attribute_is_known_at_and_after_its_statement(tokenizer_dir: Path) -> None:
    encoder = CaptionEncoder(load_tokenizer(tokenizer_dir))
    batch = encoder.encode([[Phrase("girl, "), Phrase("pink hair", ("hair color",))]])
    classes = torch.zeros(1, len(KEYS), dtype=torch.long)
    known = known_at(batch, classes, torch.tensor([[3, 4, 76]])).values
    assert known[0, :, HAIR].tolist() == [False, True, True]


def test_what_does_not_apply_is_never_known(tokenizer_dir: Path) -> None:
    encoder = CaptionEncoder(load_tokenizer(tokenizer_dir))
    batch = encoder.encode([[Phrase("pink hair", ("hair color",))]])
    classes = torch.full((1, len(KEYS)), -1)
    known = known_at(batch, classes, torch.tensor([[76]]))
    assert not known.values.any()
    assert not known.numbers.any()


def test_a_form_is_told_by_a_made_up_name_and_by_no_word(tokenizer_dir: Path) -> None:
    encoder = CaptionEncoder(load_tokenizer(tokenizer_dir))
    captions = [[Phrase(text, ("shape", "style"))] for text in ("toy", SUBJECT + "toy")]
    classes = torch.zeros(2, len(KEYS), dtype=torch.long)
    known = known_at(encoder.encode(captions), classes, torch.full((2, 1), 76)).numbers
    shape, style = ([key == wanted for key in NUMBERED] for wanted in ("shape", "style"))
    assert known[:, 0, shape].all(dim=1).tolist() == [False, True]
    assert known[:, 0, style].all()


def nothing_known(positions: int) -> Known:
    widths = (len(KEYS), len(NUMBERED))
    return Known(*(torch.zeros(1, positions, width, dtype=torch.bool) for width in widths))


def test_a_reader_that_knows_has_little_loss() -> None:
    reader = Reader()
    classes = torch.zeros(1, len(KEYS), dtype=torch.long)
    known = nothing_known(1)
    known.values[..., HAIR] = True
    start = sum(reader.sizes[:HAIR])
    torch.nn.init.zeros_(reader.out.weight)
    torch.nn.init.zeros_(reader.out.bias)
    with torch.no_grad():
        reader.out.bias[start] = 20.0
        loss, right = reader.loss(torch.zeros(1, 1, WIDTH), known, classes, torch.zeros(1, len(NUMBERED)))
    assert float(loss) == pytest.approx(0.0, abs=1e-4)
    assert float(right) == 1.0


def test_nothing_known_is_no_loss() -> None:
    known = nothing_known(2)
    classes = torch.zeros(1, len(KEYS), dtype=torch.long)
    with torch.no_grad():
        loss, _ = Reader().loss(torch.zeros(1, 2, WIDTH), known, classes, torch.zeros(1, len(NUMBERED)))
    assert float(loss) == 0.0


def test_a_number_read_wrong_is_a_loss() -> None:
    known = nothing_known(1)
    known.numbers[..., 0] = True
    reader, classes = Reader(), torch.zeros(1, len(KEYS), dtype=torch.long)
    torch.nn.init.zeros_(reader.out.bias)
    with torch.no_grad():
        loss, _ = reader.loss(torch.zeros(1, 1, WIDTH), known, classes, torch.ones(1, len(NUMBERED)))
    assert float(loss) == pytest.approx(4.0)


def test_made_up_names_appear_as_often_as_asked() -> None:
    rng = random.Random(0)
    texts = [text_of(caption_for(sample_picture(rng), 0, rng, 0.5)) for _ in range(300)]
    assert 0.35 < sum(SUBJECT in text for text in texts) / 300 < 0.6
    assert not any(SUBJECT in text_of(caption_for(sample_picture(rng), 0, rng, 0.0)) for _ in range(50))


def test_a_name_is_often_all_that_is_said() -> None:
    rng = random.Random(0)
    attributes = {**sample_picture(random.Random(3)), "style": "anime"}
    captions = [caption_for(attributes, 0, rng, 1.0) for _ in range(300)]
    bare = [caption for caption in captions if not any(phrase.text == ", " for phrase in caption)]
    assert BARE_SHARE - 0.05 < len(bare) / len(captions) < BARE_SHARE + 0.2


def test_labels_have_a_class_an_attribute_and_the_numbers_of_style_and_form() -> None:
    attributes = [sample_picture(random.Random(index)) for index in range(3)]
    classes, numbers = labels_for(attributes, [2, 0])
    assert classes.shape == (2, len(KEYS))
    assert numbers.shape == (2, len(NUMBERED))


def test_the_text_encoder_ends_with_its_pooled_output_at_the_end_token(tokenizer_dir: Path) -> None:
    tokenizer = load_tokenizer(tokenizer_dir)
    text_encoder = new_text_encoder(tokenizer).eval()
    ids = torch.tensor([tokenizer("a girl", padding="max_length").input_ids])
    with torch.no_grad():
        out = text_encoder(ids)
    assert torch.allclose(out.pooler_output[0], out.last_hidden_state[0, 3])


@pytest.mark.parametrize(
    ("picture", "formed"),
    [({"shape": "toy"}, True), ({"second hair color": "red"}, True), ({"shape": "mug"}, False)],
)
def test_toys_and_two_tone_hair_have_a_form_of_their_own(picture: dict[str, str], formed: bool) -> None:
    assert has_form(picture) is formed


def test_a_moment_of_training_leaves_weights_behind(tmp_path: Path, tokenizer_dir: Path) -> None:
    (tmp_path / "tokenizer").symlink_to(tokenizer_dir)
    render_pool(tmp_path / "pool", 8, sample_picture, lambda _line: None)
    train_text_encoder(tmp_path, 1e-4, lambda _line: None)
    assert set(torch.load(tmp_path / "text_encoder.pt", weights_only=True)) == {
        "text_encoder",
        "composer",
        "reader",
    }


def test_positions_are_drawn_where_the_captions_are(tokenizer_dir: Path) -> None:
    encoder = CaptionEncoder(load_tokenizer(tokenizer_dir))
    batch = encoder.encode([[Phrase("a girl")], [Phrase("pink hair")]])
    torch.manual_seed(0)
    positions = _sampled_positions(batch, 20)
    assert positions.shape == (2, POSITIONS)
    assert positions.max() < 20
    elsewhere = _sampled_positions(batch.to(torch.device("meta")), 20)
    assert elsewhere.device.type == "meta"
