from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.commands.txt2img import numbered
from traintab.embeddings.checksum import short_hash
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import write_embedding
from traintab.errors import NonFiniteError
from traintab.sampling.picture_info import read_infotext


@pytest.fixture
def draw(line: Any, tiny_model_dir: Path) -> Any:
    """`draw("a cat")` draws with the tiny model in two steps."""

    def run(*arguments: object) -> Any:
        return line("txt2img", *arguments, "--steps", 2, "--model", tiny_model_dir)

    return run


def infotext_of(path: Path) -> str:
    with Image.open(path) as image:
        return str(image.info["parameters"])


def pixels(path: Path) -> bytes:
    with Image.open(path) as image:
        return image.tobytes()


def test_paths_are_all_that_is_printed_and_count_numbers_them(draw: Any, tmp_path: Path) -> None:
    answer = draw("a cat", "--count", 3, "--seed", 5, "--out", tmp_path / "cat.png")
    paths = [tmp_path / name for name in ("cat.png", "cat-2.png", "cat-3.png")]
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.splitlines() == [str(path) for path in paths]
    assert [
        next(seed for seed in ("Seed: 5,", "Seed: 6,", "Seed: 7,") if seed in infotext_of(path))
        for path in paths
    ] == ["Seed: 5,", "Seed: 6,", "Seed: 7,"]
    with Image.open(paths[0]) as image:
        assert image.size == (64, 64)


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_other_formats_keep_the_prompt_too(suffix: str, draw: Any, tmp_path: Path) -> None:
    answer = draw("a cat", "--out", tmp_path / f"cat.{suffix}")
    assert answer.status == 0
    assert (read_infotext(tmp_path / f"cat.{suffix}") or "").startswith("a cat\n")


def test_every_member_of_a_batch_is_written(draw: Any, tmp_path: Path) -> None:
    answer = draw("a cat", "--batch-size", 2, "--seed", 5, "--out", tmp_path / "cat.png")
    assert answer.status == 0
    assert "Batch size: 2, Batch pos: 0" in infotext_of(tmp_path / "cat.png")
    assert "Seed: 6, " in infotext_of(tmp_path / "cat-2.png")
    assert "Batch size: 2, Batch pos: 1" in infotext_of(tmp_path / "cat-2.png")


def test_without_a_name_the_picture_goes_to_the_outputs(draw: Any, line: Any) -> None:
    (path,) = draw("a cat").out.splitlines()
    assert Path(path).is_file()
    assert (line.data_dir / "outputs") in Path(path).parents


def test_json_tells_path_seed_and_infotext(draw: Any, tmp_path: Path) -> None:
    (saved,) = draw("a cat", "--seed", 3, "--out", tmp_path / "a.png", "--json").objects
    assert (saved["event"], saved["path"], saved["seed"]) == ("image_saved", str(tmp_path / "a.png"), 3)
    assert saved["infotext"] == infotext_of(tmp_path / "a.png")


def test_an_embedding_is_used_by_name(draw: Any, cat: Path, tmp_path: Path) -> None:
    write_embedding(Embedding(name="cat", vectors={"clip_l": torch.ones(2, 32)}), cat)
    draw("a cat", "--seed", 1, "--out", tmp_path / "with.png")
    cat.unlink()
    draw("a cat", "--seed", 1, "--out", tmp_path / "without.png")
    assert "TI hashes" in infotext_of(tmp_path / "with.png")
    assert "TI hashes" not in infotext_of(tmp_path / "without.png")
    assert pixels(tmp_path / "with.png") != pixels(tmp_path / "without.png")


def test_embeddings_can_be_added_by_file(draw: Any, tmp_path: Path) -> None:
    for name in ("dog", "hat"):
        file = tmp_path / f"{name}.safetensors"
        write_embedding(Embedding(name=name, vectors={"clip_l": torch.ones(1, 32)}), file)
    files = (tmp_path / "dog.safetensors", tmp_path / "hat.safetensors")
    answer = draw("dog with hat", "--embedding", *files, "--out", tmp_path / "a.png")
    assert answer.status == 0
    assert all(f"{name}: " in infotext_of(tmp_path / "a.png") for name in ("dog", "hat"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--out", "picture.gif"), "picture.gif.png"),
        (("--cfg", "0"), "--cfg: CFG Scale is 0"),
        (("--sampler", "Eulr"), "--sampler"),
        (("--schedule-type", "Linear"), "--schedule-type"),
        (("--clip-skip", "0"), "--clip-skip"),
        (("--denoising-strength", "0.5"), "--image"),
        (("--width", "65"), "multiple of 8"),
        (("--seed", "-2"), "--seed"),
        (("--count", "0"), "--count"),
        (("--embedding", "none.pt"), "none.pt"),
    ],
    ids=str,
)
def test_bad_input_is_refused_in_one_line(draw: Any, arguments: tuple[str, ...], words: str) -> None:
    answer = draw("a cat", *arguments)
    assert (answer.status, answer.out) == (2, "")
    assert words in answer.err
    assert len(answer.err.splitlines()) == 1


def test_an_embedding_file_of_another_width_is_refused(draw: Any, tmp_path: Path) -> None:
    file = tmp_path / "wide.pt"
    write_embedding(Embedding(name="wide", vectors={"clip_l": torch.ones(1, 768)}), file)
    answer = draw("wide", "--embedding", file)
    assert answer.status == 2
    assert "768" in answer.err


