from __future__ import annotations

import torch

from traintab.models.added_conditions import AddedConditions


def test_batches_follow_one_another() -> None:
    first = AddedConditions(text_embeds=torch.zeros(1, 1280), time_ids=torch.zeros(1, 6))
    second = AddedConditions(text_embeds=torch.ones(2, 1280), time_ids=torch.ones(2, 6))

    both = AddedConditions.cat([first, second])

    assert both.text_embeds[:, 0].tolist() == both.time_ids[:, 0].tolist() == [0, 1, 1]
    assert (both.text_embeds.shape, both.time_ids.shape) == ((3, 1280), (3, 6))
