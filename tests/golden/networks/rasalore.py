"""RASALoRE's two stages: the prompts that it trains on a frozen CLIP (DDPT), and its segmenter. RASALoRE spec §3."""
import math
from types import SimpleNamespace

import torch
from torch import nn
from torch.nn import functional as F

from torch_tools import LayerNorm2d

PUBLISHED = SimpleNamespace(size=128, channels=[32, 64, 128, 256], refiner=[64, 128], grid=32, heads=4, hidden=[128, 64], up=[128, 64])


class Convs(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(i, o, 3, padding=1), nn.Conv2d(o, o, 3, padding=1)

    def forward(self, x):
        return F.relu(self.conv2(F.relu(self.conv1(x))))


class EB(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv, self.norm = Convs(i, o), LayerNorm2d(o)

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
    def __init__(self, d, n, heads, hidden):
        super().__init__()
        per = lambda: nn.ModuleList(nn.Linear(d, d) for _ in range(heads))
        self.query_projections, self.key_projections, self.value_projections = per(), per(), per()
        self.output_proj = nn.Linear(heads * d, d)
        self.positional_noise_encoding = nn.Parameter(torch.zeros(n, d))
        self.FF = nn.Sequential(nn.Linear(d, hidden[0]), nn.ReLU(), nn.LayerNorm(hidden[0]), nn.Linear(hidden[0], hidden[1]), nn.ReLU(), nn.LayerNorm(hidden[1]), nn.Linear(hidden[1], 1), nn.Sigmoid())

    def forward(self, p, r):
        k = r.flatten(2).permute(0, 2, 1)
        v = k + self.positional_noise_encoding
        heads = [(q(p) @ kk(k).transpose(1, 2) / math.sqrt(k.shape[-1])).softmax(-1) @ vv(v) for q, kk, vv in zip(self.query_projections, self.key_projections, self.value_projections)]
        xi = self.output_proj(torch.cat(heads, -1)) + p
        return self.FF(xi), xi


class Encoder(nn.Module):
    def __init__(self, z):
        super().__init__()
        c = (1, *z.channels)
        self.e1, self.e2, self.e3, self.e4 = (EB(c[i], c[i + 1]) for i in range(4))
        self.adapter1, self.adapter2 = Refiner(c[1], z.refiner, c[4]), Rasa(c[4], (z.size // 2) ** 2, z.heads, z.hidden)

    def forward(self, x, p):
        s1, _ = self.e1(x)
        s2, _ = self.e2(s1)
        _, p3 = self.e3(s2)
        f, _ = self.e4(p3)
        act, xi = self.adapter2(p, self.adapter1(s1))
        return act, xi, f


class Decoder(nn.Module):
    def __init__(self, z):
        super().__init__()
        d, self.side, points, up = z.channels[3], z.size // 2, z.grid**2, z.up
        self.positional_encoding = nn.Parameter(torch.zeros(1, d, self.side, self.side))
        self.cross_attention = nn.MultiheadAttention(d, z.heads, batch_first=True)
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(points)
        self.upsample = nn.Sequential(nn.ConvTranspose2d(points, up[0], 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(up[0], up[1], 4, 2, 1), nn.ReLU(), nn.Conv2d(up[1], 1, 1))

    def forward(self, xi, f):
        flat = lambda t: t.flatten(2).permute(0, 2, 1)
        mixed, _ = self.cross_attention(xi, flat(f), flat(f + self.positional_encoding))
        c = self.norm1(mixed + xi)
        o = self.norm2(flat(f) @ c.transpose(1, 2))
        return self.upsample(o.permute(0, 2, 1).reshape(len(f), -1, self.side, self.side))
