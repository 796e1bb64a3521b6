"""Writes aespa_weights.json: a tiny AESPA network in PyTorch under the names of its own repository, and a tiny SAM encoder as SAM's
code runs it on a smaller picture; names and shapes of their state_dicts and what they compute. Weights are numbers that any language
rebuilds from the tensors' names, so no file need be kept.

Written after the published modules (AESPA spec §3; SAM's get_rel_pos). torch 1.13.1: /usr/bin/python3 aespa_weights.py
"""
import json
from pathlib import Path

import torch

from networks.sam import Aespa, Sizes
from torch_tools import numbers, some, tensor


def fill(model):
    with torch.no_grad():
        for name, p in model.state_dict().items():
            norm = "norm" in name or ".neck.1." in name or ".neck.3." in name or ".upscaling.1." in name
            p.copy_(torch.tensor(numbers(name, p.numel()).reshape(p.shape)) * (0.5 if p.dim() > 1 else 0.2) + (1 if norm and name.endswith("weight") else 0))
    return model


def shapes(model):
    return {name: list(p.shape) for name, p in model.state_dict().items()}


def tiny():
    torch.set_default_dtype(torch.float64)
    z = Sizes
    aespa, sam = fill(Aespa(z)), fill(Aespa(z, "sam"))
    image = tensor("image", 1, z.S, z.S, 3).permute(0, 3, 1, 2)
    points = torch.tensor([[[3.0, 17.0], [20.0, 9.0]]])
    c = torch.tensor([[0.2, 0.5, 0.3]])
    with torch.no_grad():
        first = aespa.round(image, points[:, :1], torch.tensor([[1]]), c, None)
        second = aespa.round(image, points, torch.tensor([[1, 0]]), c, first)
        features = sam.image_encoder(image)
        out = {
            "torch": torch.__version__, "aespa": shapes(aespa), "sam": shapes(sam),
            "first": some(first[:, 0]), "second": some(second[:, 0]), "samFeatures": some(features.permute(0, 2, 3, 1)),
        }
    Path(__file__).with_name("aespa_weights.json").write_text(json.dumps(out) + "\n")


tiny()
