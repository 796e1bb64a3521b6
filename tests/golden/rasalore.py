"""Writes rasalore.json: RASALoRE's stage-2 network in PyTorch at a tiny size, with weights any language can rebuild, in training and
evaluation mode; its losses and gradients. Written after Modules/Encoder.py, RASAM.py, Mask_Decoder.py and loss.py as RASALoRE's
specification describes them. python3 tests/golden/rasalore.py > tests/golden/rasalore.json
"""
import json
from types import SimpleNamespace

import numpy as np
import torch

from networks.rasalore import Decoder, Encoder
from torch_tools import numbers

torch.set_default_dtype(torch.float64)
S, GRID, B = 16, 4, 2
TINY = SimpleNamespace(size=S, channels=[4, 6, 6, 8], refiner=[4, 6], grid=GRID, heads=2, hidden=[6, 4], up=[6, 4])


EL = lambda q: torch.clamp((-torch.log(q)) ** 0.3, 0, 2)
dice = lambda p, t: (2 * (p * t).sum() + 1e-7) / (p.sum() + t.sum() + 1e-7)


def tversky(p, t):
    tp, fn, fp = (p * t).sum(), ((1 - p) * t).sum(), (p * (1 - t)).sum()
    return tp / (tp + 0.3 * fn + 0.7 * fp + 1e-6)


def gaussian_filter(image, sigma):  # scipy.ndimage's, with its defaults
    radius = int(4 * sigma + 0.5)
    kernel = np.exp(-0.5 * np.arange(-radius, radius + 1) ** 2 / sigma**2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        image = np.apply_along_axis(lambda line: np.convolve(np.pad(line, radius, mode="symmetric"), kernel, "valid"), axis, image)
    return image


def weight(m, sigma):
    g = gaussian_filter(m.numpy(), sigma)
    return torch.tensor(g / g.max())


def loss_of(act, xi, logits, D, Sm, M, sf, sb):
    parts = []
    for i in range(len(act)):
        p, d, s, m = torch.sigmoid(logits[i, 0]), D[i], Sm[i], M[i].bool()
        dec = EL(tversky(p, d * weight(d, sf))) + 0.6 * EL(dice((1 - p) * (1 - d), (1 - d) * weight(1 - d, sb))) + 0.6 * (p * (1 - d)).sum() / d.numel()
        if s.sum() > 0:
            dec = dec + dice(s, d) * EL(tversky(p, s * (1 - weight(s, sf))))
        struct = ((xi[i][m] - 1) ** 2).mean() + ((xi[i][~m] + 1) ** 2).mean()
        parts.append(torch.stack([dec, struct, EL(dice(act[i, :, 0], M[i]))]))
    return torch.stack(parts).mean(0)


def main():
    encoder, decoder = Encoder(TINY), Decoder(TINY)
    params = {**{f"encoder.{n}": p for n, p in encoder.named_parameters()}, **{f"decoder.{n}": p for n, p in decoder.named_parameters()}}
    for name, p in params.items():
        shape = list(p.shape)
        scale, shift = (0.5 if p.dim() > 1 else 0.2), (1 if name.endswith("weight") and p.dim() == 1 else 0)
        p.data = torch.tensor(numbers(name, p.numel())).reshape(shape) * scale + shift
    x = (torch.tensor(numbers("images", B * S * S)).reshape(B, 1, S, S) + 1) * 127.5
    lore = torch.tensor(numbers("lore", GRID**2 * TINY.channels[3])).reshape(1, GRID**2, TINY.channels[3]).repeat(B, 1, 1)
    r, c = np.mgrid[0 : 2 * S, 0 : 2 * S]
    D = torch.tensor(np.stack([(np.hypot(r - 12, c - 18) < 7), (np.hypot(r - 20, c - 9) < 6)]).astype(float))
    Sm = torch.tensor(np.stack([(np.hypot(r - 13, c - 17) < 6), np.zeros((2 * S, 2 * S))]).astype(float))
    A = torch.tensor(np.stack([(np.hypot(r - 12, c - 18) < 7)[::2, ::2], (np.hypot(r - 20, c - 9) < 6)[::2, ::2]]).astype(float))
    M = A[:, :: S // GRID, :: S // GRID].reshape(B, -1)
    encoder.eval(), decoder.eval()
    act, xi, f = encoder(x, lore)
    evaluated = {"activations": act, "points": xi, "logits": decoder(xi, f)}
    encoder.train(), decoder.train()  # no dropout in this twin
    act, xi, f = encoder(x, lore)
    logits = decoder(xi, f)
    parts = loss_of(act, xi, logits, D, Sm, M, 1.25, 1.875)
    parts.sum().backward()
    some = lambda t: [round(v, 9) for v in t.detach().reshape(-1).tolist()[:: max(1, t.numel() // 24)]]
    stats = {f"encoder.{n}": some(b) for n, b in encoder.named_buffers() if "running" in n}
    print(json.dumps({
        "torch": torch.__version__, "eval": {k: some(v) for k, v in evaluated.items()}, "train": {"logits": some(logits), "activations": some(act)},
        "loss": parts.tolist(), "statistics": stats, "names": {n: list(p.shape) for n, p in params.items()}, "gradients": {n: some(p.grad) for n, p in params.items() if p.grad is not None},
    }))


main()
