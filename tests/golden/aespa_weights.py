"""Writes aespa_weights.json: a tiny AESPA network in PyTorch under the names of its own repository, and a tiny SAM encoder as SAM's
code runs it on a smaller picture; names and shapes of their state_dicts and what they compute. Weights are numbers that any language
rebuilds from the tensors' names, so no file need be kept.

Written after the published modules (AESPA spec §3; SAM's get_rel_pos). torch 1.13.1: /usr/bin/python3 aespa_weights.py
With `full` it writes the real sizes for `npm run bench -- inference`: aespa_weights.py full DIR 128 sam saves a MedSAM-shaped ViT-B with seeded
random weights and what it computes, aespa_weights.py full DIR 128 aespa the whole network of 94,521,920 parameters as its train.py saves it.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from networks.sam import Aespa, Sizes, ViTB
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


def full(folder, side=128, style="sam"):
    torch.manual_seed(5)
    torch.set_num_threads(1)
    z = type("Z", (ViTB,), {"S": side})
    model = Aespa(z, style).eval()
    for name, p in model.named_parameters():
        if ".attn.rel_" in name or "pos_embed" in name:
            nn.init.normal_(p, std=0.02)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    mixture = np.arange(1, z.M + 1) / np.arange(1, z.M + 1).sum()
    if style == "sam":
        torch.save(model.state_dict(), folder / "medsam_vit_b.pth")
    else:
        torch.save({"epoch": 0, "model": "sam", "state_dict": model.state_dict(), "EM_weights": mixture}, folder / "checkpoint_best.pth")
    image = torch.tensor(np.sin(np.arange(side * side * 3) * 0.37).reshape(1, side, side, 3) * 0.5 + 0.5).float().permute(0, 3, 1, 2)
    with torch.no_grad():
        started = time.perf_counter()
        features = model.image_encoder(image)
        encoder = time.perf_counter() - started
        points, labels = torch.tensor([[[0.3 * side, 0.6 * side]]]), torch.tensor([[1]])
        started = time.perf_counter()
        if style == "aespa":
            logits = model.round(image, points, labels, torch.tensor(mixture).float()[None], None)
        else:
            logits = model.mask_decoder(features, model.prompt_encoder.dense(), model.prompt_encoder(points, labels), model.prompt_encoder.mask(None))
        decoder = time.perf_counter() - started
    expected = {
        "torch": torch.__version__, "side": side, "tensors": len(model.state_dict()), "parameters": sum(p.numel() for p in model.parameters()), "seconds": {"encoder": encoder, "decoder": decoder},
        "features": some(features.permute(0, 2, 3, 1)), "logits": some(logits[:, 0]),
    }
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")
    print(json.dumps({key: expected[key] for key in ("torch", "tensors", "seconds")}))


if len(sys.argv) > 2 and sys.argv[1] == "full":
    full(sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 128, *sys.argv[4:5])
else:
    tiny()
