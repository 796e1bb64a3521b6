"""Writes rasalore.json: RASALoRE's stage-2 network in PyTorch at a tiny size, with weights any language can rebuild, in training and
evaluation mode; its losses and gradients. Written after Modules/Encoder.py, RASAM.py, Mask_Decoder.py and loss.py as RASALoRE's
specification describes them. python3 tests/golden/rasalore.py > tests/golden/rasalore.json
"""
import json
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
S, CH, REF, GRID, HEADS, FFW, UP, B = 16, (4, 6, 6, 8), (4, 6), 4, 2, (6, 4), (6, 4), 2


def numbers(name, count):
    state, values = 7, []
    for character in name:
        state = (31 * state + ord(character)) % 2**32
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        values.append(state / 2**32 * 2 - 1)
    return np.array(values)


class ChannelNorm(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(c)), nn.Parameter(torch.zeros(c))

    def forward(self, x):
        u = x.mean(1, keepdim=True)
        s = (x - u).pow(2).mean(1, keepdim=True)
        return self.weight[:, None, None] * ((x - u) / torch.sqrt(s + 1e-6)) + self.bias[:, None, None]


class Convs(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(i, o, 3, padding=1), nn.Conv2d(o, o, 3, padding=1)

    def forward(self, x):
        return F.relu(self.conv2(F.relu(self.conv1(x))))


class EB(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv, self.norm = Convs(i, o), ChannelNorm(o)

    def forward(self, x):
        y = self.norm(self.conv(x))
        return y, F.max_pool2d(y, 2)


class Refiner(nn.Module):
    def __init__(self, i, mid, o):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(i, mid[0], 3, padding=1), nn.BatchNorm2d(mid[0]), nn.ReLU())
        self.upconv1 = nn.Sequential(nn.ConvTranspose2d(mid[0], mid[1], 3, 1, 1), nn.BatchNorm2d(mid[1]), nn.ReLU())
        self.upconv2 = nn.Sequential(nn.ConvTranspose2d(mid[1], o, 3, 1, 1), nn.BatchNorm2d(o), nn.ReLU())
        self.skip_conv = nn.Conv2d(i, o, 1)

    def forward(self, x):
        return F.avg_pool2d(self.upconv2(self.upconv1(self.conv(x))) + self.skip_conv(x), 4, 2, 1)


class Rasa(nn.Module):
    def __init__(self, d, n):
        super().__init__()
        per = lambda: nn.ModuleList(nn.Linear(d, d) for _ in range(HEADS))
        self.query_projections, self.key_projections, self.value_projections = per(), per(), per()
        self.output_proj = nn.Linear(HEADS * d, d)
        self.positional_noise_encoding = nn.Parameter(torch.zeros(n, d))
        self.FF = nn.Sequential(nn.Linear(d, FFW[0]), nn.ReLU(), nn.LayerNorm(FFW[0]), nn.Linear(FFW[0], FFW[1]), nn.ReLU(), nn.LayerNorm(FFW[1]), nn.Linear(FFW[1], 1), nn.Sigmoid())

    def forward(self, p, r):
        k = r.flatten(2).permute(0, 2, 1)
        v = k + self.positional_noise_encoding
        heads = [(q(p) @ kk(k).transpose(1, 2) / math.sqrt(k.shape[-1])).softmax(-1) @ vv(v) for q, kk, vv in zip(self.query_projections, self.key_projections, self.value_projections)]
        xi = self.output_proj(torch.cat(heads, -1)) + p
        return self.FF(xi), xi


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        c = (1,) + CH
        self.e1, self.e2, self.e3, self.e4 = (EB(c[i], c[i + 1]) for i in range(4))
        self.adapter1, self.adapter2 = Refiner(CH[0], REF, CH[3]), Rasa(CH[3], (S // 2) ** 2)

    def forward(self, x, p):
        s1, _ = self.e1(x)
        s2, _ = self.e2(s1)
        _, p3 = self.e3(s2)
        f, _ = self.e4(p3)
        act, xi = self.adapter2(p, self.adapter1(s1))
        return act, xi, f


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        d = CH[3]
        self.positional_encoding = nn.Parameter(torch.zeros(1, d, S // 2, S // 2))
        self.cross_attention = nn.MultiheadAttention(d, HEADS, batch_first=True)
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(GRID**2)
        self.upsample = nn.Sequential(nn.ConvTranspose2d(GRID**2, UP[0], 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(UP[0], UP[1], 4, 2, 1), nn.ReLU(), nn.Conv2d(UP[1], 1, 1))

    def forward(self, xi, f):
        flat = lambda t: t.flatten(2).permute(0, 2, 1)
        mixed, _ = self.cross_attention(xi, flat(f), flat(f + self.positional_encoding))
        c = self.norm1(mixed + xi)
        o = self.norm2(flat(f) @ c.transpose(1, 2))
        return self.upsample(o.permute(0, 2, 1).reshape(len(f), GRID**2, S // 2, S // 2))


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
    encoder, decoder = Encoder(), Decoder()
    params = {**{f"encoder.{n}": p for n, p in encoder.named_parameters()}, **{f"decoder.{n}": p for n, p in decoder.named_parameters()}}
    for name, p in params.items():
        shape = list(p.shape)
        scale, shift = (0.5 if p.dim() > 1 else 0.2), (1 if name.endswith("weight") and p.dim() == 1 else 0)
        p.data = torch.tensor(numbers(name, p.numel())).reshape(shape) * scale + shift
    x = (torch.tensor(numbers("images", B * S * S)).reshape(B, 1, S, S) + 1) * 127.5
    lore = torch.tensor(numbers("lore", GRID**2 * CH[3])).reshape(1, GRID**2, CH[3]).repeat(B, 1, 1)
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
