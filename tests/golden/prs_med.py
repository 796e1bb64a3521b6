"""Writes prs_med.json: PRS-Med's vision side in PyTorch – a tiny TinyViT, the fusion and mask head, the unused deconvolution head, the structure loss.

Python 3 with torch. Written after the published modules (tiny_vit_sam.py, mask_decoder_v5.py, loss.py); weights are numbers any language can make again.
"""
import itertools
import json
import math
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)


def numbers(name, count):
    state, values = 7, []
    for character in name:
        state = (31 * state + ord(character)) % 2**32
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        values.append(state / 2**32 * 2 - 1)
    return np.array(values)


def tensor(name, *shape):
    return torch.tensor(numbers(name, math.prod(shape)).reshape(shape))


def nhwc(name, b, h, w, c):
    return tensor(name, b, h, w, c).permute(0, 3, 1, 2)


def some(x):
    flat = x.detach().flatten()
    return [float(v) for v in flat[:: max(1, len(flat) // 24)][:24]]


def fill(model):
    with torch.no_grad():
        for name, p in itertools.chain(model.named_parameters(), model.named_buffers()):
            if p.dim() == 0:
                continue
            values = torch.tensor(numbers(name, p.numel()).reshape(p.shape))
            centre = 1 if name.endswith("running_var") or (p.dim() == 1 and name.endswith("weight")) else 0
            p.copy_(values * (0.5 if p.dim() > 1 else 0.2) + centre)


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
        self.index = torch.tensor(index).view(len(points), len(points))

    def forward(self, x):
        b, n, c = x.shape
        q, k, v = self.qkv(self.norm(x)).view(b, n, self.heads, -1).split([self.d] * 3, 3)
        q, k, v = (t.permute(0, 2, 1, 3) for t in (q, k, v))
        a = (q @ k.transpose(-2, -1) / math.sqrt(self.d) + self.attention_biases[:, self.index]).softmax(-1)
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


class LN2d(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(c)), nn.Parameter(torch.zeros(c))

    def forward(self, x):
        m = x.mean(1, keepdim=True)
        v = (x - m).pow(2).mean(1, keepdim=True)
        return self.weight[:, None, None] * (x - m) / (v + 1e-6).sqrt() + self.bias[:, None, None]


class TinyViT(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch_embed = nn.Module()
        self.patch_embed.seq = nn.Sequential(ConvBN(3, 4, 3, 2), nn.GELU(), ConvBN(4, 8, 3, 2))
        stages = []
        for blocks, merge in [([MBConv(8)], Merge(8, 12, 2)), ([Block(12, 2, 3), Block(12, 2, 3)], Merge(12, 16, 1)), ([Block(16, 4, 2)], None)]:
            stage = nn.Module()
            stage.blocks, stage.downsample = nn.ModuleList(blocks), merge
            stages.append(stage)
        self.layers = nn.ModuleList(stages)
        self.neck = nn.Sequential(nn.Conv2d(16, 16, 1, bias=False), LN2d(16), nn.Conv2d(16, 16, 3, padding=1, bias=False), LN2d(16))

    def forward(self, x):
        x = self.patch_embed.seq(x)
        for stage in self.layers:
            for block in stage.blocks:
                x = block(x)
            if stage.downsample is not None:
                x = stage.downsample(x)
        return self.neck(x)


class BasicBlock(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(i, i, 3, padding=1), nn.InstanceNorm2d(i, affine=True)
        self.conv2, self.bn2, self.conv3 = nn.Conv2d(i, o, 1, padding=1), nn.InstanceNorm2d(o, affine=True), nn.Conv2d(o, o, 3)

    def forward(self, x):
        return self.conv3(self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))) + x)))