def test_a_signal_keeps_the_pictures_that_are_done(
    draw: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from traintab.sampling.infotext import infotext

    def signal_after_the_first(*arguments: Any, **options: Any) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        return infotext(*arguments, **options)

    monkeypatch.setattr("traintab.sampling.batches.infotext", signal_after_the_first)
    answer = draw("a cat", "--count", 3, "--out", tmp_path / "a.png")
    assert answer.status == 130
    assert answer.out.splitlines() == [str(tmp_path / "a.png")]


def test_pictures_that_are_done_are_kept_when_a_later_one_fails(
    draw: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from traintab.sampling.infotext import infotext

    def fail_at_the_third(config: Any, *arguments: Any, **options: Any) -> str:
        if config.seed == 7:
            raise NonFiniteError("The third became NaN.")
        return infotext(config, *arguments, **options)

    monkeypatch.setattr("traintab.sampling.batches.infotext", fail_at_the_third)
    answer = draw("a cat", "--count", 4, "--seed", 5, "--out", tmp_path / "a.png")

    assert answer.status != 0
    assert answer.err == "The third became NaN.\n"
    assert answer.out.splitlines() == [str(tmp_path / "a.png"), str(tmp_path / "a-2.png")]
    assert "Seed: 6," in infotext_of(tmp_path / "a-2.png")


def test_a_prompt_that_no_jpeg_can_keep_is_refused_before_the_model_is_loaded(
    line: Any, tmp_path: Path
) -> None:
    answer = line("txt2img", "cat " * 10_000, "--model", "no-such-model", "--out", tmp_path / "a.jpg")

    assert (answer.status, answer.out) == (2, "")
    assert "longer than a JPEG can keep" in answer.err


def test_notes_get_lines_of_their_own_beside_the_progress_and_not_among_the_paths(
    draw: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr("traintab.commands.progress._SECONDS_BETWEEN_UPDATES", 0.0)
    answer = draw("a cat <hypernet:fur:1>", "--count", 2, "--out", tmp_path / "a.png")

    assert answer.out.splitlines() == [str(tmp_path / "a.png"), str(tmp_path / "a-2.png")]
    noted = [text for text in answer.err.split("\n") if "fur" in text]
    assert len(noted) == 1 and "step" not in noted[0]
    assert [text.rpartition("\r")[2].split()[1] for text in answer.err.split("\n") if "step" in text] == [
        "2/4",
        "4/4",
    ]


def test_an_embedding_given_by_file_counts_before_the_library_s_whatever_their_case(
    draw: Any, cat: Path, tmp_path: Path
) -> None:
    write_embedding(Embedding(name="cat", vectors={"clip_l": torch.ones(2, 32)}), cat.with_name("CAT.pt"))
    cat.unlink()
    given = tmp_path / "cat.pt"
    write_embedding(Embedding(name="cat", vectors={"clip_l": torch.zeros(1, 32)}), given)
    draw("a cat", "--embedding", given, "--out", tmp_path / "a.png")

    assert f"cat: {short_hash(given)}" in infotext_of(tmp_path / "a.png")


def test_a_picture_is_drawn_over(draw: Any, line: Any, tmp_path: Path) -> None:
    picture = tmp_path / "given.png"
    Image.linear_gradient("L").resize((64, 64)).save(picture)
    (weak,) = draw("a cat", "--seed", 1, "--image", picture, "--denoising-strength", 0).out.splitlines()
    (strong,) = draw("a cat", "--seed", 1, "--image", picture, "--denoising-strength", 1).out.splitlines()
    assert pixels(Path(weak)) != pixels(Path(strong))
    assert "Denoising strength: 0," in infotext_of(Path(weak))
    assert Path(weak).parent.parent == line.data_dir / "outputs" / "img2img-images"


def test_what_is_no_picture_is_not_drawn_over(draw: Any, tmp_path: Path) -> None:
    words = tmp_path / "words.png"
    words.write_text("no picture")
    answer = draw("a cat", "--image", words)
    assert (answer.status, answer.out) == (2, "")
    assert "words.png can't be opened" in answer.err


def test_a_batch_is_drawn_at_once_and_numbered(draw: Any, tmp_path: Path) -> None:
    answer = draw("a cat", "--batch-size", 2, "--count", 2, "--seed", 5, "--out", tmp_path / "a.png")
    assert answer.status == 0
    assert [Path(path).name for path in answer.out.splitlines()] == ["a.png", "a-2.png", "a-3.png", "a-4.png"]
    assert "Seed: 8," in infotext_of(tmp_path / "a-4.png")


def test_samplers_are_named_in_the_web_ui_s_ways_old_and_new(draw: Any, tmp_path: Path) -> None:
    old, new = tmp_path / "old.png", tmp_path / "new.png"
    draw("a cat", "--seed", 1, "--sampler", "DPM++ 2M Karras", "--out", old)
    draw("a cat", "--seed", 1, "--sampler", "DPM++ 2M", "--schedule-type", "Karras", "--out", new)
    assert pixels(old) == pixels(new)
    assert "Sampler: DPM++ 2M, Schedule type: Karras," in infotext_of(old)


def test_numbers_start_at_two() -> None:
    assert [numbered(Path("a/b.png"), index).as_posix() for index in range(3)] == [
        "a/b.png",
        "a/b-2.png",
        "a/b-3.png",
    ]
