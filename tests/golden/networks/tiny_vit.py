"""TinySAM's image encoder, a TinyViT with SAM's neck, under the names of its checkpoint. Wu et al., 2022; PRS-Med spec §3.2."""
import itertools
import math
from types import SimpleNamespace

import torch
from torch import nn
from torch.nn import functional as F

from torch_tools import LayerNorm2d

TINY_SAM = SimpleNamespace(stem=32, widths=[64, 128, 160, 320], depths=[2, 2, 6, 2], heads=[2, 4, 5, 10], windows=[7, 7, 14, 7], strides=[2, 2, 1], channels=256, classes=1000)


class ConvBN(nn.Sequential):
    def __init__(self, a, b, ks=1, stride=1, groups=1):
        super().__init__()
        self.add_module("c", nn.Conv2d(a, b, ks, stride, ks // 2, groups=groups, bias=False))
        self.add_module("bn", nn.BatchNorm2d(b))


class MBConv(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.conv1, self.conv2, self.conv3 = ConvBN(d, 4 * d), ConvBN(4 * d, 4 * d, 3, 1, 4 * d), ConvBN(4 * d, d)

    def forward(self, x):
        return F.gelu(x + self.conv3(F.gelu(self.conv2(F.gelu(self.conv1(x))))))


class Merge(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.conv1, self.conv2, self.conv3 = ConvBN(a, b), ConvBN(b, b, 3, stride, b), ConvBN(b, b)

    def forward(self, x):
        return self.conv3(F.gelu(self.conv2(F.gelu(self.conv1(x)))))


class Attention(nn.Module):
    def __init__(self, dim, heads, window):
        super().__init__()
        self.heads, self.d = heads, dim // heads
        self.norm, self.qkv, self.proj = nn.LayerNorm(dim), nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        points, offsets, index = list(itertools.product(range(window), range(window))), {}, []
        for p in points:
            for q in points:
                o = (abs(p[0] - q[0]), abs(p[1] - q[1]))
                offsets.setdefault(o, len(offsets))
                index.append(offsets[o])
        self.attention_biases = nn.Parameter(torch.zeros(heads, len(offsets)))
        self.register_buffer("attention_bias_idxs", torch.tensor(index).view(len(points), len(points)), persistent=False)

    def forward(self, x):
        b, n, c = x.shape
        q, k, v = self.qkv(self.norm(x)).view(b, n, self.heads, -1).split([self.d] * 3, 3)
        q, k, v = (t.permute(0, 2, 1, 3) for t in (q, k, v))
        a = (q @ k.transpose(-2, -1) / math.sqrt(self.d) + self.attention_biases[:, self.attention_bias_idxs]).softmax(-1)
        return self.proj((a @ v).transpose(1, 2).reshape(b, n, c))


class Mlp(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm, self.fc1, self.fc2 = nn.LayerNorm(d), nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(self.norm(x))))


class Block(nn.Module):
    def __init__(self, d, heads, window):
        super().__init__()
        self.w, self.attn, self.mlp, self.local_conv = window, Attention(d, heads, window), Mlp(d), ConvBN(d, d, 3, 1, d)

    def forward(self, x):
        b, c, h, w = x.shape
        y, s = x.permute(0, 2, 3, 1), self.w
        ph, pw = (s - h % s) % s, (s - w % s) % s
        y = F.pad(y, (0, 0, 0, pw, 0, ph))
        nh, nw = (h + ph) // s, (w + pw) // s
        y = y.view(b, nh, s, nw, s, c).transpose(2, 3).reshape(b * nh * nw, s * s, c)
        y = self.attn(y).view(b, nh, nw, s, s, c).transpose(2, 3).reshape(b, h + ph, w + pw, c)[:, :h, :w]
        x = self.local_conv(x + y.permute(0, 3, 1, 2))
        flat = x.flatten(2).transpose(1, 2)
        return (flat + self.mlp(flat)).transpose(1, 2).view(b, c, h, w)


class TinyViT(nn.Module):
    """Merges halve the picture, or keep it where their stride is 1. TinySAM's repository keeps a classifier that SAM never calls."""

    def __init__(self, z):
        super().__init__()
        self.patch_embed = nn.Module()
        self.patch_embed.seq = nn.Sequential(ConvBN(3, z.stem, 3, 2), nn.GELU(), ConvBN(z.stem, z.widths[0], 3, 2))
        stages = []
        for i, (width, depth) in enumerate(zip(z.widths, z.depths)):
            stage = nn.Module()
            stage.blocks = nn.ModuleList(MBConv(width) if i == 0 else Block(width, z.heads[i], z.windows[i]) for _ in range(depth))
            stage.downsample = Merge(width, z.widths[i + 1], z.strides[i]) if i + 1 < len(z.widths) else None
            stages.append(stage)
        self.layers = nn.ModuleList(stages)
        if z.classes:
            self.norm_head, self.head = nn.LayerNorm(z.widths[-1]), nn.Linear(z.widths[-1], z.classes)
        c = z.channels
        self.neck = nn.Sequential(nn.Conv2d(z.widths[-1], c, 1, bias=False), LayerNorm2d(c), nn.Conv2d(c, c, 3, padding=1, bias=False), LayerNorm2d(c))

    def forward(self, x):
        x = self.patch_embed.seq(x)
        for stage in self.layers:
            for block in stage.blocks:
                x = block(x)
            if stage.downsample is not None:
                x = stage.downsample(x)
        return self.neck(x)