class FFN(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.fc1, self.fc2, self.norm, self.norm1 = nn.Linear(c, c), nn.Linear(c, c), nn.LayerNorm(c), nn.LayerNorm(c)

    def forward(self, x):
        return self.norm(torch.relu(self.fc2(torch.relu(self.fc1(x)) + x)))


class MaskDecoder(nn.Module):
    def __init__(self, prompt, hidden, c, heads, enc_heads, ff, up):
        super().__init__()
        self.up = up
        self.prompt_projection = nn.Sequential(nn.Linear(prompt, hidden), nn.LayerNorm(hidden), nn.ReLU(), nn.Linear(hidden, c), nn.LayerNorm(c), nn.ReLU())
        self.prompt_norm, self.image_norm, self.norm1 = nn.LayerNorm(c), nn.LayerNorm(c), nn.LayerNorm(c)
        self.attn = nn.MultiheadAttention(c, heads, batch_first=True)
        self.encoder_layer = nn.TransformerEncoderLayer(c, enc_heads, ff, 0.0, "relu", batch_first=True)
        self.ffn = FFN(c)
        self.mask_generation = nn.Sequential(BasicBlock(c, c), BasicBlock(c, c // 2), BasicBlock(c // 2, c // 4))
        self.out_dec = nn.Conv2d(c // 4, 1, 1)

    def forward(self, f, p, pad=None):
        b, c, h, w = f.shape
        kv = self.prompt_norm(self.prompt_projection(p))
        q = self.image_norm(f.flatten(2).transpose(1, 2))
        a, shares = self.attn(q, kv, kv, key_padding_mask=pad)
        x = self.ffn(self.encoder_layer(self.norm1(q + a)))
        x = self.mask_generation(x.transpose(1, 2).reshape(b, c, h, w) + f)
        return F.interpolate(self.out_dec(x), scale_factor=self.up, mode="bilinear", align_corners=True), shares


def structure(logits, y, window, intended):
    weit = 1 + 5 * torch.abs(F.avg_pool2d(y, window, 1, window // 2) - y)
    if intended:
        bce = F.binary_cross_entropy_with_logits(logits, y, reduction="none")
        bce = ((weit * bce).sum((2, 3)) / weit.sum((2, 3))).mean()
    else:
        bce = F.binary_cross_entropy_with_logits(logits, y)
    p = torch.sigmoid(logits)
    inter, union = (p * y * weit).sum((2, 3)), ((p + y) * weit).sum((2, 3))
    return bce + (1 - (inter + 1) / (union - inter + 1)).mean()


out = {"torch": torch.__version__}
vit = TinyViT()
fill(vit)
images, weigh = nhwc("images", 2, 40, 40, 3), nhwc("weigh", 2, 5, 5, 16)
for mode in ["eval", "train"]:
    vit.train(mode == "train")
    features = vit(images)
    out[f"vit_{mode}"] = some(features.permute(0, 2, 3, 1))
out["vit_running_mean"] = some(vit.layers[1].blocks[0].local_conv.bn.running_mean)
loss = (features * weigh).mean()
loss.backward()
named = dict(vit.named_parameters())
chosen = ["patch_embed.seq.0.c.weight", "layers.0.blocks.0.conv2.c.weight", "layers.0.downsample.conv2.c.weight", "layers.1.blocks.0.attn.attention_biases", "layers.1.blocks.1.attn.qkv.weight", "layers.2.blocks.0.local_conv.bn.weight"]
out["vit_loss"], out["vit_gradients"] = float(loss), {name: some(named[name].grad) for name in chosen}

head = MaskDecoder(10, 12, 16, 4, 2, 20, 4)
fill(head)
f, p = nhwc("map", 2, 5, 5, 16).requires_grad_(), tensor("prompt", 2, 7, 10)
logits, shares = head(f, p)
out["head"] = some(logits.permute(0, 2, 3, 1))
pad = torch.tensor([[False] * 4 + [True] * 3, [False] * 7])
masked, shares = head(f, p, pad)
out["head_masked"], out["head_shares"] = some(masked.permute(0, 2, 3, 1)), some(shares)
(masked * nhwc("out", 2, 20, 20, 1)).mean().backward()
named = dict(head.named_parameters())
out["head_gradients"] = {name: some(named[name].grad) for name in ["prompt_projection.0.weight", "attn.in_proj_weight", "encoder_layer.linear1.weight", "mask_generation.1.conv3.bias"]}
out["paper_head"] = sum(q.numel() for q in MaskDecoder(4096, 512, 256, 8, 16, 512, 16).parameters())

y, x = torch.sigmoid(3 * nhwc("target", 2, 9, 9, 1)), 2 * nhwc("logits", 2, 9, 9, 1)
out["structure"] = {"faithful": float(structure(x, y, 5, False)), "intended": float(structure(x, y, 5, True))}
Path(__file__).with_name("prs_med.json").write_text(json.dumps(out, indent=1) + "\n")
